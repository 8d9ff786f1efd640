"""Web pages: the main text, without menus and advertisements."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from database.errors import SourceError
from database.load.converters.base import Converter, Outline, Page
from database.load.converters.text import markdown_blocks
from database.load.web import charset

HTML = "text/html"


@dataclass(frozen=True, slots=True)
class WebConverter:
    """HTML through trafilatura."""

    @property
    def name(self) -> str:
        return f"web-2/trafilatura-{version('trafilatura')}"

    @property
    def fallback(self) -> Converter | None:
        return None

    @property
    def seconds_a_page(self) -> float:
        return 45.0

    def accepts(self, media_type: str) -> bool:
        return is_html(media_type)

    def outline(self, path: Path) -> Outline:
        import trafilatura

        tree = _tree(path)
        title = "" if tree is None else trafilatura.extract_metadata(tree).title
        return Outline(pages=None, title=(title or "").strip())

    def convert(self, path: Path, pages: range) -> list[Page]:
        import trafilatura

        tree = _tree(path)
        if tree is None:
            return [Page(number=None, blocks=())]
        markdown = trafilatura.extract(
            deepcopy(tree),
            output_format="markdown",
            include_formatting=True,
            include_tables=True,
            include_comments=False,
        )
        # A page without an article (a list, a form) has no main text: all its text is better than none.
        text = markdown or trafilatura.html2txt(tree)
        return [Page(number=None, blocks=tuple(markdown_blocks(text)))]


def is_html(media_type: str) -> bool:
    return media_type in (HTML, "application/xhtml+xml")


def _tree(path: Path) -> Any:
    """The page's elements, without what is there for browsers that run no scripts; None where it has none."""
    from trafilatura import load_html

    data = path.read_bytes()
    if not data.strip():
        raise SourceError("empty", "The page has no content.")
    tree = load_html(charset.decode(data))
    if tree is not None:
        for element in list(tree.iter("noscript")):
            element.drop_tree()
    return tree
