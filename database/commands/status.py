"""`status`: the documents of the collection."""

from __future__ import annotations

from database.collection import open_storage
from database.messages import Messages
from database.records import Document
from database.settings import Settings


async def run(settings: Settings, messages: Messages) -> int:
    async with open_storage(settings) as storage:
        documents = await storage.store.documents()
        count = await storage.store.count()
    width = max((len(document.name) for document in documents), default=0)
    for document in documents:
        print(_line(document, width, messages))
    print(
        messages(
            "count",
            documents=count.documents,
            chunks=count.chunks,
            place=settings.place,
            model=settings.embedding_model,
        )
    )
    return 0


def _line(document: Document, width: int, messages: Messages) -> str:
    pages = str(document.pages or "–")
    line = f"{document.id}  {document.name:<{width}}  {pages:>5}  {document.language:<2}  {document.status}"
    return f"{line}: {messages.reason(document.error)}" if document.error else line
