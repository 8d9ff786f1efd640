"""Where sentences begin and end, and the statements that a passage is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Words before a full stop that doesn't end a sentence, folded to lower case.
_WITH_FULL_STOP = """
art arts inc al par cap caps fl fls pag pags pág págs p pp n nº no num núm nr cf ex etc
sr sra srs sras dr dra drs prof profa eng av tel ltda cia s.a ltd vs fig figs tab vol ed
ud uds ee uu mr mrs ms jr st dept gen rep sen gov i.e e.g u.s approx
jan fev mar abr mai jun jul ago set out nov dez feb apr aug sep sept oct dec ene dic
"""
_ABBREVIATIONS = frozenset(_WITH_FULL_STOP.split())

# A line break ends a sentence: passages keep those between blocks and rows, and join the lines of prose.
_END = re.compile(r"""[.!?…]+["'”’»)\]]*(?=\s|$)|\n""")
# Characters.
_SHORTEST_STATEMENT = 40
_LONGEST_STATEMENT = 500
_CUT_STATEMENT = 400

_LAST_WORD = re.compile(r"[\w.º]+$")
_OPENS = re.compile(r"\s*[\"'“‘«(\[¿¡-]*\s*([^\W_]|$)")


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans [start, end) of the sentences, in order, without surrounding blanks. None is empty."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _END.finditer(text):
        if _goes_on(text, start, end):
            continue
        _append(spans, text, start, end.end())
        start = end.end()
    _append(spans, text, start, len(text))
    return spans


def statements(text: str) -> list[tuple[int, int]]:
    """Spans of what the text says, a sentence or so each, in order: short ones go with the one before, long
    ones (tables and lists that lost their punctuation) are cut. One at least, also of an empty text.
    """
    spans: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if spans and min(end - start, spans[-1][1] - spans[-1][0]) < _SHORTEST_STATEMENT:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return [cut for span in spans for cut in _cut(*span)] or [(0, len(text))]


def _cut(start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _LONGEST_STATEMENT:
        yield start, start + _CUT_STATEMENT
        start += _CUT_STATEMENT
    yield start, end


def _goes_on(text: str, start: int, end: re.Match[str]) -> bool:
    """A full stop after an abbreviation, an initial or a list's number, or before a small letter."""
    if not end.group().startswith(".") or len(end.group()) > 1:
        return False
    word = _LAST_WORD.search(text, max(start, end.start() - 24), end.start())
    last = word.group().lower() if word else ""
    numbers_the_sentence = last.isdigit() and not text[start : end.start() - len(last)].strip()
    opening = _OPENS.match(text, end.end())
    following = opening.group(1) if opening else ""
    if following and following.islower():
        return True
    return bool(following) and (
        last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha()) or numbers_the_sentence
    )


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
