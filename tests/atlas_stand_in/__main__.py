"""`python -m tests.atlas_stand_in`: a stand-in as a process.

When it takes connections it prints `ready`, the server's process id and port, and the URI. It ends on SIGTERM
and when its standard input is closed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from tests.atlas_stand_in.indexes import Catalogue
from tests.atlas_stand_in.proxy import Proxy
from tests.atlas_stand_in.server import Server
from tests.atlas_stand_in.settings import Settings

READY = "ready "
CLOSE_SECONDS = 2.0  # for the client's farewell to a server that may hang


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.atlas_stand_in", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--folder", type=Path, help="where the data is kept; without it, nowhere")
    parser.add_argument("--lag", type=float, default=Settings.lag, help="seconds until a write is searchable")
    parser.add_argument(
        "--build", type=float, default=Settings.build, help="seconds that an index takes to build"
    )
    parser.add_argument("--host", action="append", default=[], help="what hello says the members are")
    parser.add_argument("--no-search", action="store_true", help="a MongoDB without mongot")
    return parser.parse_args()


async def run(options: argparse.Namespace, folder: Path) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if not sys.stdin.isatty():
        loop.add_reader(sys.stdin, stop_at_end, loop, stopped)
    settings = Settings(
        lag=options.lag, build=options.build, hosts=tuple(options.host), search=not options.no_search
    )
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    server = Server(data)
    await server.start()
    try:
        uri = f"mongodb://127.0.0.1:{server.port}/?directConnection=true"
        client = AsyncMongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=10_000)
        try:
            catalogue = Catalogue(client, settings, folder)
            await catalogue.load()
            proxy = Proxy(server.port, client, catalogue, settings)
            await proxy.listen(options.port)
            print(
                f"{READY}{server.pid} {server.port} mongodb://{proxy.address}/?directConnection=true",
                flush=True,
            )
            await stopped.wait()
            await proxy.close()
            await catalogue.close()
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(client.close(), CLOSE_SECONDS)
    finally:
        await server.stop()


def stop_at_end(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    """When the standard input is closed, whoever started this process is gone."""
    if not os.read(sys.stdin.fileno(), 4096):
        loop.remove_reader(sys.stdin)
        stopped.set()


def main() -> None:
    options = arguments()
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="atlas-stand-in-"))
        )
        asyncio.run(run(options, folder))


if __name__ == "__main__":
    main()
