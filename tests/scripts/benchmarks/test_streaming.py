"""Tokens are timed from their sending, and counted."""

from __future__ import annotations

import os
import sys
from functools import partial

import aiohttp
import pytest

from scripts.benchmarks import streaming
from scripts.benchmarks.process import family_spent
from tests.stand_ins.ollama import OllamaStandIn

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "_COMING_SECONDS", 0.01)


async def streamed(model: OllamaStandIn, answers: int) -> streaming.Streamed:
    async with model.running() as address, aiohttp.ClientSession() as session:
        return await streaming.stream(
            session,
            f"{address}/api/chat",
            [{"model": "llama3"}] * answers,
            model,
            partial(family_spent, os.getpid()),
        )


@pytest.mark.parametrize("split", [False, True])
async def test_every_token_of_every_answer_is_timed(split: bool) -> None:
    """Also where the network cuts its line."""
    model = OllamaStandIn(pieces=("word",) * 12, pause=0.01, numbered=True, split_lines=split)
    run = await streamed(model, answers=3)
    assert run.lost == 0
    assert len(run.whole.delays) == 36
    assert 0 < len(run.together.delays) < 36
    assert all(0 <= delay < 5 for delay in run.whole.delays)
    assert run.whole.seconds > run.together.seconds > 0
    assert len(run.whole.cells) == 4


async def test_a_token_that_does_not_come_is_lost() -> None:
    """Here since the model calls it something else."""
    run = await streamed(OllamaStandIn(pieces=("word", "other", "word"), numbered=True), answers=2)
    assert run.lost == 2
