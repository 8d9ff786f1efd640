"""Chunks as rows of a LanceDB table, and the conditions that select them: pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from database.records import Box, Chunk, Document, Scope, chunk_id
from database.seen import Seen
from database.stores.base import Embedded, Vectors
from database.stores.heading import heading_terms
from database.stores.vector_sets import VectorSet

_READ = [
    "document_id", "version", "position", "page", "last_page",
    "section", "text", "language", "boxes",
]  # fmt: skip
_SEEN = ["statements", "terms"]

KEY = ["document_id", "version", "position"]
EMBEDDING = "embedding"
SENTENCES = "sentences"


def columns_of(of: VectorSet) -> list[str]:
    """What is read of a row where this set of vectors answers."""
    return [*_READ, of.named(SENTENCES)]


def columns_to_compare(of: VectorSet) -> list[str]:
    """What is read of a row that is a candidate."""
    return [*columns_of(of), *_SEEN]


def schema(of: VectorSet) -> pa.Schema:
    """Without the embeddings: how long they are is known when the first one is there."""
    return pa.schema(
        [
            pa.field("document_id", pa.string(), nullable=False),
            pa.field("version", pa.int32(), nullable=False),
            pa.field("position", pa.int32(), nullable=False),
            pa.field("library", pa.string(), nullable=False),
            pa.field("page", pa.int32()),
            pa.field("last_page", pa.int32()),
            pa.field("section", pa.list_(pa.string()), nullable=False),
            pa.field("text", pa.string(), nullable=False),
            pa.field("statements", pa.string(), nullable=False),
            pa.field("terms", pa.string(), nullable=False),
            pa.field("language", pa.string(), nullable=False),
            pa.field("boxes", pa.string(), nullable=False),
            pa.field(of.named(SENTENCES), pa.binary()),
        ]
    )


def embedding_field(of: VectorSet, dimensions: int) -> pa.Field:
    """Null until the chunk is embedded: searches by vectors leave it out."""
    return pa.field(of.named(EMBEDDING), pa.list_(pa.float32(), dimensions))


def rows(document: Document, chunks: Sequence[Chunk], embeddings: Vectors | None, of: VectorSet) -> pa.Table:
    """One row a chunk, with vectors of a set. What is searched as full text is what its document is called
    and, on a line of its own, the passage.
    """
    heading = " ".join(heading_terms(document))
    seen = [Seen.of(chunk.text, chunk.language) for chunk in chunks]
    columns: dict[str, Any] = {
        "document_id": [document.id] * len(chunks),
        "version": [document.version] * len(chunks),
        "position": [chunk.position for chunk in chunks],
        "library": [document.library] * len(chunks),
        "page": [chunk.page for chunk in chunks],
        "last_page": [chunk.last_page for chunk in chunks],
        "section": [list(chunk.section) for chunk in chunks],
        "text": [chunk.text for chunk in chunks],
        "statements": [one.statements for one in seen],
        "terms": [f"{heading}\n{one.terms}" for one in seen],
        "language": [chunk.language for chunk in chunks],
        "boxes": [_boxes_as_text(chunk.boxes) for chunk in chunks],
        of.named(SENTENCES): [chunk.sentences or None for chunk in chunks],
    }
    table = pa.table(columns, schema=schema(of))
    if embeddings is None:
        return table
    return table.append_column(embedding_field(of, embeddings.shape[1]), _as_list(embeddings))


def of_parts(parts: Sequence[Embedded]) -> str:
    """The condition for rows that these may be about, and few others."""
    first = min(part.first for part in parts)
    end = max(part.first + len(part.embeddings) for part in parts)
    ids = _list(part.document.id for part in parts)
    return f"document_id in ({ids}) and position >= {int(first)} and position < {int(end)}"


def embedded(rows: pa.Table, parts: Sequence[Embedded], of: VectorSet) -> pa.Table:
    """Those of the rows, whole, that the parts are about, with the embeddings and the sentences of these as
    this set's.
    """
    place: dict[tuple[str, int, int], int] = {}
    sentences: list[bytes | None] = []
    for part in parts:
        number = len(part.embeddings)
        about = part.document
        place |= {(about.id, about.version, part.first + at): len(place) + at for at in range(number)}
        sentences += part.sentences or [None] * number
    keys = zip(*(rows.column(name).to_pylist() for name in KEY), strict=True)
    found = [(row, place[key]) for row, key in enumerate(keys) if key in place]
    vectors = np.concatenate([part.embeddings for part in parts])[[at for _, at in found]]
    wanted = rows.take(pa.array([row for row, _ in found], pa.int64()))
    columns = {
        of.named(SENTENCES): pa.array([sentences[at] for _, at in found], pa.binary()),
        of.named(EMBEDDING): _as_list(vectors),
    }
    for name, values in columns.items():
        wanted = wanted.set_column(wanted.schema.get_field_index(name), wanted.schema.field(name), values)
    return wanted.drop_columns([name for name in wanted.column_names if _has_gaps(wanted, name)])


def _has_gaps(rows: pa.Table, name: str) -> bool:
    """Whether it is another set's embeddings that aren't all there: LanceDB takes no such rows, and leaves as
    they are the columns that it isn't given.
    """
    gaps: int = rows.column(name).null_count
    return pa.types.is_fixed_size_list(rows.schema.field(name).type) and gaps > 0


def chunk(row: dict[str, Any], of: VectorSet) -> Chunk:
    return Chunk(
        id=chunk_id(row["document_id"], row["version"], row["position"]),
        document_id=row["document_id"],
        version=row["version"],
        position=row["position"],
        page=row["page"],
        last_page=row["last_page"],
        section=tuple(row["section"]),
        text=row["text"],
        markdown="",
        language=row["language"],
        boxes=tuple(Box(page=b[0], x0=b[1], y0=b[2], x1=b[3], y1=b[4]) for b in json.loads(row["boxes"])),
        sentences=row[of.named(SENTENCES)] or b"",
    )


def seen(row: dict[str, Any]) -> Seen:
    return Seen(row["statements"], row["terms"].partition("\n")[2])


def within(scope: Scope, hidden: Iterable[tuple[str, int]]) -> str:
    """The condition for rows that the scope allows and that aren't hidden."""
    conditions = [f"library in ({_list(scope.libraries)})" if scope.libraries else "false"]
    if scope.documents is not None:
        conditions.append(f"document_id in ({_list(scope.documents)})" if scope.documents else "false")
    conditions += [f"not ({of_version(document_id, version)})" for document_id, version in sorted(hidden)]
    return " and ".join(conditions)


def of_version(document_id: str, version: int) -> str:
    return f"document_id = {_quoted(document_id)} and version = {int(version)}"


def at_positions(document_id: str, version: int, positions: Sequence[int] | None) -> str:
    condition = of_version(document_id, version)
    if positions is None:
        return condition
    return f"{condition} and position in ({', '.join(str(int(p)) for p in positions)})"


def _as_list(embeddings: Vectors) -> pa.FixedSizeListArray:
    flat = pa.array(embeddings.astype("float32").ravel())
    return pa.FixedSizeListArray.from_arrays(flat, embeddings.shape[1])


def _list(values: Iterable[str]) -> str:
    return ", ".join(_quoted(value) for value in values)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _boxes_as_text(boxes: Sequence[Box]) -> str:
    return json.dumps(
        [[b.page, round(b.x0, 1), round(b.y0, 1), round(b.x1, 1), round(b.y1, 1)] for b in boxes]
    )
