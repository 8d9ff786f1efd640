"""How far documents are on their way: found by text, then by vectors, then laid out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from database.records import Document


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """How much of it is done, in whatever is counted."""

    done: int
    of: int

    @property
    def percent(self) -> int | None:
        """0 and 100 are said of nothing and of all alone; None where there is nothing to do."""
        if not self.of:
            return None
        whole = 100 * self.done // self.of
        return max(1, whole) if self.done else 0

    def __add__(self, other: Stage) -> Stage:
        return Stage(done=self.done + other.done, of=self.of + other.of)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stages:
    """`text` counts documents, `vectors` passages, and `layout` pages (a format without pages has one)."""

    text: Stage
    vectors: Stage
    layout: Stage


NOTHING = Stage(done=0, of=0)


def stages_of(document: Document) -> Stages:
    """A failed document that an earlier version can be found of is as far as that version is."""
    found = document.passages > 0
    pages = document.pages or 1
    return Stages(
        text=Stage(done=int(found), of=1),
        vectors=Stage(done=min(document.embedded, document.passages), of=document.passages),
        layout=Stage(done=min(document.laid_out, pages), of=pages) if found else NOTHING,
    )


def stages_of_all(documents: Iterable[Document]) -> Stages:
    text = vectors = layout = NOTHING
    for stages in map(stages_of, documents):
        text, vectors, layout = text + stages.text, vectors + stages.vectors, layout + stages.layout
    return Stages(text=text, vectors=vectors, layout=layout)
