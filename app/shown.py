"""What may be shown of the text that a model writes.

Markers are bound first, links are taken out last: nobody changes the text after it was made safe, and a
citation's place is counted in what people get.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.addresses import Addresses
from app.citations import Citation, Citations, cited
from app.context import Passage
from app.links import Links


class Shown:
    """Takes the pieces of an answer from these passages and gives back what may be shown of it."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._known = frozenset(passage.n for passage in passages)
        self._citations = Citations(self._known)
        self._links = Links(Addresses.of(passages))
        self._shown: list[str] = []
        self.length = 0
        """In characters, of what was shown so far."""

    def take(self, piece: str) -> str:
        """What can be shown after this piece. Empty while something is undecided."""
        text = self._links.take(self._citations.bind(piece))
        return self._kept(text)

    def finish(self) -> str:
        """What was held back, when the answer has ended."""
        text = self._links.take(self._citations.finish()) + self._links.finish()
        return self._kept(text)

    @property
    def text(self) -> str:
        """The answer as shown so far."""
        return "".join(self._shown)

    def citations(self) -> list[Citation]:
        """Which part of the shown answer each marker supports."""
        return cited(self.text, self._known)

    def _kept(self, text: str) -> str:
        self._shown.append(text)
        self.length += len(text)
        return text
