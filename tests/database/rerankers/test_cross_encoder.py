"""Reranking by a model on this machine: a tiny one, whose weights are random."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from pathlib import Path
from typing import Any, get_args

import pytest

from database import torch_models
from database.errors import RerankerUnavailable
from database.messages import Messages
from database.problems import Language
from database.rerankers.cross_encoder import CrossEncoderReranker
from database.rerankers.opening import open_reranker
from database.settings import Settings
from tests.database.tiny_models import tiny_cross_encoder

QUESTION = "qual é o prazo?"
TEXTS = ["multa " * count for count in range(1, 41)]


@pytest.fixture(scope="module")
def reranker(cross_encoder_folder: Path) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(cross_encoder_folder))


def watched(reranker: CrossEncoderReranker, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The shape of each batch that the model computes."""
    shapes: list[Any] = []
    forward = reranker._model[0].forward

    def seen(features: dict[str, Any], **more: Any) -> Any:
        shapes.append(tuple(features["input_ids"].shape))
        return forward(features, **more)

    monkeypatch.setattr(reranker._model[0], "forward", seen)
    return shapes


async def test_each_text_has_its_own_score(
    reranker: CrossEncoderReranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0..1, in the order of the texts, whatever the order in which they are computed."""
    shapes = watched(reranker, monkeypatch)
    scores = await reranker.rerank(QUESTION, TEXTS)
    size = torch_models.batch_size(reranker._model)
    assert [rows for rows, _ in shapes] == [size] * (len(TEXTS) // size)
    assert all(length % torch_models.LENGTHS == 0 for _, length in shapes), shapes
    assert len(scores) == len(TEXTS)
    assert all(0 < score < 1 for score in scores)
    assert await reranker.rerank(QUESTION, TEXTS[::-1]) == pytest.approx(scores[::-1], abs=0.01)
    assert await reranker.rerank(QUESTION, []) == []


async def test_scores_are_0_to_1_whatever_the_model_is_set_to(
    cross_encoder_folder: Path, tmp_path: Path
) -> None:
    """Some give what they have computed as it is."""
    plain = tmp_path / "plain"
    shutil.copytree(cross_encoder_folder, plain)
    config = json.loads((plain / "config_sentence_transformers.json").read_text())
    config["activation_fn"] = "torch.nn.modules.linear.Identity"
    (plain / "config_sentence_transformers.json").write_text(json.dumps(config))
    set_so = CrossEncoderReranker(str(plain))
    assert type(set_so._model.activation_fn).__name__ == "Identity"
    expected = await CrossEncoderReranker(str(cross_encoder_folder)).rerank(QUESTION, TEXTS[:4])
    assert await set_so.rerank(QUESTION, TEXTS[:4]) == expected


async def test_a_call_that_is_cancelled_stops_to_compute(
    reranker: CrossEncoderReranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the batch that it is at: the next question doesn't wait for all of it."""
    began, go = threading.Event(), threading.Event()
    computed: list[int] = []

    def slow(pairs: list[tuple[str, str]], **_: Any) -> list[float]:
        computed.append(len(pairs))
        began.set()
        go.wait(5)
        return [0.5] * len(pairs)

    monkeypatch.setattr(reranker._model, "predict", slow)
    call = asyncio.create_task(reranker.rerank(QUESTION, TEXTS))
    await asyncio.to_thread(began.wait, 5)
    call.cancel()
    await asyncio.sleep(0)
    go.set()
    assert await asyncio.wait_for(reranker.rerank(QUESTION, TEXTS[:1]), 5) == [0.5]
    assert computed == [torch_models.batch_size(reranker._model), 1]


@pytest.mark.parametrize("language", get_args(Language))
def test_a_model_that_cannot_be_used_is_told(tmp_path: Path, language: Language) -> None:
    """With what RERANKER_MODEL takes, in the person's language."""
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tiny_cross_encoder(tmp_path / "two", scores=2)):
        with pytest.raises(RerankerUnavailable) as caught:
            CrossEncoderReranker(str(folder))
        assert "RERANKER_MODEL" in Messages(language).error(caught.value)
        assert str(folder) in caught.value.detail


async def test_the_settings_name_it(cross_encoder_folder: Path) -> None:
    """Unset or empty, there is none."""
    assert await open_reranker(Settings.load(_env_file=None)) is None
    assert await open_reranker(Settings.load(_env_file=None, reranker_model="")) is None
    named = str(cross_encoder_folder)
    reranker = await open_reranker(Settings.load(_env_file=None, reranker_model=named))
    assert reranker is not None
    assert reranker.name == named
