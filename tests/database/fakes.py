"""An embedder that needs no model, and records to fill stores with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pymupdf

from database.embedders.base import TokenCounts
from database.records import DEFAULT_LIBRARY, Box, Chunk, Document, PageState, chunk_id
from database.stores.base import Vectors
from database.terms import words

DIMENSIONS = 64


class WordsEmbedder:
    """Hashes words into the numbers of a vector: texts that share words are near each other."""

    name = "words"
    dimensions = DIMENSIONS
    max_tokens = 10_000

    def warm(self) -> None:
        pass

    async def rest(self) -> None:
        pass

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return (
            np.stack([embedding(text) for text in texts]) if texts else np.zeros((0, DIMENSIONS), np.float32)
        )

    async def embed_query(self, text: str) -> Vectors:
        return embedding(text)

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        return TokenCounts([len(words(text)) for text in texts], self.max_tokens)


def embedding(text: str) -> Vectors:
    vector = np.full(DIMENSIONS, 1e-3, dtype=np.float32)
    for word in words(text):
        vector[hashlib.sha256(word.encode()).digest()[0] % DIMENSIONS] += 1
    return vector / np.float32(np.linalg.norm(vector))


class AnotherEmbedder(WordsEmbedder):
    """Shorter vectors, which find other neighbours."""

    name = "another"
    dimensions = 8

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        made = [other_embedding(text) for text in texts]
        return np.stack(made) if made else np.zeros((0, self.dimensions), np.float32)

    async def embed_query(self, text: str) -> Vectors:
        return other_embedding(text)


def other_embedding(text: str) -> Vectors:
    folded = embedding(text).reshape(AnotherEmbedder.dimensions, -1).sum(axis=1)
    return np.array(folded / np.linalg.norm(folded), np.float32)


def document(id_: str, *, version: int = 1, language: str = "pt", library: str = DEFAULT_LIBRARY) -> Document:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return Document(
        id=id_,
        name=f"{id_}.pdf",
        source=f"/documents/{id_}.pdf",
        sha256="0" * 64,
        media_type="application/pdf",
        pages=3,
        title="",
        language=language,
        library=library,
        owner="",
        status="ready",
        error=None,
        pipeline="p",
        version=version,
        created_at=now,
        updated_at=now,
    )


def chunks(of: Document, *texts: str) -> list[Chunk]:
    return [
        Chunk(
            id=chunk_id(of.id, of.version, position),
            document_id=of.id,
            version=of.version,
            position=position,
            page=position + 1,
            last_page=position + 1,
            section=("Capítulo", "Seção"),
            text=text,
            markdown=f"**{text}**",
            language=of.language,
            boxes=(Box(page=position + 1, x0=1.5, y0=2.0, x1=30.0, y1=40.0),),
        )
        for position, text in enumerate(texts)
    ]


def page_state(number: int, *, laid_out: bool = False, tables: int = 0) -> PageState:
    return PageState(
        number=number,
        characters=100 * number,
        condition="good",
        recognised=False,
        tables=tables,
        route="layout",
        laid_out=laid_out,
        seconds=0.25,
    )


def embeddings(of: Sequence[Chunk]) -> Vectors:
    return np.stack([embedding(chunk.text) for chunk in of])


def write_pdf(path: Path, *pages: str, rotation: int = 0, password: str = "") -> Path:
    """A PDF with one paragraph a page."""
    with pymupdf.open() as file:
        for text in pages:
            page = file.new_page()
            if text:
                page.insert_textbox(pymupdf.Rect(72, 72, 523, 770), text, fontsize=11)
            page.set_rotation(rotation)
        if password:
            encryption = pymupdf.PDF_ENCRYPT_AES_256  # type: ignore[attr-defined]  # made at run time
            file.save(path, encryption=encryption, user_pw=password, owner_pw=password)
        else:
            file.save(path)
    return path
