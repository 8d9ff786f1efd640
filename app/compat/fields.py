"""Fields that clients of Ollama's and of OpenAI's protocol send alike, and what requests have of them."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, with_config
from typing_extensions import TypedDict

from app.compat.offers import WHICHEVER
from app.fields import REQUEST, OrNull, Takes, Whole
from app.requests import CHAT_LIMIT, MOST_CHAT_LIMIT, Chosen, Documents, ModelName, ReaderLanguage

# More than any client keeps of a conversation; the body has a limit, too.
MOST_SAID = 10_000
MOST_TEXTS = 2_048  # as OpenAI has it
MOST_DIMENSIONS = 100_000

_MESSAGES = '[{"role": "user", "content": "…"}, …]'


@with_config(ConfigDict(use_attribute_docstrings=True, extra="allow"))
class Said(TypedDict):
    """A message of the conversation, with whatever else the protocol puts into one."""

    role: str
    """`user` or `assistant`; `system` and others are read by models as they are, and by none else."""
    content: NotRequired[str | list[dict[str, Any]] | None]
    """Text, or parts of which some are text."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _encodable(text: str) -> str:
    """Without halves of characters, which JSON can hold and no tokenizer reads."""
    return text.encode("utf-8", "replace").decode()


Text = Annotated[str, AfterValidator(_encodable)]
_Listed = Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)]

Messages = Annotated[tuple[Said, ...], Field(max_length=MOST_SAID), Takes(_MESSAGES)]
Flag = Annotated[StrictBool | None, Takes("true, false")]
Texts = Annotated[
    _Listed,
    BeforeValidator(_listed, json_schema_input_type=str | _Listed),
    Takes('"…", ["…", …]', least=1, most=MOST_TEXTS),
]
Dimensions = Annotated[
    Annotated[Whole, Field(ge=1, le=MOST_DIMENSIONS)] | None,
    Takes("384, 768, …", least=1, most=MOST_DIMENSIONS),
]
# What Ollama itself checks, or nobody.
PassedOn = Any


class OfModel(BaseModel):
    """A request to one of the models. Unknown fields are let through."""

    model_config = REQUEST

    model: ModelName = None
    """Its name, as the lists of models have it; whichever can answer where there is none."""

    @property
    def wanted(self) -> str:
        return self.model or WHICHEVER


class OverDocuments(BaseModel):
    """What our own questions have, too, for models that answer from the documents."""

    model_config = REQUEST

    documents: Documents = None
    """Ids of the documents to ask; all of them where there are none."""
    filter: Chosen = None
    """The documents to ask, by what is said of them."""
    language: ReaderLanguage = None
    """The answer's language; the question's own where it is left open."""
    limit: Annotated[
        Whole,
        Field(ge=1, le=MOST_CHAT_LIMIT),
        Takes(f"1–{MOST_CHAT_LIMIT}", least=1, most=MOST_CHAT_LIMIT),
        OrNull(CHAT_LIMIT),
    ] = CHAT_LIMIT
    """How many passages are looked for."""
