"""The chat stream of OpenAI-compatible servers; what every model shows is in tests/contracts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from app.errors import ModelBroken, ModelError, ModelRefused, ModelUnreachable
from app.messages import LANGUAGES
from app.models.base import Status, Usage, answer_tokens
from app.models.openai_compatible import OpenAIModel
from app.prompt import build_prompt
from tests.app.fakes import a_passage
from tests.app.hearing import parts_of
from tests.stand_ins.openai import OpenAIStandIn

PROMPT = build_prompt("What is the answer?", "en", [a_passage()])
WHOLE = ["The ", "answer ", "is 42. [1]"]


class Clock:
    """Stands still until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def running(
    stand_in: OpenAIStandIn, wanted: str | None = None, key: str | None = None, **more: Any
) -> AsyncIterator[OpenAIModel]:
    patience = {"first_token_seconds": 1, "next_token_seconds": 0.3, **more}
    async with stand_in.running() as address, aiohttp.ClientSession() as session:
        model = OpenAIModel(session, address, SecretStr(key) if key else None, wanted, **patience)
        yield model
        await model.close()


async def answer(stand_in: OpenAIStandIn, key: str | None = None) -> list[str | Usage]:
    async with running(stand_in, key=key) as model:
        return await asyncio.wait_for(parts_of(model, PROMPT), 4)


async def status_of(stand_in: OpenAIStandIn, wanted: str | None = None, key: str | None = None) -> Status:
    async with running(stand_in, wanted, key) as model:
        return await model.status()


async def test_asks_as_openais_clients_do() -> None:
    """The window is the server's own to hold; an answer gets its share of it."""
    stand_in = OpenAIStandIn(key="a-key", models=[{"id": "qwen", "max_model_len": 2_048}])
    await answer(stand_in, key="a-key")
    [asked] = stand_in.asked
    assert asked == {
        "model": "qwen",
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.2,
        "max_tokens": answer_tokens(2_048),
        "messages": [
            {"role": "system", "content": PROMPT.system},
            {"role": "user", "content": PROMPT.user},
        ],
    }
    assert stand_in.authorizations == ["Bearer a-key", "Bearer a-key"]


@pytest.mark.parametrize(
    "how",
    [
        {"split_lines": True},
        {"one_write": True},
        {"line_end": b"\r\n"},
        {"prefix": b"data:"},
        {"noise": True},
        {"noise": True, "line_end": b"\r\n", "split_lines": True},
    ],
    ids=["split", "together", "crlf", "no space", "comments and fields", "all of it"],
)
async def test_pieces_stay_as_they_were_made(how: dict[str, Any]) -> None:
    """Whatever the server and the network do to the lines that carry them."""
    pieces = ("Não ", "é ", "😀\n", " ", "[1]")
    parts = await answer(OpenAIStandIn(pieces=pieces, **how))
    assert parts == [*pieces, Usage(reason="stop", prompt_tokens=7, answer_tokens=5)]


@pytest.mark.parametrize(
    ("finish", "reason"), [("stop", "stop"), ("length", "length"), ("eos_token", "stop")]
)
async def test_says_how_the_answer_ended(finish: str, reason: str) -> None:
    """As the server does."""
    last = (await answer(OpenAIStandIn(finish=finish)))[-1]
    assert isinstance(last, Usage)
    assert last.reason == reason


async def test_a_server_that_counts_nothing_is_believed() -> None:
    """Not all know `include_usage`."""
    assert (await answer(OpenAIStandIn(usage=False)))[-1] == Usage(reason="stop")


async def test_thoughts_are_no_answer() -> None:
    """They come beside the text, under a name of their own."""
    assert (await answer(OpenAIStandIn(thoughts=("Hm, ", "42?"))))[:-1] == WHOLE


@pytest.mark.parametrize(
    "how",
    [{"finish": None}, {"done": False}, {"done": False, "usage": False}],
    ids=["no reason", "no [DONE]", "neither [DONE] nor usage"],
)
async def test_either_way_of_saying_that_it_is_complete_is_enough(how: dict[str, Any]) -> None:
    """A finish reason or [DONE]: some servers send one of the two."""
    parts = await answer(OpenAIStandIn(**how))
    assert parts[:-1] == WHOLE
    assert isinstance(parts[-1], Usage)


async def test_a_complete_answer_does_not_wait_for_what_follows() -> None:
    """A connection that stays open after the last word takes nothing away from it."""
    parts = await answer(OpenAIStandIn(usage=False, done=False, stalls_at_end=True))
    assert parts == [*WHOLE, Usage(reason="stop")]


async def test_neither_way_is_broken() -> None:
    """However much was said."""
    with pytest.raises(ModelBroken, match="ended before"):
        await answer(OpenAIStandIn(finish=None, done=False))


@pytest.mark.parametrize(
    ("finish", "error"), [("content_filter", ModelRefused), ("abort", ModelBroken), ("error", ModelBroken)]
)
async def test_an_end_that_is_no_answers_is_told(finish: str, error: type[ModelError]) -> None:
    """A filter refused, or the server gave up."""
    with pytest.raises(error, match=finish):
        await answer(OpenAIStandIn(finish=finish))


@pytest.mark.parametrize(
    "error",
    [
        b'data: {"error":{"message":"CUDA out of memory","code":500}}',
        b'data: {"error":"CUDA out of memory"}',
        b'event: error\ndata: {"error":{"message":"CUDA out of memory"}}',
        b'data: {"object":"error","message":"CUDA out of memory","code":400}',
        b'error: {"code":500,"message":"CUDA out of memory","type":"server_error"}',
    ],
    ids=["object", "text", "named event", "vLLM before", "llama.cpp before"],
)
async def test_an_error_in_the_stream_is_a_refusal(error: bytes) -> None:
    """The status was sent long before. Each server has its way to say it."""
    with pytest.raises(ModelRefused, match="CUDA"):
        await answer(OpenAIStandIn(error_after=1, error=error))


async def test_something_else_than_a_part_is_broken() -> None:
    """As a proxy's page."""
    with pytest.raises(ModelBroken, match="proxy error"):
        await answer(OpenAIStandIn(garbage_after=1))


@pytest.mark.parametrize("part", ["[]", "7", '{"choices": 7}', '{"choices": [{"delta": {"content": [1]}}]}'])
async def test_json_of_another_shape_is_broken(part: str) -> None:
    """Not an error of ours."""
    with pytest.raises(ModelBroken, match="not a part"):
        await answer(OpenAIStandIn(error_after=1, error=f"data: {part}".encode()))


async def test_what_is_no_stream_is_a_refusal() -> None:
    """Some say under status 200 that they don't know the address, and some that they don't stream."""
    with pytest.raises(ModelRefused, match="application/json"):
        await answer(OpenAIStandIn(media_type="application/json"))


async def test_comments_do_not_stand_for_tokens() -> None:
    """A server that only keeps the connection open is silent."""
    stand_in = OpenAIStandIn(stall_after=1, comments_every=0.05)
    with pytest.raises(ModelBroken, match="silent"):
        await answer(stand_in)


@pytest.mark.parametrize("thoughts", [(), ("Hm",)])
async def test_silence_is_unreachable_until_the_model_begins(thoughts: tuple[str, ...]) -> None:
    """The head and the role come before any token; a thought is one."""
    stand_in = OpenAIStandIn(stall_after=0, thoughts=thoughts)
    with pytest.raises(ModelBroken if thoughts else ModelUnreachable, match="silent"):
        await answer(stand_in)


async def test_a_redirect_gets_neither_key_nor_question() -> None:
    """They are for the server that is set."""
    elsewhere, stand_in = OpenAIStandIn(), OpenAIStandIn()
    async with elsewhere.running() as other, running(stand_in, key="a-key") as model:
        await model.status()
        stand_in.redirects_to = other
        with pytest.raises(ModelRefused, match="307"):
            await parts_of(model, PROMPT)
    assert (elsewhere.asked, elsewhere.authorizations) == ([], [])


async def test_a_key_that_the_server_repeats_is_not_shown() -> None:
    """Keys have no place in logs."""
    async with running(OpenAIStandIn(key="right", lists_to_everybody=True), key="wrong-secret") as model:
        with pytest.raises(ModelRefused, match="Incorrect API key") as caught:
            await parts_of(model, PROMPT)
    assert "wrong-secret" not in str(caught.value)
    assert "[OPENAI_API_KEY]" in str(caught.value)


async def test_a_key_is_not_shown_where_the_answer_is_no_http() -> None:
    """aiohttp's errors hold the request's headers."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if request.startswith(b"GET"):
            body = b'{"data": [{"id": "qwen"}]}'
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        else:
            writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, aiohttp.ClientSession() as session:
        model = OpenAIModel(session, address, SecretStr("very-secret"), None)
        with pytest.raises(ModelError) as caught:
            await parts_of(model, PROMPT)
        await model.close()
    assert "very-secret" not in str(caught.value)


async def test_a_key_that_is_refused_with_the_question_makes_it_unavailable() -> None:
    """llama.cpp's server lists its models to everybody. A minute later it is asked again."""
    clock = Clock()
    stand_in = OpenAIStandIn(key="right", lists_to_everybody=True)
    async with running(stand_in, key="wrong", clock=clock) as model:
        assert (await model.status()).available
        with pytest.raises(ModelRefused):
            await parts_of(model, PROMPT)
        status = await model.status()
        assert (status.name, status.available) == ("llama-3", False)
        assert "OPENAI_API_KEY" in status.reason.text("en")
        clock.now += 61
        assert (await model.status()).available


async def test_asks_what_is_there_once_for_many_answers() -> None:
    """Not before each of them."""
    stand_in = OpenAIStandIn()
    async with running(stand_in) as model:
        for _ in range(3):
            await model.status()
            assert await parts_of(model, PROMPT)
    assert stand_in.listings == 1


async def test_asks_again_after_a_refusal() -> None:
    """The model may have been replaced by another."""
    stand_in = OpenAIStandIn(status=404)
    async with running(stand_in) as model:
        with pytest.raises(ModelRefused):
            await parts_of(model, PROMPT)
        stand_in.models = [{"id": "another"}]
        assert (await model.status()).name == "another"


async def test_says_where_the_questions_go() -> None:
    """The server may be somebody else's."""
    status = await status_of(OpenAIStandIn(models=[{"id": "qwen", "max_model_len": 4_096}]))
    assert (status.name, status.kind, status.available, status.window) == ("qwen", "openai", True, 4_096)
    assert "http://127.0.0.1:" in status.reason.text("en")


@pytest.mark.parametrize(
    ("stand_in", "wanted", "name", "told"),
    [
        (OpenAIStandIn(listing_status=503), None, "openai", "OPENAI_BASE_URL"),
        (OpenAIStandIn(key="right"), "qwen", "qwen", "OPENAI_API_KEY"),
        (OpenAIStandIn(models=()), "qwen", "qwen", "/v1"),
        (OpenAIStandIn(models=[{"id": "text-embedding-nomic"}]), None, "openai", "/v1"),
        (OpenAIStandIn(models=[{"id": "llama"}, {"id": "gemma"}]), "qwen", "qwen", "llama, gemma"),
    ],
    ids=["away", "key", "no model", "none that can chat", "not listed"],
)
async def test_says_why_it_cannot_answer(
    stand_in: OpenAIStandIn, wanted: str | None, name: str, told: str
) -> None:
    """With what to do, in every language; and it isn't asked."""
    async with running(stand_in, wanted, "a-key") as model:
        status = await model.status()
        assert (status.name, status.available) == (name, False)
        for language in LANGUAGES:
            assert told in status.reason.text(language)
            assert "a-key" not in status.reason.text(language)
        with pytest.raises(ModelUnreachable):
            await parts_of(model, PROMPT)
    assert stand_in.asked == []


async def test_the_reasons_differ() -> None:
    """One sentence for each thing that can be done."""
    keys = {
        (await status_of(stand_in, wanted)).reason.key
        for stand_in, wanted in (
            (OpenAIStandIn(), None),
            (OpenAIStandIn(listing_status=503), None),
            (OpenAIStandIn(key="right"), None),
            (OpenAIStandIn(models=()), None),
            (OpenAIStandIn(), "qwen"),
        )
    }
    assert keys == {
        "openai_ready",
        "openai_unreachable",
        "openai_key_refused",
        "openai_no_model",
        "openai_not_listed",
    }
