"""Other ways to cut documents into passages, each searched by Acervo's own ranking.

All but the layout's chunks cut the same pages as the loader does, so that what is found differs by the cut
alone. LangChain's splitters get a page with a blank line between its blocks, where they like to cut.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from database.load import assemble
from database.load.assemble import Piece
from database.load.converters.base import Page
from database.load.split import Part, Splitter, split
from scripts.evaluation.passages import splitter_of
from scripts.evaluation.peers import Cut
from scripts.evaluation.reading import Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Cutting:
    """A way to cut. `pieces` gives none of a document that can't be cut so; `laid_out` says whether it needs
    the documents' layout.
    """

    name: str
    says: str
    pieces: Callable[[Reading], Sequence[Piece]]
    laid_out: bool = False


def _own(characters: int, reading: Reading) -> Sequence[Piece]:
    made, _ = assemble.pieces(reading.pages, Splitter(characters))
    return made


def _of_text(how: Cut, reading: Reading) -> Sequence[Piece]:
    texts = ["\n\n".join(part.text for part in _parts(page)) for page in reading.pages]
    return _pieces(reading.pages, texts, how)


def _of_markdown(how: Cut, reading: Reading) -> Sequence[Piece]:
    """Where there is no layout, of the Markdown that is shown meanwhile."""
    texts: Sequence[str] = (
        reading.layout.markdown
        if reading.layout
        else ["\n\n".join(part.markdown for part in _parts(page)) for page in reading.pages]
    )
    return _pieces(reading.pages, texts, how)


def _of_layout(reading: Reading) -> Sequence[Piece]:
    return reading.layout.chunks if reading.layout else ()


def _parts(page: Page) -> list[Part]:
    """Its blocks, whole."""
    return [part for passage in split([page], sys.maxsize) for part in passage.parts]


def _pieces(pages: Sequence[Page], texts: Sequence[str], how: Cut) -> list[Piece]:
    """Page by page; a splitter knows nothing of sections."""
    splitter = splitter_of(how)
    return [
        Piece(page=page.number, section=(), text=piece, markdown=piece, boxes=())
        for page, text in zip(pages, texts, strict=True)
        for piece in splitter.split_text(text)
    ]


def _owns(characters: int) -> Cutting:
    return Cutting(
        name=f"own-{characters}",
        says=f"as Acervo cuts, but up to {characters} characters",
        pieces=partial(_own, characters),
    )


def _recursive(size: int, overlap: int) -> Cutting:
    return Cutting(
        name=f"recursive-{size}",
        says=f"LangChain's RecursiveCharacterTextSplitter, {size}/{overlap}, of a page's plain text",
        pieces=partial(_of_text, Cut(splitter="recursive", size=size, overlap=overlap)),
    )


def _markdown(size: int, overlap: int) -> Cutting:
    return Cutting(
        name=f"markdown-{size}",
        says=f"LangChain's MarkdownTextSplitter, {size}/{overlap}, of the Markdown of a page's layout",
        pieces=partial(_of_markdown, Cut(splitter="markdown", size=size, overlap=overlap)),
        laid_out=True,
    )


CUTTINGS = {
    cutting.name: cutting
    for cutting in (
        _owns(500),
        _owns(1500),
        _owns(2500),
        _recursive(500, 50),
        _recursive(1000, 100),
        _recursive(2000, 200),
        _markdown(1000, 100),
        _markdown(2000, 200),
        Cutting(
            name="layout-chunks",
            says="pymupdf4llm's to_chunks, up to 400 tokens, with their sections",
            pieces=_of_layout,
            laid_out=True,
        ),
    )
}
