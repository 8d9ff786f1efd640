"""Errors of the collection.

DatabaseError
├── SettingError                a setting has a value that can't be used
├── ProblemError                its text is there in every language
│   ├── StoreError
│   │   ├── StoreUnavailable    the store can't be reached or read
│   │   ├── StoreBusy           another process is writing to the store
│   │   ├── EmbedderMismatch    vectors are of another length, or of another model
│   │   ├── CollectionFileError the file of an export can't be written, read or trusted
│   │   └── ReportFileError     the file of a report can't be written
│   ├── EngineUnavailable       the machines that load documents can't be had
│   ├── EmbedderUnavailable     the embedding model can't be loaded or reached
│   └── RerankerUnavailable     the reranking model can't be loaded
├── SourceError                 one source can't be loaded; has a `reason` from REASONS
└── RenderError                 a page can't be drawn; has a `reason` from REASONS
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, Self, get_args

from database.problems import Language, Problem, sentence

Reason = Literal[
    "encrypted",
    "broken",
    "empty",
    "too_large",
    "too_slow",
    "too_much_memory",
    "no_text",
    "unsupported",
    "missing",
    "unreachable",
    "refused",
]

REASONS: tuple[Reason, ...] = get_args(Reason)


class DatabaseError(Exception):
    """Base of every error of this package."""


class SettingError(DatabaseError):
    """A setting has a value that can't be used."""


class ProblemError(DatabaseError):
    """Its text says what is wrong and what to do.

    `detail` says more to whoever runs the program: what a
    library said, with addresses and paths.
    """

    def __init__(self, problem: Problem, *, detail: object = "", **values: object) -> None:
        super().__init__(sentence(problem, "en", values))
        self.problem: Problem = problem
        self.values = values
        self.detail = str(detail)

    def text(self, language: Language) -> str:
        return sentence(self.problem, language, self.values)

    def __reduce__(self) -> tuple[Callable[[], Self], tuple[()]]:
        """Errors cross processes whole."""
        return partial(type(self), self.problem, detail=self.detail, **self.values), ()


class StoreError(ProblemError):
    """Base of the store's errors."""


class StoreUnavailable(StoreError):
    """The store can't be reached or read."""


class StoreBusy(StoreError):
    """Another process is writing to the store."""


class EmbedderMismatch(StoreError):
    """Vectors that can't be compared with the collection's, or a file of another model than the one set."""


class CollectionFileError(StoreError):
    """The file of an export can't be written, read or trusted."""


class ReportFileError(StoreError):
    """The file of a report can't be written."""


class EngineUnavailable(ProblemError):
    """The machines that load documents can't be had."""


class EmbedderUnavailable(ProblemError):
    """The embedding model can't be loaded or reached."""


class RerankerUnavailable(ProblemError):
    """The reranking model can't be loaded."""


class SourceError(DatabaseError):
    """One source can't be loaded. The others can."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason

    def __reduce__(self) -> tuple[type[SourceError], tuple[Reason, str]]:
        return type(self), (self.reason, str(self))


class RenderError(SourceError):
    """A page can't be drawn."""
