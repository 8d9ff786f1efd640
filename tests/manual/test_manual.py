"""The manual: its PDFs, its questions, and what it says about the product."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from app.errors import RequestError
from app.messages import SENTENCES, Language
from app.openapi.document import described_path
from app.routes import ROUTES
from app.settings import Settings
from database.errors import REASONS

ROOT = Path(__file__).resolve().parent.parent.parent
MANUAL = ROOT / "docs/manual"
LANGUAGES: tuple[Language, ...] = ("pt", "es", "en")

QUESTIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (MANUAL / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]


def markdown(language: str) -> str:
    return (MANUAL / f"{language}.md").read_text(encoding="utf-8")


def first_cells(language: str) -> list[list[str]]:
    """The code in the first cell of each row, table by table."""
    tables = re.findall(r"(?:^\|.*\n)+", markdown(language), re.MULTILINE)
    return [re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE) for table in tables]


def page_text(name: str, page: int) -> str:
    with pymupdf.open(ROOT / "database/pdf" / name) as document:
        return " ".join(document[page - 1].get_text().split())


def test_the_pdfs_are_what_their_markdown_says() -> None:
    """No PDF is older than its sources, lacks a text of theirs or has one more."""
    result = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, ROOT / "scripts/manual", "--check"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_tells_what_it_is(language: str) -> None:
    """Title, author, language and bookmarks are there for readers and for screen readers."""
    with pymupdf.open(ROOT / f"database/pdf/acervo-manual-{language}.pdf") as document:
        assert document.metadata["title"] in markdown(language)
        assert document.metadata["author"] in markdown(language)
        assert document.language == language
        headings = re.findall(r"^##+ (.+)$", markdown(language), re.MULTILINE)
        bookmarks = document.get_toc()
        assert [title for _, title, _ in bookmarks] == headings
        for _, title, page in bookmarks:
            assert title in " ".join(document[page - 1].get_text().split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_is_small(language: str) -> None:
    """It is kept in the repository and loaded at the first start."""
    assert (ROOT / f"database/pdf/acervo-manual-{language}.pdf").stat().st_size < 400_000


def test_the_languages_have_the_same_structure() -> None:
    """What one language explains, the others explain at the same place."""
    shapes = [
        re.findall(r"^(#+ |\||```\w*|- |\d\. |> |!\[)", markdown(language), re.MULTILINE)
        for language in LANGUAGES
    ]
    assert shapes[0]
    assert shapes[0] == shapes[1] == shapes[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_is_explained_and_no_other(language: str) -> None:
    """The table of settings has exactly the settings there are."""
    settings = [cells for cells in first_cells(language) if "DATA_DIR" in cells]
    assert [sorted(cells) for cells in settings] == [sorted(name.upper() for name in Settings.model_fields)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_have_the_defaults_that_are_written(language: str) -> None:
    """The second column is what a setting is without being set."""
    written = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", markdown(language), re.MULTILINE))
    fields = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    defaults = {
        name: ",".join(v) if isinstance(v, tuple) else str(v)
        for name, v in fields.items()
        if v not in (None, ())
    }
    assert written == defaults


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_for_a_failure_is_explained(language: str) -> None:
    """The table of reasons has exactly the reasons there are."""
    assert list(REASONS) in first_cells(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_route_is_explained_and_no_other(language: str) -> None:
    """The table of routes has exactly those of the server."""
    routes = [cells for cells in first_cells(language) if "POST /" in cells]
    served = sorted(f"{route.method} {described_path(route.path)}" for route in ROUTES)
    assert [sorted(cells) for cells in routes] == [served]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_code_is_explained_with_its_status(language: str) -> None:
    """The table of error codes has exactly those that the server answers with."""
    written = re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", markdown(language), re.MULTILINE)
    assert sorted(written) == sorted(
        {(error.code, str(error.status)) for error in request_errors(RequestError)}
    )


def request_errors(base: type[RequestError]) -> Iterator[type[RequestError]]:
    for error in base.__subclasses__():
        yield error
        yield from request_errors(error)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_refusal_is_quoted_as_it_is_given(language: Language) -> None:
    """People who see the sentence find it in the manual."""
    assert SENTENCES["refusal"][language] in markdown(language)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_gold_pages_hold_their_answers(question: dict[str, Any]) -> None:
    """Each gold page has an answer's own words, and each answer stands on a gold page."""
    pages = [page_text(gold["name"], gold["page"]) for gold in question["gold"]]
    answers = question["answers"]
    assert bool(pages) == bool(answers) == question["answerable"]
    assert all(any(answer in page for answer in answers) for page in pages)
    assert all(any(answer in page for page in pages) for answer in answers)


def test_each_language_asks_for_what_is_there_and_for_what_is_not() -> None:
    """Eight questions a language have an answer, two have none, and no two share an id."""
    asked = [(question["language"], question["answerable"]) for question in QUESTIONS]
    for language in LANGUAGES:
        assert asked.count((language, True)) == 8
        assert asked.count((language, False)) == 2
    assert len({question["id"] for question in QUESTIONS}) == len(QUESTIONS)
