"""`work`: load and remove what a server's queue holds. The server starts it when there is something to do.

It rings by a line on standard input, and ends it by closing that; what is done is told on standard output, in
one line of JSON each.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading

from database.jobs.bell import Bell
from database.jobs.progress import Tell
from database.jobs.worker import Worker
from database.messages import Messages
from database.settings import Settings


async def run(settings: Settings, messages: Messages) -> int:
    """0 where nothing was left to do for a while, and where standard input was closed."""
    tell = _own_output()
    loop = asyncio.get_running_loop()
    bell = Bell()
    loop.add_signal_handler(signal.SIGTERM, bell.close)
    listener = threading.Thread(target=bell.listen, args=(sys.stdin.fileno(), loop), daemon=True)
    listener.start()
    await Worker(settings, messages, bell=bell, tell=tell).run()
    return 0


def _own_output() -> Tell:
    """Standard output for the records alone: what libraries print goes to standard error from now on."""
    output = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(record: dict[str, object]) -> None:
        line = json.dumps(record).encode() + b"\n"
        while line:
            line = line[os.write(output, line) :]

    return tell
