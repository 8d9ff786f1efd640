"""What is given to read for a question: found, put together, and remembered while the same is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app.context import Context, gather
from app.conversation import Message
from app.descriptions import Filter
from app.errors import CollectionUnavailable
from app.messages import Language
from app.prompt import passage_tokens
from app.retrieve import Retriever, retrieve
from app.selection import spread
from database.errors import StoreError
from database.recent import Recent
from database.records import Match
from database.stores.base import Store

_RECENT = 128  # contexts: as many as the searches that a retriever remembers


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked, of which documents (ids; None: all; and a filter), after what was said before, and in
    which language the answer is to be.
    """

    text: str
    written_in: Language
    language: Language
    documents: tuple[str, ...] | None
    filter: Filter | None = None
    history: tuple[Message, ...] = ()
    limit: int


class Reader:
    """Reads one collection."""

    def __init__(self, store: Store, retriever: Retriever) -> None:
        self.retriever = retriever
        self._store = store
        self._recent: Recent[Context] = Recent(_RECENT)

    async def read(self, question: Question, room: int) -> Context:
        """The passages for a question, in no more than so many tokens.

        Raises UnknownDocument, CollectionUnavailable.
        """
        matches = await retrieve(
            self._store,
            self.retriever,
            question.text,
            documents=question.documents,
            chosen=question.filter,
            limit=question.limit,
            language=question.written_in,
        )
        these = _These(spread(question.text, matches))
        compute = partial(gather, self._store, these.matches, room, passage_tokens)
        try:
            return await self._recent.get(None, (these, room), compute)
        except StoreError as error:
            raise CollectionUnavailable from error

    async def is_empty(self) -> bool:
        """Whether there is nothing to find. Raises CollectionUnavailable."""
        try:
            return (await self._store.count()).documents == 0
        except StoreError as error:
            raise CollectionUnavailable from error


class _These:
    """Matches as a key. A retriever gives the same objects again for as long as nothing has changed, and new
    ones after that, even where they say the same.
    """

    def __init__(self, matches: Sequence[Match]) -> None:
        self.matches = tuple(matches)

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.matches)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _These) or len(self.matches) != len(other.matches):
            return False
        return all(one is another for one, another in zip(self.matches, other.matches, strict=True))
