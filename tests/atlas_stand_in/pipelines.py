"""Turns a pipeline that begins with a search into one that a server without search can run.

The search's ids and scores become the pipeline's first documents, each is replaced by the document with that
id (deleted ones vanish here, as in mongod's id lookup), and `$meta` expressions become the field in which the
score is carried along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.atlas_stand_in.errors import CommandFailed, location, unsupported

Stage = Mapping[str, Any]
Pipeline = list[dict[str, Any]]

SEARCH_STAGES = ("$search", "$searchMeta", "$vectorSearch", "$rankFusion", "$listSearchIndexes")
OTHER_SEARCH_STAGES = ("$scoreFusion", "$searchBeta")

SCORE = "__stand_in_score"
DETAILS = "__stand_in_score_details"
METAS = {
    "$search": {"searchScore": SCORE, "score": SCORE},
    "$vectorSearch": {"vectorSearchScore": SCORE, "score": SCORE},
    "$rankFusion": {"score": SCORE, "scoreDetails": DETAILS},
    "$searchMeta": {},
    "$listSearchIndexes": {},
}
META_VARIABLE = "$$SEARCH_META"

KEEPS_COUNT = ("$addFields", "$set", "$unset", "$project", "$replaceRoot", "$replaceWith")
SPARE = 100  # results beyond a limit, for those whose documents turn out to be deleted

Row = tuple[Any, float, Any]  # the id of a document, its score, the score's details


def stage_name(stage: Any) -> str:
    return next(iter(stage), "") if isinstance(stage, Mapping) else ""


def check_places(pipeline: Sequence[Any], inside: str = "") -> None:
    """Raises CommandFailed where a search stage isn't first, or is where it can't be."""
    for i, stage in enumerate(pipeline):
        name = stage_name(stage)
        if name in OTHER_SEARCH_STAGES:
            raise unsupported(name)
        if name in SEARCH_STAGES:
            if inside == "$facet":
                raise location(40600, f"{name} is not allowed to be used within a $facet stage")
            if i:
                raise location(40602, f"{name} is only valid as the first stage in a pipeline")
            if inside:
                raise unsupported(f"{name} within {inside}")
        for inner in _inner_pipelines(name, stage):
            check_places(inner, name)


def _inner_pipelines(name: str, stage: Any) -> list[Sequence[Any]]:
    value = stage.get(name) if isinstance(stage, Mapping) else None
    if not isinstance(value, Mapping):
        return []
    if name == "$facet":
        return [one for one in value.values() if isinstance(one, list)]
    if name in ("$lookup", "$unionWith"):
        inner = value.get("pipeline")
        return [inner] if isinstance(inner, list) else []
    return []


def limit_of(rest: Sequence[Stage]) -> int | None:
    """How many of a search's results the rest of a pipeline can use; None: all."""
    skipped = 0
    for stage in rest:
        name = stage_name(stage)
        value = stage[name] if name else None
        if name == "$limit" and isinstance(value, int):
            return value + skipped
        if name == "$skip" and isinstance(value, int):
            skipped += value
        elif name not in KEEPS_COUNT:
            return None
    return None


def after_search(search: str, collection: str, rows: Sequence[Row], rest: Sequence[Any]) -> Pipeline:
    """The whole pipeline with the results of its first stage, to be run on the database."""
    first = [
        {"i": {"$literal": document_id}, "s": score, "d": {"$literal": details}}
        for document_id, score, details in rows
    ]
    carried = {SCORE: "$s", DETAILS: "$d"} if search == "$rankFusion" else {SCORE: "$s"}
    return [
        {"$documents": first},
        {"$lookup": {"from": collection, "localField": "i", "foreignField": "_id", "as": "f"}},
        {"$unwind": "$f"},
        {"$replaceWith": {"$mergeObjects": ["$f", carried]}},
        *carrying(search, rest),
    ]


def after_documents(documents: Sequence[Mapping[str, Any]], search: str, rest: Sequence[Any]) -> Pipeline:
    """A pipeline whose first stage has given these documents."""
    return [{"$documents": [{"$literal": one} for one in documents]}, *(_plain(search, one) for one in rest)]


def with_meta(rest: Sequence[Any], meta: Mapping[str, Any]) -> list[Any]:
    """Stages with the variable `$$SEARCH_META` replaced by its value."""
    return [_replaced(stage, meta) for stage in rest]


def _replaced(value: Any, meta: Mapping[str, Any]) -> Any:
    if value == META_VARIABLE:
        return {"$literal": meta}
    if isinstance(value, Mapping):
        return {key: _replaced(one, meta) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, meta) for one in value]
    return value


def carrying(search: str, rest: Sequence[Any]) -> Pipeline:
    """Stages that read the score from its field and leave the field behind at their end."""
    stages: Pipeline = []
    for stage in rest:
        stages += _carried(search, stage)
    at = len(stages) - 1 if stages and stage_name(stages[-1]) in ("$out", "$merge") else len(stages)
    stages.insert(at, {"$unset": [SCORE, DETAILS]})
    return stages


def _carried(search: str, stage: Any) -> Pipeline:
    name = stage_name(stage)
    if name == "$project" and isinstance(stage[name], Mapping):
        return _project(search, stage[name])
    if name == "$sort" and isinstance(stage[name], Mapping):
        return [{"$sort": _sort(search, stage[name])}]
    plain = _plain(search, stage)
    if name in ("$replaceWith", "$replaceRoot"):
        root = plain[name] if name == "$replaceWith" else plain[name].get("newRoot")
        kept = {SCORE: f"${SCORE}", DETAILS: f"${DETAILS}"}
        return [{"$replaceWith": {"$mergeObjects": [root, kept]}}]
    return [plain]


def _project(search: str, spec: Mapping[str, Any]) -> Pipeline:
    plain = {key: _plain(search, value) for key, value in spec.items()}
    out = {key for key, value in plain.items() if value in (0, False) and not isinstance(value, str)}
    if not out - {"_id"} and out != set(plain):
        return [{"$project": {**plain, SCORE: 1, DETAILS: 1}}]
    # Beside fields to leave out, MongoDB takes `$meta` (and no other expression).
    added = {key: value for key, value in plain.items() if key not in out}
    left = {key: 0 for key in plain if key in out}
    return [*([{"$addFields": added}] if added else []), *([{"$project": left}] if left else [])]


def _sort(search: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in spec.items():
        if isinstance(value, Mapping) and "$meta" in value:
            found[_meta_field(search, value["$meta"])] = -1
        else:
            found[key] = value
    return found


def _plain(search: str, value: Any) -> Any:
    """An expression or a stage without `$meta`."""
    if isinstance(value, Mapping):
        if set(value) == {"$meta"}:
            return f"${_meta_field(search, value['$meta'])}"
        return {key: _plain(search, one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(search, one) for one in value]
    return value


def _meta_field(search: str, name: Any) -> str:
    field = METAS[search].get(name)
    if field is not None:
        return field
    if name in ("searchHighlights", "searchScoreDetails", "scoreDetails", "searchSequenceToken"):
        raise unsupported(f"$meta: {name} after {search}")
    if name in ("searchScore", "vectorSearchScore", "score", "textScore"):
        sentence = f"query requires {name} metadata, but it is not available"
        raise CommandFailed((40218, "Location40218"), sentence)
    raise location(17308, f"Unsupported argument to $meta: {name}")
