"""Web pages: the main text, without menus and advertisements."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from database.errors import SourceError
from database.load.converters.base import Converter, Outline, Page
from database.load.converters.text import markdown_blocks

HTML = "text/html"


@dataclass(frozen=True, slots=True)
class WebConverter:
    """HTML through trafilatura."""

    @property
    def name(self) -> str:
        return f"web-1/trafilatura-{version('trafilatura')}"

    @property
    def fallback(self) -> Converter | None:
        return None

    def accepts(self, media_type: str) -> bool:
        return media_type in (HTML, "application/xhtml+xml")

    def outline(self, path: Path) -> Outline:
        import trafilatura

        data = path.read_bytes()
        if not data.strip():
            raise SourceError("empty", "The page has no content.")
        return Outline(pages=None, title=(trafilatura.extract_metadata(data).title or "").strip())

    def convert(self, path: Path, pages: range) -> list[Page]:
        import trafilatura

        data = path.read_bytes()
        markdown = trafilatura.extract(
            data,
            output_format="markdown",
            include_formatting=True,
            include_tables=True,
            include_comments=False,
        )
        # A page without an article (a list, a form) has no main text: all its text is better than none.
        text = markdown or trafilatura.html2txt(data)
        return [Page(number=None, blocks=tuple(markdown_blocks(text)))]
