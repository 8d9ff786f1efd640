"""What is counted of answers by quotations."""

from __future__ import annotations

import io

import pytest

from app.messages import SENTENCES
from scripts.evaluation.answering import Reply, answer_all, reply_figures
from scripts.evaluation.dataset import Question
from scripts.evaluation.progress import Progress
from tests.app.fakes import a_chunk, a_collection, a_match
from tests.scripts.evaluation.answers import question, reply

GOLD = question("1", ("a.pdf", 2), answers=("trinta dias", "30 dias"))
UNTOLD = question("2", ("a.pdf", 2))
ABSENT = question("3")


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("O prazo é de TRINTA\n dias. [1]", True),
        ("São 30 [2] dias [1].", True),
        ("São 130 dias. [1]", False),
        ("São 30 diaristas. [1]", False),
        ("O prazo é outro. [1]", False),
    ],
)
def test_any_gold_answer_will_do_whatever_its_letters(text: str, held: bool) -> None:
    """Case, accents, blanks and the markers of sources say nothing; part of another word is another word."""
    assert reply(GOLD, text).holds_gold is held


def test_accents_are_folded_on_both_sides() -> None:
    """A full stop at the end of a gold answer is the dataset's, not the document's."""
    asked = question("1", ("a.pdf", 1), answers=("À Reitoria.",))
    assert reply(asked, "Cabe a reitoria, no prazo. [1]").holds_gold


def test_a_question_that_tells_no_answer_is_not_judged_by_it() -> None:
    """Also where what it tells is no word."""
    assert reply(UNTOLD, "Um texto. [1]").holds_gold is None
    assert reply(question("1", ("a.pdf", 1), answers=(".",)), "Um texto. [1]").holds_gold is None


def test_a_refusal_holds_nothing() -> None:
    """Whatever words its sentence has."""
    told = question("1", ("a.pdf", 1), answers=("informações",))
    assert reply(told, SENTENCES["refusal"]["pt"], refused=True).holds_gold is False


def test_replies_become_figures() -> None:
    """A refused answerable question counts as one without its gold answer; words are the answers' alone."""
    replies = [
        reply(GOLD, "São trinta dias. [1]"),
        reply(GOLD, "Não digo.", refused=True),
        reply(UNTOLD, "Um dois três quatro cinco. [1][2]"),
        reply(ABSENT, "Não digo.", refused=True),
        reply(ABSENT, "Bolo. [1]"),
        reply(ABSENT, "Bolo. [3]"),
    ]
    figures = reply_figures(replies)
    assert figures.gold == pytest.approx(1 / 2)
    assert figures.answered == pytest.approx(2 / 3)
    assert figures.refused == pytest.approx(1 / 3)
    assert (figures.median_words, figures.p95_words) == (2.0, 5)


def test_what_nobody_asked_is_not_told() -> None:
    """Rather than 0 or 1."""
    only_absent = reply_figures([reply(ABSENT, "Não digo.", refused=True)])
    assert (only_absent.gold, only_absent.answered, only_absent.refused) == (None, None, 1.0)
    assert only_absent.median_words is None


async def ask(asked: Question, relevance: float) -> Reply:
    collection = a_collection([a_match(chunk=a_chunk(text="The fee is 40 reais."), relevance=relevance)])
    [given] = await answer_all(collection, [asked], Progress(out=io.StringIO()))
    return given


async def test_questions_are_answered_as_people_are() -> None:
    """A quotation with its source, or the sentence that refuses, in the question's own language."""
    asked = question("1", ("doc.pdf", 1), text="What is the annual fee?", answers=("40",))
    given = await ask(asked, 0.9)
    assert (given.text, given.refused, given.holds_gold) == ("The fee is 40 reais. [1]", False, True)
    refusal = await ask(asked, 0.1)
    assert (refusal.text, refusal.refused) == (SENTENCES["refusal"]["en"], True)
