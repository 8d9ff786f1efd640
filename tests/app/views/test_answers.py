"""Answers that are read again, stopped, and waited for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from app import answers
from tests.app.fakes import FakeModel, a_collection, a_match
from tests.app.talking import lines_of, talking, text_of
from tests.stand_ins.ollama import OllamaStandIn

FOUND = a_collection([a_match()])
PIECES = [f"word{n} " for n in range(30)]
WHOLE = "".join(PIECES)


async def some_lines(response: aiohttp.ClientResponse, number: int) -> list[dict[str, Any]]:
    return [json.loads(await response.content.readline()) for _ in range(number)]


@pytest.mark.parametrize("number", [1, 2, 10])
async def test_a_lost_connection_loses_nothing(number: int) -> None:
    """Whoever comes back reads on from the last line that they have; the model didn't notice."""
    stand_in = OllamaStandIn(pieces=PIECES, pause=0.01)
    async with stand_in.running() as ollama, talking(FOUND, ollama_host=ollama) as client:
        response = await client.post("/", json={"prompt": "What?"})
        before = await some_lines(response, number)
        response.close()
        await asyncio.sleep(0.05)
        async with client.get(f"/answers/{before[0]['id']}", params={"after": number}) as again:
            assert again.status == 200
            assert again.headers["Content-Type"].startswith("application/x-ndjson")
            after = await lines_of(again)
    assert text_of(before) + text_of(after) == WHOLE
    assert after[-1]["done_reason"] == "stop"
    assert not stand_in.left.is_set()
    assert len(stand_in.asked) == 1


async def test_an_answer_that_has_ended_can_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a while; from any line, also by two at once, and also Gemini's."""
    monkeypatch.setattr(answers, "KEPT_SECONDS", 0.3)
    gemini = FakeModel("gemini", family="gemini")
    async with talking(FOUND, models=[gemini]) as client:
        for path in ("/", "/gemini"):
            async with client.post(path, json={"prompt": "What?"}) as response:
                lines = await lines_of(response)
            address = f"/answers/{lines[0]['id']}"
            for after in (0, 1, len(lines)):
                async with client.get(address, params={"after": after}) as again:
                    assert await again.read() == b"".join(
                        json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                        for line in lines[after:]
                    )
            await asyncio.sleep(0.4)
            async with client.get(address, headers={"Accept-Language": "pt"}) as gone:
                assert gone.status == 404
                told = await gone.json()
            assert told == {
                "error": "Essa resposta não existe mais. Pergunte de novo.",
                "code": "unknown_answer",
            }


async def test_two_read_the_same_answer() -> None:
    """Each has all of it."""
    async with (
        OllamaStandIn(pieces=PIECES, pause=0.005).running() as ollama,
        talking(FOUND, ollama_host=ollama) as client,
        client.post("/", json={"prompt": "What?"}) as response,
    ):
        (first,) = await some_lines(response, 1)
        async with client.get(f"/answers/{first['id']}") as beside:
            one, other = await asyncio.gather(lines_of(response), lines_of(beside))
    assert text_of(one) == text_of(other) == WHOLE


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "²", "99", "9" * 40, ""])
async def test_nobody_has_lines_that_do_not_exist(after: str) -> None:
    """They would wait for ever."""
    async with talking(FOUND) as client:
        async with client.post("/", json={"prompt": "What?"}) as response:
            lines = await lines_of(response)
        async with client.get(f"/answers/{lines[0]['id']}", params={"after": after}) as again:
            assert again.status == 400
            assert (await again.json())["code"] == "bad_request"


async def test_stopping_lets_the_model_go_and_ends_the_stream() -> None:
    """With a line that says so, for everybody who reads."""
    stand_in = OllamaStandIn(pieces=PIECES, stall_after=3)
    async with (
        stand_in.running() as ollama,
        talking(FOUND, ollama_host=ollama) as client,
        client.post("/", json={"prompt": "What?"}) as response,
    ):
        before = await some_lines(response, 4)
        async with client.delete(f"/answers/{before[0]['id']}") as stopped:
            assert stopped.status == 204
        async with asyncio.timeout(1):
            (last,) = await lines_of(response)
            await stand_in.left.wait()
        assert (last["done"], last["done_reason"], last["model"]) == (True, "cancelled", "llama3:latest")
        async with client.delete(f"/answers/{before[0]['id']}") as again:
            assert again.status == 204
        async with client.delete("/answers/unknown") as unknown:
            assert unknown.status == 404


async def test_who_comes_back_in_time_keeps_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """And who leaves once more has as long again."""
    monkeypatch.setattr(answers, "COMING_BACK_SECONDS", 0.2)
    stand_in = OllamaStandIn(pieces=PIECES, pause=0.03)
    async with stand_in.running() as ollama, talking(FOUND, ollama_host=ollama) as client:
        response = await client.post("/", json={"prompt": "What?"})
        lines = await some_lines(response, 1)
        address = f"/answers/{lines[0]['id']}"
        for _ in range(3):
            response.close()
            await asyncio.sleep(0.1)
            response = await client.get(address, params={"after": len(lines)})
            lines += await some_lines(response, 2)
        lines += await lines_of(response)
    assert text_of(lines) == WHOLE


async def test_who_waits_sees_the_place_in_the_line() -> None:
    """It moves; then the answer comes like any other."""
    stand_in = OllamaStandIn(pieces=PIECES[:5], pause=0.02)
    async with stand_in.running() as ollama, talking(FOUND, ollama_host=ollama, answers_at_once=1) as client:

        async def ask(after: float) -> list[dict[str, Any]]:
            await asyncio.sleep(after)
            async with client.post("/", json={"prompt": "What?"}) as response:
                return await lines_of(response)

        first, second, third = await asyncio.gather(ask(0), ask(0.02), ask(0.04))
    assert [line["queued"] for line in first if "queued" in line] == []
    assert [line["queued"] for line in second if "queued" in line] == [1]
    assert [line["queued"] for line in third if "queued" in line] == [2, 1]
    for lines in (first, second, third):
        assert text_of(lines) == "".join(PIECES[:5])
        assert lines[0]["id"]
        assert sum("sources" in line for line in lines) == 1


async def test_too_many_are_told_when_to_come_back() -> None:
    """Before anything is read for them."""
    stand_in = OllamaStandIn(stall_after=0)
    async with stand_in.running() as ollama, talking(FOUND, ollama_host=ollama, answers_at_once=1) as client:
        waiting = [await client.post("/", json={"prompt": "What?"}) for _ in range(1 + 16)]
        async with client.post("/", json={"prompt": "What?"}, headers={"Accept-Language": "es"}) as refused:
            assert refused.status == 503
            assert int(refused.headers["Retry-After"]) >= 1
            told = await refused.json()
        assert told["code"] == "too_busy"
        assert "cola" in told["error"]
        for response in waiting:
            response.close()


async def test_a_failure_while_waiting_is_a_last_line() -> None:
    """No status can be sent any more."""
    broken = a_collection([a_match()])
    stand_in = OllamaStandIn(pieces=PIECES[:5], pause=0.02)
    async with stand_in.running() as ollama, talking(broken, ollama_host=ollama, answers_at_once=1) as client:
        first = await client.post("/", json={"prompt": "What?"})
        body = {"prompt": "What?", "documents": ["gone"]}
        async with client.post("/", json=body, headers={"Accept-Language": "pt"}) as response:
            assert response.status == 200
            queued, failed = await lines_of(response)
        await lines_of(first)
    assert queued["queued"] == 1
    assert failed["code"] == "unknown_document"
