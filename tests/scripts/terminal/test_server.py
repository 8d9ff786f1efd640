"""Addresses and documents, as people name them."""

from __future__ import annotations

import pytest

from scripts.start.errors import CommandError
from scripts.terminal.errors import Unanswered
from scripts.terminal.server import Server, find_document

DOCUMENTS = (
    {"id": "d1", "name": "notices/edital.pdf", "title": "Edital de 2026"},
    {"id": "d2", "name": "old/edital.pdf", "title": ""},
    {"id": "d3", "name": "Faq.md", "title": "Perguntas"},
    {"id": "d4", "name": "faq-extra.md", "title": ""},
)


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("d2", "d2"),
        ("old/edital.pdf", "d2"),
        ("edital de 2026", "d1"),
        ("PERGUNTAS", "d3"),
        ("faq.md", "d3"),
        ("extra", "d4"),
    ],
)
def test_a_document_is_found_as_people_call_it(name: str, id_: str) -> None:
    """By its id, its name with or without folders, its title; else by what only one of them has."""
    assert find_document(DOCUMENTS, name) == id_


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("edital.pdf", "Several documents may be meant by 'edital.pdf'. Name one of them in full: notices/"),
        ("faq", "Several documents"),
        ("contract", "No document is called 'contract'. There are: notices/edital.pdf, old/"),
    ],
)
def test_what_may_be_several_is_not_chosen(name: str, words: str) -> None:
    """Nor what is none."""
    with pytest.raises(Unanswered, match=words):
        find_document(DOCUMENTS, name)
    with pytest.raises(Unanswered, match="there are none yet"):
        find_document((), name)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://acervo.example.org/api/", "https://acervo.example.org/api"),
    ],
)
def test_an_address_is_taken_as_people_write_it(given: str, address: str) -> None:
    """Without its scheme, or with a stroke at its end."""
    assert Server(given, "en").address == address


@pytest.mark.parametrize(
    "given", ["", "ftp://x", "http://", "http://x:y", "http://x/?q=1", "a b", "http://me@x"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    """Before anything is sent there."""
    with pytest.raises(CommandError, match="is not the address of a server"):
        Server(given, "en")
