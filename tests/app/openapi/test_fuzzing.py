"""Schemathesis sends what the document allows, and what it doesn't, to a running server.

`SCHEMATHESIS_EXAMPLES=500 pytest tests/app/openapi/test_fuzzing.py` sends more than the few of every run.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from database.errors import StoreUnavailable
from tests.app.openapi.small_server import small_server

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "12"))  # for each operation
SECONDS = 300 if EXAMPLES <= 12 else 3_600  # some forty, where nothing else is running

ROOT = Path(__file__).parents[3]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


async def test_the_server_does_what_its_document_says(tmp_path: Path) -> None:
    """No error of its own, no status that isn't there, and no body or line that breaks its schema."""
    async with small_server(tmp_path) as address:
        await schemathesis(address, tmp_path, "--phases=examples,coverage,fuzzing")


async def test_without_its_collection_it_does_no_less(tmp_path: Path) -> None:
    """What can't be read then is told with a status that is described, wherever that happens."""
    async with small_server(tmp_path, StoreUnavailable("unreadable", detail="gone")) as address:
        await schemathesis(address, tmp_path, "--phases=examples", "--exclude-checks=not_a_server_error")


async def schemathesis(address: str, folder: Path, *options: str) -> None:
    """It leaves what it remembers of a run in that folder."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        f"--config-file={CONFIGURATION}",
        "run",
        f"{address}/openapi.json",
        f"--max-examples={EXAMPLES}",
        "--seed=1",
        "--no-shrink",
        "--request-timeout=10",
        "--warnings=off",
        *options,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.app.openapi.stream_checks",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        said, _ = await process.communicate()
        pytest.fail(f"not done after {SECONDS} s\n{said.decode()}")
    assert process.returncode == 0, said.decode()
