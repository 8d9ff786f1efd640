"""Schemathesis sends what the document allows, and what it doesn't, to a running server.

`SCHEMATHESIS_EXAMPLES=500 pytest tests/app/openapi/test_fuzzing.py` sends more than the few of every run.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from pathlib import Path

import pymupdf
import pytest

from tests.app.fakes import FakeFiles, FakeModel, FakeStore, a_chunk, a_collection, a_document, a_match
from tests.app.openapi.stream_checks import DOCUMENT
from tests.app.talking import served

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "12"))  # for each operation
SECONDS = 60 if EXAMPLES <= 12 else 3_600

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")

EXAMPLE_ID = DOCUMENT["paths"]["/documents/{id}/file"]["get"]["parameters"][0]["example"]


def a_pdf(path: Path) -> Path:
    with pymupdf.open() as pdf:
        for number in range(20):
            pdf.new_page(width=200, height=100).insert_text((20, 50), f"Page {number + 1}")
        pdf.save(path)
    return path


async def test_the_server_does_what_its_document_says(tmp_path: Path) -> None:
    """No error of its own, no status that isn't there, and no body or line that breaks its schema."""
    file = a_pdf(tmp_path / "a.pdf")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    held = a_document(EXAMPLE_ID, name="a.pdf", sha256=digest)
    chunk = a_chunk(EXAMPLE_ID)
    collection = a_collection(
        [a_match(held, chunk)], store=FakeStore((held,), (chunk,)), files=FakeFiles({digest: file})
    )
    models = [FakeModel(), FakeModel(name="gemini", family="gemini")]
    async with served(collection, models=models, data_dir=tmp_path / "data") as address:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("schemathesis"),
            f"--config-file={CONFIGURATION}",
            "run",
            f"{address}/openapi.json",
            f"--max-examples={EXAMPLES}",
            "--phases=examples,coverage,fuzzing",
            "--seed=1",
            "--no-shrink",
            "--request-timeout=10",
            "--warnings=off",
            env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.app.openapi.stream_checks"},
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
