"""EPUB books: their chapters in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from database.errors import SourceError
from database.load.converters import packages, xhtml
from database.load.converters.base import Block, Converter, Line, Outline, Page
from database.load.converters.packages import Package

EPUB = "application/epub+zip"

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES_OF_TEXT = ("application/xhtml+xml", "text/html")


@dataclass(frozen=True, slots=True)
class EpubConverter:
    """Headings, paragraphs, lists and tables. A book's pages depend on who shows it, so it has none."""

    @property
    def name(self) -> str:
        return f"epub-1/lxml-{version('lxml')}"

    @property
    def fallback(self) -> Converter | None:
        return None

    @property
    def seconds_a_page(self) -> float:
        return 45.0

    def accepts(self, media_type: str) -> bool:
        return media_type == EPUB

    def outline(self, path: Path) -> Outline:
        with packages.open_package(path) as package:
            return Outline(pages=None, title=_Book(package).title)

    def convert(self, path: Path, pages: range) -> list[Page]:
        with packages.open_package(path) as package:
            return [Page(number=None, blocks=tuple(_Book(package).blocks()))]


class _Book:
    def __init__(self, package: Package) -> None:
        rootfile = next(package.xml(_CONTAINER).iter("rootfile"), None)
        if rootfile is None:
            raise SourceError("broken", "It doesn't say where its contents are.")
        part = rootfile.get("full-path", "")
        root = package.xml(part)
        self._package = package
        self.title = " ".join((root.findtext("metadata/title") or "").split())
        items = {item.get("id"): item for item in root.iterfind("manifest/item")}
        self.chapters: list[str] = []
        for reference in root.iterfind("spine/itemref"):
            item = items.get(reference.get("idref"))
            if item is None or item.get("media-type") not in _PAGES_OF_TEXT:
                continue
            if "nav" in (item.get("properties") or "").split():
                continue
            chapter = packages.resolve(part, item.get("href", ""))
            if chapter in package:
                self.chapters.append(chapter)
        if not self.chapters:
            raise SourceError("empty", "It has no chapters.")
        self._names = _names(package, part, root, items)
        self._refuse_encrypted()

    def blocks(self) -> Iterator[Block]:
        for chapter in self.chapters:
            found = list(xhtml.blocks(self._package.read(chapter)))
            name = self._names.get(chapter, "")
            if found and name and not any(block.kind == "heading" for block in found):
                lines = (Line(text=name, box=None),)
                yield Block(kind="heading", level=1, lines=lines, markdown=f"# {name}")
            yield from found

    def _refuse_encrypted(self) -> None:
        """Fonts may be disguised; where chapters are, the book is for one shop's readers only."""
        if _ENCRYPTION in self._package:
            for reference in self._package.xml(_ENCRYPTION).iter("CipherReference"):
                if packages.resolve("", reference.get("URI", "")) in self.chapters:
                    raise SourceError("encrypted", "It is protected against copying.")


def _names(package: Package, part: str, root: Any, items: dict[Any, Any]) -> dict[str, str]:
    """The chapters' names in the table of contents, of EPUB 2 or 3, by their parts."""
    names: dict[str, str] = {}
    spine = root.find("spine")
    listed = items.get(spine.get("toc")) if spine is not None else None
    contents = packages.resolve(part, listed.get("href", "")) if listed is not None else ""
    if contents in package:
        for point in package.xml(contents).iter("navPoint"):
            target = point.find("content")
            label = point.findtext("navLabel/text") or ""
            if target is not None:
                names.setdefault(packages.resolve(contents, target.get("src", "")), " ".join(label.split()))
    for item in items.values():
        if "nav" in (item.get("properties") or "").split():
            contents = packages.resolve(part, item.get("href", ""))
            if contents in package:
                for href, label in xhtml.links(package.read(contents)):
                    names.setdefault(packages.resolve(contents, href), label)
    return names
