"""The web addresses that stand in the passages of an answer.

An answer may repeat these: whoever wrote the document chose them before anybody asked. Any other one may
carry what the model has read to whoever waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from app.context import Passage

# Longer ones are the addresses of trackers and pictures; an answer is held back while it may be writing one.
LONGEST_ADDRESS = 400

# Characters after an address that may belong to the sentence instead.
MARKS_AFTER = ".,;:!?'\"*_~)]}>|»”’…"
MOST_MARKS_AFTER = 6

_IN_TEXT = re.compile(r"(?:https?://|(?<![A-Za-z0-9])www\.)[^\s<>\"`\\^{}|\[\]]+", re.IGNORECASE)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_CITED = re.compile(r"\[\d{1,3}\]\Z")
_BREAKS = frozenset("),;'*")


class Addresses:
    """A set of web addresses, alike with http and https, and with the host in any case. The texts are read
    when it is first asked for one: most answers have none.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts

    @cached_property
    def _known(self) -> frozenset[str]:
        found = (match[0][:LONGEST_ADDRESS] for text in self._texts for match in _IN_TEXT.finditer(text))
        return frozenset(_normalised(part) for run in found for part in _parts(run))

    @property
    def longest(self) -> int:
        """In characters."""
        return max(map(len, self._known), default=0)

    @classmethod
    def of(cls, passages: Sequence[Passage]) -> Addresses:
        """Those in what a model is given to read of these passages."""
        return cls(text for passage in passages for text in _read(passage))

    def __contains__(self, address: object) -> bool:
        """Whether these hold the address, which begins with http://, https:// or www."""
        return isinstance(address, str) and _normalised(address) in self._known

    def beginning(self, run: str) -> int:
        """How many characters of `run` are such an address, before citations and marks; 0 for none."""
        end, marks = len(run), 0
        while end > 0:
            if run[:end] in self:
                return end
            if cited := _CITED.search(run, 0, end):
                end = cited.start()
            elif run[end - 1] in MARKS_AFTER and marks < MOST_MARKS_AFTER:
                end, marks = end - 1, marks + 1
            else:
                break
        return 0


def _read(passage: Passage) -> tuple[str, ...]:
    return (
        passage.text,
        passage.markdown,
        passage.document.title,
        passage.document.name,
        " ".join(passage.section),
    )


def _parts(run: str) -> Iterable[str]:
    """The run, and its beginnings before what may be the sentence's own marks."""
    yield run
    for i, character in enumerate(run):
        if character in _BREAKS:
            yield run[:i]
    bare = run.rstrip(MARKS_AFTER)
    for end in range(len(bare), len(run)):
        yield run[:end]


def _normalised(address: str) -> str:
    rest = _SCHEME.sub("", address.replace("&amp;", "&"), count=1)
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return host.lower() + rest[len(host) :].removesuffix("/")
