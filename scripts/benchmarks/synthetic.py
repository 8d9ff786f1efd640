"""A collection of any size that looks like a real one to the embedded store, made from a seed.

Text: words of a made-up vocabulary of 50,000 whose frequencies follow Zipf's law (the word of rank r has the
weight 1 / (r + 2.7)), so a few words stand in nearly every passage and most in hardly any; ninety words a
passage, in five sentences. Documents have 50 to 200 passages, a few a page.

Vectors: of 384 numbers and length 1. A collection is made of topics, one a hundred documents; a topic's
centre, the document within it, and the passage within that are each the one above plus noise of random
direction. `Shape` says how much: where clustered, two passages of a document have a cosine of about 0.6, two
of a topic 0.4, any two 0; where scattered, 0.2 within a topic and no more within a document, so that beyond
the passage that is asked for the nearest are hardly nearer than others: harder for an index.
Sentences have vectors near their passage's, packed as the loader packs them.

Questions: the vector of a passage plus noise (a cosine of about 0.8), and 4 to 8 of its words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from database.records import Box, Chunk, Document, chunk_id
from database.sentence_vectors import pack
from database.stores import lance_rows
from database.stores.base import Vectors
from database.stores.catalogue import Catalogue
from database.stores.lance import LanceStore

EMBEDDER = "synthetic"
DIMENSIONS = 384

_VOCABULARY = 50_000
_SENTENCES, _WORDS = 5, 18
_PASSAGES = (50, 200)  # of a document
_DOCUMENTS_OF_TOPIC = 100
_PASSAGES_OF_PAGE = 3
_ROWS_AT_ONCE = 20_000
_SYLLABLES = [first + second for first in "bcdfglmnprstv" for second in "aeiou"]
_SEED = 20_261_121
_MADE = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How long the noise is, beside a centre of length 1."""

    document: float
    passage: float
    sentence: float = 0.6
    question: float = 0.75


CLUSTERED = Shape(document=0.7, passage=0.8)
SCATTERED = Shape(document=0.0, passage=2.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked: float32[384] and words."""

    vector: Vectors
    text: str


async def fill(folder: Path, passages: int, shape: Shape = CLUSTERED, *, embedder: str = EMBEDDER) -> None:
    """Make a collection of so many passages in an empty folder, without settling it. It is written as the
    store writes: only in larger pieces.
    """
    maker = _Maker(shape)
    store = await LanceStore.open(folder, embedder=embedder)
    catalogue = await Catalogue.open(folder / "catalogue.sqlite")
    try:
        await store.claim()
        table, sets = await store.table_for(DIMENSIONS)
        waiting: list[pa.Table] = []
        for document, chunks, vectors in maker.documents(passages):
            waiting.append(lance_rows.rows(document, chunks, vectors, sets.written))
            await catalogue.show(document, (), {chunk.position: f"**{chunk.text}**" for chunk in chunks})
            if sum(map(len, waiting)) >= _ROWS_AT_ONCE:
                await table.add(pa.concat_tables(waiting))
                waiting.clear()
        if waiting:
            await table.add(pa.concat_tables(waiting))
    finally:
        await catalogue.close()
        await store.close()


async def asked_about(folder: Path, passages: int, number: int, *, embedder: str) -> list[str]:
    """Fill and settle an empty folder; so many questions about its passages, each about another one. They are
    6 to 8 words of one sentence, by which it is known as an answer although its vector says nothing.
    """
    await fill(folder, passages, embedder=embedder)
    store = await LanceStore.open(folder, embedder=embedder)
    try:
        await store.settle()
        random = np.random.default_rng(_SEED + 2)
        chunks = await store.sample(number)
        texts = [words_of(chunk.text.partition(".")[0], random, least=6) for chunk in chunks]
        random.shuffle(texts)
        return texts
    finally:
        await store.close()


class _Maker:
    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._random = np.random.default_rng(_SEED)
        picked = self._random.integers(0, len(_SYLLABLES), (_VOCABULARY, 4))
        lengths = self._random.integers(1, 5, _VOCABULARY)
        self._words = np.array(
            ["".join(_SYLLABLES[i] for i in row[:n]) for row, n in zip(picked, lengths, strict=True)]
        )
        weights = 1 / (np.arange(_VOCABULARY) + 3.7)
        self._until = np.cumsum(weights / weights.sum())

    def documents(self, passages: int) -> Iterator[tuple[Document, list[Chunk], Vectors]]:
        number = made = 0
        centre = self._near(np.zeros(DIMENSIONS, np.float32), 1)
        while made < passages:
            if number % _DOCUMENTS_OF_TOPIC == 0:
                centre = self._near(np.zeros(DIMENSIONS, np.float32), 1)
            size = min(int(self._random.integers(*_PASSAGES, endpoint=True)), passages - made)
            own = self._near(centre, self._shape.document)
            vectors = self._near(np.tile(own, (size, 1)), self._shape.passage)
            document = _document(number, size)
            yield document, self._chunks(document, vectors), vectors
            number, made = number + 1, made + size

    def _chunks(self, document: Document, vectors: Vectors) -> list[Chunk]:
        said = self._near(np.repeat(vectors, _SENTENCES, axis=0), self._shape.sentence)
        drawn = self._random.random((len(vectors), _SENTENCES, _WORDS))
        words = self._words[np.searchsorted(self._until, drawn)]
        chunks = []
        for position, vector in enumerate(vectors):
            own = said[position * _SENTENCES : (position + 1) * _SENTENCES]
            page = position // _PASSAGES_OF_PAGE + 1
            chunks.append(
                Chunk(
                    id=chunk_id(document.id, document.version, position),
                    document_id=document.id,
                    version=document.version,
                    position=position,
                    page=page,
                    last_page=page,
                    section=("Part", f"Section {position // 20}"),
                    text=" ".join(f"{' '.join(sentence).capitalize()}." for sentence in words[position]),
                    markdown="",
                    language=document.language,
                    boxes=(Box(page=page, x0=72.0, y0=100.0, x1=523.0, y1=280.0),),
                    sentences=pack(np.vstack([vector, own])),
                )
            )
        return chunks

    def _near(self, vectors: Vectors, noise: float) -> Vectors:
        return near(vectors, noise, self._random)


def near(vectors: Vectors, noise: float, random: np.random.Generator) -> Vectors:
    """Unit vectors beside others, float32[..., d]: noise of this length is added, in any direction."""
    direction = random.standard_normal(vectors.shape, np.float32)
    direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
    moved = vectors + np.float32(noise) * direction
    result: Vectors = moved / np.linalg.norm(moved, axis=-1, keepdims=True)
    return result


def questions(vectors: Vectors, texts: Sequence[str], shape: Shape) -> list[Question]:
    """One about each of these passages, float32[n, 384] and their texts."""
    random = np.random.default_rng(_SEED + 1)
    asked = near(vectors, shape.question, random)
    return [
        Question(vector=vector, text=words_of(text, random))
        for vector, text in zip(asked, texts, strict=True)
    ]


def words_of(text: str, random: np.random.Generator, *, least: int = 4) -> str:
    """4 to 8 of a passage's words."""
    words = text.replace(".", "").lower().split()
    return " ".join(random.choice(words, random.integers(least, 8, endpoint=True), replace=False))


def _document(number: int, passages: int) -> Document:
    name = f"report-{number}.pdf"
    return Document(
        id=f"report-{number}",
        name=name,
        source=f"/documents/{name}",
        sha256=f"{number:064x}",
        media_type="application/pdf",
        pages=-(-passages // _PASSAGES_OF_PAGE),
        title=f"Report {number}",
        language="en",
        library="default",
        owner="",
        status="ready",
        error=None,
        pipeline="synthetic",
        version=1,
        created_at=_MADE,
        updated_at=_MADE,
        passages=passages,
        embedded=passages,
        laid_out=-(-passages // _PASSAGES_OF_PAGE),
    )
