"""Markers bound to sources."""

from __future__ import annotations

import re

import pytest

from app.citations import Citation, Citations, cited

KNOWN = frozenset((1, 2, 3))


def bound(*pieces: str) -> tuple[list[str], list[Citation]]:
    """The pieces that are shown, and what they cite."""
    citations = Citations(KNOWN)
    shown = [text for text in (*map(citations.bind, pieces), citations.finish()) if text]
    return shown, cited("".join(shown), KNOWN)


def text_of(*pieces: str) -> str:
    return "".join(bound(*pieces)[0])


def spans(text: str) -> list[tuple[int, str]]:
    return [(c.n, text_of(text)[c.start : c.end]) for c in bound(text)[1]]


def test_text_without_markers_passes_piece_by_piece() -> None:
    """Nothing is merged, dropped or held back."""
    pieces = ["The ", "answer", " is", " 42", ".", "\n\n", "Yes"]
    assert bound(*pieces)[0] == pieces


@pytest.mark.parametrize(
    "pieces",
    [
        ("It is 42 [1]. Yes.",),
        ("It is 42 [", "1", "]. Yes."),
        ("It is 42", " [", "1]", ". Yes."),
        tuple("It is 42 [1]. Yes."),
    ],
)
def test_binds_a_marker_however_it_is_split(pieces: tuple[str, ...]) -> None:
    """Vocabularies split brackets and digits as they like."""
    shown, citations = bound(*pieces)
    assert "".join(shown) == "It is 42 [1]. Yes."
    assert [(c.n, c.start, c.end) for c in citations] == [(1, 0, 8)]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("A [1, 2].", "A [1][2]."),
        ("A [1;3].", "A [1][3]."),
        ("A【2】.", "A[2]."),
        ("A [ 2 ].", "A [2]."),
        ("A [1, 9].", "A [1]."),
    ],
)
def test_writes_every_marker_the_same_way(written: str, shown: str) -> None:
    """Clients look for [n] alone."""
    assert text_of(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (("Text [9]. On",), "Text. On"),
        (("Text [9] goes on",), "Text goes on"),
        (("Text ", "[9]", " goes on"), "Text goes on"),
        (("Text[0].",), "Text."),
        (("[7] Text",), "Text"),
    ],
)
def test_removes_a_marker_of_nothing(written: tuple[str, ...], shown: str) -> None:
    """A number that no source has is made up."""
    assert text_of(*written) == shown
    assert bound(*written)[1] == []


@pytest.mark.parametrize(
    "text",
    ["See [a link](http://x).", "a[i] = [1911]", "- [ ] to do", "[", "x [1", "y [1, ", "[[2021-01-02]]"],
)
def test_leaves_other_brackets_alone(text: str) -> None:
    """Markdown has brackets of its own, and an answer may end inside one."""
    assert text_of(text) == text
    assert text_of(*text) == text


def test_does_not_hold_back_what_can_be_no_marker() -> None:
    """A bracket is let go as soon as it is clear that it opens something else."""
    citations = Citations(KNOWN)
    assert citations.bind("[") == ""
    assert citations.bind("l") == "[l"


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("One is so [1]. Two is not [2].", [(1, "One is so"), (2, "Two is not")]),
        ("One is so. [1] Two is not. [2]", [(1, "One is so."), (2, "Two is not.")]),
        ("Both agree [1][2].", [(1, "Both agree"), (2, "Both agree")]),
        ("Half [1], and half [3].", [(1, "Half"), (3, "Half [1], and half")]),
        ("- First [1]\n- Second [2]", [(1, "First"), (2, "Second")]),
        ("## Title\n\n1. Só o art. 5º vale [3].", [(3, "Só o art. 5º vale")]),
        ("[1]", [(1, "")]),
    ],
)
def test_a_marker_supports_the_sentence_before_it(text: str, cited: list[tuple[int, str]]) -> None:
    """Spans are characters of the answer as it is shown."""
    assert spans(text) == cited


def test_spans_count_what_is_shown() -> None:
    """Removed markers and beginnings of brackets shift nothing."""
    shown, citations = bound("First [9]. ", "Second 😀 [", "2", "] end [")
    assert "".join(shown) == "First. Second 😀 [2] end ["
    [citation] = citations
    assert "".join(shown)[citation.start : citation.end] == "Second 😀"


@pytest.mark.parametrize("text", ["[[9]9]", "[1[9]0]", "[[9][9]9]", "【[9]7】", "[2, [9]9]"])
def test_what_is_removed_leaves_no_other_marker(text: str) -> None:
    """A number that doesn't exist must not come together over the gap of another one."""
    assert not re.search(r"[\[【][\s\d,;]+[\]】]", text_of(text))
    assert text_of(text) == text_of(*text)
