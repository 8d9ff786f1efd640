"""Answers without a language model: quotes the sentences that say most about what is asked.

How many is a matter of chances: one where it is clearly the best, more where the answer may as well stand in
another. docs/retrieval.md tells what that is worth.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.context import Passage
from app.messages import sentence
from app.models.base import Kind, Prompt, Status, Take, Usage
from app.models.contents import contents
from app.prompt import quotable
from database.letters import share_in_one_statement
from database.rarity import Rarity
from database.sentences import sentences
from database.terms import content_words, fold, question_terms, terms, words

NAME = "extractive"

MOST_PASSAGES = 3
MOST_SENTENCES = 6
MOST_WORDS = 120  # unless the best sentence is longer by itself; what a list holds comes on top

# Each word that is read more is to raise the chance that the answer is there by this much; one more sentence
# takes as much attention as so many words.
_LEAST_CHANCE_PER_WORD = 0.001
_WORDS_OF_ATTENTION = 20

# Of the words that the best sentence and the one before it share with the question: with less, a sentence is
# about something else, however good its passage is.
_LEAST_SHARED = 0.1

# Longer "sentences" are tables and lists that lost their punctuation.
_LONGEST_QUOTE = 600
# Two sentences that share more of their words say the same.
_REPEATED_SHARE = 0.8

_LIST_GOES_ON = (";", "; e", "; y", "; and", ",", ":")
_SHORTEST_WORDS = 4  # fewer are headings and captions, unless they are a value with its label ("Fee: none")
_VALUE = re.compile(r"[^\W\d_]{3}:\s+\w")  # "Figure 2: Fees" is a caption
_REPLY = re.compile(r"[^\W\d_]{3}\.$")  # all that is said under a heading: "None."

# A line of at least so many characters that stops in the middle of a sentence goes on in one that begins
# there; what is shorter may be an item or a cell.
_FULL_LINE = 60
_STOPS = re.compile(r"[^\W_]$|,$")
_GOES_ON = re.compile(r"(?:[^\W\d_A-ZÀ-Þ]{2,}|[aeoyuàéó])[\s,]+\w")

# What each part of a sentence's score adds to its log-odds, fitted on one half of the questions of FAQuAD,
# SQuAD-es and XQuAD in both languages (docs/retrieval.md).
_OWN = 7.0  # the share of the question's words that it holds
_BEFORE = 0.7  # the same of the sentence or the heading before: "It opened in 1911" has the name earlier
_PASSAGE = 3.0  # how surely its passage is on the topic, beside the best one's
_PLACE = 2.0  # half of it for the second passage in the order of the search, a third for the third
_EXPECTED = 1.0  # it holds the kind of thing that is asked for: a number, a date, a name

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

_LONGEST_HEADING = 200  # characters; what is longer says something
_LINE = re.compile(r"\S.*")
# Of Markdown, or an item of a list that leads to one.
_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+(\S.*)|(?:[-*+]|\d{1,3}[.)])[ \t]+\[(.+)\]\(#[^()\s]*\)[ \t]*)$", re.MULTILINE
)
_PAGE_NUMBER = re.compile(r"\W*(?:pagina|page|pag\.?|p\.|folha|hoja|sheet)\s*\d+\s*(?:de|of|/)\s*\d+\W*")

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

    async def write(self, prompt: Prompt, take: Take) -> Usage:
        quotes = choose_quotes(prompt.question, prompt.passages)
        for i, quote in enumerate(quotes):
            last_of_passage = i + 1 == len(quotes) or quotes[i + 1].n != quote.n
            for piece in _PIECES.findall(f"{quote.text} [{quote.n}]"):
                take(piece)
            if i + 1 < len(quotes):
                take("\n\n" if last_of_passage else " ")
        return Usage(reason="stop")


def choose_quotes(question: str, passages: Sequence[Passage]) -> list[Quote]:
    """The best sentences, from no more than MOST_PASSAGES passages, in reading order."""
    headings = frozenset(_bare(heading) for passage in passages for heading in _headings(passage))
    everything: list[Quote] = []
    able: list[int] = []
    for passage in passages:
        for quote, states in _sentences(passage, headings):
            if states:
                able.append(len(everything))
            everything.append(quote)
    able = able or list(range(len(everything)))
    if not able:
        return []
    candidates = [everything[i] for i in able]
    found = frozenset(passage.n for passage in passages if _found_for_what_it_states(passage, headings))
    found = found or frozenset(passage.n for passage in passages)
    chosen = _worth_reading(candidates, _chances(question, passages, everything, able, found))
    quoted = {k for i in chosen for k in _with_its_list(everything, able[i])}
    return [everything[i] for i in sorted(quoted)]


def _worth_reading(candidates: Sequence[Quote], chances: Sequence[float]) -> list[int]:
    """The likeliest, and those that are likely enough for their length."""
    chosen: list[int] = []
    room = MOST_WORDS
    for i in sorted(range(len(candidates)), key=lambda i: -chances[i]):
        length = len(candidates[i].text.split())
        least = _LEAST_CHANCE_PER_WORD * (length + _WORDS_OF_ATTENTION)
        if chosen and (length > room or chances[i] < least):
            continue
        passages = {candidates[j].n for j in (*chosen, i)}
        if len(passages) <= MOST_PASSAGES and not any(_repeats(candidates[i], candidates[j]) for j in chosen):
            chosen.append(i)
            room -= length
        if len(chosen) == MOST_SENTENCES:
            break
    return chosen


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


def _sentences(passage: Passage, headings: frozenset[str]) -> Iterator[tuple[Quote, bool]]:
    """In order, and whether each states anything."""
    text = quotable(passage.text)
    silent = [
        *contents(text, passage.page, passage.document.pages),
        *(line.span() for line in _LINE.finditer(text) if _is_label(line.group(), headings)),
    ]
    labelled = False
    for start, end in _whole_sentences(text):
        said = " ".join(text[start:end].split())
        whole = bool(_VALUE.search(said) or (labelled and _REPLY.search(said)))
        labelled = _is_label(said, headings) or any(first < end and start < last for first, last in silent)
        states = not labelled and (len(said.split()) >= _SHORTEST_WORDS or whole)
        yield Quote(n=passage.n, start=start, text=_shortened(said)), states


def _found_for_what_it_states(passage: Passage, headings: frozenset[str]) -> bool:
    """Not for a table of contents, of which it is the neighbour."""
    best = passage if len(passage.chunks) == 1 else replace(passage, text=passage.best.text)
    return any(states for _, states in _sentences(best, headings))


def _whole_sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences; one that a column, a page or another font broke into lines is one again."""
    spans: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if spans and end - spans[-1][0] <= _LONGEST_QUOTE and _goes_on(text, *spans[-1], start):
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def _goes_on(text: str, start: int, end: int, following: int) -> bool:
    """Whether the sentence [start, end) stops in its middle and the following one begins there."""
    return (
        end - start >= _FULL_LINE
        and _STOPS.search(text[start:end]) is not None
        and _GOES_ON.match(text, following) is not None
    )


def _headings(passage: Passage) -> Iterator[str]:
    """Those above it and in it, and those that it lists with links to them."""
    for chunk in passage.chunks:
        yield from chunk.section
    for heading in _HEADING.finditer(passage.markdown):
        yield heading[1] or heading[2]


def _is_label(text: str, headings: frozenset[str]) -> bool:
    """A heading, also in a table of contents, has the question's words and answers nothing; nor does a number
    without a word, or with the word for a page.
    """
    if len(text) > _LONGEST_HEADING:
        return False
    bare = _bare(text)
    return not bare or bare in headings or _PAGE_NUMBER.fullmatch(fold(text)) is not None


def _bare(heading: str) -> str:
    """A heading's words, without the number before it or the page after it."""
    return " ".join(word for word in words(heading) if not word[0].isdigit())


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_QUOTE:
        return text
    return text[:_LONGEST_QUOTE].rpartition(" ")[0] + " …"


def _chances(
    question: str,
    passages: Sequence[Passage],
    everything: Sequence[Quote],
    able: Sequence[int],
    found: frozenset[int],
) -> list[float]:
    """How likely it is that the answer stands in each of the able ones, if it stands in any: 1 in all.

    Those of the passages `found` have the merit of having been found.
    """
    by_number = {passage.n: passage for passage in passages}
    best = max(passage.on_topic for passage in passages) or 1.0
    shared = _shared_words(
        question,
        [quote.text for quote in everything],
        [by_number[quote.n].chunks[0].language for quote in everything],
        able,
    )
    candidates, own = [everything[i] for i in able], [shared[i] for i in able]
    before = [shared[i - 1] if i and everything[i - 1].n == everything[i].n else 0.0 for i in able]
    least = _LEAST_SHARED * max(map(sum, zip(own, before, strict=True)))
    folded = fold(question)
    odds = [
        _OWN * own[i]
        + _BEFORE * before[i]
        + (_PASSAGE * by_number[quote.n].on_topic / best + _PLACE / quote.n) * (quote.n in found)
        + _EXPECTED * _holds_what_is_asked(folded, quote.text)
        for i, quote in enumerate(candidates)
    ]
    raised = [math.exp(one - max(odds)) if own[i] + before[i] >= least else 0.0 for i, one in enumerate(odds)]
    total = sum(raised)
    return [one / total for one in raised]


def _shared_words(
    question: str, texts: Sequence[str], languages: Sequence[str], able: Sequence[int]
) -> list[float]:
    """The share, 0..1, of the question's words that each sentence holds: half by their stems, half by their
    letters. They weigh by their rarity among those that are able to answer: all of these are about what is
    asked, so it is what tells them apart that counts.
    """
    held = [frozenset(terms(text, language)) for text, language in zip(texts, languages, strict=True)]
    rarity = Rarity([held[i] for i in able])
    shares = [0.0] * len(texts)
    for language in set(languages):
        of_language = [i for i, one in enumerate(languages) if one == language]
        stems = {term: rarity.of(term) for term in question_terms(question, frozenset([language]))}
        spelt = {word: rarity.of(terms(word, language)[0]) for word in content_words(question)}
        letters = share_in_one_statement(spelt, [f" {' '.join(words(texts[i]))} " for i in of_language])
        for i, by_letters in zip(of_language, letters, strict=True):
            shares[i] = (_share(stems, held[i]) + float(by_letters)) / 2
    return shares


def _share(asked: Mapping[str, float], held: frozenset[str]) -> float:
    """Of the asked terms, by their weights, 0..1."""
    total = sum(asked.values())
    return sum(weight for term, weight in asked.items() if term in held) / total if total else 0.0


def _holds_what_is_asked(question: str, text: str) -> float:
    """1 where a question for a number, a date or a name meets one; `question` is folded."""
    if _ASKS_DATE.search(question):
        return float(bool(_YEAR_OR_DATE.search(text)))
    if _ASKS_NUMBER.search(question):
        return float(bool(_DIGIT.search(text)))
    if _ASKS_NAME.search(question):
        return float(bool(_NAME_INSIDE.search(text)))
    return 0.0
