"""From the matches of a question to the numbered passages that an answer may cite.

Matches that stand beside each other in a document become one passage, and a passage that is cut
in the middle of a sentence gets the neighbour that holds the rest: a statement is often split
over two chunks, and a model that sees half of it guesses the other half. Matches on different pages
stay apart: what a passage is cited for must stand on the page that its citation opens.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.selection import without_repeats
from database.records import Box, Chunk, Document, Match
from database.stores.base import Store

# Bytes of UTF-8 for one token, on the safe side: Portuguese and Spanish prose has 3.5 to 4.5 with
# the tokenizers of Llama 3, Gemma and Qwen, tables of numbers about 3.
BYTES_PER_TOKEN = 3

# Chunks in one passage: more would make a citation point at a whole page instead of a place.
LONGEST_RUN = 4

# Only the best passages are completed; the rest are read for a word or two, if at all.
COMPLETED = 3

_LONGEST_OVERLAP = 400  # characters in which two neighbouring chunks may repeat each other
_SHORTEST_OVERLAP = 12  # shorter ones are chance
_SENTENCE_ENDS = tuple(".!?…:;\"'”’»)]|")


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """One or more chunks that follow each other in one document; `n` is how an answer cites it.

    `best` is the one among them that was found for the question: its page is the passage's.
    """

    n: int
    document: Document
    best: Chunk
    chunks: tuple[Chunk, ...]
    text: str
    markdown: str
    relevance: float
    on_topic: float

    @property
    def page(self) -> int | None:
        return self.best.page

    @property
    def last_page(self) -> int | None:
        return self.chunks[-1].last_page

    @property
    def section(self) -> tuple[str, ...]:
        return self.best.section

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(box for chunk in self.chunks for box in chunk.boxes)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Context:
    """What a model is given to read: `passages`, of `tokens` together, where there was `room` for so many;
    `dropped` is what was found and had no room. One equals only itself: comparing two would take as long as
    making one.
    """

    passages: tuple[Passage, ...]
    dropped: tuple[Match, ...]
    tokens: int
    room: int


@dataclass(slots=True)
class _Run:
    """Matches of one document that touch each other, as positions first..last."""

    best: Match
    first: int
    last: int

    @property
    def document_id(self) -> str:
        return self.best.document.id


def count_tokens(text: str) -> int:
    """An upper estimate; the true number depends on each model's tokenizer."""
    return math.ceil(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)


async def gather(
    store: Store, matches: Sequence[Match], tokens: int, measure: Callable[[Passage], int]
) -> Context:
    """The passages for these matches in their order, in no more than `tokens` together by `measure`.

    Raises StoreError.
    """
    matches = [match for place in matches for match in _single(place)]
    runs = _runs(without_repeats(matches))
    for run in runs[:COMPLETED]:
        _complete(run)
    neighbours = await _fetch(store, runs, {match.chunk.id: match.chunk for match in matches})
    passages: list[Passage] = []
    dropped: list[Match] = []
    room = tokens
    for run in runs:
        for chunks in (_chunks(run, neighbours), (run.best.chunk,)):
            passage = _passage(len(passages) + 1, run.best, chunks)
            cost = measure(passage)
            if cost <= room:
                room -= cost
                passages.append(passage)
                break
        else:
            dropped.append(run.best)
    return Context(passages=tuple(passages), dropped=tuple(dropped), tokens=tokens - room, room=tokens)


def _single(place: Match) -> Iterator[Match]:
    """Each passage of a place as a match of its own, the best first."""
    for chunk in (place.chunk, *place.others):
        yield replace(place, chunk=chunk, others=())


def _runs(matches: Sequence[Match]) -> list[_Run]:
    """Group matches of a page that touch or have one chunk between them, in the order of their best."""
    runs: list[_Run] = []
    for match in matches:
        position = match.chunk.position
        for run in runs:
            first, last = min(run.first, position), max(run.last, position)
            near = run.first - 2 <= position <= run.last + 2
            same_page = (run.document_id, run.best.chunk.page) == (match.document.id, match.chunk.page)
            if same_page and near and last - first < LONGEST_RUN:
                run.first, run.last = first, last
                break
        else:
            runs.append(_Run(best=match, first=position, last=position))
    return runs


def _complete(run: _Run) -> None:
    """Ask for the neighbour where the run begins or ends in the middle of a sentence."""
    chunk = run.best.chunk
    if chunk.position == run.last and not chunk.text.rstrip().endswith(_SENTENCE_ENDS):
        run.last += 1
    opening = next((character for character in chunk.text if character.isalnum()), "")
    if chunk.position == run.first > 0 and opening.islower():
        run.first -= 1


async def _fetch(store: Store, runs: Sequence[_Run], known: dict[str, Chunk]) -> dict[tuple[str, int], Chunk]:
    """The chunks of all runs by document and position; asks the store for what the search did not bring."""
    chunks = {(chunk.document_id, chunk.position): chunk for chunk in known.values()}
    missing: dict[str, set[int]] = {}
    for run in runs:
        for position in range(run.first, run.last + 1):
            if (run.document_id, position) not in chunks:
                missing.setdefault(run.document_id, set()).add(position)
    found = await asyncio.gather(
        *(store.chunks(id_, sorted(positions)) for id_, positions in missing.items())
    )
    chunks.update({(chunk.document_id, chunk.position): chunk for group in found for chunk in group})
    return chunks


def _chunks(run: _Run, chunks: dict[tuple[str, int], Chunk]) -> tuple[Chunk, ...]:
    """The run's chunks; those of another version of the document don't belong to it."""
    of_run = (chunks.get((run.document_id, position)) for position in range(run.first, run.last + 1))
    return tuple(chunk for chunk in of_run if chunk and chunk.version == run.best.chunk.version)


def _passage(n: int, match: Match, chunks: tuple[Chunk, ...]) -> Passage:
    return Passage(
        n=n,
        document=match.document,
        best=match.chunk,
        chunks=chunks,
        text=joined(chunk.text for chunk in chunks),
        markdown=joined(chunk.markdown or chunk.text for chunk in chunks),
        relevance=match.relevance,
        on_topic=match.on_topic,
    )


def joined(texts: Iterable[str]) -> str:
    """The texts of neighbouring chunks as one: what they repeat stands once."""
    whole = ""
    for text in texts:
        if text in whole:  # the parts of a table each have all of it
            continue
        overlap = _overlap(whole, text)
        whole = whole + text[overlap:] if overlap or not whole else f"{whole}\n\n{text}"
    return whole


def _overlap(before: str, after: str) -> int:
    """How many characters at the end of one text begin the next."""
    opening = after[:_SHORTEST_OVERLAP]
    start = before.find(opening, max(0, len(before) - _LONGEST_OVERLAP)) if opening else -1
    while start >= 0:
        length = len(before) - start
        if length >= _SHORTEST_OVERLAP and after.startswith(before[start:]):
            return length
        start = before.find(opening, start + 1)
    return 0
