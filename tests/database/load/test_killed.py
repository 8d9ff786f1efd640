"""A loader killed at any moment, and started again."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

from database.records import Scope
from database.stores.lance import LanceStore
from tests.database.fakes import embedding, write_pdf
from tests.database.load.killed_loader import load

DOCUMENTS = 20
SEED = 20_261_121
KILLED = int(os.environ.get("ACERVO_TEST_KILLS", "10"))
"""How often; more take longer and say more."""


def write_documents(folder: Path) -> None:
    folder.mkdir()
    for number in range(DOCUMENTS - 2):
        paragraphs = [f"O prazo {number} do item {item} é de {item + 3} dias. " * 9 for item in range(6)]
        (folder / f"{number}.md").write_text(f"# Edital {number}\n\n" + "\n\n".join(paragraphs))
    for number in range(2):
        write_pdf(folder / f"{number}.pdf", *(f"O prazo {number} da página {page}." for page in range(10)))


async def everything(data: Path) -> dict[str, list[tuple[object, bytes]]]:
    """Every document's chunks with their vectors, and that both legs find each of them once."""
    store = await LanceStore.open(data, embedder="words")
    try:
        kept: dict[str, list[tuple[object, bytes]]] = {}
        for document in await store.documents():
            assert document.status == "ready"
            chunks, vectors = await store.embedded(document.id)
            kept[document.name] = [(c, v.tobytes()) for c, v in zip(chunks, vectors, strict=True)]
            scope = Scope(documents=(document.id,))
            for hits in (
                await store.search_text("prazo", "pt", scope, 1_000),
                await store.search_vector(embedding("prazo"), scope, 1_000),
            ):
                assert sorted(hit.chunk.id for hit in hits) == sorted(chunk.id for chunk in chunks)
        table = await store._table()
        assert table is not None
        assert await table.count_rows() == sum(map(len, kept.values())), "nothing is left over or doubled"
    finally:
        await store.close()
    return kept


async def test_a_killed_loader_ends_as_if_it_had_never_died(tmp_path: Path) -> None:
    """With all its processes, at random moments; at the end the same chunks, byte for byte."""
    folder = tmp_path / "documents"
    write_documents(folder)
    context = multiprocessing.get_context("spawn")
    moments = random.Random(SEED)  # noqa: S311 - moments, not secrets

    begun = time.monotonic()
    undisturbed = context.Process(target=load, args=(folder, tmp_path / "undisturbed"))
    undisturbed.start()
    await asyncio.to_thread(undisturbed.join)
    assert undisturbed.exitcode == 0
    takes = time.monotonic() - begun

    died = 0
    for _ in range(KILLED):
        loader = context.Process(target=load, args=(folder, tmp_path / "killed"))
        loader.start()
        await asyncio.sleep(moments.uniform(0.1, 0.7 * takes))
        assert loader.pid is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(loader.pid, signal.SIGKILL)
        loader.kill()
        await asyncio.to_thread(loader.join)
        died += loader.exitcode != 0
    assert died, "it was killed while it loaded"

    last = context.Process(target=load, args=(folder, tmp_path / "killed"))
    last.start()
    await asyncio.to_thread(last.join)
    assert last.exitcode == 0
    assert await everything(tmp_path / "killed") == await everything(tmp_path / "undisturbed")
    assert list((tmp_path / "killed" / "work").iterdir()) == []
