"""An index of text with Lucene's scores.

BM25 as in Lucene's BM25Similarity (k1 1.2, b 0.75, no factor k1+1), in 32-bit floats, with a field's length
in the one byte that Lucene keeps of it (SmallFloat.intToByte4). Frequencies count living documents only;
Lucene counts deleted ones until it merges.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.atlas_stand_in.analyzers import Analyzer, Token
from tests.atlas_stand_in.definitions import (
    DYNAMIC,
    DocumentType,
    FieldTypes,
    SearchDefinition,
    StringType,
)
from tests.atlas_stand_in.rows import NULL, Columns, Mask, Rows, Scalar, flat, scalar

Scores = NDArray[np.float32]

K1 = np.float32(1.2)
B = np.float32(0.75)
HOLE = -1  # a stop word's place among a row's terms
VALUE_GAP = 100  # places between two values of one field

EXACT_LENGTHS = 24  # lengths below this are kept exactly: 255 - intToByte4's longest


def _rounded(length: int) -> int:
    """A length as Lucene's norm gives it back: four significant bits."""
    if length < EXACT_LENGTHS:
        return length
    above = length - EXACT_LENGTHS
    bits = above.bit_length()
    if bits < 4:
        return EXACT_LENGTHS + above
    shift = bits - 4
    return EXACT_LENGTHS + (above >> shift << shift)


class TermIds(dict[Token, int]):
    """Terms by number, as they come by; what was dropped has its own."""

    def __init__(self) -> None:
        super().__init__({None: HOLE})

    def __missing__(self, term: Token) -> int:
        self[term] = number = len(self)
        return number


@dataclass(frozen=True)
class Flat:
    """All terms of a field in one array, the row of each, and by row the length as its norm gives it back."""

    terms: NDArray[np.int32]
    rows: NDArray[np.int64]
    norms: Scores


class TextField:
    """The terms of one field (or of one of its other analyses).

    They are kept as they stand; a question looks through all of them, which costs less than to sort them.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self._term_ids = TermIds()
        self._terms = array("i")
        self._places: dict[int, tuple[int, int]] = {}  # where a row's terms begin and end, holes included
        self._lengths: dict[int, int] = {}  # and how many there are, in living rows
        self._total = 0  # of these
        self._flat: Flat | None = None

    def put(self, row: int, values: Iterable[str]) -> None:
        places: list[Token] = []
        for value in values:
            if places:
                places.extend([None] * VALUE_GAP)
            places.extend(self.analyzer.tokens(value))
        length = len(places) - places.count(None)
        if not length:
            return
        start = len(self._terms)
        self._terms.extend(map(self._term_ids.__getitem__, places))
        self._places[row] = (start, len(self._terms))
        self._lengths[row] = length
        self._total += length
        self._flat = None

    def remove(self, row: int) -> None:
        self._total -= self._lengths.pop(row, 0)

    def score(self, term: str, alive: Mask, boost: float) -> Scores:
        """The scores of all rows for one term; 0 where it isn't."""
        scores = np.zeros(len(alive), dtype=np.float32)
        rows, frequencies = self._found(term, alive)
        if len(rows):
            scores[rows] = self._bm25(rows, frequencies, self._idf(len(rows)), boost)
        return scores

    def score_phrase(self, terms: Sequence[Token], slop: int, alive: Mask, boost: float) -> Scores:
        """The scores of all rows for terms that stand together; 0 where they don't."""
        scores = np.zeros(len(alive), dtype=np.float32)
        wanted = [(place, term) for place, term in enumerate(terms) if term is not None]
        found = [set(self._found(term, alive)[0].tolist()) for _, term in wanted]
        if not found or not all(found):
            return scores
        idf = np.float32(sum(float(self._idf(len(rows))) for rows in found))
        ids = [(place, self._term_ids[term]) for place, term in wanted]
        rows, frequencies = [], []
        for row in sorted(set.intersection(*found)):
            start, end = self._places[row]
            frequency = phrase_frequency(self._terms[start:end], ids, slop)
            if frequency:
                rows.append(row)
                frequencies.append(frequency)
        if rows:
            at = np.array(rows, dtype=np.int64)
            scores[at] = self._bm25(at, np.array(frequencies, dtype=np.float32), idf, boost)
        return scores

    def _flattened(self) -> Flat:
        if self._flat is None:
            rows = np.array(list(self._places), dtype=np.int64)
            sizes = [end - start for start, end in self._places.values()]
            norms = np.zeros(rows[-1] + 1, dtype=np.float32)
            living = list(self._lengths)
            norms[living] = [_rounded(self._lengths[row]) for row in living]
            self._flat = Flat(np.array(self._terms, dtype=np.int32), np.repeat(rows, sizes), norms)
        return self._flat

    def _found(self, term: str, alive: Mask) -> tuple[NDArray[np.int64], Scores]:
        """The living rows that have a term, and how often."""
        if term not in self._term_ids:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        flat = self._flattened()
        rows = flat.rows[np.flatnonzero(flat.terms == self._term_ids[term])]
        rows = rows[alive[rows]]
        firsts = np.flatnonzero(np.diff(rows, prepend=-1))  # rows only grow
        return rows[firsts], np.diff(firsts, append=len(rows)).astype(np.float32)

    def _idf(self, documents: int) -> np.float32:
        return np.float32(math.log(1 + (len(self._lengths) - documents + 0.5) / (documents + 0.5)))

    def _bm25(self, rows: NDArray[np.int64], frequencies: Scores, idf: np.float32, boost: float) -> Scores:
        average = np.float32(self._total / len(self._lengths))
        lengths = self._flattened().norms[rows]
        inverse = np.float32(1) / (K1 * ((np.float32(1) - B) + B * lengths / average))
        weight = np.float32(boost) * idf
        return weight - weight / (np.float32(1) + frequencies * inverse)


def phrase_frequency(ids: Sequence[int], wanted: Sequence[tuple[int, int]], slop: int) -> float:
    """How often terms stand in their places, counted as Lucene does: 1/(1+moves) for every match."""
    places: dict[int, list[int]] = {term: [] for _, term in wanted}
    for place, term in enumerate(ids):
        if term in places:
            places[term].append(place)
    if not slop:
        starts = [{place - offset for place in places[term]} for offset, term in wanted]
        return float(len(set.intersection(*starts)))
    total = 0.0
    for start in places[wanted[0][1]]:
        shifts = [0]
        for offset, term in wanted[1:]:
            near = [place - (start + offset - wanted[0][0]) for place in places[term]]
            shifts.append(min(near, key=abs, default=slop + 1))
        width = max(shifts) - min(shifts)
        if width <= slop:
            total += 1 / (1 + width)
    return total


class TextContent:
    """What one build of a search index holds."""

    def __init__(self, definition: SearchDefinition, index_name: str) -> None:
        self.definition = definition
        self.index_name = index_name
        self.rows = Rows()
        self.columns = Columns()
        self._present = Columns()
        self._fields: dict[tuple[str, str | None], TextField] = {}

    def put(self, document: Mapping[str, Any]) -> None:
        """Indexes a document anew."""
        self.remove(document["_id"])
        row = self.rows.add(document["_id"])
        self._put_fields(row, document, self.definition.mappings, "")

    def remove(self, document_id: Any) -> None:
        row = self.rows.remove(document_id)
        if row is not None:
            for field in self._fields.values():
                field.remove(row)

    def _put_fields(self, row: int, document: Mapping[str, Any], mapping: DocumentType, prefix: str) -> None:
        gathered: dict[str, list[Any]] = {}
        for name, value in document.items():
            gathered.setdefault(name, []).extend(flat(value))
        for name, values in gathered.items():
            types = mapping.fields.get(name) or (DYNAMIC if mapping.dynamic else None)
            if types is not None:
                self._put_values(row, values, types, prefix + name)

    def _put_values(self, row: int, values: list[Any], types: FieldTypes, path: str) -> None:
        strings = [value for value in values if isinstance(value, str)]
        if types.string is not None:
            self._put_strings(row, strings, types.string, path)
        kept = [found for value in values if (found := indexed(value, types)) is not None]
        if kept:
            self.columns.put(path, row, kept)
        if kept or (types.string is not None and strings):
            self._present.put(path, row, [NULL])
        if types.document is not None:
            inner: dict[str, list[Any]] = {}
            for value in values:
                if isinstance(value, Mapping):
                    for name, child in value.items():
                        inner.setdefault(name, []).extend(flat(child))
            if inner:
                self._put_fields(row, inner, types.document, path + ".")

    def _put_strings(self, row: int, strings: list[str], string: StringType, path: str) -> None:
        for multi, one in [(None, string), *string.multi.items()]:
            kept = [value for value in strings if not one.ignore_above or len(value) <= one.ignore_above]
            if not kept:
                continue
            key = (path, multi)
            if key not in self._fields:
                self._fields[key] = TextField(self.definition.build(self.definition.index_analyzer(one)))
            self._fields[key].put(row, kept)

    def text_field(self, path: str, multi: str | None) -> TextField | None:
        """None where nothing has been indexed at that path."""
        return self._fields.get((path, multi))

    def text_paths(self) -> list[str]:
        """All paths that have text: what a wildcard may stand for."""
        return [path for path, multi in self._fields if multi is None]

    def present(self, path: str) -> Mask:
        return self._present.where(path, len(self.rows), lambda _: True)


def indexed(value: Any, types: FieldTypes) -> Scalar | None:
    """The scalar that a value is in an index of such a field."""
    found = scalar(value)
    if found is None or found == NULL:
        return found
    kind, plain = found
    if kind == "string":
        if types.token is None:
            return None
        return ("string", plain.lower() if types.token.normalizer == "lowercase" else plain)
    return found if kind in types.scalars else None
