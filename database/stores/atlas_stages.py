"""What MongoDB is asked: index definitions and pipelines, as pure functions.

`$vectorSearch` and `$search` say nothing when they are asked wrongly: a misspelt index finds no rows. So
every name is here, once, and `atlas_indexes.py` checks that what is there is what is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bson.binary import VECTOR_SUBTYPE, Binary, BinaryVectorDtype

from database.records import Scope
from database.stores.base import Vectors
from database.stores.vector_sets import VectorSet, VectorSets

# The names that MongoDB's own tools and LangChain look for when they are not told others.
VECTOR_INDEX = "vector_index"
TEXT_INDEX = "text_index"
EMBEDDING = "embedding"
TEXT = "text"
MARKDOWN = "markdown"
TERMS = "terms"
STATEMENTS = "statements"
SENTENCES = "sentences"

FILTERS = ("library", "document_id", "version_id", "language")

EXACT_BELOW = 10_000  # chunks: comparing all of them takes a few milliseconds, and misses none
CANDIDATES_PER_RESULT = 20  # MongoDB's own advice for nearly exact results
MOST_CANDIDATES = 10_000  # MongoDB's limit
MOST_TERMS = 500  # Lucene refuses queries of more than 1,024 clauses, those of the scope counted

Stage = dict[str, Any]
Definition = dict[str, Any]

_INT8_HEAD = bytes([BinaryVectorDtype.INT8.value[0], 0])  # the kind of numbers, and no padding

COSINE = "cosine"
SCORE = "score"

_FIRST = VectorSets()


def not_read(sets: VectorSets) -> Stage:
    """The projection for whoever reads chunks: without the Markdown, which can be ten times as long as the
    passage, and without vectors, but for those of the sentences that answer.
    """
    unread = {*sets.names(EMBEDDING), *sets.names(SENTENCES)} - {sets.answering.named(SENTENCES)}
    return {MARKDOWN: 0, **dict.fromkeys(sorted(unread), 0)}


def vector_definition(dimensions: int, of: VectorSet = _FIRST.answering) -> Definition:
    """Cosine over scalar-quantised vectors, narrowed by the fields that a scope names."""
    vector = {
        "type": "vector",
        "path": of.named(EMBEDDING),
        "numDimensions": dimensions,
        "similarity": COSINE,
        "quantization": "scalar",
    }
    return {"fields": [vector, *({"type": "filter", "path": path} for path in FILTERS)]}


def text_definition() -> Definition:
    """`terms` is what Acervo searches: its own stems, the same in every store, so that all rank alike.

    `text` is there for whoever searches the collection with other tools, by the rules of one language
    (`{"value": "text", "multi": "pt"}`) or without regard to accents (`"folded"`).
    """

    def analyzed(analyzer: str) -> Definition:
        return {"type": "string", "analyzer": analyzer}

    multi = {
        "pt": analyzed("lucene.portuguese"),
        "es": analyzed("lucene.spanish"),
        "en": analyzed("lucene.english"),
        "folded": analyzed("folded"),
    }
    fields: Definition = {
        TERMS: analyzed("lucene.whitespace"),
        TEXT: {**analyzed("lucene.standard"), "multi": multi},
        **{path: {"type": "token"} for path in FILTERS},
    }
    folded = {
        "name": "folded",
        "tokenizer": {"type": "standard"},
        "tokenFilters": [{"type": "lowercase"}, {"type": "icuFolding"}],
    }
    return {"mappings": {"dynamic": False, "fields": fields}, "analyzers": [folded]}


def satisfies(found: object, wanted: object) -> bool:
    """Whether a definition holds all that is wanted. Servers add defaults; order says nothing."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            key in found and satisfies(found[key], value) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(any(satisfies(one, value) for one in found) for value in wanted)
        )
    return found == wanted


def as_binary(vector: Vectors) -> Binary:
    """float32[d] as MongoDB's compact vector: 4 bytes a number, where an array of doubles takes 11."""
    return Binary.from_vector(vector.tolist(), BinaryVectorDtype.FLOAT32)


def as_int8(packed: bytes) -> Binary | None:
    """Vectors of eight bits a number, one after the other, as one of MongoDB's; None where there are none."""
    return Binary(_INT8_HEAD + packed, VECTOR_SUBTYPE) if packed else None


def from_int8(vectors: Binary | None) -> bytes:
    """What `as_int8` was given."""
    return bytes(vectors)[len(_INT8_HEAD) :] if vectors else b""


def nearest(
    vector: Vectors,
    scope: Scope,
    hidden: Iterable[str],
    limit: int,
    *,
    exact: bool,
    sets: VectorSets = _FIRST,
) -> list[Stage]:
    """The nearest chunks, best first, each with its cosine similarity, -1..1, as `score`."""
    reach: Stage = (
        {"exact": True}
        if exact
        else {"numCandidates": max(limit, min(MOST_CANDIDATES, limit * CANDIDATES_PER_RESULT))}
    )
    search = {
        "index": sets.answering.named(VECTOR_INDEX),
        "path": sets.answering.named(EMBEDDING),
        "queryVector": as_binary(vector),
        "filter": within(scope, hidden),
        "limit": limit,
        **reach,
    }
    similarity = {"$subtract": [{"$multiply": [2, {"$meta": "vectorSearchScore"}]}, 1]}
    return [{"$vectorSearch": search}, {"$addFields": {SCORE: similarity}}, {"$project": not_read(sets)}]


def sharing_words(
    terms: Sequence[str], scope: Scope, hidden: Iterable[str], limit: int, *, sets: VectorSets = _FIRST
) -> list[Stage]:
    """The chunks that hold any of the terms, best first, each with its BM25 as `score`."""
    search: Stage = {
        "index": TEXT_INDEX,
        "compound": {
            "must": [{"text": {"path": TERMS, "query": " ".join(terms[:MOST_TERMS])}}],
            **_text_filter(scope, hidden),
        },
    }
    return [
        {"$search": search},
        {"$limit": limit},
        {"$addFields": {SCORE: {"$meta": "searchScore"}}},
        {"$project": not_read(sets)},
    ]


def some(limit: int, sets: VectorSets) -> list[Stage]:
    """Chunks from all over the collection."""
    return [{"$sample": {"size": limit}}, {"$project": not_read(sets)}]


def within(scope: Scope, hidden: Iterable[str]) -> Stage:
    """The condition for chunks that the scope allows and that aren't hidden, for `$vectorSearch` and find."""
    conditions: list[Stage] = [{"library": {"$in": list(scope.libraries)}}]
    if scope.documents is not None:
        conditions.append({"document_id": {"$in": list(scope.documents)}})
    if unseen := sorted(hidden):
        conditions.append({"version_id": {"$nin": unseen}})
    return {"$and": conditions}


def _text_filter(scope: Scope, hidden: Iterable[str]) -> Stage:
    """The same condition in `$search`'s words."""
    clauses: Stage = {"filter": [_one_of("library", scope.libraries)]}
    if scope.documents is not None:
        clauses["filter"].append(_one_of("document_id", scope.documents))
    if unseen := sorted(hidden):
        clauses["mustNot"] = [_one_of("version_id", unseen)]
    return clauses


def count_in_text_index(version_id: str) -> list[Stage]:
    """How many chunks of a version the text index holds, as `count.total`, without reading them."""
    search = {"index": TEXT_INDEX, **_one_of("version_id", [version_id]), "count": {"type": "total"}}
    return [{"$searchMeta": search}]


def count_in_vector_index(version_id: str, vector: Binary, most: int, of: VectorSet) -> list[Stage]:
    """How many chunks of a version the vector index of a set finds, up to `most`, as `found`."""
    search = {
        "index": of.named(VECTOR_INDEX),
        "path": of.named(EMBEDDING),
        "queryVector": vector,
        "filter": {"version_id": {"$eq": version_id}},
        "exact": True,
        "limit": most,
    }
    return [{"$vectorSearch": search}, {"$project": {"_id": 1}}, {"$count": "found"}]


def lacking_vectors(of: VectorSet) -> Stage:
    """The condition for documents of which not every passage has this set's vector."""
    # Versions of this program that knew no passages without a vector counted none.
    counted = {"$ifNull": [f"${of.named('embedded')}", "$chunks" if of.number == 1 else 0]}
    return {"chunks": {"$gt": 0}, "$expr": {"$lt": [counted, "$chunks"]}}


def not_laid_out() -> Stage:
    """The condition for documents of which some pages are still to be laid out."""
    pages = {"$ifNull": ["$pages", 1]}
    return {"chunks": {"$gt": 0}, "$expr": {"$lt": [{"$ifNull": ["$laid_out", pages]}, pages]}}


def counted_vectors(of: VectorSet) -> list[Stage]:
    """How many chunks there are, and how many of them have this set's vector."""
    embedded = {"$sum": {"$ifNull": [f"${of.named('embedded')}", 0]}}
    return [
        {"$match": {"chunks": {"$gt": 0}}},
        {"$group": {"_id": None, "embedded": embedded, "passages": {"$sum": "$chunks"}}},
    ]


def _one_of(path: str, values: Sequence[str]) -> Stage:
    return {"in": {"path": path, "value": list(values)}}
