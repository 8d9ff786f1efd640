"""Answers without a language model: quotes the sentences that say most about what is asked."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from app.context import Passage
from app.messages import sentence
from app.models.base import Kind, Prompt, Status, Usage
from app.prompt import quotable
from database.sentences import sentences
from database.terms import fold, question_terms, terms, words

NAME = "extractive"

MOST_PASSAGES = 3
MOST_SENTENCES = 4

# A sentence this much weaker than the best one is about something else.
_KEPT_SHARE = 0.7

# Longer "sentences" are tables and lists that lost their punctuation.
_LONGEST_QUOTE = 600
# Two sentences that share more of their words say the same.
_REPEATED_SHARE = 0.8

_LIST_GOES_ON = (";", "; e", "; y", "; and", ",", ":")
_SHORTEST_WORDS = 4  # fewer are headings, page numbers and captions

# Shares of a sentence's score, found on SQuAD-style questions in the three languages.
_NEIGHBOUR = 0.25  # what the sentence before said: "It opened in 1911" has the name a sentence earlier
_PASSAGE = 0.5  # what the search says of the whole passage
_EXPECTED = 0.15  # it holds the kind of thing that is asked for: a number, a date, a name
_PREFIX = 0.6  # of a term's rarity where only its first letters agree: "fundou" and "fundação"
_PREFIX_LETTERS = 5

_ASKS_NUMBER = re.compile(
    r"\b(?:quant[oa]s?|cuant[oa]s?|how (?:many|much|long|old|far|often)|percent\w*|porcent\w*)\b"
)
_ASKS_DATE = re.compile(
    r"\b(?:quando|cuando|when|(?:que|what|which) (?:ano|year|dia|day|date|data|fecha|seculo|siglo|century))\b"
)
_ASKS_NAME = re.compile(r"\b(?:quem|quien(?:es)?|who|whom|whose|onde|donde|where)\b")
_DIGIT = re.compile(r"\d")
_YEAR_OR_DATE = re.compile(r"\b\d{4}\b|\d/\d|\b\d{1,2} de [a-z]")
_NAME_INSIDE = re.compile(r"(?<=[^.!?\s] )[^\W\d_a-zà-ÿ]\w+")

_PIECES = re.compile(r"\S+\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """A sentence of passage `n`, exactly as it stands there but for line breaks."""

    n: int
    start: int
    text: str


class ExtractiveModel:
    """Needs nothing, so it always answers."""

    @property
    def kind(self) -> Kind:
        return "extractive"

    async def status(self) -> Status:
        return Status(name=NAME, kind="extractive", available=True, reason=sentence("extractive_ready"))

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage, None]:
        quotes = choose_quotes(prompt.question, prompt.passages)
        for i, quote in enumerate(quotes):
            last_of_passage = i + 1 == len(quotes) or quotes[i + 1].n != quote.n
            for piece in _PIECES.findall(f"{quote.text} [{quote.n}]"):
                yield piece
            if i + 1 < len(quotes):
                yield "\n\n" if last_of_passage else " "
        yield Usage(reason="stop")


def choose_quotes(question: str, passages: Sequence[Passage]) -> list[Quote]:
    """The best sentences, from no more than MOST_PASSAGES passages, in reading order."""
    headings = frozenset(
        _bare(heading) for passage in passages for chunk in passage.chunks for heading in chunk.section
    )
    everything = [one for passage in passages for one in _sentences(passage)]
    able = [i for i, one in enumerate(everything) if _can_answer(one.text, headings)]
    able = able or list(range(len(everything)))
    if not able:
        return []
    candidates = [everything[i] for i in able]
    scores = _scores(question, passages, candidates)
    ranked = sorted(range(len(candidates)), key=lambda i: -scores[i])
    chosen: list[int] = []
    for i in ranked:
        numbers = {candidates[j].n for j in (*chosen, i)}
        if len(chosen) == MOST_SENTENCES or scores[i] < _KEPT_SHARE * scores[ranked[0]]:
            break
        if len(numbers) <= MOST_PASSAGES and not any(_repeats(candidates[i], candidates[j]) for j in chosen):
            chosen.append(i)
    quoted = {k for i in chosen for k in _with_its_list(everything, able[i])}
    return [everything[i] for i in sorted(quoted)]


def _repeats(one: Quote, other: Quote) -> bool:
    """Contracts and their annexes say the same thing twice, with another number in front."""
    mine, others = set(words(one.text)), set(words(other.text))
    return len(mine & others) > _REPEATED_SHARE * min(len(mine), len(others))


def _with_its_list(everything: Sequence[Quote], i: int) -> list[int]:
    """A sentence that ends in a colon, and what it announces."""
    indices, room = [i], _LONGEST_QUOTE
    if everything[i].text.endswith(":"):
        for k in range(i + 1, len(everything)):
            room -= len(everything[k].text)
            if everything[k].n != everything[i].n or room < 0:
                break
            indices.append(k)
            if not everything[k].text.endswith(_LIST_GOES_ON):
                break
    return indices


def _sentences(passage: Passage) -> list[Quote]:
    text = quotable(passage.text)
    return [
        Quote(n=passage.n, start=start, text=_shortened(" ".join(text[start:end].split())))
        for start, end in sentences(text)
    ]


def _can_answer(text: str, headings: frozenset[str]) -> bool:
    """A heading, also in a table of contents, has the question's words and answers nothing."""
    return len(text.split()) >= _SHORTEST_WORDS and _bare(text) not in headings


def _bare(heading: str) -> str:
    """A heading's words, without the number before it or the page after it."""
    return " ".join(word for word in words(heading) if not word[0].isdigit())


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_QUOTE:
        return text
    return text[:_LONGEST_QUOTE].rpartition(" ")[0] + " …"


def _scores(question: str, passages: Sequence[Passage], candidates: Sequence[Quote]) -> list[float]:
    """How much each sentence says about the question; only their order means something."""
    by_number = {passage.n: passage for passage in passages}
    languages = {n: passage.chunks[0].language for n, passage in by_number.items()}
    held = [frozenset(terms(quote.text, languages[quote.n])) for quote in candidates]
    frequency = Counter(term for one in held for term in one)
    asked = {n: question_terms(question, frozenset([language])) for n, language in languages.items()}
    best = max(passage.relevance for passage in passages) or 1.0

    def rarity(term: str) -> float:
        return math.log(1 + (len(held) + 1) / (frequency[term] + 0.5))

    own = [_coverage(asked[quote.n], terms_, rarity) for quote, terms_ in zip(candidates, held, strict=True)]
    scores = []
    for i, quote in enumerate(candidates):
        follows = i > 0 and candidates[i - 1].n == quote.n
        score = own[i] + (_NEIGHBOUR * own[i - 1] if follows else 0.0)
        score += _PASSAGE * by_number[quote.n].relevance / best
        score += _EXPECTED * _holds_what_is_asked(fold(question), quote.text)
        scores.append(score)
    return scores


def _coverage(asked: Sequence[str], held: frozenset[str], rarity: Callable[[str], float]) -> float:
    """The share, 0..1, of the asked terms that a sentence holds, each weighted by its rarity."""
    total = sum(rarity(term) for term in asked)
    if not total:
        return 0.0
    beginnings = {term[:_PREFIX_LETTERS] for term in held if len(term) >= _PREFIX_LETTERS}
    found = 0.0
    for term in asked:
        if term in held:
            found += rarity(term)
        elif len(term) >= _PREFIX_LETTERS and term[:_PREFIX_LETTERS] in beginnings:
            found += _PREFIX * rarity(term)
    return found / total


def _holds_what_is_asked(question: str, text: str) -> float:
    """1 where a question for a number, a date or a name meets one; `question` is folded."""
    if _ASKS_DATE.search(question):
        return float(bool(_YEAR_OR_DATE.search(text)))
    if _ASKS_NUMBER.search(question):
        return float(bool(_DIGIT.search(text)))
    if _ASKS_NAME.search(question):
        return float(bool(_NAME_INSIDE.search(text)))
    return 0.0
