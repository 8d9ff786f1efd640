"""What PDF pages cost as text, with the layout of each, and with layout where it pays; and what each keeps.

FOLDER holds PDF files, itself or in docs/. The text stage and the mixture convert all pages, the slow ways
`--pages` of each document, spread evenly, and those that are labelled. `--labels` names a file of
hand-checked pages (see layout_labels.py): how many of their tables and headings are in the Markdown.
"""

from __future__ import annotations

import argparse
import functools
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pymupdf

from database.errors import SourceError
from database.load.converters.pdf import PdfConverter
from database.load.converters.pdf_regions import regions
from scripts.benchmarks.layout_labels import Label, Score, read_labels, score
from scripts.benchmarks.tables import table

_AT_ONCE = 8  # pages a task, as the loader's

PageKey = tuple[str, int]
"""A document's file name, and the page's number from 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Pages of one file, counted from 0."""

    path: Path
    pages: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One page's Markdown, and the route that its text stage gave."""

    key: PageKey
    markdown: str
    route: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Timed:
    """What one way gave, in how long."""

    way: str
    told: tuple[Told, ...]
    seconds: float

    @property
    def speed(self) -> float:
        return len(self.told) / max(self.seconds, 1e-9)


def text_stage(part: Part) -> list[Told]:
    pages = PdfConverter().convert(part.path, range(part.pages[0], part.pages[-1] + 1))
    return [
        Told(
            key=(part.path.name, number + 1),
            markdown="\n\n".join(block.markdown for block in page.blocks),
            route=page.route or "",
        )
        for number, page in zip(part.pages, pages, strict=True)
    ]


def mixture(part: Part) -> list[Told]:
    """Both stages: what the second one sees takes the place of the first one's Markdown."""
    found = []
    with pymupdf.open(part.path) as document:
        for told in text_stage(part):
            if told.route == "layout":
                seen = regions(document, told.key[1] - 1, "layout")
                markdown = "\n\n".join(region.markdown for region in seen)
                found.append(Told(key=told.key, markdown=markdown, route=told.route))
            else:
                found.append(told)
    return found


def layout(part: Part) -> list[Told]:
    return [Told(key=key, markdown=text, route="layout") for key, text in _markdown(part)]


def classic(part: Part) -> list[Told]:
    """Without the model, as the process was started."""
    return [Told(key=key, markdown=text, route="classic") for key, text in _markdown(part)]


def _markdown(part: Part) -> Iterable[tuple[PageKey, str]]:
    import pymupdf4llm

    with pymupdf.open(part.path) as document:
        for number in part.pages:
            options = {"use_ocr": False} if pymupdf4llm._use_layout else {}
            (chunk,) = pymupdf4llm.to_markdown(
                document, pages=[number], page_chunks=True, show_progress=False, **options
            )
            yield (part.path.name, number + 1), chunk["text"]


def _start(with_model: bool) -> None:
    """Load what the process needs before the clock runs."""
    import pymupdf4llm

    pymupdf4llm.use_layout(with_model)
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "x")
        pymupdf4llm.to_markdown(document, show_progress=False)


def measure(files: Sequence[Path], labels: Sequence[Label], *, pages: int, processes: int) -> str:
    """The tables."""
    counts = {path: count for path in files if (count := _count(path))}
    every = [part for path, count in counts.items() for part in _ranges(path, count)]
    some = [part for path, count in counts.items() for part in _sample(path, count, pages, labels)]
    timed = [
        _timed("text stage", text_stage, every, processes),
        _timed("mixture", mixture, every, processes),
        _timed("layout for all", layout, some, processes),
        _timed("classic for all", classic, some, processes, with_model=False),
    ]
    return "\n\n".join([_speeds(timed), _routes(timed[0]), *(_kept(timed, labels) if labels else ())])


def _count(path: Path) -> int:
    try:
        return PdfConverter().outline(path).pages or 0
    except SourceError:
        return 0


def _ranges(path: Path, count: int) -> list[Part]:
    starts = range(0, count, _AT_ONCE)
    return [Part(path=path, pages=tuple(range(n, min(n + _AT_ONCE, count)))) for n in starts]


def _sample(path: Path, count: int, pages: int, labels: Sequence[Label]) -> list[Part]:
    spread = {(2 * n + 1) * count // (2 * pages) for n in range(pages)}
    labelled = {label.page - 1 for label in labels if label.document == path.name}
    numbers = sorted((spread | labelled) & set(range(count)))
    return [Part(path=path, pages=tuple(numbers[n : n + 2])) for n in range(0, len(numbers), 2)]


def _timed(
    way: str,
    convert: Callable[[Part], list[Told]],
    parts: Sequence[Part],
    processes: int,
    *,
    with_model: bool = True,
) -> Timed:
    start = functools.partial(_start, with_model)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=start) as pool:
        list(pool.map(_wait, range(2 * processes)))  # until all have started
        begun = time.perf_counter()
        told = tuple(page for pages in pool.map(convert, parts) for page in pages)
        return Timed(way=way, told=told, seconds=time.perf_counter() - begun)


def _wait(_: int) -> None:
    time.sleep(0.2)


def _speeds(timed: Sequence[Timed]) -> str:
    rows = [
        [one.way, str(len(one.told)), f"{one.seconds:.1f}", f"{one.speed:.1f}", f"{1000 / one.speed:.0f}"]
        for one in timed
    ]
    return table(("way", "pages", "s", "pages/s", "ms a page"), rows)


def _routes(text: Timed) -> str:
    documents: dict[str, Counter[str]] = {}
    for page in text.told:
        documents.setdefault(page.key[0], Counter())[page.route] += 1
    total = sum(documents.values(), Counter[str]())
    rows = [
        [name, str(count.total()), f"{count['plain'] / count.total():.0%}"]
        for name, count in documents.items()
    ]
    rows.append(["all", str(total.total()), f"{total['plain'] / max(total.total(), 1):.0%}"])
    return table(("document", "pages", "complete without the model"), rows)


def _kept(timed: Sequence[Timed], labels: Sequence[Label]) -> list[str]:
    scores: list[tuple[str, Score]] = []
    for one in timed:
        markdown = {page.key: page.markdown for page in one.told}
        there = [label for label in labels if (label.document, label.page) in markdown]
        scores.append((one.way, score(there, markdown)))
    tables = sum(len(label.tables) for label in labels)
    headings = sum(len(label.headings) for label in labels)
    rows = [[way, f"{kept.tables} of {tables}", f"{kept.headings} of {headings}"] for way, kept in scores]
    lost = [
        f"{way}, lost:\n" + "\n".join(f"- {name}" for name in kept.lost) for way, kept in scores if kept.lost
    ]
    return [table(("way", "tables kept", "headings kept"), rows), *lost]


def find(folder: Path) -> list[Path]:
    """PDF files in the folder, or in its docs/."""
    inside = folder / "docs" if (folder / "docs").is_dir() else folder
    return sorted(inside.rglob("*.pdf"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/bench layout", description=__doc__)
    parser.add_argument("folder", type=Path, help="with PDF files, itself or in docs/")
    parser.add_argument("--labels", type=Path, help="hand-checked pages, as JSON lines")
    parser.add_argument("--pages", type=int, default=8, help="a document that the slow ways convert")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that convert pages")
    options = parser.parse_args()
    known = read_labels(options.labels) if options.labels else []
    print(measure(find(options.folder), known, pages=options.pages, processes=options.processes))
