"""Asking for passwords, and what they open."""

from __future__ import annotations

import getpass
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from database.commands import passwords
from database.errors import SourceError
from database.load.converters import converter_for, trying
from database.load.converters.pdf import PDF
from database.messages import Messages
from tests.database.fakes import write_pdf


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_passwords_are_asked_for_until_a_line_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without showing them, in the person's language."""
    lines: Iterator[str] = iter(["um", "dois ", ""])
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return next(lines)

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", answer)
    assert passwords.ask(Messages("pt")) == ("um", "dois ")
    assert asked[0].startswith("Senha")


def test_a_script_can_give_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """One a line; spaces belong to them."""
    monkeypatch.setattr("sys.stdin", io.StringIO("um\n\n dois \r\n"))
    assert passwords.ask(Messages("en")) == ("um", " dois ")


def test_they_are_tried_while_documents_are_loaded(tmp_path: Path) -> None:
    """And not after."""
    path = write_pdf(tmp_path / "a.pdf", "segredo", password="senha")
    with trying(["outra", "senha"]):
        converter = converter_for(PDF)
        assert converter is not None
        assert converter.outline(path).pages == 1
    plain = converter_for(PDF)
    assert plain is not None
    with pytest.raises(SourceError):
        plain.outline(path)
    assert plain.name == converter.name
