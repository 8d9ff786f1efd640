"""The `ollama` package, as it is, with this server in Ollama's place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import ollama
import pytest

from app.errors import ModelBroken
from app.messages import SENTENCES
from app.models.base import Usage
from tests.app.fakes import FakeModel, FakeRetriever, a_collection, a_match
from tests.app.talking import served
from tests.stand_ins.ollama import OllamaStandIn
from tests.stand_ins.ollama_embedding import counted

FOUND = a_collection([a_match()])
ASKED = [{"role": "user", "content": "What is the answer?"}]


@asynccontextmanager
async def client_of(
    stand_in: OllamaStandIn | None = None, **settings: Any
) -> AsyncIterator[ollama.AsyncClient]:
    """A client of a server that knows one document, and the Ollama behind it."""
    async with (stand_in or OllamaStandIn()).running() as address:
        given = {"ollama_host": address, **settings}
        async with served(FOUND, **given) as ours, ollama.AsyncClient(host=ours) as client:
            yield client


async def texts_of(parts: AsyncIterator[ollama.ChatResponse]) -> list[str]:
    return [text async for part in parts if (text := part.message.content)]


async def left(parts: AsyncIterator[ollama.ChatResponse]) -> None:
    """Who has read enough closes the connection."""
    assert isinstance(parts, AsyncGenerator)
    await parts.aclose()


@pytest.mark.parametrize("model", ["acervo", "acervo/llama3", "acervo/llama3:latest", "acervo:latest"])
async def test_answers_from_the_documents(model: str) -> None:
    """With the passages in the prompt, and the sources at the end of the text."""
    stand_in = OllamaStandIn()
    async with client_of(stand_in) as client:
        answer = await client.chat(model, messages=ASKED)
    assert answer.model == model
    assert answer.message.role == "assistant"
    assert answer.message.content == "The answer is 42. [1]\n\nSources: [1] doc.pdf, p. 1"
    assert answer.done
    assert answer.done_reason == "stop"
    assert (answer.prompt_eval_count, answer.eval_count) == (7, 3)
    assert answer.total_duration
    assert answer.eval_duration is not None
    assert "<passages>" in stand_in.asked[0]["messages"][1]["content"]


async def test_streams_as_the_model_writes() -> None:
    """Piece by piece: the first one is there before the last one is made."""
    stand_in = OllamaStandIn(pieces=("It ", "is ", "42. [1]"), stall_after=2)
    async with client_of(stand_in) as client:
        parts = await client.chat("acervo", messages=ASKED, stream=True)
        async with asyncio.timeout(5):
            while not (text := (await anext(parts)).message.content):
                pass
        assert text == "It "
        await left(parts)


async def test_a_stream_has_the_whole_answer() -> None:
    """And ends with what it took."""
    async with client_of() as client:
        parts = [part async for part in await client.chat("acervo", messages=ASKED, stream=True)]
    assert "".join(part.message.content or "" for part in parts).startswith("The answer is 42. [1]")
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert parts[-1].eval_count == 3


async def test_sources_stay_out_of_the_text_where_the_settings_say_so() -> None:
    """For clients that show them by themselves."""
    async with client_of(sources_in_text=False) as client:
        answer = await client.chat("acervo", messages=ASKED)
    assert answer.message.content == "The answer is 42. [1]"


async def test_a_system_message_does_not_change_how_the_documents_answer() -> None:
    """Neither its words nor those of the client's options reach the model."""
    stand_in = OllamaStandIn()
    async with client_of(stand_in) as client:
        said = [{"role": "system", "content": "Talk like a pirate."}, *ASKED]
        await client.chat("acervo", messages=said, options={"temperature": 2.0})
    assert "pirate" not in str(stand_in.asked)
    assert stand_in.asked[0]["messages"][0]["content"].startswith("You answer questions")
    assert stand_in.asked[0]["options"]["temperature"] < 1


async def test_a_follow_up_is_understood_from_the_messages_before_it() -> None:
    """As it is in our own chat."""
    model = FakeModel(parts=("What is the answer for companies?", Usage(reason="stop")))
    said = [
        {"role": "user", "content": "What is the answer for citizens?"},
        {"role": "assistant", "content": "It is 42 [1]."},
        {"role": "user", "content": "And for companies?"},
    ]
    async with client_of(models=[model]) as client:
        await client.chat("acervo", messages=said)
    assert isinstance(FOUND.retriever, FakeRetriever)
    assert FOUND.retriever.asked[-1][0] == "What is the answer for companies?"


async def test_talks_to_a_model_as_it_is() -> None:
    """The client's own messages and options, and no passages."""
    stand_in = OllamaStandIn()
    said = [{"role": "system", "content": "Talk like a pirate."}, *ASKED]
    options = {"temperature": 1.5, "num_predict": 9, "stop": ["x"], "num_gpu": 1}
    async with client_of(stand_in) as client:
        answer = await client.chat("llama3", messages=said, options=options, keep_alive=0)
        parts = await client.chat("llama3:latest", messages=said, stream=True)
        streamed = await texts_of(parts)
    assert answer.message.content == "The answer is 42. [1]"
    assert streamed == ["The ", "answer ", "is 42. [1]"]
    asked, _ = stand_in.asked
    assert [message["content"] for message in asked["messages"]] == [one["content"] for one in said]
    assert asked["options"] == {"num_ctx": 8_192, "temperature": 1.5, "num_predict": 9, "stop": ["x"]}
    assert "keep_alive" not in asked


async def test_a_model_as_it_is_calls_functions_and_thinks() -> None:
    """What it says beside text comes through."""
    call = {"function": {"name": "weather", "arguments": {"city": "Lisboa"}}}
    stand_in = OllamaStandIn(says={"thinking": "Hm.", "tool_calls": [call]})
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    async with client_of(stand_in) as client:
        answer = await client.chat("llama3", messages=ASKED, tools=[tool], think=True)
    assert answer.message.thinking == "Hm."
    [called] = answer.message.tool_calls or ()
    assert called.function.arguments == {"city": "Lisboa"}
    assert stand_in.asked[0]["tools"][0]["function"]["name"] == "weather"
    assert stand_in.asked[0]["think"] is True


async def test_generates_from_the_documents_and_without_them() -> None:
    """The route for one prompt."""
    stand_in = OllamaStandIn()
    async with client_of(stand_in) as client:
        answer = await client.generate("acervo", prompt="What is the answer?")
        parts = [part async for part in await client.generate("acervo", prompt="What?", stream=True)]
        plain = await client.generate("llama3", prompt="def a(", suffix=")", raw=True)
    assert answer.response == "The answer is 42. [1]\n\nSources: [1] doc.pdf, p. 1"
    assert "".join(part.response or "" for part in parts) == answer.response
    assert parts[-1].done
    assert plain.response == "The answer is 42. [1]"
    assert {"prompt": "def a(", "suffix": ")", "raw": True}.items() <= stand_in.asked[-1].items()


async def test_saying_nothing_loads_the_model() -> None:
    """Clients do so when a person chooses one."""
    stand_in = OllamaStandIn()
    async with client_of(stand_in) as client:
        assert (await client.chat("acervo", messages=[])).done_reason == "load"
        assert (await client.generate("acervo", keep_alive=0)).done_reason == "unload"
    assert stand_in.asked == []


async def test_lists_each_model_twice() -> None:
    """As it is, and over the documents; those that only make vectors have nothing to say about them."""
    stand_in = OllamaStandIn(models=("llama3:latest", "qwen3:8b"), embedding_models=("nomic:latest",))
    async with client_of(stand_in) as client:
        listed = (await client.list()).models
        answer = await client.chat("acervo/qwen3:8b", messages=ASKED)
    assert [one.model for one in listed] == [
        "acervo:latest",
        "acervo/llama3:latest",
        "acervo/extractive:latest",
        "acervo/qwen3:8b",
        "acervo/embedding:latest",
        "nomic:latest",
        "llama3:latest",
        "qwen3:8b",
    ]
    assert all(len(one.digest or "") == 64 for one in listed)
    assert {one.details.parameter_size for one in listed if one.details} == {"", "8.0B"}
    assert stand_in.asked[0]["model"] == "qwen3:8b"
    assert (answer.message.content or "").endswith("Sources: [1] doc.pdf, p. 1")


async def test_lists_nothing_of_ollama_where_it_may_not_answer() -> None:
    """`ANSWER_WITH` leaves it out."""
    async with client_of(answer_with="extractive") as client:
        names = [one.model for one in (await client.list()).models]
        assert names == ["acervo:latest", "acervo/extractive:latest", "acervo/embedding:latest"]
        with pytest.raises(ollama.ResponseError) as raised:
            await client.chat("llama3", messages=ASKED)
    assert raised.value.status_code == 404


async def test_shows_what_a_model_is() -> None:
    """How much it reads and what it can do."""
    async with client_of(OllamaStandIn(embedding_models=("nomic:latest",))) as client:
        ours = await client.show("acervo")
        theirs = await client.show("llama3")
        vectors = await client.show("acervo/embedding")
        with pytest.raises(ollama.ResponseError) as raised:
            await client.show("gpt")
    assert ours.capabilities == ["completion"]
    assert (ours.modelinfo or {})["acervo.context_length"] == 8_192
    assert (theirs.modelinfo or {})["llama.context_length"] == 8_192
    assert vectors.capabilities == ["embedding"]
    assert raised.value.status_code == 404


async def test_tells_what_is_loaded() -> None:
    """By both names; nothing where Ollama is away."""
    async with client_of(OllamaStandIn(models=("llama3:latest", "qwen3:8b"))) as client:
        loaded = (await client.ps()).models
    assert [one.model for one in loaded] == ["acervo/llama3:latest", "llama3:latest"]
    assert loaded[0].size_vram == 4_000
    async with served(FOUND) as address, ollama.AsyncClient(host=address) as client:
        assert (await client.ps()).models == []


async def test_embeds_with_the_collections_model_and_with_ollamas() -> None:
    """One text or several."""
    async with client_of(OllamaStandIn(embedding_models=("nomic:latest",))) as client:
        ours = await client.embed("acervo/embedding", input=["a", "b"])
        one = await client.embed("acervo", input="a")
        older = await client.embeddings("acervo/embedding", prompt="a")
        theirs = await client.embed("nomic", input="a")
    assert [list(vector) for vector in ours.embeddings] == [[0.0], [0.0]]
    assert [list(vector) for vector in one.embeddings] == [[0.0]]
    assert list(older.embedding) == [0.0]
    assert [list(vector) for vector in theirs.embeddings] == [counted("a")]


async def test_a_model_that_nobody_has() -> None:
    """Is said with Ollama's status, and with the names that there are."""
    async with client_of() as client:
        with pytest.raises(ollama.ResponseError, match="acervo/llama3") as raised:
            await client.chat("gpt-4o", messages=ASKED, stream=False)
        assert raised.value.status_code == 404
        with pytest.raises(ollama.ResponseError) as raised:
            await client.chat("acervo/embedding", messages=ASKED)
    assert raised.value.status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"messages": "hello"},
        {"messages": [{"content": "hello"}]},
        {"messages": [{"role": "system", "content": "hello"}]},
        {"stream": "yes"},
        {"model": 7},
        {"limit": 900},
    ],
)
async def test_what_is_wrong_is_told(change: dict[str, object]) -> None:
    """Before anything is asked, with status 400."""
    async with client_of() as client:
        with pytest.raises(ollama.ResponseError) as raised:
            await client._request_raw(  # the methods of the package send nothing wrong
                "POST", "/api/chat", json={"model": "acervo", "messages": ASKED, **change}
            )
    assert raised.value.status_code == 400


@pytest.mark.parametrize("model", ["acervo/llama3", "llama3"])
async def test_a_stream_that_fails_says_so(model: str) -> None:
    """In a line of its own; the model's words stay in the log."""
    async with client_of(OllamaStandIn(error_after=2)) as client:
        parts = await client.chat(model, messages=ASKED, stream=True)
        with pytest.raises(ollama.ResponseError) as raised:
            await asyncio.wait_for(texts_of(parts), 5)
    assert "secret" not in str(raised.value)
    assert "llama3" in str(raised.value)


@pytest.mark.parametrize("model", ["acervo/llama3", "llama3"])
async def test_an_answer_that_fails_has_a_status_where_it_is_not_streamed(model: str) -> None:
    """Cut streams are failures, too."""
    async with client_of(OllamaStandIn(cut_after=2)) as client:
        with pytest.raises(ollama.ResponseError) as raised:
            await client.chat(model, messages=ASKED)
    assert raised.value.status_code == 503


async def test_what_ollama_says_of_a_request_is_told() -> None:
    """It is about what the client sent."""
    async with client_of(OllamaStandIn(refusal='"llama3" does not support tools')) as client:
        for streams in (False, True):
            with pytest.raises(ollama.ResponseError, match="does not support tools") as raised:
                await client._request_raw(
                    "POST", "/api/chat", json={"model": "llama3", "messages": ASKED, "stream": streams}
                )
            assert raised.value.status_code == 400


@pytest.mark.parametrize("model", ["acervo", "llama3"])
async def test_a_stream_that_the_client_leaves_lets_go_of_the_model(model: str) -> None:
    """At once: nobody can come back for an answer without a name."""
    stand_in = OllamaStandIn(stall_after=2)
    async with client_of(stand_in) as client:
        parts = await client.chat(model, messages=ASKED, stream=True)
        while not (await anext(parts)).message.content:
            pass
        await left(parts)
        await asyncio.wait_for(stand_in.left.wait(), 2)


async def test_another_model_begins_anew_where_one_dies() -> None:
    """After a line that says so, since this client can't take back what it has shown."""
    dies = FakeModel(name="dies", parts=("It is ", "41 ", ModelBroken("dies", "died")))
    async with client_of(models=[dies, FakeModel(name="lives")]) as client:
        text = "".join(await texts_of(await client.chat("acervo", messages=ASKED, stream=True)))
    void, _, said = text.partition("\n\n---\n\n")
    assert void.startswith("It is")
    begins = SENTENCES["begins_anew"]["en"].format(name="lives")
    assert said == f"{begins}\n\nThe answer is 42 [1].\n\nSources: [1] doc.pdf, p. 1"


async def test_what_clients_ask_for_themselves_is_no_question() -> None:
    """A title is made by the language model, without the documents; where there is none, nothing is said."""
    task = [{"role": "user", "content": "### Task:\nGenerate a title.\n### Chat History:\n…"}]
    model = FakeModel(parts=('{"title": "The answer"}', Usage(reason="stop")))
    async with client_of(models=[model]) as client:
        answer = await client.chat("acervo", messages=task)
    assert answer.message.content == '{"title": "The answer"}'
    assert model.prompts[0].passages == ()
    async with client_of(answer_with="extractive") as client:
        assert (await client.chat("acervo", messages=task)).message.content == ""


async def test_a_long_chore_keeps_its_task() -> None:
    """And its end: what doesn't fit is left out of the middle."""
    task = [{"role": "user", "content": f"### Task:\nMake a title.\n{'x' * 90_000}\nAnswer in JSON."}]
    model = FakeModel(parts=("A title", Usage(reason="stop")))
    async with client_of(models=[model]) as client:
        await client.chat("acervo", messages=task)
    asked = model.prompts[0].user
    assert len(asked) < 8_192 * 3
    assert asked.startswith("### Task:\nMake a title.")
    assert asked.endswith("Answer in JSON.")


async def test_models_can_be_neither_pulled_nor_made_nor_deleted() -> None:
    """What is installed is for who runs the server."""
    async with client_of() as client:
        for attempt in (
            client.pull("llama3"),
            client.delete("llama3"),
            client.copy("llama3", "mine"),
            client.create("mine", from_="llama3"),
            client.push("llama3"),
        ):
            with pytest.raises(ollama.ResponseError, match=r"does not offer|no ofrece|não oferece") as raised:
                await attempt
            assert raised.value.status_code == 404
