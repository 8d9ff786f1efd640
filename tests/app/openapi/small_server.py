"""A server with one document, which the examples of the API's document name."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pymupdf

from app.fields import EXAMPLE_ID
from tests.app.fakes import FakeFiles, FakeModel, FakeStore, a_chunk, a_collection, a_document, a_match
from tests.app.talking import served
from tests.stand_ins.ollama import OllamaStandIn


@asynccontextmanager
async def small_server(folder: Path, failure: Exception | None = None) -> AsyncIterator[str]:
    """Its address. A question is answered at once, by one model or by the other, and those that the examples
    name are installed in Ollama; where there is a `failure`, every look into the collection ends with it.
    """
    file = folder / "a.pdf"
    with pymupdf.open() as pdf:
        for number in range(20):
            pdf.new_page(width=200, height=100).insert_text((20, 50), f"Page {number + 1}")
        pdf.save(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    held = a_document(EXAMPLE_ID, name="a.pdf", sha256=digest)
    chunk = a_chunk(EXAMPLE_ID)
    collection = a_collection(
        [a_match(held, chunk)], store=FakeStore((held,), (chunk,), failure), files=FakeFiles({digest: file})
    )
    models = [FakeModel(), FakeModel(name="gemini", family="gemini")]
    async with (
        OllamaStandIn(embedding_models=("bge-m3:latest",)).running() as ollama,
        served(collection, models=models, data_dir=folder / "data", ollama_host=ollama) as address,
    ):
        yield address
