"""`import`: a file that `export` wrote, into the collection."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from database.collection import open_storage
from database.load.progress import Progress
from database.load.turns import claim
from database.messages import Messages
from database.moving.importing import bring_in, check_embedder
from database.moving.reader import Reader
from database.moving.threads import in_thread
from database.settings import Settings


async def run(settings: Settings, messages: Messages, path: Path) -> int:
    """0: afterwards the collection has every document of the file, or a newer one."""
    progress = Progress(messages, sentence="progress_passages")

    def tell(key: str, values: Mapping[str, object]) -> None:
        progress.say(messages(key, **values))

    with closing(await in_thread(Reader.open, path)) as reader:
        check_embedder(reader, settings.embedding_model)  # before the collection changes over to it
        async with open_storage(settings, tell=tell) as storage:
            await claim(storage.store, tell)
            imported = await bring_in(
                storage,
                reader,
                embedder=settings.embedding_model,
                folder=settings.data_dir,
                progress=progress,
            )
    progress.end()
    for document in imported.newer:
        progress.say(messages("kept_newer", name=document.name))
    print(
        messages(
            "imported",
            imported=imported.documents,
            unchanged=imported.unchanged,
            kept=len(imported.newer),
            chunks=imported.chunks,
            seconds=f"{progress.seconds:.0f}",
        ),
        file=sys.stderr,
    )
    return 0
