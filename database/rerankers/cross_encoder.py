"""Reranking by a sentence-transformers CrossEncoder on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from database import torch_models
from database.errors import RerankerUnavailable


class CrossEncoderReranker:
    """Loads a model by name or folder."""

    def __init__(self, name: str) -> None:
        """Takes seconds. Raises RerankerUnavailable."""
        self._name = name
        self._model = torch_models.lighten(_load(name))
        self._batch = torch_models.batch_size(self._model)
        self._padding = torch_models.padding(int(self._model.max_seq_length or 1))
        self._thread = torch_models.computing("reranker")

    @property
    def name(self) -> str:
        return self._name

    async def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """A batch at a time, the shortest texts first: a call that is cancelled ends with its batch, and
        calls take turns.
        """
        loop = asyncio.get_running_loop()
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        scores = [0.0] * len(texts)
        for start in range(0, len(order), self._batch):
            batch = order[start : start + self._batch]
            pairs = [(question, texts[index]) for index in batch]
            for index, score in zip(
                batch, await loop.run_in_executor(self._thread, self._scores, pairs), strict=True
            ):
                scores[index] = score
        return scores

    def _scores(self, pairs: list[tuple[str, str]]) -> list[float]:
        """Some models' own settings leave what they give as it is: the sigmoid makes 0..1 of all."""
        import torch

        scores = self._model.predict(
            pairs,
            batch_size=self._batch,
            activation_fn=torch.nn.Sigmoid(),
            show_progress_bar=False,
            processing_kwargs=self._padding,
        )
        return [float(score) for score in scores]


def _load(name: str) -> Any:
    # These import torch, which takes seconds: only what reranks pays for it.
    local = Path(name).is_dir()
    try:
        with torch_models.loading(local=local):
            from sentence_transformers import CrossEncoder

            model = CrossEncoder(name, local_files_only=local)
        if model.num_labels != 1:
            raise ValueError(f"it gives {model.num_labels} scores")
    except (OSError, ValueError, ImportError) as error:
        raise RerankerUnavailable("reranker_unloadable", detail=f"{name}: {error}") from error
    return model
