"""Vectors for clients that search by themselves, of the collection's own embedder or of a model in Ollama."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from app.compat.errors import ModelFailed, RefusedByModel
from app.compat.offers import Offer
from app.errors import (
    BadRequest,
    CollectionUnavailable,
    ModelError,
    ModelRefused,
)
from app.messages import sentence
from app.models.ollama_shelf import OllamaShelf
from app.retrieve import Retriever
from database.errors import DatabaseError, EmbedderUnavailable


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedded:
    """A vector for each text, with how many tokens were read; 0 where that isn't known."""

    vectors: list[list[float]]
    tokens: int


async def embed(
    texts: Sequence[str],
    offer: Offer,
    retriever: Retriever,
    shelf: OllamaShelf | None,
    *,
    cut: bool = True,
    dimensions: int | None = None,
) -> Embedded:
    """Texts that are too long for the model are embedded by their beginnings, where they may be cut. Vectors
    have so many `dimensions`, where that is wanted.

    Raises BadRequest, also where the model's vectors have another length, CollectionUnavailable, ModelFailed.
    """
    if shelf and offer.listed and offer.knows != "documents":
        made = await _by_ollama(texts, offer.name, shelf, cut=cut, dimensions=dimensions)
    else:
        made = await _by_collection(texts, retriever, cut=cut)
    length = len(made.vectors[0]) if made.vectors else 0
    if dimensions not in (None, length):
        raise BadRequest(sentence("wrong_choice", field="dimensions", allowed=length))
    return made


async def _by_collection(texts: Sequence[str], retriever: Retriever, *, cut: bool) -> Embedded:
    """As passages are embedded: of length 1."""
    try:
        embedder = await retriever.embedder()
        counts, vectors = await asyncio.gather(embedder.count_tokens(texts), embedder.embed_documents(texts))
    except EmbedderUnavailable as error:
        raise CollectionUnavailable(error) from error
    except DatabaseError as error:
        raise CollectionUnavailable from error
    if counts and not cut and any(count > counts.limit for count in counts.counts):
        raise BadRequest(sentence("out_of_range", field="input", least=1, most=f"{counts.limit} tokens"))
    tokens = sum(min(count, counts.limit) for count in counts.counts) if counts else 0
    return Embedded(vectors=vectors.tolist(), tokens=tokens)


async def _by_ollama(
    texts: Sequence[str], name: str, shelf: OllamaShelf, *, cut: bool, dimensions: int | None
) -> Embedded:
    asked = {"input": list(texts), "truncate": cut, **({"dimensions": dimensions} if dimensions else {})}
    try:
        answered = await shelf.embedded(name, asked)
        tokens = answered.get("prompt_eval_count")
        vectors = [[float(number) for number in vector] for vector in answered["embeddings"]]
    except (LookupError, TypeError, ValueError) as error:
        raise ModelFailed(ModelRefused(name, f"no embeddings: {error!r}")) from error
    except ModelError as error:
        if isinstance(error, ModelRefused) and error.of_request:
            raise RefusedByModel(name, error.of_request) from error
        raise ModelFailed(error) from error
    return Embedded(vectors=vectors, tokens=tokens if isinstance(tokens, int) else 0)
