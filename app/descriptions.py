"""What a person says of a document, and what documents are chosen by: checked, from fields to records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.defuse import visible
from app.errors import BadRequest
from app.messages import sentence
from database.records import UNDESCRIBED, Description, Document
from database.terms import fold

LONGEST_TITLE = 300  # characters
LONGEST_DESCRIPTION = 4_000
LONGEST_TAG = 100
MOST_TAGS = 50

FIELDS = ("title", "description", "tags", "language")

_LANGUAGE = re.compile(r"[a-z]{2}")

Fields = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """The documents whose title and description hold these words, that have all of these tags, in this
    language.
    """

    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    language: str | None = None

    def lets_through(self, document: Document) -> bool:
        tags = {fold(tag) for tag in document.described.tags}
        return (
            fold(self.title) in fold(document.title or document.name)
            and fold(self.description) in fold(document.described.description)
            and all(fold(tag) in tags for tag in self.tags)
            and self.language in (None, document.language)
        )


def parse_description(fields: Fields, before: Description = UNDESCRIBED) -> Description:
    """`before` with what the fields say; null and "" take back. Raises BadRequest."""
    described = before
    if "title" in fields:
        described = replace(described, title=_text(fields, "title", LONGEST_TITLE) or None)
    if "description" in fields:
        described = replace(described, description=_text(fields, "description", LONGEST_DESCRIPTION))
    if "tags" in fields:
        described = replace(described, tags=_tags(fields))
    if "language" in fields:
        described = replace(described, language=_language(fields))
    return described


def parse_filter(fields: Fields) -> Filter | None:
    """What the field `filter` of a question or a search says. Raises BadRequest."""
    value = fields.get("filter")
    if value is None:
        return None
    if not isinstance(value, dict) or not value.keys() <= set(FIELDS):
        raise BadRequest(sentence("wrong_type", field="filter", allowed='{"tags": ["…"], "language": "pt"}'))
    return Filter(
        title=_text(value, "title", LONGEST_TITLE),
        description=_text(value, "description", LONGEST_DESCRIPTION),
        tags=_tags(value),
        language=_language(value),
    )


def _text(fields: Fields, field: str, longest: int) -> str:
    value = fields.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(sentence("wrong_type", field=field, allowed="text"))
    if len(value) > longest:
        raise BadRequest(sentence("out_of_range", field=field, least=0, most=longest))
    return " ".join(visible(value).split())


def _tags(fields: Fields) -> tuple[str, ...]:
    value = fields.get("tags")
    if value is None:
        return ()
    if isinstance(value, str):  # as forms send them
        value = value.split(",")
    if not isinstance(value, list):
        raise BadRequest(sentence("wrong_type", field="tags", allowed='["…", "…"]'))
    tags = tuple(dict.fromkeys(filter(None, (_text({"tags": tag}, "tags", LONGEST_TAG) for tag in value))))
    if len(tags) > MOST_TAGS:
        raise BadRequest(sentence("out_of_range", field="tags", least=0, most=MOST_TAGS))
    return tags


def _language(fields: Fields) -> str | None:
    value = fields.get("language")
    if value in (None, "", "auto"):
        return None
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise BadRequest(sentence("wrong_choice", field="language", allowed="pt, es, en, fr, … (ISO 639-1)"))
    return value
