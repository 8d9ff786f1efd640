"""An answer is read to its end, and what is missing of it is counted."""

from __future__ import annotations

import aiohttp
import pytest

from scripts.benchmarks.asking import ask, tokens_lost
from tests.stand_ins.ollama import OllamaStandIn


async def test_the_first_token_is_timed_and_the_text_kept() -> None:
    """The first piece comes after the model's own pause, not before."""
    stand_in = OllamaStandIn(pieces=("one ", "two"), pause=0.05)
    async with stand_in.running() as address, aiohttp.ClientSession() as session:
        answer = await ask(session, f"{address}/api/chat", {"model": "llama3"})

    assert answer.text == "one two"
    assert answer.first_token_seconds is not None
    assert 0.05 <= answer.first_token_seconds < 5
    (gap,) = answer.gaps  # the first may have come late, so this can be short
    assert 0 < gap < 5
    assert answer.ended


async def test_an_answer_that_is_cut_has_not_ended() -> None:
    """Its words may be there all the same."""
    stand_in = OllamaStandIn(pieces=("one ", "two"), cut_after=2)
    async with stand_in.running() as address, aiohttp.ClientSession() as session:
        answer = await ask(session, f"{address}/api/chat", {"model": "llama3"})

    assert answer.text == "one two"
    assert not answer.ended


async def test_a_refused_question_is_an_error() -> None:
    """It must not pass for a fast answer."""
    async with OllamaStandIn(status=503).running() as address, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientResponseError):
            await ask(session, f"{address}/api/chat", {"model": "llama3"})


def test_words_that_did_not_come_are_lost() -> None:
    """Whatever else came in their place."""
    assert tokens_lost("word1 word2 word3 ", "word1 word3 [1] other") == 1
