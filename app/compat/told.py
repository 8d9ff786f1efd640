"""An answer as clients get it that can only append text.

What another model has begun stays on their screens: a line says that it is void. Where such a client shows
nothing but text, the sources stand at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.citations import Citation
from app.context import Passage
from app.defuse import visible
from app.events import Done, Event, Failed, Passed, Piece, Queued, Reset, Sources, Understood
from app.messages import FALLBACK, Language, sentence

_LONGEST_NAME = 120  # characters of a document's name

# What Markdown makes links, pictures, HTML and code of.
_PLAIN = str.maketrans({"[": "(", "]": ")", "<": "‹", ">": "›", "`": "'", "|": "/", "\\": "/", "*": "·"})


class Told:
    """Takes the events of an answer, and remembers what its end needs."""

    def __init__(self, *, sources_in_text: bool) -> None:
        self.sources: Sources | None = None
        self.done: Done | None = None
        self.failed: Failed | None = None
        self._sources_in_text = sources_in_text
        self._pieces: list[str] = []
        self._length = 0
        self._begins = 0  # where the text of who answers now begins

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def language(self) -> Language:
        return self.sources.language if self.sources else FALLBACK

    @property
    def citations(self) -> list[Citation]:
        """Counted in all of the text."""
        cited = self.done.citations if self.done else ()
        return [replace(one, start=one.start + self._begins, end=one.end + self._begins) for one in cited]

    @property
    def uncited(self) -> list[tuple[int, int]]:
        return [
            (start + self._begins, end + self._begins)
            for start, end in (self.done.uncited if self.done else ())
        ]

    def take(self, event: Event) -> str:
        """The text to append for this event; empty for most that are no pieces."""
        match event:
            case Piece(text=text):
                return self._told(text)
            case Sources():
                self.sources = event
            case Reset(model=model):
                return self._begin_anew(model)
            case Done():
                self.done = event
                return self._told(self._list()) if self._sources_in_text else ""
            case Failed():
                self.failed = event
            case Queued() | Understood() | Passed():
                pass
        return ""

    def passage(self, n: int) -> Passage | None:
        passages = self.sources.context.passages if self.sources else ()
        return next((passage for passage in passages if passage.n == n), None)

    def _told(self, text: str) -> str:
        self._pieces.append(text)
        self._length += len(text)
        return text

    def _begin_anew(self, model: str) -> str:
        if self._length == self._begins:
            return ""
        told = self._told(f"\n\n---\n\n{sentence('begins_anew', name=model).text(self.language)}\n\n")
        self._begins = self._length
        return told

    def _list(self) -> str:
        cited = sorted({citation.n for citation in self.citations})
        places = [place for n in cited if (place := _place(self.passage(n)))]
        if not places:
            return ""
        return f"\n\n{sentence('sources_begin', places='; '.join(places)).text(self.language)}"


def named(passage: Passage) -> str:
    """A document's name, as text that is nothing else in Markdown."""
    return " ".join(visible(passage.document.name).split())[:_LONGEST_NAME].translate(_PLAIN)


def pages(passage: Passage) -> Sequence[int]:
    """The pages that a passage stands on; none where its document has none."""
    if passage.page is None:
        return ()
    return range(passage.page, (passage.last_page or passage.page) + 1)


def _place(passage: Passage | None) -> str:
    if passage is None:
        return ""
    page = f", p. {passage.page}" if passage.page is not None else ""
    return f"[{passage.n}] {named(passage)}{page}"
