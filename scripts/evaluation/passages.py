"""Documents as the peers see them: the plain text of pages, cut by a splitter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pymupdf

from database.errors import SourceError
from database.load import sources
from database.workers import Workers
from scripts.evaluation.peers import Cut
from scripts.evaluation.progress import Progress

if TYPE_CHECKING:
    from langchain_text_splitters import TextSplitter

_TEXT = frozenset({".txt", ".text", ".md", ".markdown", ".csv", ".tsv"})
_SECONDS = 600.0  # for a whole document; its text alone takes some ms a page


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A piece of a document, or a whole page that is to be cut. `page` is None where there are none."""

    name: str
    page: int | None
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """The pages of all documents, and the names of the documents that could not be read this way."""

    pages: Sequence[Passage]
    unread: Sequence[str]


async def read_pages(folder: Path, progress: Progress) -> Pages:
    """PDFs page by page, in a process of their own; text files as they are; no others."""
    found, _ = sources.find([str(folder)])
    pages: list[Passage] = []
    unread = []
    async with Workers(1) as workers:
        with progress.of("peers: documents", len(found)) as counted:
            for source in found:
                try:
                    texts = await workers.run(_SECONDS, _texts, Path(source.address))
                except SourceError:
                    unread.append(source.name)
                else:
                    pages += [Passage(name=source.name, page=page, text=text) for page, text in texts]
                counted(1)
    return Pages(pages=pages, unread=unread)


def _texts(path: Path) -> list[tuple[int | None, str]]:
    """Raises SourceError."""
    suffix = path.suffix.lower()
    if suffix in _TEXT:
        return [(None, path.read_text(encoding="utf-8", errors="replace"))]
    if suffix != ".pdf":
        raise SourceError("unsupported", "The peers that are rebuilt read PDFs and text.")
    try:
        with pymupdf.open(path) as file:
            return [(page.number + 1, page.get_text()) for page in file]
    except (RuntimeError, ValueError) as error:
        raise SourceError("broken", str(error)) from None


def cut(pages: Sequence[Passage], how: Cut) -> list[Passage]:
    """Each page by itself, so that a piece's page is known; pages without text give none."""
    splitter = splitter_of(how)
    return [
        Passage(name=page.name, page=page.page, text=text)
        for page in pages
        for text in splitter.split_text(page.text)
    ]


def splitter_of(how: Cut) -> TextSplitter:
    """LangChain's, as the cut says."""
    from langchain_text_splitters import MarkdownTextSplitter, RecursiveCharacterTextSplitter

    kinds: dict[str, type[TextSplitter]] = {
        "markdown": MarkdownTextSplitter,
        "recursive": RecursiveCharacterTextSplitter,
    }
    return kinds[how.splitter](chunk_size=how.size, chunk_overlap=how.overlap)
