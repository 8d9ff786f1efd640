"""Figures of a few answers, computed by hand."""

from __future__ import annotations

from math import log2

import pytest

from scripts.evaluation.metrics import auroc, by_language, figures, ranking
from scripts.evaluation.pipelines import Found
from tests.scripts.evaluation.answers import answer, found, question

SECOND = answer(question("1", ("a.pdf", 2)), found("a.pdf", 1, 0.9), found("a.pdf", 2, 0.8))
FIRST = answer(question("2", ("b.txt", None), language="en"), found("b.txt", None, 0.2), seconds=0.030)
TWO = answer(
    question("3", ("a.pdf", 3), ("a.pdf", 4)),
    found("b.txt", None, 0.6),
    found("a.pdf", 3, 0.6),
    found("a.pdf", 3, 0.5),
    found("a.pdf", 4, 0.4),
    seconds=0.020,
)
MISSED = answer(question("4", ("a.pdf", 9)), found("a.pdf", 1, 0.6))
NOTHING_FOUND = answer(question("5", ("a.pdf", 9)))
NO_ANSWER = answer(question("6"), found("a.pdf", 1, 0.6), seconds=0.040)


def test_ranks_become_figures() -> None:
    """Second, first, second with one of two pages fourth, and twice not at all."""
    of_pages = ranking([SECOND, FIRST, TWO, MISSED, NOTHING_FOUND], "page", 2)
    assert of_pages.recall == pytest.approx((1 / 5, 3 / 5, 3 / 5, 3 / 5))
    assert of_pages.at_k == pytest.approx(3 / 5)
    assert of_pages.mrr == pytest.approx((1 / 2 + 1 + 1 / 2) / 5)
    assert of_pages.all_gold == pytest.approx(3 / 5)
    second, fourth = 1 / log2(3), 1 / log2(5)
    assert of_pages.ndcg == pytest.approx((second + 1 + (second + fourth) / (1 + second)) / 5)


def test_a_document_is_found_by_any_of_its_pages() -> None:
    """The missed page's document is found at once."""
    of_documents = ranking([SECOND, FIRST, TWO, MISSED, NOTHING_FOUND], "document", 1)
    assert of_documents.recall == pytest.approx((3 / 5, 4 / 5, 4 / 5, 4 / 5))
    assert of_documents.at_k == pytest.approx(3 / 5)


def test_a_document_in_several_places_answers_to_each_of_its_names() -> None:
    """The same bytes are one document, whatever a dataset calls it."""
    both = Found(names=("x.txt", "deeper/b.txt"), page=None, text="", relevance=1.0)
    assert answer(question("1", ("b.txt", None)), both).rank == 1
    assert answer(question("1", ("c.txt", None)), both).rank is None


def test_any_page_will_do_where_none_is_named() -> None:
    """Though the document has pages."""
    assert answer(question("1", ("a.pdf", None)), found("b.pdf", 1), found("a.pdf", 7)).rank == 2


def test_where_nothing_is_found_for_anything_all_is_zero() -> None:
    """Rather than unknown."""
    assert ranking([NOTHING_FOUND], "page", 3).recall == (0.0, 0.0, 0.0, 0.0)


def test_questions_without_an_answer_count_for_relevance_and_time_alone() -> None:
    """AUROC: of .9, .2, .6 against .6, one is above, one below, one the same."""
    of_all = figures([SECOND, FIRST, TWO, NO_ANSWER], 8)
    assert (of_all.questions, of_all.with_gold) == (4, 3)
    assert of_all.auroc == pytest.approx(1.5 / 3)
    assert of_all.p50 == pytest.approx(0.025)
    assert of_all.p95 == pytest.approx(0.040)
    assert of_all.page == ranking([SECOND, FIRST, TWO], "page", 8)


def test_what_can_not_be_told_is_not_told() -> None:
    """Without gold no ranks; with answers alone no AUROC."""
    assert figures([NO_ANSWER], 8).page is None
    assert figures([NO_ANSWER], 8).document is None
    assert figures([FIRST], 8).auroc is None


def test_each_language_has_its_answers() -> None:
    """And all together come last, where there are several."""
    assert by_language([SECOND, FIRST, TWO]) == {
        "en": [FIRST],
        "pt": [SECOND, TWO],
        "all": [SECOND, FIRST, TWO],
    }
    assert list(by_language([FIRST])) == ["en"]


def test_the_area_counts_pairs() -> None:
    """Two of four pairs in order, one tied."""
    assert auroc([0.9, 0.3], [0.5, 0.3]) == pytest.approx(2.5 / 4)
