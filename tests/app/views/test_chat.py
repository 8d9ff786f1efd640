"""Questions over HTTP."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO
from typing import Any

import pytest

from app import answers
from app.errors import ModelRefused
from app.messages import SENTENCES
from app.models.base import Usage
from database.errors import StoreUnavailable
from tests.app.fakes import FakeModel, FakeRetriever, FakeStore, a_collection, a_match
from tests.app.talking import lines_of, talking, text_of
from tests.stand_ins.ollama import OllamaStandIn
from tests.stand_ins.openai import OpenAIStandIn

FOUND = a_collection([a_match()])


async def test_streams_an_answer_line_by_line() -> None:
    """The first line has the sources, then one line a piece, then the end."""
    async with (
        OllamaStandIn(pieces=("It ", "is ", "42. [1]")).running() as ollama,
        talking(FOUND, ollama_host=ollama) as client,
        client.post("/", json={"prompt": "What is the answer?", "parametro": 1}) as response,
    ):
        assert response.status == 200
        first, *pieces, last = await lines_of(response)
    assert first["model"] == "llama3:latest"
    assert first["language"] == "en"
    assert [source["n"] for source in first["sources"]] == [1]
    assert [piece["message"]["content"] for piece in pieces] == ["It ", "is ", "42. [1]"]
    assert not any(line["done"] for line in (first, *pieces))
    assert last["done"] is True
    assert last["done_reason"] == "stop"
    assert last["citations"] == [{"n": 1, "start": 0, "end": 9, "support": 1.0, "missing": []}]
    assert (last["prompt_eval_count"], last["eval_count"]) == (7, 3)


async def test_a_question_that_leans_on_the_conversation_is_shown_as_it_is_understood() -> None:
    """Before anything is searched; it is what is searched and answered."""
    model = FakeModel(parts=("What is the answer for companies?", Usage(reason="stop")))
    history = [
        {"role": "user", "content": "What is the answer for citizens?"},
        {"role": "assistant", "content": "It is 42 [1]."},
    ]
    body = {"prompt": "And for companies?", "history": history}
    async with talking(FOUND, models=[model]) as client, client.post("/", json=body) as response:
        first, second, *_ = await lines_of(response)
    assert first["question"] == "What is the answer for companies?"
    assert first["id"] == second["id"]
    assert second["sources"]
    assert isinstance(FOUND.retriever, FakeRetriever)
    assert FOUND.retriever.asked[-1][0] == "What is the answer for companies?"
    assert model.prompts[-1].question == "What is the answer for companies?"


async def test_nothing_may_hold_lines_back() -> None:
    """Neither caches, nor proxies, nor compression, even where the client would take it."""
    async with talking(FOUND) as client:
        headers = {"Accept-Encoding": "gzip, deflate, br"}
        async with client.post("/", json={"prompt": "What?"}, headers=headers) as response:
            assert response.headers["Content-Type"].startswith("application/x-ndjson")
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Accel-Buffering"] == "no"
            assert "Content-Encoding" not in response.headers


async def test_each_line_arrives_when_it_is_made() -> None:
    """The sources before the model has said anything, and a piece before the next is made."""
    stand_in = OllamaStandIn(pieces=("It ", "is "), stall_after=1, pause=0.05)
    async with (
        stand_in.running() as ollama,
        talking(FOUND, ollama_host=ollama) as client,
        client.post("/", json={"prompt": "What?"}) as response,
    ):
        async with asyncio.timeout(2):
            first = json.loads(await response.content.readline())
            second = json.loads(await response.content.readline())
    assert "sources" in first
    assert second["message"]["content"] == "It "


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_request"),
        (b"prompt=hello", 400, "bad_request"),
        (b"[]", 400, "bad_request"),
        (b"{}", 400, "prompt_missing"),
        (b'{"prompt": ""}', 400, "prompt_missing"),
        (b'{"prompt": null}', 400, "prompt_missing"),
        (b'{"prompt": 7}', 400, "bad_request"),
        (json.dumps({"prompt": "x" * 100_000}).encode(), 413, "prompt_too_long"),
        (b'{"prompt": "' + b"x" * 2**20 + b'"}', 413, "payload_too_large"),
        (b'{"prompt": "?", "documents": ["gone"]}', 404, "unknown_document"),
        (b'{"prompt": "?", "model": "gpt"}', 404, "unknown_model"),
        (b'{"prompt": "?", "model": "llama3"}', 503, "model_unavailable"),
        (b'{"prompt": "?", "limit": 21}', 400, "bad_request"),
        (b'{"prompt": "?", "history": "before"}', 400, "bad_request"),
        (b'{"prompt": "?", "history": [{"role": "system", "content": "x"}]}', 400, "bad_request"),
        (b'{"prompt": "?", "history": [{"role": "user"}]}', 400, "bad_request"),
        (
            b'{"prompt": "?", "history": [' + b'{"role": "user", "content": "x"},' * 100 + b"1]}",
            400,
            "bad_request",
        ),
        (b'{"prompt": "?", "language": "xx"}', 400, "bad_request"),
    ],
)
async def test_what_cannot_be_answered_has_a_status_and_a_code(body: bytes, status: int, code: str) -> None:
    """And a sentence in the reader's language."""
    async with (
        talking(FOUND) as client,
        client.post("/", data=BytesIO(body), headers={"Accept-Language": "pt-BR"}) as response,
    ):
        assert response.status == status
        told = await response.json()
    assert told["code"] == code
    assert set(told) == {"error", "code"}
    assert told["error"].endswith(".")
    assert not any(word in told["error"].split() for word in ("the", "The", "is"))


async def test_a_collection_that_cannot_be_read_is_unavailable() -> None:
    """Its own words stay in the server."""
    broken = a_collection(
        store=FakeStore(failure=StoreUnavailable("unreadable", detail="/secret/path")),
        failure=StoreUnavailable("unreadable"),
    )
    async with talking(broken) as client, client.post("/", json={"prompt": "What?"}) as response:
        assert response.status == 503
        told = await response.json()
    assert told["code"] == "store_unavailable"
    assert "secret" not in told["error"]


async def test_errors_are_told_in_the_language_of_the_body() -> None:
    """It weighs more than the browser's."""
    async with talking(FOUND) as client:
        body = {"language": "es"}
        async with client.post("/", json=body, headers={"Accept-Language": "pt"}) as response:
            assert (await response.json())["error"].startswith("Falta la pregunta")


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ({"prompt": "Qual é o prazo para a entrega dos documentos?"}, "pt"),
        ({"prompt": "¿Cuál es el plazo para la entrega de los documentos?"}, "es"),
        ({"prompt": "Which documents must be handed in, and when?"}, "en"),
        ({"prompt": "Which documents must be handed in, and when?", "language": "pt"}, "pt"),
    ],
)
async def test_answers_in_the_language_of_the_question(body: dict[str, str], language: str) -> None:
    """Unless another one is asked for; the browser's doesn't matter."""
    far = a_collection([a_match(relevance=0.01)])
    async with (
        talking(far) as client,
        client.post("/", json=body, headers={"Accept-Language": "en"}) as response,
    ):
        lines = await lines_of(response)
    assert lines[0]["language"] == language
    assert text_of(lines) == SENTENCES["refusal"][language]  # type: ignore[index]
    assert lines[-1]["done_reason"] == "no_answer"
    assert len(lines[0]["sources"]) == 1


async def test_an_empty_collection_says_how_to_fill_it() -> None:
    """It is no error: the server works."""
    async with (
        talking(a_collection()) as client,
        client.post("/", json={"prompt": "Qual o prazo?"}) as response,
    ):
        lines = await lines_of(response)
    assert lines[0]["sources"] == []
    assert "python -m database seed" in text_of(lines)
    assert lines[-1]["done_reason"] == "no_answer"


async def test_without_any_model_the_documents_are_quoted() -> None:
    """Word by word from the passage, with its number."""
    async with talking(FOUND) as client, client.post("/", json={"prompt": "What is the answer?"}) as response:
        lines = await lines_of(response)
    assert lines[0]["model"] == "extractive"
    assert text_of(lines) == "The answer is 42. [1]"
    assert lines[-1]["citations"] == [{"n": 1, "start": 0, "end": 17, "support": 1.0, "missing": []}]


async def test_an_openai_server_answers_where_it_is_set() -> None:
    """Before Ollama, which could answer, too; where it fails, Ollama does."""
    ollama, openai = OllamaStandIn(), OpenAIStandIn()
    async with (
        ollama.running() as ollama_host,
        openai.running() as openai_base_url,
        talking(FOUND, ollama_host=ollama_host, openai_base_url=openai_base_url) as client,
    ):
        for status, name in ((200, "llama-3"), (503, "llama3:latest")):
            openai.status = status
            async with client.post("/", json={"prompt": "What?"}) as response:
                lines = await lines_of(response)
            assert text_of(lines) == "The answer is 42. [1]"
            assert lines[-1]["model"] == name
            assert (lines[-1]["prompt_eval_count"], lines[-1]["eval_count"]) == (7, 3)
    assert len(ollama.asked) == 1


@pytest.mark.parametrize(
    ("order", "path", "told"),
    [
        ("ollama,gemini", "/", "Ollama did not answer"),
        ("openai", "/", "ANSWER_WITH"),
        ("ollama,extractive", "/gemini", "ANSWER_WITH"),
    ],
)
async def test_where_none_may_answer_nobody_does(order: str, path: str, told: str) -> None:
    """Without quotations there may be nobody; the error says what is missing."""
    async with (
        talking(FOUND, answer_with=order) as client,
        client.post(path, json={"prompt": "What?", "language": "en"}) as response,
    ):
        body = await response.json()
    assert (response.status, body["code"]) == (503, "model_unavailable")
    assert told in body["error"]


async def test_the_last_ones_failure_is_the_last_line() -> None:
    """Without quotations nobody takes its place."""
    stand_in = OllamaStandIn(status=503)
    async with (
        stand_in.running() as ollama,
        talking(FOUND, ollama_host=ollama, answer_with="ollama") as client,
        client.post("/", json={"prompt": "What?"}) as response,
    ):
        assert response.status == 200
        lines = await lines_of(response)
    assert (len(lines), lines[-1]["code"]) == (2, "model_unavailable")


async def test_a_model_that_is_busy_is_replaced_before_it_began() -> None:
    """The lines have the name of whoever answers."""
    async with (
        OllamaStandIn(status=503).running() as ollama,
        talking(FOUND, ollama_host=ollama) as client,
        client.post("/", json={"prompt": "What is the answer?"}) as response,
    ):
        lines = await lines_of(response)
    assert lines[0]["model"] == "llama3:latest"
    assert {line["model"] for line in lines[1:]} == {"extractive"}
    assert text_of(lines) == "The answer is 42. [1]"


async def test_a_model_asked_for_by_name_is_not_replaced() -> None:
    """Its failure is the last line."""
    async with (
        OllamaStandIn(status=503).running() as ollama,
        talking(FOUND, ollama_host=ollama) as client,
        client.post("/", json={"prompt": "What?", "model": "llama3"}) as response,
    ):
        lines = await lines_of(response)
    assert [line.get("code") for line in lines] == [None, "model_unavailable"]


async def test_any_model_can_be_asked_for_by_name() -> None:
    """Also one that would not have come first."""
    async with (
        OllamaStandIn().running() as ollama,
        talking(FOUND, ollama_host=ollama) as client,
        client.post("/", json={"prompt": "What?", "model": "extractive"}) as response,
    ):
        assert (await lines_of(response))[-1]["model"] == "extractive"


@pytest.mark.parametrize("fault", [{"error_after": 2}, {"cut_after": 2}, {"garbage_after": 2}])
async def test_a_failure_in_the_middle_is_the_last_line(fault: dict[str, Any]) -> None:
    """With what was said before it, and nothing of the model's inside, where nobody may take its place."""
    async with (
        OllamaStandIn(**fault).running() as ollama,
        talking(FOUND, ollama_host=ollama) as client,
        client.post("/", json={"prompt": "What?", "model": "llama3"}) as response,
    ):
        assert response.status == 200
        lines = await lines_of(response)
    assert text_of(lines) == "The answer "
    assert set(lines[-1]) == {"error", "code"}
    assert lines[-1]["code"] == "model_unavailable"
    assert "secret" not in lines[-1]["error"]


async def test_a_bug_in_the_middle_is_a_last_line_too() -> None:
    """It is logged under an id; the stream still has an end."""
    model = FakeModel(parts=("It ", RuntimeError("secret")))
    async with (
        talking(FOUND, models=[model]) as client,
        client.post("/", json={"prompt": "What?"}) as response,
    ):
        lines = await lines_of(response)
    assert text_of(lines) == "It "
    assert lines[-1]["code"] == "internal"
    assert "secret" not in lines[-1]["error"]


async def test_a_bug_before_the_first_line_has_a_status() -> None:
    """And tells nothing of itself."""
    broken = a_collection(store=FakeStore(failure=RuntimeError("secret")))
    async with (
        talking(broken) as client,
        client.post("/", json={"prompt": "What?", "documents": ["doc"]}) as response,
    ):
        assert response.status == 500
        told = await response.json()
    assert told["code"] == "internal"
    assert "secret" not in told["error"]


@pytest.mark.parametrize("fault", [{"error_after": 2}, {"cut_after": 2}, {"garbage_after": 2}])
async def test_after_a_failure_in_the_middle_another_model_begins_anew(fault: dict[str, Any]) -> None:
    """A line says that what came so far is void."""
    async with (
        OllamaStandIn(**fault).running() as ollama,
        talking(FOUND, ollama_host=ollama) as client,
        client.post("/", json={"prompt": "What is the answer?"}) as response,
    ):
        lines = await lines_of(response)
    [reset] = [n for n, line in enumerate(lines) if line.get("reset")]
    assert lines[reset]["model"] == "extractive"
    assert text_of(lines[:reset]) == "The answer "
    assert text_of(lines[reset:]) == "The answer is 42. [1]"
    assert [line["done"] for line in lines].count(True) == 1


@pytest.mark.parametrize("stall_after", [0, 1])
async def test_a_client_that_leaves_and_stays_away_stops_the_model(
    monkeypatch: pytest.MonkeyPatch, stall_after: int
) -> None:
    """Whether it has begun to answer or not."""
    monkeypatch.setattr(answers, "COMING_BACK_SECONDS", 0.05)
    stand_in = OllamaStandIn(stall_after=stall_after)
    async with stand_in.running() as ollama, talking(FOUND, ollama_host=ollama) as client:
        response = await client.post("/", json={"prompt": "What?"})
        await response.content.readline()
        await asyncio.wait_for(stand_in.came.wait(), 1)
        response.close()
        await asyncio.wait_for(stand_in.left.wait(), 1)


async def test_gemini_alone_needs_a_key() -> None:
    """Without one the route says so."""
    async with talking(FOUND) as client:
        headers = {"Accept-Language": "pt"}
        async with client.post("/gemini", json={"prompt": "What?"}, headers=headers) as response:
            assert response.status == 503
            told = await response.json()
    assert told["code"] == "model_unavailable"
    assert "GOOGLE_API_KEY não está definida" in told["error"]


async def test_gemini_answers_in_lines_of_its_own() -> None:
    """Joining the values of `response` gives the answer."""
    gemini = FakeModel("gemini-flash", family="gemini")
    others = FakeModel("llama3")
    async with (
        talking(FOUND, models=[others, gemini]) as client,
        client.post("/gemini", json={"prompt": "What?"}) as response,
    ):
        assert response.headers["Content-Type"].startswith("application/x-ndjson")
        lines = await lines_of(response)
    assert "".join(line.get("response", "") for line in lines) == "The answer is 42 [1]."
    assert lines[0]["model"] == "gemini-flash"
    assert lines[-1]["done"] is True
    assert others.prompts == []


async def test_geminis_failure_is_not_hidden_by_another_model() -> None:
    """Who asks for Gemini is told when it fails."""
    gemini = FakeModel("gemini-flash", family="gemini", parts=(ModelRefused("gemini-flash", "quota"),))
    async with (
        talking(FOUND, models=[gemini, FakeModel()]) as client,
        client.post("/gemini", json={"prompt": "What?"}) as response,
    ):
        assert (await lines_of(response))[-1]["code"] == "model_unavailable"


@pytest.mark.parametrize("name", ["qwen3:8b", "acervo/qwen3:8b", "acervo"])
async def test_any_model_that_is_installed_can_be_asked(name: str) -> None:
    """By the names that other programs' clients know, too; those that only make vectors can't."""
    stand_in = OllamaStandIn(models=("llama3:latest", "qwen3:8b"), embedding_models=("nomic:latest",))
    async with stand_in.running() as ollama, talking(FOUND, ollama_host=ollama) as client:
        async with client.post("/", json={"prompt": "What?", "model": name}) as response:
            first, *_ = await lines_of(response)
        async with client.post("/", json={"prompt": "What?", "model": "nomic"}) as response:
            refused = await response.json()
    answers = "qwen3:8b" if "qwen3" in name else "llama3:latest"
    assert first["model"] == stand_in.asked[0]["model"] == answers
    assert (response.status, refused["code"]) == (404, "unknown_model")
    assert refused["error"].endswith("extractive, qwen3:8b.")
