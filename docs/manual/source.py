"""Reads a manual's Markdown and writes it as one HTML page."""

from __future__ import annotations

import hashlib
import html
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

SOURCES = Path(__file__).resolve().parent
OUTPUT = SOURCES.parent.parent / "database/pdf"

# The manuals and the language that their PDFs declare.
LANGUAGES = {"pt": "pt-BR", "es": "es", "en": "en"}

# Sections are the headings that the table of contents lists.
SECTION = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A heading of the text. `name` is its id in the page."""

    level: int
    name: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Manual:
    """One language's manual: the values in the head of its Markdown, its headings and its text as HTML.

    `digest` is the SHA-256 of everything the PDF is made of: text, figures, styles and fonts.
    """

    language: str
    title: str
    subtitle: str
    edition: str
    author: str
    contents: str
    subject: str
    headings: tuple[Heading, ...]
    body: str
    digest: str

    @property
    def locale(self) -> str:
        return LANGUAGES[self.language]

    @property
    def pdf(self) -> Path:
        return OUTPUT / f"acervo-manual-{self.language}.pdf"


def read(language: str) -> Manual:
    """Read one language's Markdown. Its head is `name: value` lines between two `---` lines."""
    source = SOURCES / f"{language}.md"
    _, head, text = source.read_text(encoding="utf-8").split("---\n", 2)
    values = dict(line.split(": ", 1) for line in head.strip().splitlines())
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(text)
    figures = list(_put_figures(tokens))
    headings = tuple(_name_headings(tokens))
    parts = [source, SOURCES / "manual.css", *sorted((SOURCES / "fonts").glob("*.woff2")), *figures]
    return Manual(
        language=language,
        title=values["title"],
        subtitle=values["subtitle"],
        edition=values["edition"],
        author=values["author"],
        contents=values["contents"],
        subject=values["subject"],
        headings=headings,
        body=parser.renderer.render(tokens, parser.options, {}),
        digest=hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest(),
    )


def _put_figures(tokens: list[Token]) -> Iterator[Path]:
    """Turn paragraphs that hold nothing but a drawing into figures; yield the drawings' paths.

    The SVG goes into the page itself, so that its labels are text in the manual's own type.
    """
    for index, token in enumerate(tokens):
        children = token.children or []
        if len(children) != 1 or children[0].type != "image":
            continue
        path = SOURCES / str(children[0].attrs["src"])
        caption = html.escape(children[0].content)
        opening, closing = tokens[index - 1], tokens[index + 1]
        opening.type = token.type = closing.type = "html_block"
        opening.content = "<figure>"
        token.content = path.read_text(encoding="utf-8")
        closing.content = f"<figcaption>{caption}</figcaption></figure>\n"
        yield path


def _name_headings(tokens: list[Token]) -> Iterator[Heading]:
    """Give every heading the id that GitHub gives it, so that links work there and here."""
    for opening, inline in itertools.pairwise(tokens):
        if opening.type != "heading_open":
            continue
        name = re.sub(r"[^\w\- ]", "", inline.content.lower()).replace(" ", "-")
        opening.attrSet("id", name)
        yield Heading(level=int(opening.tag[1]), name=name, text=inline.content)


def page_of(manual: Manual, pages: dict[str, int]) -> str:
    """The whole manual as HTML. `pages` gives page numbers by the headings' names, as far as known."""
    contents = "".join(
        f'<li><a href="#{heading.name}">{html.escape(heading.text)}</a>'
        f'<span class="leader"></span>{pages.get(heading.name, "")}</li>'
        for heading in manual.headings
        if heading.level == SECTION
    )
    running = manual.title.replace('"', r"\"")
    return f"""<!doctype html>
<html lang="{manual.locale}">
<head>
<meta charset="utf-8">
<title>{html.escape(manual.title)}</title>
<link rel="stylesheet" href="manual.css">
<style>:root {{ --running-title: "{running}"; }}</style>
</head>
<body>
<header>
<h1>{html.escape(manual.title)}</h1>
<p class="subtitle">{html.escape(manual.subtitle)}</p>
<p class="edition">{html.escape(manual.edition)}</p>
</header>
<nav><p class="contents">{html.escape(manual.contents)}</p><ol>{contents}</ol></nav>
<main>
{manual.body}
</main>
</body>
</html>
"""
