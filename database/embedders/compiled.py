"""Embeddings by a model that was compiled for processors (database.embedders.compiling).

OpenVINO computes a batch in one call. PyTorch does it operation by operation, each of which waits for Python
while the server has other things to do; and brings half a gigabyte, and seconds of loading.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from database.embedders.base import TokenCounts
from database.embedders.prompts import Prompts
from database.embedders.questions import Questions
from database.embedders.vectors import unit
from database.stores.base import Vectors

NETWORK = "model.xml"
TOKENIZER = "tokenizer.json"
ABOUT = "about.json"

INPUTS = ("input_ids", "attention_mask", "token_type_ids")

# Of the texts that one call computes: with more, what it computes between leaves the processor's caches.
_PASSAGES_TOGETHER = 4
_QUESTIONS_TOGETHER = 8

# Tokens that a batch's length is a multiple of: what is prepared for a length is kept.
_PASSAGE_LENGTHS, _QUESTION_LENGTHS = 16, 8

# Weights that a question's few tokens are multiplied with. Below, cores wait for one another longer than they
# compute: so each takes questions of its own.
_LIGHT = 40_000_000
_MOST_AT_ONCE = 4

R = TypeVar("R")
Inputs = Mapping[str, npt.NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What isn't in the network: `weights` counts those that are multiplied with; `padding` is the number of
    the token that fills a batch up.
    """

    dimensions: int
    max_tokens: int
    prompts: Prompts
    weights: int
    padding: int

    @classmethod
    def read(cls, folder: Path) -> About:
        """Raises OSError, ValueError, TypeError."""
        told = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        return cls(**{**told, "prompts": Prompts(*told["prompts"])})

    def write(self, folder: Path) -> None:
        (folder / ABOUT).write_text(json.dumps(asdict(self)), encoding="utf-8")


def openvino() -> Any:
    """The module, which reports nothing of its use to anybody."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # so that it isn't found
    import openvino

    return openvino


class CompiledEmbedder:
    """Of a folder that database.embedders.compiling has made."""

    def __init__(self, name: str, folder: Path) -> None:
        """Raises OSError, ValueError, RuntimeError, TypeError where the folder holds something else."""
        from tokenizers import Tokenizer

        self._name = name
        self._about = About.read(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        network = _Network(folder / NETWORK)
        at_once = min(_cores(), _MOST_AT_ONCE) if self._about.weights < _LIGHT else 1
        self._for_passages = _Compiled(network, streams=1)
        self._for_questions = _Compiled(network, streams=at_once) if at_once > 1 else self._for_passages
        self._questions = Questions(self._embed_questions, most=_QUESTIONS_TOGETHER, at_once=at_once)
        self._asking = ThreadPoolExecutor(at_once, "questions")
        self._loading = ThreadPoolExecutor(1, "embedder")

    @property
    def name(self) -> str:
        return self._name

    @property
    def prompts(self) -> Prompts:
        return self._about.prompts

    @property
    def dimensions(self) -> int:
        return self._about.dimensions

    @property
    def max_tokens(self) -> int:
        return self._about.max_tokens

    def warm(self) -> None:
        """The model is loaded already."""

    async def rest(self) -> None:
        """The model stays: a question must not wait for it."""

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        given = [self.prompts.document + text for text in texts]
        compute = partial(self._embed, self._for_passages, given, _PASSAGES_TOGETHER, _PASSAGE_LENGTHS)
        return await _in(self._loading, compute)

    async def embed_query(self, text: str) -> Vectors:
        return await self._questions.embed(text)

    async def count_tokens(self, texts: Sequence[str]) -> TokenCounts | None:
        given = [self.prompts.document + text for text in texts]
        return TokenCounts(await _in(self._loading, partial(self._count, given)), self.max_tokens)

    def _count(self, texts: list[str]) -> list[int]:
        """With what is cut off, which the tokenizer gives in pieces."""
        around = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        return [
            len(one.ids) + sum(len(piece.ids) - around for piece in one.overflowing)
            for one in self._tokenizer.encode_batch(texts)
        ]

    async def _embed_questions(self, texts: list[str]) -> Vectors:
        given = [self.prompts.query + text for text in texts]
        compute = partial(self._embed, self._for_questions, given, _QUESTIONS_TOGETHER, _QUESTION_LENGTHS)
        return await _in(self._asking, compute)

    def _embed(self, compiled: _Compiled, texts: list[str], together: int, lengths: int) -> Vectors:
        """The shortest ones first, so that few are filled up."""
        encoded = self._tokenizer.encode_batch_fast(texts)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda at: len(encoded[at].ids))
        for start in range(0, len(order), together):
            batch = order[start : start + together]
            vectors[batch] = compiled.compute(self._inputs([encoded[at] for at in batch], lengths))
        return unit(vectors)

    def _inputs(self, encoded: Sequence[Any], lengths: int) -> Inputs:
        """int64[texts, tokens] each."""
        longest = max(len(one.ids) for one in encoded)
        filled = max(longest, min(-(-longest // lengths) * lengths, self.max_tokens))
        inputs = {name: np.zeros((len(encoded), filled), np.int64) for name in INPUTS}
        inputs["input_ids"].fill(self._about.padding)
        for at, one in enumerate(encoded):
            inputs["input_ids"][at, : len(one.ids)] = one.ids
            inputs["attention_mask"][at, : len(one.ids)] = one.attention_mask
            inputs["token_type_ids"][at, : len(one.ids)] = one.type_ids
        return inputs


class _Network:
    """A model as it lies in its folder."""

    def __init__(self, path: Path) -> None:
        self.core = openvino().Core()
        self.model = self.core.read_model(path)
        self.inputs = {name for given in self.model.inputs for name in given.names}


class _Compiled:
    """A network, ready to be computed by so many threads at a time, which divide the cores among them."""

    def __init__(self, network: _Network, *, streams: int) -> None:
        self._network = network
        self._streams = streams
        self._compiling = threading.Lock()
        self._compiled: Any = None
        self._own = threading.local()

    def compute(self, inputs: Inputs) -> Vectors:
        """float32[texts, dimensions]."""
        if (request := getattr(self._own, "request", None)) is None:
            request = self._own.request = self._ready().create_infer_request()
        given = {name: values for name, values in inputs.items() if name in self._network.inputs}
        computed: Vectors = np.array(request.infer(given)[0], np.float32)
        return computed

    def _ready(self) -> Any:
        """Compiled when it is first needed: whoever answers questions embeds no passages, and the other way
        round.
        """
        with self._compiling:
            if self._compiled is None:
                # Threads that stay on one core each would meet another process's there.
                settings: dict[str, Any] = {"NUM_STREAMS": self._streams, "ENABLE_CPU_PINNING": False}
                if self._streams > 1:
                    settings["INFERENCE_NUM_THREADS"] = self._streams
                self._compiled = self._network.core.compile_model(self._network.model, "CPU", settings)
            return self._compiled


async def _in(threads: ThreadPoolExecutor, compute: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(threads, compute)


def _cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
