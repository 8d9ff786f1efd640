"""A collection of every kind of document, and what can be seen of one."""

from __future__ import annotations

import hashlib
import io
import tempfile
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
from database.records import Chunk, Description, Document, PageState, Place, Scope, chunk_id
from database.settings import Settings
from tests.database.fakes import WordsEmbedder, chunks, document, embedding, embeddings, page_state

_ALL = 1_000  # passages: which of those that fit equally well come first is each store's own affair

PASSING = "passing"
LIBRARIES = ("default", "other")
NOTICE = bytes(range(256)) * (PART_BYTES // 256) + b"!"  # one part and a byte
COPIES = (Place(address="/copies/a.pdf", name="a.pdf"), Place(address="https://x.org/b", name="b"))
DESCRIBED = Description(
    title="O regimento", description="vale para bolsistas", tags=("férias", "bolsa"), language="pt"
)
LAID_OUT = 2
PAGES = (
    replace(page_state(1), recognised=True, seconds=1.5),
    page_state(LAID_OUT, laid_out=True, tables=3),
    replace(page_state(3), characters=0, condition="unreadable", route=None, seconds=0.0),
)
PAGE = b"<p>Uma p\xc3\xa1gina.</p>"


def settings(folder: Path, **values: str) -> Settings:
    """The embedded store in a folder, or MongoDB where `mongodb_uri` is given."""
    return Settings(_env_file=None, data_dir=folder, embedding_model=WordsEmbedder.name, **values)  # type: ignore[call-arg,arg-type]


def progress() -> Progress:
    return Progress(Messages("en"), io.StringIO(), sentence="progress_passages")


async def fill(storage: Storage) -> None:
    """Replaced, shared, without pages, failed with and without passages, and not finished yet."""
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
    await put_half(storage, "half", "O prazo um", "O prazo dois", "O prazo três", embedded=2)
    await put_half(storage, "text", "Prazo sem vetor", embedded=0)
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
    sha256 = await keep(storage, original) if original else of.sha256
    of = replace(of, sha256=sha256, pages=pages, updated_at=updated_at or of.updated_at)
    parts = chunks(of, *texts)
    if pages is None:
        parts = [replace(part, page=None, last_page=None, section=(), boxes=()) for part in parts]
    await storage.store.put(of, parts, embeddings(parts))
    kept = await storage.store.document(id_)
    assert kept is not None
    return kept


async def put_half(storage: Storage, id_: str, *texts: str, embedded: int) -> Document:
    """One that a loader is still busy with; the second of its pages is laid out already."""
    of = replace(
        document(id_),
        sha256=await keep(storage, id_.encode()),
        copies=COPIES,
        described=DESCRIBED,
        title="O regimento",
        status="embedding",
    )
    parts = [
        replace(part, markdown=f"## {part.text}" if part.page == LAID_OUT else "")
        for part in chunks(of, *texts)
    ]
    await storage.store.put(of, parts, pages=PAGES)
    if embedded:
        await storage.store.embed(of, 0, embeddings(parts[:embedded]))
    return of


async def keep(storage: Storage, data: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "original"
        path.write_bytes(data)
        return await storage.files.put(path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """All that a collection shows, the versions apart. The vectors are compared bit for bit."""

    versions: dict[str, int]
    documents: Sequence[Document]
    chunks: Sequence[Sequence[Chunk]]
    vectors: Sequence[bytes]
    pages: Sequence[Sequence[PageState]]
    unfinished: set[str]
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
        found.append({_bare(hit.chunk) for hit in by_text})
        found.append({_bare(hit.chunk): round(hit.score, 4) for hit in by_vector})
    for one, (parts, _) in zip(documents, embedded, strict=True):
        assert [part.id for part in parts] == [chunk_id(one.id, one.version, n) for n in range(len(parts))]
    return Seen(
        versions={one.id: one.version for one in documents},
        documents=[replace(one, version=0) for one in documents],
        chunks=[list(map(_bare, parts)) for parts, _ in embedded],
        vectors=[vectors.tobytes() for _, vectors in embedded],
        pages=[await storage.store.pages(one.id) for one in documents],
        unfinished={one.id for one in await storage.store.unfinished()},
        originals=[path.read_bytes() if path else None for path in paths],
        found=found,
    )


def _bare(chunk: Chunk) -> Chunk:
    return replace(chunk, id="", version=0)


async def seen_but_for_versions(storage: Storage) -> Seen:
    return replace(await seen(storage), versions={})


async def export(storage: Storage, file: Path, *, originals: bool = True) -> Exported:
    return await exporting.export(
        storage, file, embedder=WordsEmbedder.name, originals=originals, progress=progress()
    )


async def bring_in(storage: Storage, file: Path, *, embedder: str = WordsEmbedder.name) -> Imported:
    """Whatever becomes of it, nothing is left in the folder that the originals pass through."""
    folder = file.with_name(PASSING)
    try:
        with closing(Reader.open(file)) as reader:
            return await importing.bring_in(
                storage, reader, embedder=embedder, folder=folder, progress=progress()
            )
    finally:
        assert not folder.is_dir() or list(folder.iterdir()) == []
