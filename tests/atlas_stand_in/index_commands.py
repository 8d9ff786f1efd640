"""createSearchIndexes, updateSearchIndex, dropSearchIndex, `$listSearchIndexes`: as mongot answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson.objectid import ObjectId
from pymongo import AsyncMongoClient

from tests.atlas_stand_in import definition_parser, definitions
from tests.atlas_stand_in.definitions import Definition
from tests.atlas_stand_in.errors import (
    INDEX_ALREADY_EXISTS,
    INDEX_NOT_FOUND,
    INVALID_INDEX_SPECIFICATION_OPTION,
    NAMESPACE_NOT_FOUND,
    CommandFailed,
    invalid_definition,
    invalid_query,
)
from tests.atlas_stand_in.indexes import Catalogue, Index
from tests.atlas_stand_in.parsing import Fields, as_document, failing_as

Reply = dict[str, Any]
COMMANDS = ("createSearchIndexes", "updateSearchIndex", "dropSearchIndex")
GENERIC = (
    "comment",
    "maxTimeMS",
    "writeConcern",
    "readConcern",
    "apiVersion",
    "apiStrict",
    "apiDeprecationErrors",
)

USER_COMMAND = "userCommand"  # what mongod sends on to mongot stands under this name in mongot's sentences
DEFAULT_NAME = "default"


class IndexCommands:
    """Answers the commands; all raise CommandFailed."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], catalogue: Catalogue) -> None:
        self._client = client
        self._catalogue = catalogue

    async def run(self, name: str, command: Mapping[str, Any]) -> Reply:
        database, collection = command["$db"], command[name]
        await self._check_collection(database, collection)
        plain = {key: value for key, value in command.items() if not key.startswith(("$", "lsid"))}
        fields = Fields(plain, USER_COMMAND)
        fields.ignore(name, *GENERIC)
        namespace = f"{database}.{collection}"
        with failing_as(invalid_definition):
            if name == "createSearchIndexes":
                return self._create(namespace, fields)
            target = fields.exactly_one(("id", "name"))
            if name == "dropSearchIndex":
                fields.no_others()
                await self._catalogue.drop(self._found(namespace, target, fields))
                return {"ok": 1}
            return await self._update(namespace, target, fields)

    def list(self, namespace: str, stage: Any, host: str) -> list[dict[str, Any]]:
        """The documents of `$listSearchIndexes`."""
        if not isinstance(stage, Mapping):
            raise CommandFailed(
                (9, "FailedToParse"), "The $listSearchIndexes stage specification must be an object."
            )
        fields = Fields(stage)
        with failing_as(invalid_query):
            name = fields.string("name") if fields.has("name") else None
            index_id = fields.string("id") if fields.has("id") else None
            fields.at_most_one(("id", "name"))
            fields.no_others()
        return [
            index.listed(host)
            for index in self._catalogue.of(namespace).values()
            if name in (None, index.name) and index_id in (None, str(index.id))
        ]

    async def _check_collection(self, database: str, collection: str) -> None:
        if collection not in await self._client[database].list_collection_names():
            raise CommandFailed(NAMESPACE_NOT_FOUND, f"Collection '{database}.{collection}' does not exist.")

    def _create(self, namespace: str, fields: Fields) -> Reply:
        wanted: list[tuple[str, Mapping[str, Any], Definition]] = []
        for path, element in fields.list_of("indexes"):
            one = Fields(as_document(element, path), path)
            kind = one.choice("type", definitions.TYPES, definitions.SEARCH)
            written = as_document(one.required("definition"), one.at("definition"))
            # mongot reads the definition in the place of the index, not of its field.
            definition = definition_parser.parse(written, kind, path)
            wanted.append((one.string("name", DEFAULT_NAME), written, definition))
            one.no_others()
        fields.no_others()
        existing = self._catalogue.of(namespace)
        for name, _, definition in wanted:
            if name in existing and existing[name].latest.definition != definition:
                raise CommandFailed(
                    INDEX_ALREADY_EXISTS,
                    f"Index {name} already exists with a different definition. Drop it first if needed.",
                )
        created = []
        for name, written, definition in wanted:
            index = existing.get(name) or self._catalogue.create(namespace, name, written, definition)
            existing = self._catalogue.of(namespace)
            # For one that exists mongot makes up an id and doesn't use it.
            created.append({"name": name, "id": str(index.id)})
        return {"ok": 1, "indexesCreated": created}

    async def _update(self, namespace: str, target: str, fields: Fields) -> Reply:
        kind = fields.choice("type", definitions.TYPES) if fields.has("type") else None
        written = as_document(fields.required("definition"), fields.at("definition"))
        fields.no_others()
        index = self._found(namespace, target, fields)
        definition = definition_parser.parse(written, kind or index.type)
        if definition.type != index.type:
            raise CommandFailed(INVALID_INDEX_SPECIFICATION_OPTION, "An index's type cannot be changed")
        await self._catalogue.update(index, written, definition)
        return {"ok": 1}

    def _found(self, namespace: str, target: str, fields: Fields) -> Index:
        value = fields.string(target)
        if target == "id" and not ObjectId.is_valid(value):
            raise fields.fail_at("id", "must be a objectId")
        index = self._catalogue.find(
            namespace, value if target == "name" else None, value if target == "id" else None
        )
        if index is None:
            raise CommandFailed(
                INDEX_NOT_FOUND, f"No index with {target} {value} exists in namespace {namespace}"
            )
        return index
