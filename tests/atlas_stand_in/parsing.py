"""Reads documents as mongot does: with the path of what is wrong at the front of the sentence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

INT32_MAX = 2**31 - 1


class Malformed(Exception):
    """What mongot's parser says of a document that it can't read."""


class Fields:
    """The fields of one document, at a path (empty: the root). Fields that nobody asked for are unknown."""

    def __init__(self, document: Mapping[str, Any], path: str = "") -> None:
        self.document = document
        self.path = path
        self._asked: set[str] = set()

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def fail(self, sentence: str) -> Malformed:
        """About the document itself."""
        return Malformed(f'"{self.path}" {sentence}' if self.path else sentence)

    def fail_at(self, name: str, sentence: str) -> Malformed:
        return Malformed(f'"{self.at(name)}" {sentence}')

    def has(self, name: str) -> bool:
        return self.optional(name) is not None

    def optional(self, name: str) -> Any:
        self._asked.add(name)
        return self.document.get(name)

    def required(self, name: str) -> Any:
        value = self.optional(name)
        if value is None:
            raise self.fail_at(name, "is required")
        return value

    def string(self, name: str, default: str | None = None) -> str:
        value = self.optional(name) if default is not None else self.required(name)
        if value is None:
            assert default is not None
            return default
        if not isinstance(value, str):
            raise self.fail_at(name, "must be a string")
        return value

    def nonempty(self, name: str, default: str | None = None) -> str:
        value = self.string(name, default)
        if not value:
            raise self.fail_at(name, "cannot be empty")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        value = self.optional(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.fail_at(name, "must be a boolean")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        value = self.optional(name) if default is not None else self.required(name)
        if value is None:
            assert default is not None
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail_at(name, "must be an integer")
        if value > INT32_MAX:
            raise self.fail_at(name, "overflowed, must fit in a 32 bit integer")
        if value % 1:
            raise self.fail_at(name, "must be an integer")
        return int(value)

    def bounded(self, name: str, low: int, high: int, default: int | None = None) -> int:
        value = self.integer(name, default)
        if not low <= value <= high:
            raise self.fail_at(name, f"must be within bounds [{low}..{high}]")
        return value

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        value = self.string(name, default)
        if value not in allowed:
            raise self.fail_at(name, f"must be one of [{', '.join(sorted(allowed))}]")
        return value

    def fields(self, name: str) -> Fields:
        return Fields(as_document(self.required(name), self.at(name)), self.at(name))

    def list_of(self, name: str) -> list[tuple[str, Any]]:
        """The elements of a list, each with its path."""
        value = self.required(name)
        if not isinstance(value, list):
            raise self.fail_at(name, "must be a array")
        return [(f"{self.at(name)}[{i}]", element) for i, element in enumerate(value)]

    def one_or_more(self, name: str) -> list[tuple[str, Any]]:
        """A list or a single value; not an empty list."""
        value = self.required(name)
        if not isinstance(value, list):
            return [(self.at(name), value)]
        if not value:
            raise self.fail_at(name, "cannot be empty")
        return self.list_of(name)

    def at_most_one(self, names: Sequence[str]) -> str | None:
        present = [name for name in names if self.has(name)]
        if len(present) > 1:
            raise self.fail(f"at most one of [{', '.join(names)}] may be present")
        return present[0] if present else None

    def exactly_one(self, names: Sequence[str]) -> str:
        present = [name for name in names if self.has(name)]
        if len(present) != 1:
            sentence = "only one of [{}] may be present" if present else "one of [{}] must be present"
            raise self.fail(sentence.format(", ".join(names)))
        return present[0]

    def ignore(self, *names: str) -> None:
        self._asked.update(names)

    def no_others(self) -> None:
        """Raises where the document has fields that were not asked for."""
        unknown = [name for name in self.document if name not in self._asked]
        if len(unknown) == 1:
            raise self.fail(f'unrecognized field "{unknown[0]}"')
        if unknown:
            raise self.fail(f"unrecognized fields [{', '.join(map(quoted, unknown))}]")


def quoted(name: str) -> str:
    return f'"{name}"'


def as_document(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Malformed(f'"{path}" must be a document')
    return value


@contextmanager
def failing_as(error: Callable[[str], Exception]) -> Iterator[None]:
    """Turns what the parser says into the command's failure."""
    try:
        yield
    except Malformed as malformed:
        raise error(str(malformed)) from malformed
