"""What stands in addresses, checked: paths and queries."""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, Field, StrictInt

from app.fields import EXAMPLE_ID, REQUEST, Takes, parse

NARROWEST, USUAL_WIDTH, WIDEST = 64, 1_000, 2_400  # pixels
MOST_MARKED = 20  # chunks

LAST_PAGE = 9_999_999

_DIGITS = re.compile(r"[0-9]{1,9}")

Model = TypeVar("Model", bound=BaseModel)


def _number(value: object) -> object:
    """Of plain digits only: `int` takes blanks, signs and the digits of every alphabet."""
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value


class DocumentPath(BaseModel):
    """A document's address."""

    model_config = REQUEST

    id: Annotated[str, Field(examples=[EXAMPLE_ID])]
    """The document's id."""


class PagePath(DocumentPath):
    """A page's address."""

    page: Annotated[int, Field(ge=1, le=LAST_PAGE, examples=[12])]
    """From 1."""


class FilePath(BaseModel):
    """The address of a file of the page."""

    model_config = REQUEST

    file: Annotated[str, Field(examples=["start.js"])]
    """Its name."""


class ModelPath(BaseModel):
    """A model's address."""

    model_config = REQUEST

    id: Annotated[str, Field(min_length=1, examples=["acervo"])]
    """Its name, in which slashes may stand as they are."""


class AnswerPath(BaseModel):
    """An answer's address."""

    model_config = REQUEST

    id: Annotated[str, Field(examples=["q3Zr0yqN2X8mJk1tVb6w7A"])]
    """The `id` that the answer's first lines tell."""


class AnswerQuery(BaseModel):
    """Where an answer is read on."""

    model_config = REQUEST

    after: Annotated[StrictInt, Field(ge=0, examples=[3]), BeforeValidator(_number), Takes("0, 1, 2, …")] = 0
    """How many of its lines are there already."""


class PictureQuery(BaseModel):
    """What a page's picture shows."""

    model_config = REQUEST

    chunk: Annotated[tuple[str, ...], Field(max_length=MOST_MARKED), Takes("id", most=MOST_MARKED)] = ()
    """Ids of passages that are marked, as the addresses in `image` have them."""
    width: Annotated[
        StrictInt,
        Field(ge=NARROWEST, le=WIDEST, examples=[USUAL_WIDTH]),
        BeforeValidator(_number),
        Takes(f"{NARROWEST}–{WIDEST}", least=NARROWEST, most=WIDEST),
    ] = USUAL_WIDTH
    """Pixels."""


def parse_query(model: type[Model], request: web.Request) -> Model:
    """What the query says; a name that stands there twice counts once, unless it may. Raises BadRequest."""
    given = request.query
    fields = {name: given[name] for name in model.model_fields if name in given}
    several = {
        name: given.getall(name)
        for name, field in model.model_fields.items()
        if name in given and field.default == ()
    }
    return parse(model, {**fields, **several})
