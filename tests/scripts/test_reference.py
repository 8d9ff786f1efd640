"""docs/api/: written from the server's routes, with examples that run."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

from app.openapi.document import described_path, document
from app.routes import ROUTES
from scripts.reference.__main__ import FOLDER, files
from scripts.reference.calls import Call, calls
from scripts.reference.examples import SERVER, curl, python
from tests.app.openapi.small_server import small_server

DOCUMENT = document((route.method, route.path, route.handler) for route in ROUTES)
CALLS = list(calls(DOCUMENT))


def test_the_files_are_what_the_routes_say() -> None:
    """`scripts/api` writes them anew."""
    assert {path.name for path in FOLDER.iterdir()} == set(files())
    for name, text in files().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"docs/api/{name} is out of date"


def test_every_route_is_in_the_collection_for_postman() -> None:
    """With every body that it takes, and no parameter left open."""
    collection = json.loads(files()["acervo.postman_collection.json"])
    assert collection["info"]["schema"].endswith("/v2.1.0/collection.json")
    items = [item for folder in collection["item"] for item in folder["item"]]
    assert {item["name"].partition(": ")[0] for item in items} == {
        f"{route.method} {described_path(route.path)}" for route in ROUTES
    }
    assert len(items) == len(CALLS)
    variables = {variable["key"] for variable in collection["variable"]}
    for item in items:
        own = {variable["key"] for variable in item["request"]["url"]["variable"]}
        for segment in item["request"]["url"]["path"]:
            assert segment.removeprefix(":") in own or not segment.startswith(":")
            assert "{{" not in segment or segment[2:].partition("}}")[0] in variables


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path} {call.media}")
def test_examples_name_nothing_that_is_left_open(call: Call) -> None:
    """They can be copied and run."""
    assert "{" not in call.address
    assert call.media is None or call.body is not None


async def test_the_examples_run(tmp_path: Path) -> None:
    """As programs and as command lines, one after the other."""
    (tmp_path / "edital.pdf").write_bytes(b"%PDF-1.7 some")
    program = "\n".join(python(call) for call in CALLS)
    lines = "\n".join(curl(call) for call in CALLS)
    async with small_server(tmp_path) as address:
        assert await status(tmp_path, sys.executable, "-c", program.replace(SERVER, address)) == 0
        if shutil.which("curl"):
            assert await status(tmp_path, "sh", "-ec", lines.replace(SERVER, address)) == 0
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


async def status(folder: Path, *command: str) -> int | None:
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=asyncio.subprocess.DEVNULL)
    async with asyncio.timeout(60):
        return await process.wait()
