"""Questions at the same time, and again."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from database.embedders import questions
from database.embedders.questions import Questions
from database.stores.base import Vectors


class Lengths:
    """The vector of a text is its length."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def __call__(self, texts: list[str]) -> Vectors:
        self.asked.append(texts)
        await asyncio.sleep(0.01)
        return np.array([[len(text)] for text in texts], dtype=np.float32)


async def test_questions_at_the_same_time_are_embedded_together() -> None:
    """The same one only once."""
    embed = Lengths()
    several = Questions(embed)
    vectors = await asyncio.gather(*(several.embed(text) for text in ("a", "bb", "a", "ccc")))
    assert [float(vector[0]) for vector in vectors] == [1, 2, 1, 3]
    assert embed.asked == [["a", "bb", "ccc"]]


async def test_a_question_that_is_asked_again_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones are: which were asked, not which came first."""
    monkeypatch.setattr(questions, "_REMEMBERED", 2)
    embed = Lengths()
    several = Questions(embed)
    for text in ("a", "bb", "a", "ccc", "a", "bb"):
        await several.embed(text)
    assert embed.asked == [["a"], ["bb"], ["ccc"], ["bb"]]


async def test_what_is_remembered_cannot_be_changed() -> None:
    """By whoever got it before."""
    several = Questions(Lengths())
    vector = await several.embed("a")
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 7
