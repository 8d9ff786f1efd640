"""Why a tool failed, read from what it said, so that the person is told what to do, not only what broke."""

from __future__ import annotations

import platform
from pathlib import Path

from scripts.start import messages
from scripts.start.errors import CommandError, ToolError
from scripts.start.messages import Sentence

# What pip, npm, apt-get and the system itself print. The first cause that shows is told: an unreachable
# registry ends in "No matching distribution" too.
SIGNS: tuple[tuple[Sentence, tuple[str, ...]], ...] = (
    (messages.DISK_FULL, ("No space left on device", "ENOSPC")),
    (
        messages.NO_NETWORK,
        (
            "Temporary failure in name resolution",
            "Temporary failure resolving",
            "Name or service not known",
            "nodename nor servname provided",
            "Failed to resolve",
            "Failed to establish a new connection",
            "NewConnectionError",
            "ConnectTimeoutError",
            "ReadTimeoutError",
            "ProxyError",
            "Network is unreachable",
            "EAI_AGAIN",
            "ENOTFOUND",
            "ETIMEDOUT",
            "ECONNREFUSED",
            "ECONNRESET",
        ),
    ),
    (messages.NO_BUILD, ("No matching distribution found",)),
)


def cause_of(said: str) -> Sentence:
    """The sentence that fits what a tool said; TOOL_FAILED where nothing in it is known."""
    for sentence, signs in SIGNS:
        if any(sign in said for sign in signs):
            return sentence
    return messages.TOOL_FAILED


def failure_of(tool: str, status: int, log: Path, *, folder: Path) -> CommandError:
    """The failure of `tool`, run for the clone at `folder`, told by its log."""
    return ToolError(
        log,
        cause_of(log.read_text(encoding="utf-8", errors="replace")),
        tool=tool,
        status=status,
        folder=folder,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
    )
