"""A question's words by their letters, in one statement."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from database.letters import grams, share_in_one_statement
from database.seen import Seen, counts

ALPHABETS = ("abcdeçãé", "αβγδε", "абвгд", "一二三四五", "𝒶𝒷𝒸𝒹𝑒")


def one_by_one(weights: Mapping[str, float], passages: Sequence[str]) -> list[float]:
    """The same, looked up run for run and statement for statement."""
    shares = []
    for passage in passages:
        statements = [
            sum(
                weight * sum(run in statement for run in grams(word)) / len(grams(word))
                for word, weight in weights.items()
            )
            for statement in passage.split("\n")
        ]
        shares.append(max(statements) / sum(weights.values()))
    return shares


def test_the_runs_of_letters_of_a_word() -> None:
    """With the blanks around it; a word that is shorter stands for itself."""
    assert grams("ato") == [" ato", "ato ", " ato "]
    assert grams("a") == [" a "]
    assert grams("ab") == [" ab "]


def test_all_at_once_is_the_same_as_one_by_one() -> None:
    """Whatever the alphabet, and however short the words."""
    drawn = random.Random(7)  # noqa: S311 - words, not secrets

    def word(alphabet: str) -> str:
        return "".join(drawn.choices(alphabet, k=drawn.randint(1, 9)))

    for alphabet in ALPHABETS:
        passages = [
            "\n".join(
                f" {' '.join(word(alphabet) for _ in range(drawn.randint(0, 12)))} "
                for _ in range(drawn.randint(1, 5))
            )
            for _ in range(30)
        ]
        weights = {word(alphabet): drawn.random() + 0.1 for _ in range(8)}
        found = share_in_one_statement(weights, passages)
        assert found == pytest.approx(one_by_one(weights, passages), abs=1e-6)
        assert found.max() > 0


def test_a_whole_word_is_one_and_a_part_of_it_less() -> None:
    """Both in their statement; in another statement they add nothing."""
    whole, part, none, apart = share_in_one_statement(
        {"credenciamento": 1.0, "prazo": 1.0},
        [
            " o credenciamento tem prazo ",
            " o prazo do credenciador ",
            " nada disso ",
            " prazo \n credenciamento ",
        ],
    )
    assert whole == pytest.approx(1)
    assert 0.5 < part < 1
    assert none == 0
    assert apart == pytest.approx(0.5)


def test_without_words_nothing_is_shared() -> None:
    """Nor in a passage without any."""
    assert share_in_one_statement({}, [" prazo ", "  "]).tolist() == [0, 0]
    assert share_in_one_statement({"prazo": 0.0}, [" prazo "]).tolist() == [0]
    assert share_in_one_statement({"prazo": 1.0}, ["  "]).tolist() == [0]


def test_what_is_no_text_spoils_nothing() -> None:
    """Half of a surrogate pair, as files of odd names have it."""
    assert share_in_one_statement({"prazo": 1.0}, [" prazo \ud800 "]) == np.array([1], np.float32)


def test_a_passage_is_compared_folded_and_stemmed() -> None:
    """A line a statement; terms apart from each other, so that the same one twice counts twice."""
    seen = Seen.of(
        "Prazos, prazos e Recursos: trinta dias a contar da publicação.\n"
        "Não há outro prazo para nenhum dos casos, nº 7.",
        "pt",
    )
    first, second = seen.statements.split("\n")
    assert first.startswith(" prazos prazos e recursos ")
    assert second.endswith(" casos no 7 ")
    other = Seen.of("Prazo.", "pt")
    empty = Seen.of("", "pt")
    counted = counts([empty, seen, other, empty], [" praz ", " recurs ", " curs "])
    assert counted.tolist() == [[0, 0, 0], [3, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert seen.length == len(seen.terms.split())
    assert empty.length == 0
