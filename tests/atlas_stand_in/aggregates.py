"""Answers the search stage of an aggregation and hands the rest to the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.atlas_stand_in import text_search, vector_search
from tests.atlas_stand_in.errors import (
    NOT_SUPPORTED_IN_TRANSACTION,
    CommandFailed,
    invalid_query,
    unsupported,
)
from tests.atlas_stand_in.indexes import Catalogue, Content
from tests.atlas_stand_in.pipelines import (
    SEARCH_STAGES,
    SPARE,
    Pipeline,
    Row,
    after_documents,
    after_search,
    check_places,
    limit_of,
    stage_name,
    with_meta,
)
from tests.atlas_stand_in.text_index import TextContent
from tests.atlas_stand_in.vector_search import Found, VectorContent

NO_META = {"count": {"lowerBound": 0}}


class Searches:
    """Runs search stages against the indexes."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def vector_search(self, namespace: str, stage: Any) -> Found:
        question = vector_search.parse_question(stage)
        content = self._content(namespace, question.index)
        if content is None:
            return []
        if not isinstance(content, VectorContent):
            raise invalid_query(f'{question.path} must be indexed as "vector".')
        return content.search(question)

    def search(self, namespace: str, stage: Any) -> tuple[Found, dict[str, Any]]:
        """The results and what `$$SEARCH_META` is."""
        question = text_search.parse_question(stage, "$search")
        content = self._text_content(namespace, question.index)
        if content is None:
            return [], NO_META
        return text_search.search(content, question)

    def search_meta(self, namespace: str, stage: Any) -> dict[str, Any]:
        question = text_search.parse_question(stage, "$searchMeta")
        content = self._text_content(namespace, question.index)
        return NO_META if content is None else text_search.search(content, question)[1]

    def spare(self, namespace: str) -> int:
        """How many results more than wanted leave enough when the deleted ones have vanished."""
        mirror = self._catalogue.mirror(namespace)
        return SPARE + (mirror.unapplied if mirror else 0)

    def _text_content(self, namespace: str, name: str) -> TextContent | None:
        content = self._content(namespace, name)
        if isinstance(content, VectorContent):
            raise invalid_query(f"Cannot execute $search over vectorSearch index '{name}'")
        return content

    def _content(self, namespace: str, name: str) -> Content | None:
        index = self._catalogue.of(namespace).get(name)
        return None if index is None else index.contents()


def searches(pipeline: Any) -> bool:
    """Whether a pipeline holds a search stage anywhere. Raises CommandFailed where it can't stand there."""
    if not isinstance(pipeline, list):
        return False
    check_places(pipeline)
    return bool(pipeline) and stage_name(pipeline[0]) in SEARCH_STAGES


def check_command(command: Mapping[str, Any], name: str) -> None:
    """Raises CommandFailed for a search that the command as a whole doesn't allow."""
    if command.get("autocommit") is False:
        raise CommandFailed(
            NOT_SUPPORTED_IN_TRANSACTION,
            f"Stage not supported inside of a multi-document transaction: {name}",
        )
    if command.get("explain"):
        raise unsupported(f"explain of {name}")
    if not isinstance(command.get("aggregate"), str):
        raise CommandFailed((73, "InvalidNamespace"), f"{name} is not valid on a database.")


def rewritten(searches: Searches, namespace: str, pipeline: Sequence[Any]) -> Pipeline:
    """A pipeline that begins with `$vectorSearch`, `$search` or `$searchMeta`, without it."""
    name, rest = stage_name(pipeline[0]), list(pipeline[1:])
    collection = namespace.partition(".")[2]
    stage = pipeline[0][name]
    if name == "$searchMeta":
        return after_documents([searches.search_meta(namespace, stage)], name, rest)
    if name == "$vectorSearch":
        return after_search(name, collection, _rows(searches.vector_search(namespace, stage)), rest)
    found, meta = searches.search(namespace, stage)
    limit = limit_of(rest)
    if limit is not None:
        found = found[: limit + searches.spare(namespace)]
    return after_search(name, collection, _rows(found), with_meta(rest, meta))


def _rows(found: Found) -> list[Row]:
    return [(document_id, score, None) for document_id, score in found]
