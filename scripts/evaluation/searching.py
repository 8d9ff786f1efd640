"""Finds passages as the peers do, in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from database.embedders.base import Embedder
from database.stores.base import Vectors
from database.terms import question_terms, terms
from scripts.evaluation.passages import Pages, Passage, cut
from scripts.evaluation.peers import Cut, Peer
from scripts.evaluation.pipelines import DEPTH, Found
from scripts.evaluation.progress import Progress

_AT_ONCE = 64  # passages to embed before the progress is told
_K1, _B = 1.2, 0.75  # of BM25, as Lucene and its like have them

# Cormack, Clarke, Büttcher, "Reciprocal rank fusion", 2009; and what each leg brings to it.
_RANK_CONSTANT = 60
_REACH = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """Passages of one cut, their vectors (float32[passages, dimensions]), and their words."""

    passages: Sequence[Passage]
    vectors: Vectors
    words: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class PeerPipeline:
    """A peer on the passages of its cut."""

    peer: Peer
    index: Index
    embedder: Embedder

    @property
    def name(self) -> str:
        return self.peer.name

    @property
    def says(self) -> str:
        return self.peer.says

    @property
    def k(self) -> int:
        return self.peer.k

    async def search(self, question: str, language: str) -> list[Found]:
        """Raises EmbedderUnavailable."""
        if not self.index.passages:
            return []
        cosines = self.index.vectors @ await self.embedder.embed_query(question)
        rankings = {
            "vectors": lambda: _best(cosines, above=self.peer.least_cosine),
            "words": lambda: _best(self.index.words.scores(question, language), above=0.0),
        }
        ranked = [rankings[leg]() for leg in self.peer.legs]
        if len(ranked) == 1:
            best = [(one, max(0.0, float(cosines[one]))) for one in ranked[0]]
        else:
            best = fuse(ranked)
        return [
            Found(names=(passage.name,), page=passage.page, text=passage.text, relevance=relevance)
            for passage, relevance in ((self.index.passages[one], score) for one, score in best[:DEPTH])
        ]


def _best(scores: Vectors, *, above: float) -> list[int]:
    ranked = np.argsort(-scores, kind="stable")[:_REACH]
    return [int(one) for one in ranked if scores[one] > above]


def fuse(rankings: Sequence[Sequence[int]]) -> list[tuple[int, float]]:
    """By reciprocal ranks, best first; 1.0 is what all rankings have first."""
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, one in enumerate(ranking, start=1):
            scores[one] += 1 / (_RANK_CONSTANT + rank)
    most = len(rankings) / (_RANK_CONSTANT + 1)
    return [
        (one, score / most) for one, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    ]


class Words:
    """Full text by BM25, over the same stems as Acervo's: the peer is to be no weaker than it could be."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._weights: dict[str, dict[str, tuple[list[int], list[float]]]] = {}

    def scores(self, question: str, language: str) -> Vectors:
        """float32[passages]: 0 where a passage shares no word with the question."""
        if language not in self._weights:
            self._weights[language] = self._weigh(language)
        weights = self._weights[language]
        scores = np.zeros(len(self._texts), dtype=np.float32)
        for term in question_terms(question, frozenset([language])):
            if term in weights:
                places, of_term = weights[term]
                scores[places] += np.asarray(of_term, dtype=np.float32)
        return scores

    def _weigh(self, language: str) -> dict[str, tuple[list[int], list[float]]]:
        held = [Counter(terms(text, language)) for text in self._texts]
        frequency = Counter(term for one in held for term in one)
        usual = sum(one.total() for one in held) / max(len(held), 1) or 1.0
        weights: dict[str, tuple[list[int], list[float]]] = {}
        for place, one in enumerate(held):
            damping = _K1 * (1 - _B + _B * one.total() / usual)
            for term, times in one.items():
                rarity = np.log(1 + (len(held) - frequency[term] + 0.5) / (frequency[term] + 0.5))
                places, of_term = weights.setdefault(term, ([], []))
                places.append(place)
                of_term.append(float(rarity) * times / (times + damping))
        return weights


async def build(
    peers: Sequence[Peer], pages: Pages, embedder: Embedder, progress: Progress
) -> list[PeerPipeline]:
    """The peers in their order; those that cut alike share their passages. Raises EmbedderUnavailable."""
    indexes: dict[Cut, Index] = {}
    for peer in peers:
        if peer.cut not in indexes:
            passages = cut(pages.pages, peer.cut)
            with progress.of(f"{peer.name}: passages embedded", len(passages)) as counted:
                vectors = await _embed([passage.text for passage in passages], embedder, counted)
            words = Words([passage.text for passage in passages])
            indexes[peer.cut] = Index(passages=passages, vectors=vectors, words=words)
    return [PeerPipeline(peer=peer, index=indexes[peer.cut], embedder=embedder) for peer in peers]


async def _embed(texts: Sequence[str], embedder: Embedder, counted: Callable[[int], None]) -> Vectors:
    parts = []
    for begin in range(0, len(texts), _AT_ONCE):
        parts.append(await embedder.embed_documents(texts[begin : begin + _AT_ONCE]))
        counted(len(parts[-1]))
    return np.concatenate(parts) if parts else np.zeros((0, embedder.dimensions or 0), dtype=np.float32)
