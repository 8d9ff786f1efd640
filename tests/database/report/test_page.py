"""The page as a whole."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from database.messages import Messages
from database.problems import Language
from database.records import Document, PageState, Place
from database.report.page import LIMITS, Heading, Limits, listing, page
from database.report.survey import survey
from database.report.words import Words
from database.stores.base import Store
from database.stores.lance import LanceStore
from tests.database.fakes import chunks, document, embeddings
from tests.database.report.records import failed, figures, good, pages

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[31m</style></title>'

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "main", "section", "article", "h1", "h2", "h3", "p",
    "ul", "li", "b", "span", "i", "bdi", "code", "small", "div", "table", "thead", "tbody", "tr", "th", "td",
    "svg", "defs", "pattern", "rect", "circle", "path", "g", "text",
}  # fmt: skip


class Elements(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.read: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.read.append(data)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await LanceStore.open(tmp_path, embedder="words")
    yield store
    await store.close()


async def written(store: Store, language: Language = "en", limits: Limits = LIMITS) -> str:
    heading = Heading(place=HOSTILE, model="words", time=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    surveyed = await survey(store, await store.documents())
    return "".join(
        [piece async for piece in page(heading, surveyed, store, Words(language), Messages(language), limits)]
    )


async def add(store: Store, of: Document, states: Sequence[PageState]) -> None:
    some = chunks(of, "um texto", "outro texto")
    await store.put(of, some, embeddings(some), states)


async def fill(store: Store) -> None:
    hostile = replace(
        document("a"),
        name=f"{HOSTILE}.pdf",
        source=f"file:///{HOSTILE}",
        title=HOSTILE,
        library=HOSTILE,
        copies=(Place(address=f"javascript:{HOSTILE}", name=HOSTILE),),
    )
    await add(store, hostile, pages("good", "no_text", "garbled"))
    await store.record(replace(failed("b", "encrypted"), name=HOSTILE, source=HOSTILE))


async def test_hostile_names_stay_text(store: Store) -> None:
    """No element, no attribute, no address of theirs is in the page, and what they hide is shown."""
    await fill(store)
    html = await written(store)
    elements = Elements(html)
    assert elements.open == []
    assert elements.names <= ELEMENTS
    assert not {name for name in elements.attributes if name.startswith("on")}
    assert not elements.attributes & {"href", "src", "style", "action", "srcset", "xlink:href"}
    assert "\u202e" not in html
    assert "\x1b" not in html
    assert "<script>alert(1)</script>" in "".join(elements.read)


async def test_the_policy_allows_this_style_and_nothing_else(store: Store) -> None:
    """By its hash: a style that came with a name would not be used either."""
    html = await written(store)
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert len(style) == 1
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy.replace("&#x27;", "'") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style[0].replace("url(#", "")


async def test_it_says_what_is_wrong_and_what_to_do(store: Store) -> None:
    """Failures with their reasons, troubles by page, and the remedy of those that there are."""
    await fill(store)
    read = "".join(Elements(await written(store)).read)
    assert "is protected by a password" in read
    assert "p. 2: no text; p. 3: garbled" in read
    assert "Install Tesseract" in read
    assert "Pages that couldn't be read" not in read


async def test_it_speaks_the_persons_language(store: Store) -> None:
    """And says in which, for those who have it read to them."""
    await fill(store)
    html = await written(store, "pt")
    assert '<html lang="pt">' in html
    assert "está protegido por senha" in html


async def test_an_empty_collection_has_a_page(store: Store) -> None:
    """It says how to fill it."""
    html = await written(store)
    assert "There are no documents yet." in html
    assert "<section>" not in html
    assert Elements(html).open == []


async def test_what_is_not_told_in_full_is_told_in_brief(store: Store) -> None:
    """Those in trouble have their strips, the rest a line, and those beyond are counted."""
    await add(store, document("a"), pages("good"))
    await add(store, document("b"), pages("no_text"))
    await add(store, document("c"), pages("good"))
    html = await written(store, limits=Limits(full=1, brief=1))
    assert re.findall(r"<h3><bdi>(\w).pdf", html) == ["b"]
    assert re.findall(r'<th scope="row"><bdi>(\w).pdf', html.partition('class="brief"')[2]) == ["a"]
    assert "1 more documents, in no greater trouble" in html


def test_ten_thousand_documents_are_listed_within_bounds() -> None:
    """As many strips as a browser shows without effort; then lines; then a number."""
    many = [figures("a", *good(10))] * (LIMITS.full + LIMITS.brief + 5)
    listed = listing(many)
    assert (len(listed.full), len(listed.brief), listed.left_out) == (LIMITS.full, LIMITS.brief, 5)


def test_long_documents_take_the_room_of_many() -> None:
    """The strips together have a bound, too, but the first one is always drawn."""
    long = figures("a", *good(1_000))
    assert len(listing([long] * 100).full) == LIMITS.cells // 1_000
    assert len(listing([replace(long, pages=10**9)]).full) == 1
