"""Which of the matches a model is to read, and in which order: pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from database.records import Match
from database.terms import fold, words

_COMPARES = re.compile(
    r"\b(?:compar\w*|diferen\w*|differ\w*|difieren?|versus|vs|between|both|ambos|ambas|frente a"
    r"|em relacao a|entre .+ (?:e|y)|(?:more|less|\w{2,}er) .*than"
    r"|(?:mais|menos|maior|menor|melhor|pior|mas|mayor|mejor|peor)\b.* (?:que|ou))\b"
)

# Matches of other documents that are less relevant than this share of the best one don't answer anything.
_LEAST_SHARE = 0.5

_SAME_WORDS = 0.9


def spread(question: str, matches: Sequence[Match]) -> list[Match]:
    """For a question that compares, the best of each document in turn; as they came for any other."""
    if not matches or not _COMPARES.search(fold(question)):
        return list(matches)
    least = _LEAST_SHARE * max(match.relevance for match in matches)
    able = [match for match in matches if match.relevance >= least]
    turns: list[tuple[int, int]] = []
    seen: dict[str, int] = {}
    for place, match in enumerate(able):
        turn = seen[match.document.id] = seen.get(match.document.id, -1) + 1
        turns.append((turn, place))
    in_turn = [able[place] for _, place in sorted(turns)]
    return in_turn + [match for match in matches if match.relevance < least]


def without_repeats(matches: Sequence[Match]) -> list[Match]:
    """The same page can lie in two documents, or twice in one, with another mark at its foot. Passages that
    differ in a number stay: reports say the same of every year.
    """
    kept: list[Match] = []
    seen: list[tuple[frozenset[str], frozenset[str]]] = []
    for match in matches:
        said = frozenset(words(match.chunk.text))
        numbers = frozenset(word for word in said if word[0].isdigit())
        if not any(numbers == others and _alike(said, other) for other, others in seen):
            seen.append((said, numbers))
            kept.append(match)
    return kept


def _alike(said: frozenset[str], other: frozenset[str]) -> bool:
    both = len(said & other)
    return both >= _SAME_WORDS * (len(said) + len(other) - both)
