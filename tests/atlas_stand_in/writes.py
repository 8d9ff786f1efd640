"""What a write command changes, as far as the command itself tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.atlas_stand_in.mirror import Write
from tests.atlas_stand_in.pipelines import stage_name
from tests.atlas_stand_in.wire import Command, document_id

WRITES = ("insert", "update", "delete", "findAndModify", "findandmodify", "bulkWrite", "aggregate")
DROPS = ("drop", "dropDatabase", "renameCollection")

Writes = dict[str, Write]  # by namespace


@dataclass(frozen=True)
class Drop:
    """A database or a namespace that is no more, and what a renamed collection is now."""

    namespace: str
    renamed_to: str = ""


def drop_of(command: Command) -> Drop:
    decoded = command.decoded()
    if command.name == "renameCollection":
        return Drop(decoded["renameCollection"], decoded["to"])
    if command.name == "drop":
        return Drop(f"{decoded['$db']}.{decoded['drop']}")
    return Drop(decoded["$db"])


def writes_of(command: Command) -> Writes:
    """The collections that a command writes to, and what it changes there."""
    if command.name == "insert":
        return _insert(command)
    decoded = command.decoded()
    database = decoded.get("$db", "")
    if command.name == "aggregate":
        return _aggregate(decoded, database)
    if command.name == "bulkWrite":
        return {one["ns"]: Write(changed=True) for one in decoded.get("nsInfo", [])}
    namespace = f"{database}.{decoded[command.name]}"
    if command.name == "update":
        write = Write()
        for one in decoded.get("updates", []):
            write.add(_by_filter(one["q"], Write(changed=True)))
    elif command.name == "delete":
        write = Write()
        for one in decoded.get("deletes", []):
            write.add(_by_filter(one["q"], Write(deleted=True)))
    else:
        write = _by_filter(decoded.get("query", {}), Write(changed=True))
    return {namespace: write}


def _insert(command: Command) -> Writes:
    documents = command.sequences.get("documents")
    decoded = Command(name=command.name, body=command.body, sequences={}).decoded()
    if documents is None:
        ids = [document.get("_id") for document in decoded.get("documents", [])]
    else:
        ids = [document_id(document) for document in documents]
    write = Write(changed=True) if None in ids else Write(ids=ids)
    return {f"{decoded['$db']}.{decoded['insert']}": write}


def _aggregate(command: Mapping[str, Any], database: str) -> Writes:
    pipeline = command.get("pipeline")
    last = pipeline[-1] if isinstance(pipeline, list) and pipeline else {}
    name = stage_name(last)
    if name not in ("$out", "$merge"):
        return {}
    target = last[name].get("into", last[name]) if isinstance(last[name], Mapping) else last[name]
    if isinstance(target, str):
        return {f"{database}.{target}": Write(changed=True)}
    return {f"{target.get('db', database)}.{target.get('coll')}": Write(changed=True)}


def _by_filter(query: Mapping[str, Any], otherwise: Write) -> Write:
    """The documents that a filter names by their ids; `otherwise` where it doesn't."""
    if "_id" not in query:
        return otherwise
    wanted = query["_id"]
    if not isinstance(wanted, Mapping):
        return Write(ids=[wanted])
    if set(wanted) == {"$in"}:
        return Write(ids=list(wanted["$in"]))
    return otherwise
