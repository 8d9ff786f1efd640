"""The proxy between drivers and the database: hands on, answers itself, notices writes, rewrites `hello`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from bson import encode
from pymongo import AsyncMongoClient

from tests.atlas_stand_in import aggregates, rank_fusion, wire
from tests.atlas_stand_in.errors import SEARCH_NOT_ENABLED, CommandFailed
from tests.atlas_stand_in.index_commands import COMMANDS as INDEX_COMMANDS
from tests.atlas_stand_in.index_commands import IndexCommands
from tests.atlas_stand_in.indexes import Catalogue
from tests.atlas_stand_in.mirror import Write
from tests.atlas_stand_in.pipelines import Pipeline, after_documents, after_search, stage_name
from tests.atlas_stand_in.settings import COMMAND as SETTINGS_COMMAND
from tests.atlas_stand_in.settings import Settings
from tests.atlas_stand_in.wire import Command, Message
from tests.atlas_stand_in.writes import DROPS, WRITES, Writes, writes_of

HELLOS = ("hello", "isMaster", "ismaster")
REPLICA_SET = "rs-stand-in"
UNACKNOWLEDGED_SECONDS = 0.1  # until a write that nobody hears of again has surely been made

NO_SEARCH = (
    "Using Atlas Search Database Commands and the $listSearchIndexes aggregation stage requires additional"
    " configuration. Please connect to Atlas or an AtlasCLI local deployment to enable. For more information"
    " on how to connect, see https://dochub.mongodb.org/core/atlas-cli-deploy-local-reqs."
)


class Proxy:
    """Listens on 127.0.0.1 and speaks for the database on another port."""

    def __init__(
        self,
        backend: int,
        client: AsyncMongoClient[dict[str, Any]],
        catalogue: Catalogue,
        settings: Settings,
    ) -> None:
        self.backend = backend
        self.settings = settings
        self.catalogue = catalogue
        self.index_commands = IndexCommands(client, catalogue)
        self.searches = aggregates.Searches(catalogue)
        self.rank_fusion = rank_fusion.RankFusion(client, self.searches)
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            backend_reader, backend_writer = await asyncio.open_connection("127.0.0.1", self.backend)
            try:
                connection = Connection(self, writer, backend_writer)
                pumps = (
                    asyncio.create_task(connection.requests(reader)),
                    asyncio.create_task(connection.replies(backend_reader)),
                )
                try:
                    await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for pump in pumps:
                        pump.cancel()
                    await asyncio.gather(*pumps, return_exceptions=True)
            finally:
                backend_writer.close()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()


class Connection:
    """One driver's connection and the one to the database that it has for itself."""

    def __init__(self, proxy: Proxy, client: asyncio.StreamWriter, backend: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._client = client
        self._backend = backend
        self._hellos: set[int] = set()  # requests whose replies are to be rewritten
        self._writes: dict[int, Writes] = {}  # writes that are under way
        self._drops: dict[int, tuple[str, str]] = {}  # a database and a collection in it; empty: all
        self._commits: dict[int, bytes] = {}
        self._uncommitted: dict[bytes, Writes] = {}  # by session

    async def requests(self, reader: asyncio.StreamReader) -> None:
        while (message := await wire.read_message(reader)) is not None:
            command = wire.command_of(message)
            answer = await self._answered(message, command) if command else message
            if answer.response_to == message.request_id:
                await _send(self._client, answer)
            else:
                await _send(self._backend, answer)

    async def replies(self, reader: asyncio.StreamReader) -> None:
        while (message := await wire.read_message(reader)) is not None:
            if message.response_to in self._hellos:
                self._hellos.discard(message.response_to)
                if message.more_to_come:
                    # A stream: the next reply answers this one, or by some servers the request again.
                    self._hellos |= {message.request_id, message.response_to}
                message = wire.with_document(message, self._hello(wire.document_of(message)))
            await self._settle(message)
            await _send(self._client, message)

    async def _answered(self, message: Message, command: Command) -> Message:
        """A reply to the client, or the request that the database is to get."""
        try:
            return await self._routed(message, command)
        except CommandFailed as failure:
            return wire.reply(message, failure.reply())

    async def _routed(self, message: Message, command: Command) -> Message:
        name = command.name
        if name in HELLOS:
            self._hellos.add(message.request_id)
        elif name == SETTINGS_COMMAND:
            return wire.reply(message, self._configure(command.decoded()))
        elif name in INDEX_COMMANDS:
            self._check_search()
            return wire.reply(message, await self._proxy.index_commands.run(name, command.decoded()))
        elif name == "aggregate":
            pipeline = await self._aggregate(decoded := command.decoded())
            if pipeline is not None:
                return wire.request(message, {**decoded, "aggregate": 1, "pipeline": pipeline})
        self._watch(message, command)
        return message

    def _configure(self, command: Mapping[str, Any]) -> dict[str, Any]:
        changes = {key: value for key, value in command.items() if key != SETTINGS_COMMAND}
        self._proxy.settings.change(
            {key: value for key, value in changes.items() if not key.startswith(("$", "lsid"))}
        )
        return {"ok": 1.0, **self._proxy.settings.as_document()}

    def _check_search(self) -> None:
        if not self._proxy.settings.search:
            raise CommandFailed(SEARCH_NOT_ENABLED, NO_SEARCH)

    async def _aggregate(self, command: Mapping[str, Any]) -> Pipeline | None:
        """The pipeline to run in the place of a search; None where there is none."""
        pipeline = command.get("pipeline")
        if not aggregates.searches(pipeline):
            return None
        assert isinstance(pipeline, list)
        self._check_search()
        name, rest = stage_name(pipeline[0]), pipeline[1:]
        aggregates.check_command(command, name)
        proxy, collection = self._proxy, command["aggregate"]
        namespace = f"{command['$db']}.{collection}"
        if name == "$listSearchIndexes":
            listed = proxy.index_commands.list(namespace, pipeline[0][name], proxy.address)
            return after_documents(listed, name, rest)
        if name == "$rankFusion":
            rows = await proxy.rank_fusion.run(namespace, rank_fusion.parse(pipeline[0][name]))
            return after_search(name, collection, rows, rest)
        return aggregates.rewritten(proxy.searches, namespace, pipeline)

    def _hello(self, document: dict[str, Any]) -> dict[str, Any]:
        document.pop("compression", None)
        if "setName" in document:
            hosts = list(self._proxy.settings.hosts) or [self._proxy.address]
            document |= {"setName": REPLICA_SET, "hosts": hosts, "me": hosts[0], "primary": hosts[0]}
        return document

    def _watch(self, message: Message, command: Command) -> None:
        """Notes what a request will change once the database has done it."""
        name = command.name
        if name == "commitTransaction":
            self._commits[message.request_id] = encode(command.decoded().get("lsid", {}))
        elif name == "abortTransaction":
            self._uncommitted.pop(encode(command.decoded().get("lsid", {})), None)
        elif name in DROPS:
            decoded = command.decoded()
            self._drops[message.request_id] = _dropped(name, decoded)
        elif name in WRITES and (writes := writes_of(command)):
            body = Command(name=name, body=command.body, sequences={}).decoded()
            if body.get("autocommit") is False:
                pending = self._uncommitted.setdefault(encode(body["lsid"]), {})
                _merge(pending, writes)
            elif message.more_to_come:
                loop = asyncio.get_running_loop()
                loop.call_later(UNACKNOWLEDGED_SECONDS, self._notice, writes)
            else:
                self._writes[message.request_id] = writes

    async def _settle(self, reply: Message) -> None:
        """Notices what the database has done, before the driver hears of it."""
        request = reply.response_to
        if writes := self._writes.pop(request, None):
            self._notice(writes)
        if session := self._commits.pop(request, None):
            self._notice(self._uncommitted.pop(session, {}))
        if dropped := self._drops.pop(request, None):
            database, collection = dropped
            if wire.document_of(reply).get("ok"):
                if collection:
                    await self._proxy.catalogue.drop_collection(f"{database}.{collection}")
                else:
                    await self._proxy.catalogue.drop_database(database)

    def _notice(self, writes: Writes) -> None:
        for namespace, write in writes.items():
            self._proxy.catalogue.notice(namespace, write)


def _dropped(name: str, command: Mapping[str, Any]) -> tuple[str, str]:
    if name == "renameCollection":
        database, _, collection = command[name].partition(".")
        return database, collection
    return command["$db"], command[name] if name == "drop" else ""


def _merge(into: Writes, writes: Writes) -> None:
    for namespace, write in writes.items():
        into.setdefault(namespace, Write()).add(write)


async def _send(writer: asyncio.StreamWriter, message: Message) -> None:
    writer.write(message.to_bytes())
    with contextlib.suppress(ConnectionError):
        await writer.drain()
