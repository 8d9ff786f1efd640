"""The connection to MongoDB: how long anything may take, and what its errors mean."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pymongo
from pymongo import AsyncMongoClient
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    InvalidName,
    InvalidURI,
    OperationFailure,
    PyMongoError,
)

from database.errors import SettingError, StoreUnavailable
from database.problems import Problem

Record = dict[str, Any]

# A person waits for a search: where MongoDB is gone they are told within three seconds.
_SELECT_MS = 2_000
_READ_SECONDS = 2.5
_WRITE_SECONDS = 60.0
_TRANSFER_SECONDS = 900.0
_PROBE_MS = 500

_REFUSED = {13, 18, 8_000}  # Unauthorized, AuthenticationFailed, AtlasError (as Atlas says the same)
_NO_SEARCH = {31_082, 59}  # SearchNotEnabled; CommandNotFound, from servers that know no search


def connect(uri: str) -> AsyncMongoClient[Record]:
    """A client that connects when it is first used. Raises SettingError where the address can't be read."""
    try:
        return AsyncMongoClient(
            uri,
            tz_aware=True,
            serverSelectionTimeoutMS=_SELECT_MS,
            connectTimeoutMS=_SELECT_MS,
            appname="acervo",
        )
    except (InvalidURI, ConfigurationError, InvalidName, ValueError) as error:
        raise SettingError(
            f"MONGODB_URI can't be read: {error}. "
            "It looks like mongodb://user:password@localhost:27019/?directConnection=true, "
            "with %XX for signs such as @ and : in the password."
        ) from None


@contextmanager
def reading() -> Iterator[None]:
    """What a person waits for. Raises StoreUnavailable."""
    with _translated(), pymongo.timeout(_READ_SECONDS):
        yield


@contextmanager
def writing() -> Iterator[None]:
    """What a loader waits for. Raises StoreUnavailable."""
    with _translated(), pymongo.timeout(_WRITE_SECONDS):
        yield


@contextmanager
def transferring() -> Iterator[None]:
    """A whole file over a slow line. Raises StoreUnavailable."""
    with _translated(), pymongo.timeout(_TRANSFER_SECONDS):
        yield


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        raise StoreUnavailable(problem_of(error), detail=error, database="MONGODB_DATABASE") from error


def problem_of(error: PyMongoError) -> Problem:
    """What an error of the driver or of the server comes down to."""
    if error.timeout or isinstance(error, ConnectionFailure | ConfigurationError):
        return "mongodb_unreachable"
    if isinstance(error, OperationFailure):
        text = str(error)
        if error.code in _REFUSED:
            return "mongodb_refused"
        if error.code in _NO_SEARCH or "requires additional configuration" in text:
            return "mongodb_without_search"
    return "mongodb_failed"


@asynccontextmanager
async def explained(client: AsyncMongoClient[Record], uri: str) -> AsyncIterator[None]:
    """Where no server is found, look whether one answers that announces an address out of reach."""
    try:
        yield
    except StoreUnavailable as error:
        if error.problem == "mongodb_unreachable" and (host := await _announced_elsewhere(client, uri)):
            raise StoreUnavailable("mongodb_needs_direct", detail=error.detail, host=host) from error
        raise


async def _announced_elsewhere(client: AsyncMongoClient[Record], uri: str) -> str:
    if client.options.direct_connection or uri.startswith("mongodb+srv:"):
        return ""
    probe: AsyncMongoClient[Record] = AsyncMongoClient(
        uri, directConnection=True, serverSelectionTimeoutMS=_PROBE_MS, connectTimeoutMS=_PROBE_MS
    )
    try:
        with pymongo.timeout(_PROBE_MS / 1_000):
            told = await probe.admin.command("hello")
    except PyMongoError:
        return ""
    finally:
        await probe.close()
    asked = {f"{host}:{port}" for host, port in client.topology_description.server_descriptions()}
    return next((host for host in told.get("hosts", []) if host not in asked), "") or told.get("me", "")
