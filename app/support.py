"""How far what an answer says stands in the passages that it cites: its words, its numbers, its names.

Where the words are others (another language, other ways to say it), the embedder is asked whether the meaning
is the same. A number that no cited passage holds is told, whatever else is right.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.citations import Citation
from app.context import Passage
from database.letters import share_in_one_statement
from database.records import Chunk
from database.seen import Seen
from database.sentences import sentences
from database.terms import content_words, fold, words

# A share of the letters from which on the words are taken to be the passage's own.
_SAME_WORDS = 0.75
_OWN_WORDS = 0.5  # below, it is another language, where names are others, too: Brasil and Brazil
_WITHOUT_A_NUMBER = 0.3  # the most that a sentence has whose number or name isn't there
_FEWEST_WORDS = 4  # of a statement: fewer are headings and labels

_NAME = re.compile(r"(?<=[^\W\d_,;:]\s)[A-ZÀ-Þ][\w'’-]+")  # a capital inside of a sentence
_MARKERS = re.compile(r"(?:\s*\[\d{1,3}\])+")
_MARKUP = re.compile(r"[*_`#>|]+")

Alike = Callable[[Sequence[str], Sequence[Sequence[Chunk]]], Awaitable[Sequence[float]]]
"""How alike each text is to what the chunks beside it say, 0..1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """Each citation with its support; and the spans of statements that cite nothing."""

    citations: Sequence[Citation]
    uncited: Sequence[tuple[int, int]]


async def check(
    text: str, citations: Sequence[Citation], passages: Sequence[Passage], alike: Alike
) -> Checked:
    """What `alike` raises is raised."""
    cited = {passage.n: passage for passage in passages}
    held = {n: _Held(cited[n]) for n in {citation.n for citation in citations}}
    support = [_by_words(text, citation, citations, held) for citation in citations]
    doubtful = [i for i, (share, missing) in enumerate(support) if share < _SAME_WORDS and not missing]
    if doubtful:
        meant = await alike(
            [text[citations[i].start : citations[i].end] for i in doubtful],
            [cited[citations[i].n].chunks for i in doubtful],
        )
        for i, likeness in zip(doubtful, meant, strict=True):
            support[i] = (max(support[i][0], likeness), ())
    checked = [
        replace(citation, support=round(share, 3), missing=missing)
        for citation, (share, missing) in zip(citations, support, strict=True)
    ]
    return Checked(citations=checked, uncited=_uncited(text, citations))


class _Held:
    """What a passage says, as it is compared."""

    def __init__(self, passage: Passage) -> None:
        text = f"{passage.text}\n{passage.markdown}" if passage.markdown != passage.text else passage.text
        self.said = f" {' '.join(Seen.of(text, '').statements.split())} "
        self.numbers = frozenset(digits for word in words(text) for digits in _digits(word))


def _by_words(
    text: str, citation: Citation, citations: Sequence[Citation], held: Mapping[int, _Held]
) -> tuple[float, tuple[str, ...]]:
    """Its support, and what is missing. A sentence that cites several passages may have its numbers and names
    from any of them.
    """
    said = _plain(text[citation.start : citation.end])
    together = [held[c.n] for c in citations if (c.start, c.end) == (citation.start, citation.end)]
    asked = [word for word in content_words(said) if not word[0].isdigit()]
    share = _share(asked, held[citation.n].said) if asked else 1.0
    missing = _missing(said, together, names=share >= _OWN_WORDS)
    most = _WITHOUT_A_NUMBER if missing else 1.0
    return min(share, most), missing


def _missing(said: str, passages: Sequence[_Held], *, names: bool) -> tuple[str, ...]:
    """Its numbers, and its names, that none of the passages holds, as they are written."""
    numbers = [word for word in words(said) if word[0].isdigit()]
    named = [name for name in _NAME.findall(said) if len(name) > 1] if names else []
    gone = [word for word in numbers if not any(set(_digits(word)) <= held.numbers for held in passages)]
    gone += [name for name in named if max(_share(words(name), held.said) for held in passages) < _SAME_WORDS]
    return tuple(dict.fromkeys(gone))


def _digits(word: str) -> list[str]:
    """1,234.50 and 1.234,50 are the same number; a date may be written in another order."""
    if not word[0].isdigit():
        return re.findall(r"\d+", word)
    parts = re.findall(r"\d+", word)
    return [part.lstrip("0") or "0" for part in parts] if "/" in word else ["".join(parts).lstrip("0") or "0"]


def _share(asked: Sequence[str], said: str) -> float:
    return float(share_in_one_statement(dict.fromkeys(asked, 1.0), [said])[0]) if asked else 1.0


def _plain(said: str) -> str:
    return _MARKUP.sub(" ", _MARKERS.sub("", said))


def _uncited(text: str, citations: Sequence[Citation]) -> list[tuple[int, int]]:
    """Statements that end without a marker, and aren't questions, headings or announcements."""
    spans = [(citation.start, citation.end) for citation in citations]
    return [
        (start, end)
        for start, end in sentences(text)
        if not any(first < end and start < last for first, last in spans)
        and len(words(_plain(text[start:end]))) >= _FEWEST_WORDS
        and not fold(text[start:end]).endswith((":", "?"))
    ]
