"""What Ollama's and OpenAI's clients are answered with. A model of Ollama's that is asked as it is may say
more, which is passed on.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from app.messages import Language
from app.schemas import Citation, DoneReason, Source, Span, wire

passing = with_config(ConfigDict(use_attribute_docstrings=True, extra="allow"))


@wire
class StreamFailed(TypedDict):
    """The last line of a stream that ends in an error."""

    error: str


@passing
class OllamaMessage(TypedDict):
    """Some of an answer."""

    role: str
    content: str


@passing
class OllamaPart(TypedDict):
    """A line of an answer, or all of it where it isn't streamed. Sources come in the first line that has
    text or none, citations and counts in the last.
    """

    model: str
    created_at: str
    done: bool
    queued: NotRequired[int]
    """Others are answered first: the place in the line, from 1."""
    question: NotRequired[str]
    """As it is answered, where it leaned on what was said before."""
    language: NotRequired[Language]
    sources: NotRequired[list[Source]]
    """What the answer may cite."""
    done_reason: NotRequired[str]
    """`stop` or `length`; `load` or `unload` where nothing was asked."""
    outcome: NotRequired[DoneReason]
    """Our own word for it."""
    citations: NotRequired[list[Citation]]
    uncited: NotRequired[list[Span]]
    """Statements that cite nothing."""
    total_duration: NotRequired[int]
    """Nanoseconds, as the other durations."""
    load_duration: NotRequired[int]
    prompt_eval_duration: NotRequired[int]
    eval_duration: NotRequired[int]
    prompt_eval_count: NotRequired[int]
    """Tokens that were read, where the model counts them."""
    eval_count: NotRequired[int]
    """Tokens that were written, where the model counts them."""


@passing
class OllamaChatPart(OllamaPart):
    """A line of `/api/chat`, or all of it."""

    message: OllamaMessage


@passing
class OllamaGeneratePart(OllamaPart):
    """A line of `/api/generate`, or all of it."""

    response: str


@passing
class OllamaModel(TypedDict):
    """A model, as lists have it."""

    name: str
    model: str
    digest: NotRequired[str]
    size: NotRequired[int]
    modified_at: NotRequired[str]
    details: NotRequired[dict[str, Any]]


@wire
class OllamaModels(TypedDict):
    """Models, those that answer from the documents first."""

    models: list[OllamaModel]


@passing
class OllamaShown(TypedDict):
    """What a model is."""

    details: dict[str, Any]
    model_info: NotRequired[dict[str, Any]]
    """How many tokens it reads, as `….context_length`."""
    capabilities: NotRequired[list[str]]
    """`completion`, `embedding`, and what else Ollama tells of its own."""


@wire
class OllamaVersion(TypedDict):
    """The version of Ollama's API that is followed."""

    version: str


@wire
class OllamaEmbedded(TypedDict):
    """The vectors, in the order of the texts."""

    model: str
    embeddings: list[list[float]]
    total_duration: int
    load_duration: int
    prompt_eval_count: int


@wire
class OllamaEmbedding(TypedDict):
    """The vector."""

    embedding: list[float]


@wire
class OpenAIProblem(TypedDict):
    """What went wrong."""

    message: str
    """A sentence in the language of the request."""
    type: Literal["invalid_request_error", "server_error"]
    param: str | None
    """The field that is wrong, where one is."""
    code: str
    """The same for programs."""


@wire
class OpenAIError(TypedDict):
    """An error in OpenAI's shape."""

    error: OpenAIProblem


@wire
class OpenAIDocument(TypedDict):
    """Which document it is."""

    id: str
    name: str


@wire
class OpenAICitation(TypedDict):
    """Where a sentence of the answer stands."""

    url: str
    """What shows the page with the passage marked; of a web page its own address."""
    title: str
    start_index: int
    end_index: int
    n: int
    """It is cited as [n]."""
    document: OpenAIDocument
    page: int | None
    pages: list[int]
    support: float | None
    """0 to 1: how much of the sentence its sources say."""
    missing: list[str]
    """Numbers and names of the sentence that its sources don't hold."""


@wire
class OpenAIAnnotation(TypedDict):
    """A citation."""

    type: Literal["url_citation"]
    url_citation: OpenAICitation


@wire
class OpenAIMessage(TypedDict):
    """An answer, or some of it."""

    role: NotRequired[Literal["assistant"]]
    content: NotRequired[str | None]
    refusal: NotRequired[None]
    annotations: NotRequired[list[OpenAIAnnotation]]
    """What is cited, in a stream with the last piece."""
    reasoning: NotRequired[str]
    """Thoughts of a model as it is."""
    tool_calls: NotRequired[list[dict[str, Any]]]
    """Functions that a model as it is calls."""


@wire
class OpenAIUsage(TypedDict):
    """Tokens; 0 where the model doesn't count them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


@wire
class OpenAIChoice(TypedDict):
    """The one answer."""

    index: int
    message: OpenAIMessage
    logprobs: None
    finish_reason: Literal["stop", "length", "tool_calls"]


@wire
class OpenAIChatCompletion(TypedDict):
    """An answer."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[OpenAIChoice]
    usage: OpenAIUsage


@wire
class OpenAIDelta(TypedDict):
    """Some of the one answer."""

    index: int
    delta: OpenAIMessage
    logprobs: None
    finish_reason: Literal["stop", "length", "tool_calls"] | None


@wire
class OpenAIChunk(TypedDict):
    """Some of an answer; without any where the tokens are told."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[OpenAIDelta]
    usage: NotRequired[OpenAIUsage]


@wire
class OpenAIModel(TypedDict):
    """A model."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: Literal["acervo", "ollama"]


@wire
class OpenAIModels(TypedDict):
    """Models, those that answer from the documents first."""

    object: Literal["list"]
    data: list[OpenAIModel]


@wire
class OpenAIVector(TypedDict):
    """The vector of one text."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str
    """Numbers, or their bytes in base64."""


@wire
class OpenAITokens(TypedDict):
    """Tokens that were read; 0 where they aren't known."""

    prompt_tokens: int
    total_tokens: int


@wire
class OpenAIVectors(TypedDict):
    """The vectors, in the order of the texts."""

    object: Literal["list"]
    data: list[OpenAIVector]
    model: str
    usage: OpenAITokens
