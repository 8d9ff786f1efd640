"""The proxy between drivers and the database: hands on, answers itself, notices writes, rewrites `hello`."""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Mapping
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from tests.atlas_stand_in import aggregates, rank_fusion, wire
from tests.atlas_stand_in.errors import INTERNAL_ERROR, SEARCH_NOT_ENABLED, CommandFailed
from tests.atlas_stand_in.index_commands import COMMANDS as INDEX_COMMANDS
from tests.atlas_stand_in.index_commands import IndexCommands
from tests.atlas_stand_in.indexes import Catalogue
from tests.atlas_stand_in.pipelines import Pipeline, after_documents, after_search, stage_name
from tests.atlas_stand_in.settings import COMMAND as SETTINGS_COMMAND
from tests.atlas_stand_in.settings import Settings
from tests.atlas_stand_in.transactions import Transactions, session_of
from tests.atlas_stand_in.wire import Command, Message
from tests.atlas_stand_in.writes import DROPS, WRITES, Drop, Writes, drop_of, writes_of

COMMIT = "commitTransaction"
ENDS = (COMMIT, "abortTransaction")  # of transactions
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
        self.transactions = Transactions()
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
                    connection.abandon()
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
        self._drops: dict[int, Drop] = {}
        self._statements: dict[int, tuple[str, bytes]] = {}  # of transactions: the command and the session

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
        except OperationFailure as failure:  # of what the proxy asked the database
            kind = (failure.code or 0, (failure.details or {}).get("codeName", ""))
            return wire.reply(message, CommandFailed(kind, str(failure)).reply())
        except Exception as error:  # noqa: BLE001 - the edge of a request: a defect of the stand-in
            traceback.print_exc()
            return wire.reply(message, CommandFailed(INTERNAL_ERROR, f"the stand-in: {error!r}").reply())

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
        await self._watch(message, command)
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

    async def _watch(self, message: Message, command: Command) -> None:
        """Notes what a request will change once the database has done it, and lets it wait for others."""
        name = command.name
        if name in DROPS:
            self._drops[message.request_id] = drop_of(command)
        if name not in (*WRITES, *ENDS):
            return
        body = Command(name=name, body=command.body, sequences={}).decoded()
        session = session_of(body)
        if body.get("autocommit") is False:
            self._statements[message.request_id] = (name, session)
        if name in ENDS or not (writes := writes_of(command)):
            return
        if body.get("autocommit") is False:
            await self._proxy.transactions.statement(session, writes)
            return
        await self._proxy.transactions.plain((self, message.request_id), writes)
        self._writes[message.request_id] = writes
        if message.more_to_come:
            loop = asyncio.get_running_loop()
            loop.call_later(UNACKNOWLEDGED_SECONDS, self._written, message.request_id)

    async def _settle(self, reply: Message) -> None:
        """Notices what the database has done, before the driver hears of it."""
        request = reply.response_to
        self._written(request)
        if statement := self._statements.pop(request, None):
            name, session = statement
            done = wire.document_of(reply).get("ok")
            if name in ENDS or not done:
                writes = self._proxy.transactions.end(session)
                if name == COMMIT and done:
                    self._notice(writes)
        drop = self._drops.pop(request, None)
        if drop is not None and wire.document_of(reply).get("ok"):
            await self._drop(drop)

    async def _drop(self, drop: Drop) -> None:
        catalogue = self._proxy.catalogue
        if drop.renamed_to:
            await catalogue.rename(drop.namespace, drop.renamed_to)
        elif "." in drop.namespace:
            await catalogue.drop_collection(drop.namespace)
        else:
            await catalogue.drop_database(drop.namespace)

    def abandon(self) -> None:
        """The connection is closed: what was under way on it may have been done."""
        for request in list(self._writes):
            self._written(request)

    def _written(self, request: int) -> None:
        """A write is done, or is taken to be."""
        if writes := self._writes.pop(request, None):
            self._proxy.transactions.done((self, request))
            self._notice(writes)

    def _notice(self, writes: Writes) -> None:
        for namespace, write in writes.items():
            self._proxy.catalogue.notice(namespace, write)


async def _send(writer: asyncio.StreamWriter, message: Message) -> None:
    writer.write(message.to_bytes())
    with contextlib.suppress(ConnectionError):
        await writer.drain()
