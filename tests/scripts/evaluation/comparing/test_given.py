"""What is kept of answers, and found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.evaluation.comparing.given import Cited, Kept
from tests.scripts.evaluation.answers import question
from tests.scripts.evaluation.comparing.answers import cited, given

FIRST, SECOND = question("1", ("a.pdf", 2)), question("2")


def test_what_was_answered_is_there_again(tmp_path: Path) -> None:
    """The last answer counts, whatever stood there before."""
    file = tmp_path / "answers.jsonl"
    kept = Kept(file)
    kept.add(given(FIRST, "Old.", tokens=3, cited=(cited("a.pdf", 2),)))
    kept.add(given(FIRST, "New."))
    again = Kept(file)
    assert again.answered("a", FIRST) == given(FIRST, "New.")
    assert again.answered("b", FIRST) is None
    assert [one.text for _, one in again.of("a", [SECOND, FIRST])] == ["New."]


def test_a_changed_question_was_never_answered(tmp_path: Path) -> None:
    """Nor one that came to be called the same."""
    kept = Kept(tmp_path / "answers.jsonl")
    kept.add(given(FIRST))
    assert kept.answered("a", FIRST.model_copy(update={"question": "Outra?"})) is None
    assert kept.answered("a", FIRST.model_copy(update={"gold": ()})), "what is judged later may change"


def test_an_error_is_told_and_asked_again(tmp_path: Path) -> None:
    """The next run may have more luck."""
    kept = Kept(tmp_path / "answers.jsonl")
    kept.add(given(FIRST, "", error="away"))
    assert kept.answered("a", FIRST) is None
    assert [one.error for _, one in kept.of("a", [FIRST])] == ["away"]


def test_a_line_that_was_cut_costs_nothing_but_itself(tmp_path: Path) -> None:
    """Neither what stands before it nor what comes after."""
    file = tmp_path / "answers.jsonl"
    Kept(file).add(given(FIRST))
    whole = file.read_text()
    file.write_text(whole + '{"model": "a", "id": "2", "que')
    kept = Kept(file)
    assert kept.answered("a", FIRST)
    kept.add(given(SECOND))
    again = Kept(file)
    assert again.answered("a", FIRST)
    assert again.answered("a", SECOND)


@pytest.mark.parametrize(
    ("source", "right"),
    [
        (cited("a.pdf", 2), True),
        (cited("folder/a.pdf", 1, 3), True),
        (cited("a.pdf", 3), False),
        (cited("b.pdf", 2), False),
        (cited("a.pdf"), False),
    ],
)
def test_a_citation_is_right_where_its_passage_is_on_the_page(source: Cited, right: bool) -> None:
    """A passage may go on over several pages."""
    answered = given(FIRST, cited=(cited("z.pdf", 9), source))
    assert answered.cites_gold(FIRST) is right
    assert answered.cites_gold(SECOND) is None


def test_where_any_page_will_do_the_document_is_enough() -> None:
    """Or where it has none."""
    any_page = question("1", ("a.txt", None))
    assert given(any_page, cited=(cited("a.txt", 7),)).cites_gold(any_page)
    assert not given(any_page, cited=()).cites_gold(any_page)
