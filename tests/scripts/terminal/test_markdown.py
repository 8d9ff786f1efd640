"""Markdown is styled while it comes, whatever the pieces that it comes in."""

from __future__ import annotations

import pytest

from scripts.terminal.look import PLAIN, Look
from scripts.terminal.markdown import Markdown

STYLED = Look(styled=True, linked=False)
RULE = f"\x1b[2m{'─' * 40}\x1b[0m"


def shown(text: str, size: int, look: Look = STYLED) -> str:
    markdown = Markdown(look, lambda n: f"http://x/{n}")
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    return "".join([*map(markdown.take, pieces), markdown.finish()])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain.\n\nText", "Plain.\n\nText"),
        ("# Title\ntext", "\x1b[1;4mTitle\x1b[0m\ntext"),
        ("### Small\n", "\x1b[1mSmall\x1b[0m\n"),
        ("#hash", "#hash"),
        ("- one\n  * two\n+ three", "• one\n  • two\n• three"),
        ("1. one\n2) two", "1. one\n2) two"),
        ("-5 degrees", "-5 degrees"),
        ("> said", "\x1b[2m│ \x1b[0m\x1b[2msaid\x1b[0m"),
        ("a\n\n---\nb", f"a\n\n{RULE}\nb"),
        ("***", RULE),
        ("an **impor", "an \x1b[1mimpor\x1b[0m"),
        ("**a** b", "\x1b[1ma\x1b[0m b"),
        ("*a* b", "\x1b[3ma\x1b[0m b"),
        ("***a*** b", "\x1b[1;3ma\x1b[0m b"),
        ("2 * 3 ** 4", "2 * 3 ** 4"),
        (r"\*a\* \x", r"*a* \x"),
        ("`a*b` c", "\x1b[36ma*b\x1b[0m c"),
        ("``a`b`` c", "\x1b[36ma`b\x1b[0m c"),
        ("so [1][12], [a] [1", "so \x1b[36m[1]\x1b[0m\x1b[36m[12]\x1b[0m, [a] [1"),
        (
            "```sh\n# no title\n\n```\nx",
            "\x1b[2m```sh\x1b[0m\n\x1b[36m# no title\x1b[0m\n\n\x1b[2m```\x1b[0m\nx",
        ),
        ("| a | b |\n|---|---|\n", "| a | b |\n|---|---|\n"),
        ("**open\nnext", "\x1b[1mopen\x1b[0m\nnext"),
        ("snake_case_name", "snake_case_name"),
    ],
)
def test_what_is_shown(text: str, expected: str, size: int) -> None:
    """Styles may be written in parts; what is seen is the same."""
    assert _joined(shown(text, size)) == _joined(expected)


def test_nothing_waits_that_is_clear() -> None:
    """Words are shown at once; only what may still become something else is held."""
    markdown = Markdown(STYLED, lambda _: "")
    assert markdown.take("The fee is") == "The fee is"
    assert markdown.take(" 40 *") == " 40 "
    assert markdown.take(" 2") == "* 2"


def test_citations_lead_to_their_sources() -> None:
    """Where the terminal knows links."""
    linked = shown("so [2].", 1, Look(styled=True, linked=True))
    assert "\x1b]8;;http://x/2\x1b\\\x1b[36m[2]\x1b[0m\x1b]8;;\x1b\\" in linked


def test_where_nothing_can_be_styled_it_stays_markdown() -> None:
    """To the letter."""
    text = "# A\n\n**b** `c` [1]\n"
    assert shown(text, 1, PLAIN) == text


def _joined(text: str) -> list[tuple[str, str]]:
    """Each character with the style that it has."""
    seen: list[tuple[str, str]] = []
    style = ""
    for part in text.split("\x1b["):
        if seen or text.startswith("\x1b["):
            codes, found, rest = part.partition("m")
            if found and all(one.isdigit() for one in codes.split(";")):
                style, part = ("" if codes == "0" else codes), rest
        seen += [(character, style) for character in part]
    return seen
