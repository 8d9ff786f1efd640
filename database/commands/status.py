"""`status`: the documents of the collection, and how far each of them is."""

from __future__ import annotations

from dataclasses import asdict

from database.collection import open_storage
from database.messages import Messages
from database.records import Document
from database.report.terminal import stages_line
from database.report.words import Words
from database.settings import Settings
from database.stages import stages_of
from database.visible import visible_name

_PERCENT = 4  # characters of "100%"
_STATUS = 10  # of the longest one


async def run(settings: Settings, messages: Messages) -> int:
    async with open_storage(settings) as storage:
        documents = await storage.store.documents()
        count = await storage.store.count()
        answering = await storage.store.answering()
        changeover = await storage.store.changeover()
    words = Words(messages.language)
    width = max((len(visible_name(document.name)) for document in documents), default=0)
    for document in documents:
        print(_line(document, width, words, messages))
    print(
        messages(
            "count",
            documents=count.documents,
            chunks=count.chunks,
            place=settings.place,
            model=answering or settings.embedding_model,
        )
    )
    if changeover:
        print(messages("changing_over", **asdict(changeover)))
    return 0


def _line(document: Document, width: int, words: Words, messages: Messages) -> str:
    pages = str(document.pages or "–")
    name = visible_name(document.name)
    line = f"{document.id}  {name:<{width}}  {pages:>5}  {document.language:<2}  {document.status:<{_STATUS}}"
    if document.passages or not document.error:
        line = f"{line}  {stages_line(stages_of(document), words, _PERCENT)}"
    return f"{line.rstrip()}: {messages.reason(document.error)}" if document.error else line
