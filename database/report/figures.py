"""The numbers of the report, from the store's records: pure functions."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from database.records import Condition, Document, PageState, Route

# A page without text is worth a look; a blank one is as it was printed.
TROUBLES: tuple[Condition, ...] = ("unreadable", "garbled", "no_text")

# Characters from which each column of the distribution begins. A full page of prose has 2,000 to 4,000.
COLUMNS = (0, 1, 100, 500, 1_000, 2_000, 4_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """Pages one after the other that are in the same condition."""

    first: int
    last: int
    condition: Condition

    @property
    def pages(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentFigures:
    """What the report says of one document. `seconds` are those of the processes that converted its pages."""

    document: Document
    pages: int
    characters: int
    recognised: int
    tables: int
    seconds: float
    conditions: dict[Condition, int]
    troubles: tuple[Run, ...]

    @property
    def troubled(self) -> int:
        """How many of its pages are worth a look."""
        return sum(run.pages for run in self.troubles)

    @property
    def rank(self) -> tuple[bool, int, bool]:
        """What needs somebody first: failures, then the most bad pages, then what is still worked on."""
        return self.document.status != "failed", -self.troubled, self.document.finished


def figures_of(document: Document, states: Sequence[PageState]) -> DocumentFigures:
    return DocumentFigures(
        document=document,
        pages=len(states),
        characters=sum(state.characters for state in states),
        recognised=sum(state.recognised for state in states),
        tables=sum(state.tables for state in states),
        seconds=sum(state.seconds for state in states),
        conditions=dict(Counter(state.condition for state in states)),
        troubles=tuple(run for run in runs(states) if run.condition in TROUBLES),
    )


def runs(states: Iterable[PageState]) -> list[Run]:
    """The pages, in order, by condition."""
    found: list[Run] = []
    for condition, group in groupby(states, key=lambda state: state.condition):
        numbers = [state.number for state in group]
        found.append(Run(first=numbers[0], last=numbers[-1], condition=condition))
    return found


@dataclass(kw_only=True, slots=True)
class RouteFigures:
    pages: int = 0
    laid_out: int = 0
    seconds: float = 0.0

    @property
    def seconds_a_page(self) -> float:
        return self.seconds / self.pages if self.pages else 0.0


@dataclass(kw_only=True, slots=True)
class CollectionFigures:
    """Sums over documents, added one by one: the pages themselves are not kept.

    `columns` counts pages by their characters, as COLUMNS has them; documents without pages don't count
    there: one of them is one "page" of any length.
    """

    pages: int = 0
    characters: int = 0
    recognised: int = 0
    tables: int = 0
    seconds: float = 0.0
    conditions: Counter[Condition] = field(default_factory=Counter)
    routes: dict[Route | None, RouteFigures] = field(default_factory=dict)
    columns: list[int] = field(default_factory=lambda: [0] * len(COLUMNS))

    def add(self, figures: DocumentFigures, states: Sequence[PageState]) -> None:
        self.pages += figures.pages
        self.characters += figures.characters
        self.recognised += figures.recognised
        self.tables += figures.tables
        self.seconds += figures.seconds
        self.conditions.update(figures.conditions)
        for state in states:
            route = self.routes.setdefault(state.route, RouteFigures())
            route.pages += 1
            route.laid_out += state.laid_out
            route.seconds += state.seconds
            if figures.document.pages is not None:
                self.columns[bisect_right(COLUMNS, state.characters) - 1] += 1
