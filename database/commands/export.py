"""`export`: the collection into a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from database.collection import open_storage
from database.load.progress import Progress
from database.messages import Messages
from database.moving.exporting import export
from database.settings import Settings

_MEGABYTE = 1_000_000


async def run(settings: Settings, messages: Messages, path: Path, *, originals: bool) -> int:
    """0 where the file holds everything that was asked for, 1 where an original is missing from it."""
    progress = Progress(messages, sentence="progress_passages")

    def tell(key: str, values: Mapping[str, object]) -> None:
        progress.say(messages(key, **values))

    async with open_storage(settings, tell=tell) as storage:
        exported = await export(
            storage, path, embedder=settings.embedding_model, originals=originals, progress=progress
        )
    progress.end()
    for document in exported.incomplete:
        progress.say(messages("without_original", name=document.name))
    print(
        messages(
            "exported",
            documents=exported.header.documents,
            chunks=exported.header.chunks,
            originals=exported.header.originals,
            file=path,
            megabytes=f"{exported.bytes / _MEGABYTE:.1f}",
            seconds=f"{progress.seconds:.0f}",
        ),
        file=sys.stderr,
    )
    return 1 if exported.incomplete else 0
