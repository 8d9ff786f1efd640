"""A collection of every kind of document, and what can be seen of one."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from database.collection import Storage
from database.load.progress import Progress
from database.messages import Messages
from database.moving import exporting, importing
from database.moving.exporting import Exported
from database.moving.importing import Imported
from database.moving.layout import PART_BYTES
from database.moving.reader import Reader
from database.records import Chunk, Document, Scope
from database.settings import Settings
from tests.database.fakes import WordsEmbedder, chunks, document, embedding, embeddings

_ALL = 1_000  # passages: which of those that fit equally well come first is each store's own affair

LIBRARIES = ("default", "other")
NOTICE = bytes(range(256)) * (PART_BYTES // 256) + b"!"  # one part and a byte
PAGE = b"<p>Uma p\xc3\xa1gina.</p>"


def settings(folder: Path, **values: str) -> Settings:
    """The embedded store in a folder, or MongoDB where `mongodb_uri` is given."""
    return Settings(_env_file=None, data_dir=folder, embedding_model=WordsEmbedder.name, **values)  # type: ignore[call-arg,arg-type]


def progress() -> Progress:
    return Progress(Messages("en"), io.StringIO(), sentence="progress_passages")


async def fill(storage: Storage) -> None:
    """Replaced, shared, without pages, failed with and without passages."""
    notice = await put(storage, "notice", "O prazo antigo.", original=NOTICE)
    await put(storage, "notice", "O prazo é de trinta dias.", "A organização.", version=2, original=NOTICE)
    await put(storage, "copy", "O prazo da cópia.", library="other", original=NOTICE)
    await put(storage, "page", *(f"Parágrafo {n} da página" for n in range(40)), original=PAGE, pages=None)
    again = await put(storage, "again", "The deadline of the report", original=b"report", language="en")
    failed = replace(again, status="failed", error="too_slow", updated_at=datetime(2026, 2, 3, tzinfo=UTC))
    await storage.store.record(failed)
    never = document("never", version=0)
    await storage.store.record(
        replace(never, status="failed", error="encrypted", sha256="", media_type="", pages=None, language="")
    )
    assert notice.sha256 == hashlib.sha256(NOTICE).hexdigest()


async def put(
    storage: Storage,
    id_: str,
    *texts: str,
    version: int = 1,
    original: bytes = b"",
    language: str = "pt",
    library: str = "default",
    pages: int | None = 3,
    updated_at: datetime | None = None,
) -> Document:
    of = document(id_, version=version, language=language, library=library)
    sha256 = await storage.files.put(original) if original else of.sha256
    of = replace(of, sha256=sha256, pages=pages, updated_at=updated_at or of.updated_at)
    parts = chunks(of, *texts)
    if pages is None:
        parts = [replace(part, page=None, last_page=None, section=(), boxes=()) for part in parts]
    await storage.store.put(of, parts, embeddings(parts))
    return of


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """All that a collection shows. The vectors are compared bit for bit."""

    documents: Sequence[Document]
    chunks: Sequence[Sequence[Chunk]]
    vectors: Sequence[bytes]
    originals: Sequence[bytes | None]
    found: Sequence[object]


async def seen(storage: Storage) -> Seen:
    documents = await storage.store.documents()
    embedded = [await storage.store.embedded(one.id) for one in documents]
    paths = [await storage.files.path(one.sha256) for one in documents]
    scope = Scope(libraries=LIBRARIES)
    found: list[object] = []
    for question in ("prazo", "organizações", "deadline"):
        by_text = await storage.store.search_text(question, "pt", scope, _ALL)
        by_vector = await storage.store.search_vector(embedding(question), scope, _ALL)
        found.append({hit.chunk for hit in by_text})
        found.append({hit.chunk: round(hit.score, 4) for hit in by_vector})
    return Seen(
        documents=documents,
        chunks=[parts for parts, _ in embedded],
        vectors=[vectors.tobytes() for _, vectors in embedded],
        originals=[path.read_bytes() if path else None for path in paths],
        found=found,
    )


async def export(storage: Storage, file: Path, *, originals: bool = True) -> Exported:
    return await exporting.export(
        storage, file, embedder=WordsEmbedder.name, originals=originals, progress=progress()
    )


async def bring_in(storage: Storage, file: Path, *, embedder: str = WordsEmbedder.name) -> Imported:
    with closing(Reader.open(file)) as reader:
        return await importing.bring_in(storage, reader, embedder=embedder, progress=progress())
