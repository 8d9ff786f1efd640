"""`report`: a page that shows how the collection is, and the few lines of it that matter."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from database.collection import open_storage
from database.messages import Messages
from database.records import Document
from database.report import file, terminal
from database.report.page import Heading, page
from database.report.survey import survey
from database.report.words import Words
from database.settings import Settings
from database.visible import visible, visible_name

DEFAULT_FILE = "acervo-report.html"


async def run(settings: Settings, messages: Messages, wanted: Sequence[str]) -> int:
    """0 where it is written, whatever it says; 1 where one of the documents isn't there."""
    words = Words(messages.language)
    async with open_storage(settings) as storage:
        documents = await storage.store.documents()
        path, names = _split(wanted, documents)
        unknown = [one for one in names if not any(_is(document, one) for document in documents)]
        for one in unknown:
            print(messages("no_such_document", name=visible_name(one)), file=sys.stderr)
        if unknown:
            return 1
        chosen = [d for d in documents if any(_is(d, one) for one in names)] if names else documents
        surveyed = await survey(storage.store, chosen)
        model = await storage.store.answering() or settings.embedding_model
        heading = Heading(place=settings.place, model=model, time=datetime.now(UTC))
        await file.write(path, page(heading, surveyed, storage.store, words, messages))
    for line in terminal.lines(surveyed, words, messages):
        print(line)
    whole = await asyncio.to_thread(path.resolve)
    print(words("lies", file=visible(str(whole))))
    return 0


def _split(wanted: Sequence[str], documents: Sequence[Document]) -> tuple[Path, Sequence[str]]:
    """The first word is the file where it looks like one, unless a document is called so."""
    if not wanted or not _is_file(wanted[0]) or any(_is(document, wanted[0]) for document in documents):
        return Path(DEFAULT_FILE), wanted
    return Path(wanted[0]), wanted[1:]


def _is_file(word: str) -> bool:
    return word.lower().endswith((".html", ".htm")) and "://" not in word


def _is(document: Document, wanted: str) -> bool:
    return wanted == document.id or any(wanted in (place.name, place.address) for place in document.places)
