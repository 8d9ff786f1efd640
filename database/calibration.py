"""How well an embedder knows a language, read off sentences that everybody knows.

Cosines have no scale of their own: between sentences that have nothing to do with each other one model gives
0.03, another 0.75, and the same model 0.03 in the language that it was trained in and 0.45 in others. So each
model is asked once about questions and their answers, the same in every language: how alike are those that
belong together, and those that don't?
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from database.calibration_pairs import PAIRS
from database.embedders.base import Embedder
from database.stores.base import Vectors

# The share of the way from unrelated to identical that a question and its answer go where a model knows the
# language well: all-MiniLM-L6-v2 in English.
_WELL_KNOWN = 0.48


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """An embedder in one language. `unrelated` is the mean cosine of a question and answers to others;
    `knowledge`, 0..1, how far apart from that a question and its own answer are.
    """

    unrelated: float
    knowledge: float

    def likeness(self, cosines: Vectors) -> Vectors:
        """Cosines on a scale on which unrelated is 0 and identical is 1: the surer, the better the model
        knows the language. What it says of others isn't much, but neither is it nothing.
        """
        level = self.knowledge * max(self.unrelated, 0.0)
        likenesses: Vectors = (cosines - level) / (1 - level)
        return likenesses


WELL_KNOWN = Level(unrelated=0.0, knowledge=1.0)

Calibration = Mapping[str, Level]


async def calibrate(embedder: Embedder) -> Calibration:
    """The levels by language. Raises EmbedderUnavailable."""
    levels = {}
    for language, pairs in PAIRS.items():
        questions = np.stack(await asyncio.gather(*(embedder.embed_query(asked) for asked, _ in pairs)))
        answers = await embedder.embed_documents([answer for _, answer in pairs])
        cosines = questions @ answers.T
        related = float(np.diagonal(cosines).mean())
        unrelated = float(cosines[~np.eye(len(pairs), dtype=bool)].mean())
        apart = (related - unrelated) / max(1 - unrelated, 1e-6)
        levels[language] = Level(unrelated=unrelated, knowledge=min(max(apart / _WELL_KNOWN, 0.0), 1.0))
    return levels
