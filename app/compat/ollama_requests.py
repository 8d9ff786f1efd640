"""What clients of Ollama ask, checked."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict

from app.compat.fields import Dimensions, Flag, Messages, OfModel, OverDocuments, PassedOn, Text, Texts
from app.compat.offers import WHICHEVER
from app.compat.passing import OPTIONS
from app.fields import REQUEST, OrNull, Takes
from app.requests import ModelName

# What is passed on to a model that a client talks to as it is. How long it stays loaded is not for clients.
_CHAT_FIELDS = ("messages", "tools", "format", "think", "logprobs", "top_logprobs")
_GENERATE_FIELDS = (
    "prompt",
    "suffix",
    "images",
    "system",
    "template",
    "context",
    "raw",
    "format",
    "think",
    "logprobs",
    "top_logprobs",
)

Options = Annotated[dict[str, Any] | None, Takes('{"temperature": 0.2, …}')]


class _Named(OfModel):
    name: ModelName = None
    """What older clients call the model."""

    @property
    def wanted(self) -> str:
        return self.model or self.name or WHICHEVER


class _Asked(OverDocuments, _Named):
    """What both ways of asking have. Of models as they are, what isn't named here is not passed on."""

    stream: Flag = None
    """Whether the answer comes in lines, as it is written; it does unless this is false."""
    options: Options = None
    """How a model as it is writes."""
    format: PassedOn = None
    """The form of what a model as it is writes: `json`, or a schema."""
    think: PassedOn = None
    """Whether a model as it is thinks first."""
    logprobs: PassedOn = None
    """For a model as it is."""
    top_logprobs: PassedOn = None
    """For a model as it is."""
    keep_alive: PassedOn = None
    """Not followed: how long a model stays loaded is for who runs the server."""

    @property
    def streams(self) -> bool:
        return self.stream is not False

    @property
    def unloads(self) -> bool:
        """Whether a request without a word asks to let go of the model. It is not: others are served."""
        return self.keep_alive in (0, "0", "0s")

    def _passed(self, names: tuple[str, ...]) -> dict[str, Any]:
        kept = {
            name: value
            for name, value in (self.options or {}).items()
            if name in OPTIONS and value is not None
        }
        passed = {name: value for name in names if (value := getattr(self, name)) is not None}
        return {**passed, **({"options": kept} if kept else {})}


class OllamaChat(_Asked):
    """A conversation, whose last message is the question."""

    model_config = ConfigDict(
        **REQUEST,
        json_schema_extra={
            "examples": [
                {"model": "acervo", "messages": [{"role": "user", "content": "Qual é o prazo de recurso?"}]},
                {"model": "llama3", "messages": [{"role": "user", "content": "Olá!"}], "stream": False},
            ]
        },
    )

    messages: Annotated[Messages, OrNull(())] = ()
    """What was said, oldest first. Where there is none, the model is only loaded."""
    tools: PassedOn = None
    """Functions that a model as it is may call."""

    @property
    def passed(self) -> dict[str, Any]:
        """What a model as it is gets of it."""
        return self._passed(_CHAT_FIELDS)


class OllamaGenerate(_Asked):
    """One prompt, without a conversation."""

    model_config = ConfigDict(
        **REQUEST,
        json_schema_extra={
            "examples": [
                {"model": "acervo", "prompt": "Qual é o prazo de recurso?"},
                {"model": "llama3", "prompt": "Olá!", "options": {"temperature": 0.2}},
            ]
        },
    )

    prompt: Annotated[str, Takes("text"), OrNull("")] = ""
    """The question. Where there is none, the model is only loaded."""
    suffix: PassedOn = None
    """What comes after the text that a model as it is writes."""
    images: PassedOn = None
    """Pictures in base64, for a model as it is."""
    system: PassedOn = None
    """For a model as it is."""
    template: PassedOn = None
    """For a model as it is."""
    context: PassedOn = None
    """For a model as it is: what its last answer gave."""
    raw: PassedOn = None
    """For a model as it is: without its template."""

    @property
    def passed(self) -> dict[str, Any]:
        """What a model as it is gets of it."""
        return self._passed(_GENERATE_FIELDS)


class OllamaShow(_Named):
    """Which model is shown."""

    model_config = ConfigDict(
        **REQUEST, json_schema_extra={"examples": [{"model": "acervo"}, {"model": "llama3"}]}
    )


class OllamaEmbed(_Named):
    """Texts that become vectors."""

    model_config = ConfigDict(
        **REQUEST,
        json_schema_extra={
            "examples": [
                {"model": "acervo/embedding", "input": ["prazo", "recurso"]},
                {"model": "bge-m3", "input": "prazo"},
            ]
        },
    )

    input: Texts
    """One text, or several."""
    truncate: Flag = None
    """Whether a text that is too long is embedded by its beginning; else it is refused. It is, unless this is
    false.
    """
    dimensions: Dimensions = None
    """Numbers of a vector. A model that has one length only refuses any other."""

    @property
    def cut(self) -> bool:
        return self.truncate is not False


class OllamaEmbeddings(_Named):
    """A text that becomes a vector, as older clients ask for it."""

    model_config = ConfigDict(
        **REQUEST, json_schema_extra={"examples": [{"model": "acervo/embedding", "prompt": "prazo"}]}
    )

    prompt: Annotated[Text, Takes("text")]
    """The text."""
