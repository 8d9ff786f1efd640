"""Gemini's stream; what every model shows is in tests/contracts."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys

import pytest
from pydantic import SecretStr

from app.errors import ModelBroken, ModelRefused, ModelUnreachable
from app.models.base import Usage
from app.models.gemini import GeminiModel
from app.prompt import build_prompt
from tests.app.fakes import a_passage
from tests.app.hearing import first_of, parts_of
from tests.stand_ins.gemini import GeminiStandIn

PROMPT = build_prompt("What is the answer?", "en", [a_passage()])


async def answer(stand_in: GeminiStandIn, key: str = "a-key") -> list[str | Usage]:
    async with stand_in.running() as address:
        model = GeminiModel(SecretStr(key), "gemini-flash", base_url=address)
        try:
            return await parts_of(model, PROMPT)
        finally:
            await model.close()


async def test_speaks_geminis_protocol() -> None:
    """Server-sent events of v1beta, with the instructions apart from the question."""
    stand_in = GeminiStandIn()
    await answer(stand_in)
    assert stand_in.paths == ["/v1beta/models/gemini-flash:streamGenerateContent?alt=sse"]
    [asked] = stand_in.asked
    assert asked["systemInstruction"]["parts"] == [{"text": PROMPT.system}]
    assert asked["contents"][0]["parts"] == [{"text": PROMPT.user}]


async def test_says_what_the_answer_took() -> None:
    """Tokens as Gemini counts them."""
    assert (await answer(GeminiStandIn()))[-1] == Usage(reason="stop", prompt_tokens=7, answer_tokens=3)


async def test_says_when_the_answer_was_cut_at_its_length() -> None:
    """As Gemini does."""
    last = (await answer(GeminiStandIn(finish="MAX_TOKENS")))[-1]
    assert isinstance(last, Usage)
    assert last.reason == "length"


async def test_thoughts_are_no_answer() -> None:
    """They come first, and are marked."""
    assert (await answer(GeminiStandIn(thinks=True)))[0] == "The "


@pytest.mark.parametrize(
    "stand_in",
    [GeminiStandIn(blocked=True), GeminiStandIn(finish="SAFETY"), GeminiStandIn(finish="RECITATION")],
    ids=["prompt", "answer", "recitation"],
)
async def test_a_filter_is_a_refusal(stand_in: GeminiStandIn) -> None:
    """Of the question or of the answer."""
    with pytest.raises(ModelRefused):
        await answer(stand_in)


async def test_a_stream_without_an_end_is_broken() -> None:
    """The last part has to say why it is the last."""
    with pytest.raises(ModelBroken):
        await answer(GeminiStandIn(finish=None))


async def test_a_wrong_key_is_a_refusal_that_does_not_show_it() -> None:
    """Keys have no place in logs."""
    with pytest.raises(ModelRefused) as caught:
        await answer(GeminiStandIn(), key="wrong-secret")
    assert "wrong-secret" not in str(caught.value)


async def test_does_not_wait_to_try_again_where_nobody_is() -> None:
    """The library's own way is to sleep for up to ten seconds; another model answers sooner."""
    importlib.import_module("google.genai")  # so that its import doesn't count
    model = GeminiModel(SecretStr("a-key"), "gemini-flash", base_url="http://127.0.0.1:9")
    with pytest.raises(ModelUnreachable):
        await asyncio.wait_for(first_of(model, PROMPT), 0.9)
    await model.close()


async def test_without_a_key_it_is_not_available() -> None:
    """And says which setting is missing."""
    model = GeminiModel(None, "gemini-flash")
    status = await model.status()
    assert not status.available
    assert "GOOGLE_API_KEY" in status.reason.text("en")
    with pytest.raises(ModelUnreachable):
        await first_of(model, PROMPT)


def test_its_library_is_not_imported_before_it_is_needed() -> None:
    """It takes most of a second, and most servers run without a key."""
    code = "import sys, app.main; sys.exit('google.genai' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)  # noqa: S603 - our own code
    assert ended.returncode == 0
