"""Chunks as rows of a LanceDB table, and the conditions that select them: pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from database.records import Box, Chunk, Document, Scope, chunk_id
from database.stores.base import Embedded, Vectors
from database.stores.heading import heading_terms
from database.terms import terms

READ_COLUMNS = [
    "document_id", "version", "position", "page", "last_page",
    "section", "text", "language", "boxes", "sentences",
]  # fmt: skip

KEY = ["document_id", "version", "position"]
EMBEDDING = "embedding"
SENTENCES = "sentences"


def schema() -> pa.Schema:
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
            pa.field("terms", pa.string(), nullable=False),
            pa.field("language", pa.string(), nullable=False),
            pa.field("boxes", pa.string(), nullable=False),
            pa.field(SENTENCES, pa.binary()),
        ]
    )


def embedding_field(dimensions: int) -> pa.Field:
    """Null until the chunk is embedded: searches by vectors leave it out."""
    return pa.field(EMBEDDING, pa.list_(pa.float32(), dimensions))


def rows(document: Document, chunks: Sequence[Chunk], embeddings: Vectors | None) -> pa.Table:
    """One row a chunk. What is searched as full text is the passage and what its document is called."""
    heading = heading_terms(document)
    columns: dict[str, Any] = {
        "document_id": [document.id] * len(chunks),
        "version": [document.version] * len(chunks),
        "position": [chunk.position for chunk in chunks],
        "library": [document.library] * len(chunks),
        "page": [chunk.page for chunk in chunks],
        "last_page": [chunk.last_page for chunk in chunks],
        "section": [list(chunk.section) for chunk in chunks],
        "text": [chunk.text for chunk in chunks],
        "terms": [" ".join(heading + terms(chunk.text, chunk.language)) for chunk in chunks],
        "language": [chunk.language for chunk in chunks],
        "boxes": [_boxes_as_text(chunk.boxes) for chunk in chunks],
        SENTENCES: [chunk.sentences or None for chunk in chunks],
    }
    table = pa.table(columns, schema=schema())
    if embeddings is None:
        return table
    return table.append_column(embedding_field(embeddings.shape[1]), _as_list(embeddings))


def of_parts(parts: Sequence[Embedded]) -> str:
    """The condition for rows that these may be about, and few others."""
    first = min(part.first for part in parts)
    end = max(part.first + len(part.embeddings) for part in parts)
    ids = _list(part.document.id for part in parts)
    return f"document_id in ({ids}) and position >= {int(first)} and position < {int(end)}"


def embedded(rows: pa.Table, parts: Sequence[Embedded]) -> pa.Table:
    """Those of the rows, whole, that the parts are about, with the embeddings and the sentences of these."""
    place: dict[tuple[str, int, int], int] = {}
    sentences: list[bytes | None] = []
    for part in parts:
        number = len(part.embeddings)
        of = part.document
        place |= {(of.id, of.version, part.first + at): len(place) + at for at in range(number)}
        sentences += part.sentences or [None] * number
    keys = zip(*(rows.column(name).to_pylist() for name in KEY), strict=True)
    found = [(row, place[key]) for row, key in enumerate(keys) if key in place]
    vectors = np.concatenate([part.embeddings for part in parts])[[at for _, at in found]]
    wanted = rows.take(pa.array([row for row, _ in found], pa.int64()))
    columns = {
        SENTENCES: pa.array([sentences[at] for _, at in found], pa.binary()),
        EMBEDDING: _as_list(vectors),
    }
    for name, values in columns.items():
        wanted = wanted.set_column(wanted.schema.get_field_index(name), wanted.schema.field(name), values)
    return wanted


def chunk(row: dict[str, Any]) -> Chunk:
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
        sentences=row[SENTENCES] or b"",
    )


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
