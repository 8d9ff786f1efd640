"""Names that clients give their files."""

from __future__ import annotations

import pytest

from app.uploads.names import safe_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("edital.pdf", "edital.pdf"),
        ("Guía de licitación 2026.pdf", "Guía de licitación 2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Ana\\edital.pdf", "edital.pdf"),
        ("a/b/", "b"),
        ("..", "document"),
        ("", "document"),
        ("\x00\x1b[31m\r\n.pdf", "[31m.pdf"),
        ("fatura\u202efdp.exe", "faturafdp.exe"),
        (".hidden.pdf", "hidden.pdf"),
        ("  a \t b.pdf  ", "a b.pdf"),
        ("e\u0301dito.pdf", "édito.pdf"),
        ("bad\udcff.pdf", "bad.pdf"),
    ],
)
def test_a_name_is_one_part_that_people_can_read(given: str, name: str) -> None:
    """Nothing of a path, no control characters, no change of direction, accents in one form."""
    assert safe_name(given) == name


@pytest.mark.parametrize("given", ["ç" * 500 + ".pdf", "x" * 500, "x." + "y" * 500])
def test_a_long_name_is_cut_and_keeps_its_suffix(given: str) -> None:
    """File systems take 255 bytes, whatever the characters."""
    name = safe_name(given)
    assert len(name.encode()) <= 200
    assert name.endswith(".pdf") == given.endswith(".pdf")
