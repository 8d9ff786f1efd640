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

# The names that MongoDB's own tools and LangChain look for when they are not told others.
VECTOR_INDEX = "vector_index"
TEXT_INDEX = "text_index"
EMBEDDING = "embedding"
TEXT = "text"
MARKDOWN = "markdown"
TERMS = "terms"
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

_READ: Stage = {EMBEDDING: 0, TERMS: 0, MARKDOWN: 0}  # which can be ten times as long as the passage


def vector_definition(dimensions: int) -> Definition:
    """Cosine over scalar-quantised vectors, narrowed by the fields that a scope names."""
    vector = {
        "type": "vector",
        "path": EMBEDDING,
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


def nearest(vector: Vectors, scope: Scope, hidden: Iterable[str], limit: int, *, exact: bool) -> list[Stage]:
    """The nearest chunks, best first, each with its cosine similarity, -1..1, as `score`."""
    reach: Stage = (
        {"exact": True}
        if exact
        else {"numCandidates": max(limit, min(MOST_CANDIDATES, limit * CANDIDATES_PER_RESULT))}
    )
    search = {
        "index": VECTOR_INDEX,
        "path": EMBEDDING,
        "queryVector": as_binary(vector),
        "filter": within(scope, hidden),
        "limit": limit,
        **reach,
    }
    similarity = {"$subtract": [{"$multiply": [2, {"$meta": "vectorSearchScore"}]}, 1]}
    return [{"$vectorSearch": search}, {"$addFields": {SCORE: similarity}}, {"$project": _READ}]


def sharing_words(terms: Sequence[str], scope: Scope, hidden: Iterable[str], limit: int) -> list[Stage]:
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
        {"$project": _READ},
    ]


def some(limit: int) -> list[Stage]:
    """Chunks from all over the collection."""
    return [{"$sample": {"size": limit}}, {"$project": _READ}]


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


def count_in_vector_index(version_id: str, vector: Binary, most: int) -> list[Stage]:
    """How many chunks of a version the vector index finds, up to `most`, as `found`."""
    search = {
        "index": VECTOR_INDEX,
        "path": EMBEDDING,
        "queryVector": vector,
        "filter": {"version_id": {"$eq": version_id}},
        "exact": True,
        "limit": most,
    }
    return [{"$vectorSearch": search}, {"$project": {"_id": 1}}, {"$count": "found"}]


def _one_of(path: str, values: Sequence[str]) -> Stage:
    return {"in": {"path": path, "value": list(values)}}
