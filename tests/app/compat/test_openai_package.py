"""The `openai` package, as it is, with this server in OpenAI's place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import openai
import pytest
from openai.types.chat import (
    ChatCompletionChunk,
    ChatCompletionMessageFunctionToolCall,
    ChatCompletionMessageParam,
    ChatCompletionToolParam,
)

from app.errors import ModelBroken
from app.models.base import Usage
from database.stores.base import Vectors
from tests.app.fakes import (
    FakeEmbedder,
    FakeModel,
    FakeRetriever,
    a_chunk,
    a_collection,
    a_document,
    a_match,
)
from tests.app.talking import served, talking
from tests.stand_ins.ollama import OllamaStandIn
from tests.stand_ins.ollama_embedding import counted

FOUND = a_collection([a_match()])
ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": "What is the answer?"}]
PICTURE = "data:image/png;base64,AA=="
SOURCES = "\n\nSources: [1] doc.pdf, p. 1"


class Noting(FakeEmbedder):
    """Keeps what it embeds."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return await super().embed_documents(texts)


@asynccontextmanager
async def client_of(
    stand_in: OllamaStandIn | None = None, **settings: Any
) -> AsyncIterator[openai.AsyncOpenAI]:
    """A client of a server that knows one document, and the Ollama behind it."""
    async with (stand_in or OllamaStandIn()).running() as address:
        given = {"collection": FOUND, "ollama_host": address, **settings}
        async with (
            served(**given) as ours,
            openai.AsyncOpenAI(base_url=f"{ours}/v1", api_key="anything", max_retries=0) as client,
        ):
            yield client


async def text_of(chunks: AsyncIterator[ChatCompletionChunk]) -> str:
    return "".join([part.choices[0].delta.content or "" async for part in chunks if part.choices])


async def test_answers_from_the_documents() -> None:
    """With what it took."""
    stand_in = OllamaStandIn()
    async with client_of(stand_in) as client:
        answer = await client.chat.completions.create(model="acervo", messages=ASKED)
    [choice] = answer.choices
    assert (answer.object, answer.model) == ("chat.completion", "acervo")
    assert (choice.message.role, choice.message.content) == ("assistant", f"The answer is 42. [1]{SOURCES}")
    assert choice.finish_reason == "stop"
    assert answer.usage
    assert answer.usage.model_dump(include={"prompt_tokens", "completion_tokens", "total_tokens"}) == {
        "prompt_tokens": 7,
        "completion_tokens": 3,
        "total_tokens": 10,
    }
    assert "<passages>" in stand_in.asked[0]["messages"][1]["content"]


async def test_citations_are_annotations() -> None:
    """Each with what it cites, where, and an address that shows the page."""
    async with client_of() as client:
        answer = await client.chat.completions.create(model="acervo", messages=ASKED)
        stream = await client.chat.completions.create(model="acervo", messages=ASKED, stream=True)
        chunks = [chunk async for chunk in stream]
    message = answer.choices[0].message
    [annotation] = message.annotations or []
    cited = annotation.url_citation
    assert annotation.type == "url_citation"
    assert (message.content or "")[cited.start_index : cited.end_index] == "The answer is 42."
    assert cited.title == "doc.pdf, p. 1"
    assert cited.url == f"{str(client.base_url)[:-4]}/documents/doc/pages/1.png?chunk=doc%3A1%3A0"
    more = cited.model_dump()
    assert more["document"] == {"id": "doc", "name": "doc.pdf"}
    assert (more["page"], more["n"], more["support"]) == (1, 1, 1.0)
    [streamed] = chunks[-1].choices[0].delta.model_dump()["annotations"]
    assert streamed == annotation.model_dump()


async def test_a_page_of_the_web_is_cited_by_its_address() -> None:
    """And what has neither, by the file that is kept."""
    for source, url in (
        ("https://example.org/a", "https://example.org/a"),
        ("/a.md", "/documents/a/file"),
    ):
        document = a_document("a", source=source, media_type="text/html", pages=None)
        async with client_of(collection=a_collection([a_match(document)])) as client:
            answer = await client.chat.completions.create(model="acervo", messages=ASKED)
        [annotation] = answer.choices[0].message.annotations or []
        assert annotation.url_citation.url.endswith(url)


async def test_a_source_has_the_place_of_its_number() -> None:
    """Clients that count addresses find what [3] means; passages of a web page have one each."""
    document = a_document("a", source="https://example.org/a", media_type="text/html", pages=None)
    texts = (
        "The answer is 42.",
        "Forty-two, says the report.",
        "Some held it to be less.",
        "Nobody knows why.",
    )
    matches = [
        a_match(a_document("x"), a_chunk("x", text=texts[0])),
        a_match(a_document("y"), a_chunk("y", text=texts[1])),
        a_match(document, a_chunk("a", text=texts[2])),
        a_match(document, a_chunk("a", 9, text=texts[3])),
    ]
    model = FakeModel(parts=("The answer is 42 [4][2].", Usage(reason="stop")))
    async with client_of(collection=a_collection(matches), models=[model]) as client:
        answer = await client.chat.completions.create(model="acervo", messages=ASKED)
    cited = [one.url_citation.model_dump() for one in answer.choices[0].message.annotations or []]
    assert [one["n"] for one in cited] == [1, 2, 3, 4]
    assert [(one["start_index"], one["end_index"]) for one in cited] == [(0, 0), (0, 16), (0, 0), (0, 16)]
    assert [one["url"] for one in cited[2:]] == ["https://example.org/a", "https://example.org/a#4"]
    assert (answer.choices[0].message.content or "").endswith("Sources: [2] y.pdf, p. 1; [4] a.pdf, p. 10")


async def test_streams_as_the_model_writes() -> None:
    """Piece by piece: the first one is there before the last one is made."""
    stand_in = OllamaStandIn(pieces=("It ", "is ", "42. [1]"), stall_after=2)
    async with client_of(stand_in) as client:
        stream = await client.chat.completions.create(model="acervo", messages=ASKED, stream=True)
        async with asyncio.timeout(5):
            first = await anext(stream)
            second = await anext(stream)
        await stream.close()
    assert first.choices[0].delta.role == "assistant"
    assert second.choices[0].delta.content == "It "
    assert second.choices[0].finish_reason is None


async def test_a_stream_tells_what_it_took_where_that_is_asked_for() -> None:
    """In an event of its own, after the last choice; else in none."""
    async with client_of() as client:
        asked = await client.chat.completions.create(
            model="acervo", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in asked]
        plain = await client.chat.completions.create(model="acervo", messages=ASKED, stream=True)
        others = [chunk async for chunk in plain]
    *_, last, usage = chunks
    assert last.choices[0].finish_reason == "stop"
    assert usage.choices == []
    assert usage.usage
    assert usage.usage.total_tokens == 10
    assert len({chunk.id for chunk in chunks}) == 1
    assert not any(chunk.usage for chunk in others)
    assert others[-1].choices[0].finish_reason == "stop"


async def test_an_answer_that_is_cut_says_so() -> None:
    """By OpenAI's word for it."""
    for model in ("acervo", "llama3"):
        async with client_of(OllamaStandIn(done_reason="length")) as client:
            answer = await client.chat.completions.create(model=model, messages=ASKED)
        assert answer.choices[0].finish_reason == "length"


async def test_content_may_be_parts() -> None:
    """The text of all of them is the question; fields that nobody knows do no harm."""
    model = FakeModel()
    parts: list[ChatCompletionMessageParam] = [
        {"role": "developer", "content": "Talk like a pirate."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is"},
                {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
                {"type": "text", "text": "the answer?"},
            ],
        },
    ]
    async with client_of(models=[model]) as client:
        await client.chat.completions.create(
            model="acervo", messages=parts, user="me", logit_bias={"1": 2}, extra_body={"unknown": 1}
        )
    assert model.prompts[0].question == "What is\nthe answer?"
    assert "pirate" not in model.prompts[0].system + model.prompts[0].user


async def test_documents_can_be_chosen() -> None:
    """By the fields of our own chat."""
    async with client_of() as client:
        with pytest.raises(openai.NotFoundError):
            await client.chat.completions.create(
                model="acervo", messages=ASKED, extra_body={"documents": ["gone"]}
            )


async def test_talks_to_a_model_as_it_is() -> None:
    """Its options have Ollama's names there."""
    stand_in = OllamaStandIn()
    said: list[ChatCompletionMessageParam] = [{"role": "developer", "content": "Talk like a pirate."}, *ASKED]
    async with client_of(stand_in) as client:
        answer = await client.chat.completions.create(
            model="llama3", messages=said, temperature=1.5, max_completion_tokens=9, stop="x", seed=3,
            response_format={"type": "json_object"},
        )  # fmt: skip
        stream = await client.chat.completions.create(
            model="llama3", messages=said, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert answer.choices[0].message.content == "The answer is 42. [1]"
    assert answer.usage
    assert answer.usage.total_tokens == 10
    assert "".join(c.choices[0].delta.content or "" for c in chunks[:-1]) == "The answer is 42. [1]"
    assert chunks[-1].usage == answer.usage
    asked, _ = stand_in.asked
    assert asked["messages"] == [
        {"role": "system", "content": "Talk like a pirate."},
        {"role": "user", "content": "What is the answer?"},
    ]
    assert asked["options"] == {
        "num_ctx": 8_192,
        "temperature": 1.5,
        "num_predict": 9,
        "stop": ["x"],
        "seed": 3,
    }
    assert asked["format"] == "json"


async def test_a_model_as_it_is_calls_functions() -> None:
    """And gets back what they gave, with their names; pictures go along."""
    call = {"function": {"name": "weather", "arguments": {"city": "Évora"}}}
    stand_in = OllamaStandIn(pieces=("",), says={"thinking": "Hm.", "tool_calls": [call]})
    tool: ChatCompletionToolParam = {"type": "function", "function": {"name": "weather", "parameters": {}}}
    async with client_of(stand_in) as client:
        answer = await client.chat.completions.create(model="llama3", messages=ASKED, tools=[tool])
        [choice] = answer.choices
        [called] = choice.message.tool_calls or []
        assert choice.finish_reason == "tool_calls"
        assert isinstance(called, ChatCompletionMessageFunctionToolCall)
        assert (called.function.name, called.function.arguments) == ("weather", '{"city": "Évora"}')
        following: list[ChatCompletionMessageParam] = [
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]},
            {"role": "assistant", "tool_calls": [called.model_dump()]},  # type: ignore[list-item]
            {"role": "tool", "tool_call_id": called.id, "content": "Sunny."},
        ]  # fmt: skip
        stream = await client.chat.completions.create(
            model="llama3", messages=following, tools=[tool], stream=True
        )
        chunks = [chunk async for chunk in stream]
    deltas = [chunk.choices[0].delta for chunk in chunks]
    [streamed] = [one for delta in deltas for one in delta.tool_calls or ()]
    assert streamed.index == 0
    assert streamed.function
    assert streamed.function.name == "weather"
    assert chunks[-1].choices[0].finish_reason == "tool_calls"
    assert [delta.model_dump().get("reasoning") for delta in deltas if "reasoning" in delta.model_dump()] == [
        "Hm."
    ]
    assert stand_in.asked[1]["messages"] == [
        {"role": "user", "content": "", "images": ["AA=="]},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "Sunny.", "tool_name": "weather"},
    ]


async def test_lists_the_models() -> None:
    """Each by a name that can be asked for."""
    async with client_of(OllamaStandIn(embedding_models=("nomic:latest",))) as client:
        listed = [(model.id, model.owned_by) async for model in await client.models.list()]
        one = await client.models.retrieve("acervo/llama3")
        with pytest.raises(openai.NotFoundError) as raised:
            await client.models.retrieve("gpt-4o")
    assert listed == [
        ("acervo", "acervo"),
        ("acervo/llama3:latest", "acervo"),
        ("acervo/extractive", "acervo"),
        ("acervo/embedding", "acervo"),
        ("nomic:latest", "ollama"),
        ("llama3:latest", "ollama"),
    ]
    assert (one.id, one.object, one.owned_by) == ("acervo/llama3:latest", "model", "acervo")
    assert raised.value.code == "model_not_found"


async def test_embeds_as_numbers_and_as_bytes() -> None:
    """The package asks for bytes where nobody says what; both are the same vector."""
    async with client_of(OllamaStandIn(embedding_models=("nomic:latest",))) as client:
        packed = await client.embeddings.create(model="nomic", input=["a", "bb"])
        sized = await client.embeddings.create(model="nomic", input="a", dimensions=len(counted("a")))
        with pytest.raises(openai.BadRequestError, match="It takes: 1") as raised:
            await client.embeddings.create(model="acervo/embedding", input="a", dimensions=256)
        numbers = await client.embeddings.create(model="nomic", input="a", encoding_format="float")
        ours = await client.embeddings.create(model="acervo/embedding", input="a")
    assert [one.embedding for one in packed.data] == [counted("a"), counted("bb")]
    assert [one.index for one in packed.data] == [0, 1]
    assert numbers.data[0].embedding == counted("a")
    assert sized.data[0].embedding == counted("a")
    assert raised.value.param == "dimensions"
    assert packed.usage.prompt_tokens == 5
    assert ours.data[0].embedding == [0.0]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": "hello"}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages"),
        ({"messages": [{"role": "user", "content": ["hello"]}]}, "messages"),
        ({"n": 2}, "n"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": True}, "stream_options"),
        ({"model": 7}, "model"),
        ({"model": "llama3", "temperature": "hot"}, "temperature"),
        ({"model": "llama3", "stop": 7}, "stop"),
        (
            {
                "model": "llama3",
                "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "http://a/b"}]}],
            },
            "image_url",
        ),
        (
            {"model": "llama3", "messages": [{"role": "assistant", "tool_calls": [{"function": 7}]}]},
            "messages",
        ),
    ],
)
async def test_what_is_wrong_is_told(change: dict[str, object], param: str) -> None:
    """With the field that it is about."""
    async with client_of() as client:
        with pytest.raises(openai.BadRequestError) as raised:
            await client.post(
                "/chat/completions", cast_to=object, body={"model": "acervo", "messages": ASKED, **change}
            )
    assert raised.value.param == param
    assert raised.value.type == "invalid_request_error"


@pytest.mark.parametrize("path", ["/v1/embeddings", "/api/embed", "/api/embeddings"])
async def test_half_a_character_is_embedded_as_what_it_is_not(path: str) -> None:
    """JSON can hold it, and the collection's own tokenizer would fail on it."""
    embedder = Noting()
    collection = replace(FOUND, retriever=FakeRetriever(store=FOUND.store, embedder=embedder))
    body = json.dumps({"input": "a \ud800", "prompt": "a \ud800"})
    async with talking(collection) as client, client.post(path, data=body) as response:
        assert response.status == 200
    assert embedder.texts == ["a ?"]


async def test_tokens_are_no_texts() -> None:
    """Numbers of some tokenizer mean nothing here."""
    async with client_of() as client:
        with pytest.raises(openai.BadRequestError) as raised:
            await client.embeddings.create(model="acervo/embedding", input=[1, 2])
        assert raised.value.param == "input"
        with pytest.raises(openai.BadRequestError):
            await client.embeddings.create(model="acervo/embedding", input=[])


async def test_errors_have_openais_shape() -> None:
    """Also those of what isn't offered, and of what is too long."""
    async with client_of() as client:
        with pytest.raises(openai.NotFoundError, match="does not offer"):
            await client.files.list()
        long: list[ChatCompletionMessageParam] = [{"role": "user", "content": "x " * 9_000}]
        with pytest.raises(openai.BadRequestError) as raised:
            await client.chat.completions.create(model="acervo", messages=long)
        assert raised.value.code == "context_length_exceeded"
        with pytest.raises(openai.PermissionDeniedError) as refused:
            await client.chat.completions.create(
                model="acervo", messages=ASKED, extra_headers={"Origin": "http://evil.example"}
            )
        assert refused.value.code == "origin_refused"
        with pytest.raises(openai.BadRequestError):
            await client.models.list(extra_headers={"Host": "evil.example"})


@pytest.mark.parametrize("model", ["acervo/llama3", "llama3"])
async def test_a_stream_that_fails_says_so(model: str) -> None:
    """As an error that the package raises; the model's words stay in the log."""
    async with client_of(OllamaStandIn(error_after=2)) as client:
        stream = await client.chat.completions.create(model=model, messages=ASKED, stream=True)
        with pytest.raises(openai.APIError) as raised:
            await asyncio.wait_for(text_of(stream), 5)
    assert raised.value.code == "model_unavailable"
    assert "secret" not in str(raised.value.body)


@pytest.mark.parametrize("model", ["acervo/llama3", "llama3"])
async def test_an_answer_that_fails_has_a_status_where_it_is_not_streamed(model: str) -> None:
    """Cut streams are failures, too."""
    async with client_of(OllamaStandIn(cut_after=2)) as client:
        with pytest.raises(openai.InternalServerError) as raised:
            await client.chat.completions.create(model=model, messages=ASKED)
    assert raised.value.status_code == 503
    assert raised.value.code == "model_unavailable"


@pytest.mark.parametrize("model", ["acervo", "llama3"])
async def test_a_stream_that_the_client_leaves_lets_go_of_the_model(model: str) -> None:
    """At once, as one that it waits for and doesn't stream."""
    stand_in = OllamaStandIn(stall_after=2)
    async with client_of(stand_in) as client:
        stream = await client.chat.completions.create(model=model, messages=ASKED, stream=True)
        while not (await anext(stream)).choices[0].delta.content:
            pass
        await stream.close()
        await asyncio.wait_for(stand_in.left.wait(), 2)
        stand_in.left.clear()
        with pytest.raises(openai.APITimeoutError):
            await client.chat.completions.create(model=model, messages=ASKED, timeout=0.3)
        await asyncio.wait_for(stand_in.left.wait(), 2)


async def test_another_model_begins_anew_where_one_dies() -> None:
    """What is cited is counted in all of the text."""
    dies = FakeModel(name="dies", parts=("It is ", "41 ", ModelBroken("dies", "died")))
    async with client_of(models=[dies, FakeModel(name="lives")]) as client:
        answer = await client.chat.completions.create(model="acervo", messages=ASKED)
    message = answer.choices[0].message
    text = message.content or ""
    assert text.startswith("It is")
    assert text.endswith(f"lives answers from the beginning:\n\nThe answer is 42 [1].{SOURCES}")
    [annotation] = message.annotations or []
    cited = annotation.url_citation
    assert text[cited.start_index : cited.end_index] == "The answer is 42"


async def test_what_the_documents_do_not_hold_is_an_answer_like_any() -> None:
    """Clients know no other word for it."""
    async with client_of(collection=a_collection()) as client:
        answer = await client.chat.completions.create(model="acervo", messages=ASKED)
    assert answer.choices[0].finish_reason == "stop"
    assert "Sources" not in (answer.choices[0].message.content or "")
    assert answer.choices[0].message.annotations == []


async def test_who_waits_for_others_hears_that_the_server_lives() -> None:
    """By comments, which clients pass over."""
    first = FakeModel(stalls=True)
    async with client_of(models=[first], answers_at_once=1) as client:
        stream = await client.chat.completions.create(model="acervo", messages=ASKED, stream=True)
        await anext(stream)
        waiting = await client.chat.completions.with_raw_response.create(
            model="acervo", messages=ASKED, stream=True
        )
        assert waiting.headers["Content-Type"].startswith("text/event-stream")
        first.stalls = False
        await stream.close()
        assert (await asyncio.wait_for(text_of(waiting.parse()), 5)).startswith("The answer is 42")


async def test_a_question_that_leans_on_the_conversation() -> None:
    """Is made one that can be understood alone; nothing of that is in the text."""
    model = FakeModel(parts=("What is the answer for companies?", Usage(reason="stop")))
    said: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": "What is the answer for citizens?"},
        {"role": "assistant", "content": "It is 42 [1]."},
        {"role": "user", "content": "And for companies?"},
    ]
    async with client_of(models=[model]) as client:
        stream = await client.chat.completions.create(model="acervo", messages=said, stream=True)
        await text_of(stream)
    assert model.prompts[-1].question == "What is the answer for companies?"
