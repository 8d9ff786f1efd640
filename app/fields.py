"""The fields of requests: pydantic checks them, and what is wrong with one is told in our own sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    StrictInt,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from app.defuse import visible
from app.errors import BadRequest, PromptMissing, PromptTooLong, RequestError
from app.messages import SENTENCES, Key, sentence

Fields = Mapping[str, object]
Json = dict[str, object]

Model = TypeVar("Model", bound=BaseModel)

# A docstring below a field is its description, and unknown fields are let through. What checks them is built
# by the first request: it takes a tenth of the time in which the server starts.
REQUEST = ConfigDict(frozen=True, use_attribute_docstrings=True, defer_build=True)

EXAMPLE_ID = "9695213f59e8aef9377b8318"  # of a document

_OUT_OF_RANGE = frozenset(
    ("too_long", "too_short", "string_too_long", "string_too_short", "greater_than_equal", "less_than_equal")
)


@dataclass(frozen=True, slots=True)
class Takes:
    """In an annotation: what the field takes, as it is told to whoever sends something else.

    Where there is a `most`, what is too small, too large or too long is told the range. `key` is the
    sentence for everything else.
    """

    allowed: str
    least: int = 0
    most: object = None
    key: Key = "wrong_type"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._check, handler(source))

    def _check(self, value: object, inner: ValidatorFunctionWrapHandler) -> object:
        try:
            return inner(value)
        except ValidationError as error:
            kind = error.errors(include_url=False, include_input=False)[0]["type"]
            if kind in SENTENCES:  # a field within this one has told it
                raise
            if kind in _OUT_OF_RANGE and self.most is not None:
                raise wrong("out_of_range", least=self.least, most=self.most) from None
            raise wrong(self.key, allowed=self.allowed) from None


@dataclass(frozen=True, slots=True)
class OrNull:
    """In an annotation: null is as good as nothing, which is this value."""

    value: object

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        nullable = core_schema.nullable_schema(handler(source))
        return core_schema.no_info_after_validator_function(self._fill, nullable)

    def _fill(self, value: object) -> object:
        return self.value if value is None else value


def wrong(key: Key, **values: object) -> PydanticCustomError:
    """What a validator raises to have this sentence told, with the field's name among its values."""
    return PydanticCustomError(key, key, values)


def _whole(value: object) -> object:
    """2.0 is a whole number in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[StrictInt, BeforeValidator(_whole)]


def shown(value: object) -> object:
    """Text without what nobody sees, which is more than control characters; anything else as it is."""
    return visible(value).strip() if isinstance(value, str) else value


def parse(model: type[Model], fields: Fields) -> Model:
    """The request that the fields make. What is missing is as good as null.

    Raises BadRequest, PromptMissing, PromptTooLong.
    """
    missing = {name: None for name, field in model.model_fields.items() if field.is_required()}
    try:
        return model.model_validate({**missing, **fields})
    except ValidationError as error:
        first, *_ = error.errors(include_url=False, include_input=False)
        raise _told(first) from None


def _told(error: ErrorDetails) -> RequestError:
    field = ".".join(part for part in error["loc"] if isinstance(part, str))
    values = error.get("ctx", {})
    match error["type"]:
        case "text_missing":
            return PromptMissing(field)
        case "text_too_long":
            return PromptTooLong(**values)
        case key:
            return BadRequest(sentence(cast(Key, key), field=field, **values))
