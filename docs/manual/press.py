"""Prints manuals as PDF with Chromium, twice: the first print tells on which pages the sections begin."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pymupdf
from playwright.sync_api import Page, sync_playwright
from proof import DIGEST_KEY
from source import SOURCES, Heading, Manual, page_of

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A date that stands still: the same sources give the same file.
DATE = "D:20260101000000Z"

Places = dict[str, tuple[int, Any]]


class PressError(Exception):
    """A manual can't be printed."""


def print_manuals(manuals: Iterable[Manual]) -> None:
    """Write each manual's PDF. Raises PressError."""
    with _browser_page() as page:
        for manual in manuals:
            draft = _places(manual, _printed(page, page_of(manual, {})))
            final = _printed(page, page_of(manual, {name: number for name, (number, _) in draft.items()}))
            _save(manual, final)


@contextmanager
def _browser_page() -> Iterator[Page]:
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        raise PressError(f"No browser found: install Chromium (looked for {', '.join(BROWSERS)}).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path)
        yield browser.new_page()
        browser.close()


def _printed(page: Page, text: str) -> Any:
    # A page that was set by its text alone may not read files, and the fonts and styles are files.
    path = SOURCES / ".manual.html"
    path.write_text(text, encoding="utf-8")
    try:
        page.goto(path.as_uri())
        page.evaluate("document.fonts.ready")
        data = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    finally:
        path.unlink()
    return pymupdf.open(stream=data, filetype="pdf")  # type: ignore[no-untyped-call]


def _places(manual: Manual, document: Any) -> Places:
    """The page (from 1) and the point where each heading stands, by the heading's name.

    Chromium's own bookmarks are almost right: a heading that moved to the next page with the text
    below it has its title twice there, and may lead to the page before.
    """
    places: Places = {}
    bookmarks = [page for level, _, page in document.get_toc() if level > 1]
    for heading, page in zip(manual.headings, bookmarks, strict=True):
        for number in (page, page + 1):
            if found := document[number - 1].search_for(heading.text):
                places[heading.name] = number, found[0].tl
                break
        else:
            raise PressError(f"The heading “{heading.text}” stands neither on page {page} nor on the next.")
    return places


def _save(manual: Manual, document: Any) -> None:
    document.set_metadata(
        {
            "title": manual.title,
            "author": manual.author,
            "subject": manual.subject,
            "creator": "scripts/manual",
            "producer": "Chromium, PyMuPDF",
            "creationDate": DATE,
            "modDate": DATE,
        }
    )
    places = _places(manual, document)
    document.set_toc([_bookmark(heading, *places[heading.name]) for heading in manual.headings])
    catalog = document.pdf_catalog()
    document.xref_set_key(catalog, "Lang", f"({manual.locale})")
    document.xref_set_key(catalog, "ViewerPreferences", "<</DisplayDocTitle true>>")
    information = int(document.xref_get_key(-1, "Info")[1].split()[0])
    document.xref_set_key(information, DIGEST_KEY, f"({manual.digest})")
    manual.pdf.parent.mkdir(parents=True, exist_ok=True)
    document.save(manual.pdf, garbage=4, deflate=True, use_objstms=1, no_new_id=True)


def _bookmark(heading: Heading, page: int, point: Any) -> list[Any]:
    return [heading.level - 1, heading.text, page, {"kind": pymupdf.LINK_GOTO, "to": point}]
