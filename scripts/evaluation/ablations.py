"""Acervo without one of the parts of its ranking, to see what each is worth."""

from __future__ import annotations

from dataclasses import replace

from database.rank import WEIGHTS, Weights
from database.retrieve import Retriever
from scripts.evaluation.pipelines import Acervo

# What is left of the weights, and what that means.
PARTS: dict[str, tuple[Weights, str]] = {
    "vectors": (replace(WEIGHTS, likeness=0, known_likeness=0), "vectors bring candidates, and say no more"),
    "knowledge": (
        replace(WEIGHTS, likeness=WEIGHTS.likeness + WEIGHTS.known_likeness / 2, known_likeness=0),
        "vectors weigh the same in every language",
    ),
    "statements": (replace(WEIGHTS, best_statement=0), "only the whole passage's vector counts"),
    "letters": (replace(WEIGHTS, letters=0), "no comparison by letters"),
    "words": (replace(WEIGHTS, words=0), "no share of the question's stems"),
    "bm25": (replace(WEIGHTS, bm25=0), "no BM25"),
    "names": (replace(WEIGHTS, name=0), "what a document is called says nothing"),
}


def without(part: str, retriever: Retriever) -> Acervo:
    """Over the same collection."""
    weights, says = PARTS[part]
    return Acervo(retriever=retriever.weighted(weights), name=f"without {part}", says=says)
