"""What a person says of a document, and what documents are chosen by."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.defuse import visible
from app.fields import REQUEST, Fields, OrNull, Takes, parse, wrong
from database.records import UNDESCRIBED, Description, Document
from database.terms import fold

LONGEST_TITLE = 300  # characters
LONGEST_DESCRIPTION = 4_000
LONGEST_TAG = 100
MOST_TAGS = 50

FIELDS = ("title", "description", "tags", "language")


def _line(value: object) -> object:
    return " ".join(visible(value).split()) if isinstance(value, str) else value


def _apart(value: object) -> object:
    """Tags as forms send them."""
    return value.split(",") if isinstance(value, str) else value


def _once(tags: tuple[str, ...]) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(filter(None, tags)))
    if len(tags) > MOST_TAGS:
        raise wrong("out_of_range", least=0, most=MOST_TAGS)
    return tags


def _left_open(value: object) -> object:
    return None if value in ("", "auto") else value


Title = Annotated[
    str,
    BeforeValidator(_line),
    Field(max_length=LONGEST_TITLE),
    Takes("text", most=LONGEST_TITLE),
    OrNull(""),
]
Text = Annotated[
    str,
    BeforeValidator(_line),
    Field(max_length=LONGEST_DESCRIPTION),
    Takes("text", most=LONGEST_DESCRIPTION),
    OrNull(""),
]
Tag = Annotated[str, BeforeValidator(_line), Field(max_length=LONGEST_TAG), Takes("text", most=LONGEST_TAG)]
Tags = Annotated[
    tuple[Tag, ...],
    AfterValidator(_once),
    BeforeValidator(_apart, json_schema_input_type=list[Tag] | str),
    Takes('["…", "…"]'),
    OrNull(()),
]
LanguageCode = Annotated[
    Annotated[str, Field(pattern="^[a-z]{2}$")] | None,
    BeforeValidator(
        _left_open, json_schema_input_type=Annotated[str, Field(pattern="^([a-z]{2}|auto)?$")] | None
    ),
    Takes("pt, es, en, fr, … (ISO 639-1)", key="wrong_choice"),
]


class Filter(BaseModel):
    """The documents whose title and description hold these words, that have all of these tags, in this
    language.
    """

    model_config = ConfigDict(**REQUEST, extra="forbid")  # one that nobody knows would let everything through

    title: Title = ""
    """Words that stand in the title, or in the name where there is none."""
    description: Text = ""
    """Words that stand in the description."""
    tags: Tags = ()
    """All of these, without regard to case and accents."""
    language: LanguageCode = None
    """The documents' language (ISO 639-1)."""

    def lets_through(self, document: Document) -> bool:
        tags = {fold(tag) for tag in document.described.tags}
        return (
            fold(self.title) in fold(document.title or document.name)
            and fold(self.description) in fold(document.described.description)
            and all(fold(tag) in tags for tag in self.tags)
            and self.language in (None, document.language)
        )


class DescriptionRequest(BaseModel):
    """What is said of a document. What isn't mentioned stays; null and "" take back."""

    model_config = ConfigDict(
        **REQUEST,
        json_schema_extra={
            "examples": [{"title": "Edital 3/2026", "tags": ["editais"]}],
            "anyOf": [{"required": [field]} for field in FIELDS],
        },
    )

    title: Title = ""
    """Shown in place of the file's own title."""
    description: Text = ""
    """A few words on what it is."""
    tags: Tags = ()
    """Documents can be chosen by them."""
    language: LanguageCode = None
    """Its language (ISO 639-1), where the file is taken for another."""

    def over(self, before: Description) -> Description:
        """`before` with what was mentioned."""
        said: dict[str, Any] = {name: getattr(self, name) for name in FIELDS if name in self.model_fields_set}
        if "title" in said:
            said["title"] = self.title or None
        return replace(before, **said)

    def alone(self) -> Description | None:
        """None where nothing was mentioned."""
        return self.over(UNDESCRIBED) if self.model_fields_set & set(FIELDS) else None


def parse_description(fields: Fields, before: Description = UNDESCRIBED) -> Description:
    """`before` with what the fields say; null and "" take back. Raises BadRequest."""
    return parse(DescriptionRequest, fields).over(before)
