"""How well an embedder knows a language."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from database.calibration import Level, calibrate
from database.calibration_pairs import PAIRS
from database.language import QUESTION_LANGUAGES
from database.stores.base import Vectors
from tests.database.fakes import DIMENSIONS, WordsEmbedder


class EnglishEmbedder(WordsEmbedder):
    """Knows what belongs together in English; all else is nearly the same to it."""

    async def embed_query(self, text: str) -> Vectors:
        [vector] = await self.embed_documents([text])
        return np.asarray(vector)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), DIMENSIONS), 0.5, np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for n, pair in enumerate(PAIRS["en"]):
                if text in pair:
                    vector[:] = 0
                    vector[n] = 1
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def test_every_language_of_questions_has_the_same_pairs() -> None:
    """No question twice, no answer to two."""
    assert set(PAIRS) == set(QUESTION_LANGUAGES)
    assert len({len(pairs) for pairs in PAIRS.values()}) == 1
    texts = [text for pairs in PAIRS.values() for pair in pairs for text in pair]
    assert len(texts) == len(set(texts))


async def test_a_model_is_trusted_in_the_language_that_it_knows() -> None:
    """And knows nothing where all sentences are alike to it."""
    levels = await calibrate(EnglishEmbedder())
    assert levels["en"].unrelated == pytest.approx(0)
    assert levels["en"].knowledge == 1
    assert levels["pt"].unrelated == pytest.approx(1)
    assert levels["pt"].knowledge == 0


def test_likeness_takes_off_what_unrelated_sentences_have() -> None:
    """Of a model that gives everything 0.7, 0.7 says nothing; where it knows nothing, cosines stay."""
    cosines = np.array([0.7, 1.0], np.float32)
    assert Level(unrelated=0.7, knowledge=1).likeness(cosines) == pytest.approx([0, 1], abs=1e-6)
    assert Level(unrelated=0.7, knowledge=0).likeness(cosines) == pytest.approx([0.7, 1])
