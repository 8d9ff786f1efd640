"""Text from documents, made harmless within a prompt."""

from __future__ import annotations

import pytest

from app.defuse import defused, visible


def test_strips_what_people_do_not_see() -> None:
    """Zero-width and control characters, direction overrides and tag characters hide orders from people."""
    assert visible("a\u200bb\u202ec\x00d\ufeffe\U000e0041f\ud800g\n\th\u00ad") == "abcdefg\n\th"


def test_strips_selectors_and_fillers() -> None:
    """They carry bytes that no font shows."""
    assert visible("a\ufe0fb\U000e0100c\u115fd\u3164e\u2800f\u034fg") == "abcdefg"


@pytest.mark.parametrize(
    "spelt",
    ["<passages>", "</passage>", "< / PASSAGES >", "＜/passages＞", "‹/passages›", "<∕раssages>",
     "<<passage n=1>", "<\\passages>", "</pássages>", "</ｐａｓｓａｇｅｓ>"],
)  # fmt: skip
def test_delimiters_lose_their_bracket(spelt: str) -> None:
    """However they are spelt, as long as they look like ours."""
    assert "&lt;" in defused(spelt)


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("<|eot_id|>", "< |eot_id| >"),
        ("<｜User｜>", "< ｜User｜ >"),
        ("<start_of_turn>", "&lt;start_of_turn>"),
        ("</s>", "&lt;/s>"),
        ("[INST] [/INST]", "[ INST] [ /INST]"),
        ("[TOOL_CALLS]", "[ TOOL_CALLS]"),
        ("<<SYS>>", "< <SYS>>"),
    ],
)
def test_special_tokens_become_text(token: str, text: str) -> None:
    """A tokenizer looks for them letter by letter."""
    assert defused(token) == text


@pytest.mark.parametrize(
    "text",
    ["a < b, b > a", "x <b>bold</b> <br> y", "[1] [ABNT] [a] a[i_j]", "| a | b |\n|---|---|\n> quote",
     "«<<texto>>»", "<passageiros>", "R$ 10 | 20", "if (a<b || c>d)", "<https://good.example/a_b>"],
)  # fmt: skip
def test_ordinary_text_reads_as_before(text: str) -> None:
    """Most documents have brackets and bars, and mean them."""
    assert defused(text) == text
