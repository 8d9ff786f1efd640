"""Acervo in LangChain: passages for its chains, and embeddings for its own search of the MongoDB collection.

    with open_retriever(limit=5) as retriever:
        retriever.invoke("Qual é o prazo?")  # or await retriever.ainvoke(…), or retriever | prompt | model

Needs the extra: `pip install '.[langchain]'`. Nothing else in this package imports LangChain.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

from bson.binary import VECTOR_SUBTYPE, Binary, BinaryVectorDtype
from bson.codec_options import TypeDecoder, TypeRegistry
from pydantic import Field
from pymongo.collection import Collection as MongoCollection

from database.collection import Collection, open_collection, open_embedder
from database.embedders.base import Embedder
from database.held import Held
from database.records import DEFAULT_LIBRARY, Match, Scope
from database.settings import Settings
from database.stores.atlas_records import version_id
from database.stores.atlas_sets import EMBEDDER
from database.stores.atlas_stages import EMBEDDING, VECTOR_INDEX
from database.stores.vector_sets import VectorSet

try:
    from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.retrievers import BaseRetriever
except ImportError as error:
    raise ImportError("database.langchain needs LangChain: pip install '.[langchain]'") from error

Record = dict[str, Any]


class AcervoRetriever(BaseRetriever):
    """The passages that answer a question best, best first, with the place where each stands.

    `page_content` is the passage as language models read it, in Markdown. The metadata: `document_id`,
    `name`, `source` (path or web address) and `language`; `page` (from 1) and `last_page`, None where the
    document has none; `section`, the path of headings; `boxes`, [page, x0, y0, x1, y1] in PDF points from the
    top left; `relevance`, 0..1, comparable between questions; `chunk_id`, which is also the `id`.

    `invoke(question, limit=…, documents=[…])` narrows one call. Raises StoreUnavailable, EmbedderUnavailable.
    """

    collection: Held[Collection] = Field(exclude=True, repr=False)
    limit: int = Field(default=5, ge=1)
    libraries: tuple[str, ...] = (DEFAULT_LIBRARY,)
    documents: tuple[str, ...] | None = None
    least_relevance: float = Field(default=0.0, ge=0.0, le=1.0)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        limit: int | None = None,
        documents: Sequence[str] | None = None,
    ) -> list[Document]:
        return self.collection.run(partial(self._search, query, limit, documents))

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        limit: int | None = None,
        documents: Sequence[str] | None = None,
    ) -> list[Document]:
        return await self.collection.arun(partial(self._search, query, limit, documents))

    async def _search(
        self, question: str, limit: int | None, documents: Sequence[str] | None, collection: Collection
    ) -> list[Document]:
        if limit is not None and limit < 1:
            raise ValueError(f"limit is {limit}; it must be 1 or more")
        within = self.documents if documents is None else tuple(documents)
        if self.documents is not None and within is not None:
            within = tuple(id_ for id_ in within if id_ in self.documents)
        matches = await collection.retriever.search(
            question, scope=Scope(libraries=self.libraries, documents=within), limit=limit or self.limit
        )
        return [_passage(match) for match in matches if match.relevance >= self.least_relevance]


class AcervoEmbeddings(Embeddings):
    """The collection's embedding model, for LangChain's own search of the collection in MongoDB."""

    def __init__(self, embedder: Held[Embedder]) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.run(partial(_embed_documents, texts))

    def embed_query(self, text: str) -> list[float]:
        return self._embedder.run(partial(_embed_query, text))

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        return await self._embedder.arun(partial(_embed_documents, texts))

    async def aembed_query(self, text: str) -> list[float]:
        return await self._embedder.arun(partial(_embed_query, text))


@contextmanager
def open_retriever(
    settings: Settings | None = None,
    *,
    limit: int = 5,
    libraries: Sequence[str] = (DEFAULT_LIBRARY,),
    documents: Sequence[str] | None = None,
    least_relevance: float = 0.0,
) -> Iterator[AcervoRetriever]:
    """Open the collection that the settings name (the environment's, where none are given), in either store.

    `documents` are ids; passages below `least_relevance` are left out. Raises DatabaseError.
    """
    settings = settings or Settings.load()
    with Held(lambda: open_collection(settings)) as collection:
        yield AcervoRetriever(
            collection=collection,
            limit=limit,
            libraries=tuple(libraries),
            documents=None if documents is None else tuple(documents),
            least_relevance=least_relevance,
        )


@contextmanager
def open_embeddings(settings: Settings | None = None) -> Iterator[AcervoEmbeddings]:
    """Open the embedding model that the settings name, without the collection. Raises DatabaseError."""
    settings = settings or Settings.load()
    with Held(lambda: _open_embedder(settings)) as embedder:
        yield AcervoEmbeddings(embedder)


def findable(chunks: MongoCollection[Record]) -> Record:
    """The condition for chunks that may be found, as `pre_filter` or `filter` of LangChain's own search.

    `chunks` holds a version a moment before it may be found and a moment longer: while documents are loaded,
    a search without this condition can bring passages of both. Empty, and so no condition, at other times.
    """
    hiding = chunks.database["documents"].find({"hidden.0": {"$exists": True}}, {"hidden": 1})
    hidden = [version_id(one["_id"], version) for one in hiding for version in one["hidden"]]
    return {"version_id": {"$nin": sorted(hidden)}} if hidden else {}


def vector_names(chunks: MongoCollection[Record]) -> dict[str, str]:
    """Which index and which field LangChain's own search must use: its own defaults until another model has
    embedded the collection anew.

        MongoDBAtlasVectorSearch(chunks, embeddings, **vector_names(chunks))
    """
    meta = chunks.database["meta"].find_one({"_id": EMBEDDER}) or {}
    of = VectorSet(number=meta.get("vectors", 1))
    return {"index_name": of.named(VECTOR_INDEX), "embedding_key": of.named(EMBEDDING)}


def with_vectors_as_lists(chunks: MongoCollection[Record]) -> MongoCollection[Record]:
    """The same collection, for searches that compute with its vectors: maximal marginal relevance does."""
    options = chunks.codec_options.with_options(type_registry=TypeRegistry([_Vectors()]))
    return chunks.with_options(codec_options=options)


class _Vectors(TypeDecoder):
    bson_type = Binary

    def transform_bson(self, value: Binary) -> object:
        """Numbers of the embedding; those of eight bits are of no use to others."""
        if value.subtype != VECTOR_SUBTYPE:
            return value
        vector = value.as_vector()
        return None if vector.dtype is BinaryVectorDtype.INT8 else vector.data


def _passage(match: Match) -> Document:
    chunk, document = match.chunk, match.document
    return Document(
        id=chunk.id,
        page_content=chunk.markdown or chunk.text,
        metadata={
            "document_id": document.id,
            "name": document.name,
            "source": document.source,
            "language": chunk.language,
            "page": chunk.page,
            "last_page": chunk.last_page,
            "section": list(chunk.section),
            "boxes": [[box.page, box.x0, box.y0, box.x1, box.y1] for box in chunk.boxes],
            "relevance": match.relevance,
            "chunk_id": chunk.id,
        },
    )


@asynccontextmanager
async def _open_embedder(settings: Settings) -> AsyncIterator[Embedder]:
    embedder = await open_embedder(settings)
    try:
        yield embedder
    finally:
        await embedder.rest()


async def _embed_documents(texts: Sequence[str], embedder: Embedder) -> list[list[float]]:
    embeddings: list[list[float]] = (await embedder.embed_documents(texts)).tolist()
    return embeddings


async def _embed_query(text: str, embedder: Embedder) -> list[float]:
    embedding: list[float] = (await embedder.embed_query(text)).tolist()
    return embedding
