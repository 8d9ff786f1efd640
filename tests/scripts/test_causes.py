"""What a tool printed when it failed becomes a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.start import messages
from scripts.start.causes import cause_of, failure_of
from scripts.start.messages import Sentence

PIP_OFFLINE = """\
WARNING: Retrying (Retry(total=0, ...)) after connection broken by 'NewConnectionError('...: Failed to
establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/torch/
ERROR: Could not find a version that satisfies the requirement torch==2.13.0 (from versions: none)
ERROR: No matching distribution found for torch==2.13.0
"""
PIP_NO_BUILD = "ERROR: No matching distribution found for torch==2.13.0"
PIP_DISK = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
NPM_OFFLINE = "npm error code EAI_AGAIN\nnpm error syscall getaddrinfo"
NPM_REFUSED = "npm error code ECONNREFUSED"
NPM_DISK = "npm error code ENOSPC"
APT_OFFLINE = (
    "Err:1 http://deb.debian.org/debian bookworm InRelease\n  Temporary failure resolving 'deb.debian.org'"
)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (PIP_OFFLINE, messages.NO_NETWORK),
        (PIP_NO_BUILD, messages.NO_BUILD),
        (PIP_DISK, messages.DISK_FULL),
        (NPM_OFFLINE, messages.NO_NETWORK),
        (NPM_REFUSED, messages.NO_NETWORK),
        (NPM_DISK, messages.DISK_FULL),
        (APT_OFFLINE, messages.NO_NETWORK),
        ("error TS2307: Cannot find module './app'", messages.TOOL_FAILED),
        ("", messages.TOOL_FAILED),
    ],
)
def test_the_cause_is_read_from_what_was_said(said: str, sentence: Sentence) -> None:
    """An unreachable registry is told as that, though pip closes with "No matching distribution"."""
    assert cause_of(said) is sentence


@pytest.mark.parametrize("said", [PIP_OFFLINE, PIP_NO_BUILD, PIP_DISK, "other"])
def test_each_cause_can_be_said_with_what_is_known(said: str, tmp_path: Path) -> None:
    """No placeholder of any sentence is left without its value."""
    log = tmp_path / "tool.log"
    log.write_text(said)

    failure = failure_of("pip", 1, log, folder=tmp_path)

    assert failure.sentence.say("es", **failure.values)
