"""What the report says."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from database.problems import Language
from database.records import CONDITIONS, ROUTES, Status
from database.report.figures import TROUBLES
from database.report.words import SENTENCES, Words

LANGUAGES: tuple[Language, ...] = get_args(Language)


def test_every_sentence_is_in_every_language_with_the_same_values() -> None:
    """And with the same parts that are to be typed."""
    for key, sentences in SENTENCES.items():
        assert set(sentences) == set(LANGUAGES), key
        assert len({frozenset(re.findall(r"{(\w+)}", said)) for said in sentences.values()}) == 1, key
        assert len({said.count("`") for said in sentences.values()}) == 1, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_a_word(language: Language) -> None:
    """Of documents, of pages, and of how they are laid out."""
    words = Words(language)
    keys = [f"status_{status}" for status in get_args(Status)]
    keys += [f"condition_{condition}" for condition in CONDITIONS]
    keys += [f"route_{route}" for route in ROUTES]
    assert len({words(key) for key in keys}) == len(keys)
    assert all(words(f"advice_{condition}", pages="7") for condition in TROUBLES)


def test_numbers_are_written_as_the_language_writes_them() -> None:
    """Points and commas change places."""
    assert Words("en").number(1_234_567.5, 1) == "1,234,567.5"
    assert Words("pt").number(1_234_567.5, 1) == Words("es").number(1_234_567.5, 1) == "1.234.567,5"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.254, "0.25 s"),
        (4.26, "4.3 s"),
        (42.4, "42 s"),
        (59.7, "1 min 00 s"),
        (125.2, "2 min 05 s"),
        (3_599.6, "1 h 00 min"),
        (7_500, "2 h 05 min"),
    ],
)
def test_a_duration_is_said_in_the_units_that_matter(seconds: float, said: str) -> None:
    """No 60 seconds, no 60 minutes."""
    assert Words("en").duration(seconds) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "0%"), (0, 5, "0%"), (1, 10_000, "<0.1%"), (12, 1_000, "1.2%"), (1, 2, "50%"), (5, 5, "100%")],
)
def test_a_small_share_is_not_none(part: int, whole: int, said: str) -> None:
    """A page of ten thousand is there."""
    assert Words("en").share(part, whole) == said
