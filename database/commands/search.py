"""`search`: the passages for a question, without an answer."""

from __future__ import annotations

from database.collection import open_collection
from database.messages import Messages
from database.records import Match
from database.settings import Settings


async def run(settings: Settings, messages: Messages, question: str, limit: int) -> int:
    """0 where something was found, 1 else."""
    async with open_collection(settings) as collection:
        matches = await collection.retriever.search(question, limit=limit)
    for number, match in enumerate(matches, start=1):
        print(f"{number}. {_heading(match, messages)}\n{match.chunk.text}\n")
    if not matches:
        print(messages("nothing_found"))
    return 0 if matches else 1


def _heading(match: Match, messages: Messages) -> str:
    parts = [match.document.name]
    if match.chunk.page is not None:
        parts.append(messages("page", page=match.chunk.page))
    parts += match.chunk.section[-1:]
    return f"{' · '.join(parts)} ({match.relevance:.0%})"
