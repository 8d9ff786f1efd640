"""What strangers' names can't hide."""

from __future__ import annotations

import pytest

from database.visible import visible, visible_name


@pytest.mark.parametrize(
    "hidden",
    [
        "\x1b",  # begins a terminal's commands
        "\n",
        "\x00",
        "\x9b",  # the same in one byte
        "\u202e",  # turns the direction of writing
        "\u2066",
        "\u200b",  # has no width
        "\ufeff",
        "\u2028",
        "\ud800",  # half a character: a file name that isn't UTF-8
        "\U000e0041",  # a tag, which nobody sees
        "\ue000",
    ],
)
def test_what_is_not_seen_is_shown_by_its_number(hidden: str) -> None:
    """And nothing of it is left as it was, so it can be written into any file."""
    shown = visible(f"a{hidden}b")
    assert shown == f"a⟨{ord(hidden):04X}⟩b"
    assert shown.encode("utf-8").decode("utf-8").isprintable()


@pytest.mark.parametrize(
    "name", ["Ação e coração.pdf", "año 2026 — ñandú.docx", "目錄.pdf", "مرحبا.pdf", "a\u00a0b"]
)
def test_what_people_write_stays_as_it_is(name: str) -> None:
    """Accents, other scripts, a space that doesn't break."""
    assert visible(name) == name


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    """Where the file is, and what it is called."""
    shown = visible_name("/home/" + "x" * 5_000 + "/edital.pdf")
    assert len(shown) <= 200
    assert shown.startswith("/home/x")
    assert shown.endswith("x/edital.pdf")
