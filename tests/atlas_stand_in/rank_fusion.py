"""`$rankFusion`: several ranked pipelines, fused by their ranks (reciprocal rank fusion, with 60 added)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import encode
from pymongo import AsyncMongoClient

from tests.atlas_stand_in.aggregates import Searches, rewritten
from tests.atlas_stand_in.errors import BAD_VALUE, FAILED_TO_PARSE, CommandFailed, location
from tests.atlas_stand_in.pipelines import SCORE, SEARCH_STAGES, Row, carrying, check_places, stage_name
from tests.atlas_stand_in.rows import id_key

RANK_CONSTANT = 60
RANKING = ("$search", "$vectorSearch", "$geoNear", "$sort")
SELECTING = (*RANKING, "$match", "$limit", "$skip", "$sample")
RANKED = (
    "All subpipelines to the $rankFusion stage must begin with one of $search, $vectorSearch, $geoNear,"
    " or have a custom $sort in the pipeline."
)
DESCRIPTION = (
    "value output by reciprocal rank fusion algorithm, computed as sum of (weight * (1 / (60 + rank))) across"
    " input pipelines from which this document is output, from:"
)
KEY = "__stand_in_key"


@dataclass(frozen=True, kw_only=True)
class Fusion:
    """A `$rankFusion` stage."""

    pipelines: Mapping[str, Sequence[Any]]
    weights: Mapping[str, float]


def parse(stage: Any) -> Fusion:
    """Raises CommandFailed with mongod's sentence."""
    if not isinstance(stage, Mapping):
        raise CommandFailed(
            FAILED_TO_PARSE, "$rankFusion must take a nested object but found: " + repr(stage)
        )
    for name in stage:
        if name not in ("input", "combination", "scoreDetails"):
            raise CommandFailed(
                (40415, "IDLUnknownField"), f"BSON field '$rankFusion.{name}' is an unknown field."
            )
    pipelines = (stage.get("input") or {}).get("pipelines")
    if not isinstance(pipelines, Mapping) or not pipelines:
        raise location(9834301, "$rankFusion input.pipelines must be a nonempty object")
    for name, pipeline in pipelines.items():
        _check_name(name)
        _check_pipeline(pipeline)
    given = (stage.get("combination") or {}).get("weights") or {}
    _check_weights(given, pipelines)
    return Fusion(pipelines=pipelines, weights={name: float(given.get(name, 1)) for name in pipelines})


def _check_name(name: str) -> None:
    if not name:
        raise CommandFailed(BAD_VALUE, "$rankFusion pipeline names must not be empty.")
    if name.startswith("$") or "." in name:
        raise location(
            16410 if name.startswith("$") else 16412,
            "$rankFusion pipeline names must follow the naming rules of field path expressions. :: caused by"
            f" :: FieldPath field names may not start with '$' or contain '.': {name}",
        )


def _check_pipeline(pipeline: Any) -> None:
    if not isinstance(pipeline, list) or not pipeline:
        raise location(9834300, f"$rankFusion input pipeline cannot be empty. {RANKED}")
    check_places(pipeline)
    names = [stage_name(stage) for stage in pipeline]
    if "$rankFusion" in names or "$scoreFusion" in names:
        raise location(
            10473002,
            "$rankFusion input pipeline has a nested hybrid search stage ($rankFusion/$scoreFusion)."
            f" {RANKED}",
        )
    if names[0] not in RANKING and "$sort" not in names:
        sentence = "Pipeline did not begin with a ranked stage and did not contain an explicit $sort stage."
        raise location(9191100, f"{sentence} {RANKED}")
    for name in names:
        if name not in SELECTING:
            raise location(
                9191103,
                f"{name} is not a selection stage because it modifies or transforms the input documents."
                " Only stages that retrieve, limit, or order documents are allowed.",
            )


def _check_weights(weights: Mapping[str, Any], pipelines: Mapping[str, Any]) -> None:
    if len(weights) > len(pipelines):
        extra = ", ".join(name for name in weights if name not in pipelines)
        raise location(
            9460301,
            f"$rankFusion input has more weights ({len(weights)}) than pipelines ({len(pipelines)}). If"
            " 'combination.weights' is specified, there must be a less or equal number of weights as"
            " pipelines, each of which is unique and existing."
            f" Possible extraneous specified weights = [{extra}]",
        )
    for name, weight in weights.items():
        if name not in pipelines:
            raise location(
                9967500,
                "$rankFusion stage contained (1) weight(s) in 'combination.weights' that did not reference"
                " valid pipeline names. Suggestions for valid pipeline names:"
                f" (provided: '{name}' -> suggestions: [{', '.join(sorted(pipelines))}])",
            )
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise location(13118, f"$rankFusion's pipeline weight must be numeric, but given {weight!r}")
        if weight < 0:
            sentence = f"must be non-negative, but given {weight} for pipeline '{name}'."
            raise location(9460300, f"rankFusion's pipeline weight {sentence}")


class RankFusion:
    """Runs the input pipelines on the server and fuses what they give."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], searches: Searches) -> None:
        self._client = client
        self._searches = searches

    async def run(self, namespace: str, fusion: Fusion) -> list[Row]:
        """Ids of documents with their scores and the scores' details, best first."""
        scores: dict[bytes, float] = {}
        ids: dict[bytes, Any] = {}
        details: dict[bytes, dict[str, dict[str, Any]]] = {}
        for name, pipeline in sorted(fusion.pipelines.items()):
            weight = fusion.weights[name]
            for document_id, rank, value in await self._ranked(namespace, pipeline):
                key = id_key(document_id)
                ids[key] = document_id
                scores[key] = scores.get(key, 0.0) + weight * (1 / (rank + RANK_CONSTANT))
                valued = {} if value is None else {"value": value}
                details.setdefault(key, {})[name] = {"rank": rank, "weight": weight, **valued, "details": []}
        order = sorted(scores, key=lambda key: (-scores[key], key))
        return [(ids[key], scores[key], _details(scores[key], fusion, details[key])) for key in order]

    async def _ranked(self, namespace: str, pipeline: Sequence[Any]) -> list[tuple[Any, int, float | None]]:
        """Ids with their ranks, from 1 (equal keys share one), and the scores of a search."""
        database, _, collection = namespace.partition(".")
        searched = stage_name(pipeline[0]) in SEARCH_STAGES
        sorts = [stage["$sort"] for stage in pipeline if stage_name(stage) == "$sort"]
        keys = [_key(path, order) for path, order in sorts[-1].items()] if sorts else [f"${SCORE}"]
        if searched:
            stages = rewritten(self._searches, namespace, pipeline)[:-1]
        else:
            stages = carrying("$listSearchIndexes", pipeline)[:-1]
        stages.append({"$project": {"_id": 1, KEY: keys, SCORE: f"${SCORE}"}})
        target = self._client[database]
        rows = await (await (target if searched else target[collection]).aggregate(stages)).to_list()
        ranked: list[tuple[Any, int, float | None]] = []
        last: bytes | None = None
        rank = 0
        for place, row in enumerate(rows, 1):
            key = encode({"": row[KEY]})
            rank, last = (rank, last) if key == last else (place, key)
            ranked.append((row["_id"], rank, row.get(SCORE)))
        return ranked


def _key(path: str, order: Any) -> str:
    """What a `$sort` compares: a field, or the score where it sorts by `$meta`."""
    return f"${SCORE}" if isinstance(order, Mapping) else f"${path}"


def _details(score: float, fusion: Fusion, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    inputs = [
        {
            "inputPipelineName": name,
            **found.get(name, {"rank": "NA", "weight": fusion.weights[name], "details": []}),
        }
        for name in sorted(fusion.pipelines)
    ]
    return {"value": score, "description": DESCRIPTION, "details": inputs}
