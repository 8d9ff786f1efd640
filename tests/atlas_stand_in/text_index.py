"""An inverted index of text with Lucene's scores.

BM25 as in Lucene's BM25Similarity (k1 1.2, b 0.75, no factor k1+1), in 32-bit floats, with a field's length
in the one byte that Lucene keeps of it (SmallFloat.intToByte4). Frequencies count living documents only;
Lucene counts deleted ones until it merges.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


class TextField:
    """The terms of one field (or of one of its other analyses), by row."""

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self._term_ids: dict[str, int] = {}
        self._postings: list[tuple[array[int], array[int]]] = []  # by term: rows, frequencies
        self._terms_of: dict[int, array[int]] = {}  # by row: term ids in order, with holes
        self._lengths = array("i")  # by row: the number of terms
        self._norms = array("i")  # and that as the norm gives it back
        self._total = 0  # terms in living rows

    def put(self, row: int, values: Iterable[str]) -> None:
        places: list[Token] = []
        for value in values:
            if places:
                places.extend([None] * VALUE_GAP)
            places.extend(self.analyzer.tokens(value))
        ids = array("i", [HOLE if term is None else self._id_of(term) for term in places])
        counts = Counter(ids)
        counts.pop(HOLE, None)
        if not counts:
            return
        for term_id, count in counts.items():
            rows, frequencies = self._postings[term_id]
            rows.append(row)
            frequencies.append(count)
        missing = [0] * (row - len(self._lengths))
        self._lengths.extend([*missing, counts.total()])
        self._norms.extend([*missing, _rounded(counts.total())])
        self._terms_of[row] = ids
        self._total += counts.total()

    def remove(self, row: int) -> None:
        if row in self._terms_of:
            del self._terms_of[row]
            self._total -= self._lengths[row]

    def has(self, row: int) -> bool:
        return row in self._terms_of

    def _id_of(self, term: str) -> int:
        term_id = self._term_ids.setdefault(term, len(self._postings))
        if term_id == len(self._postings):
            self._postings.append((array("i"), array("i")))
        return term_id

    def score(self, term: str, alive: Mask, boost: float) -> Scores:
        """The scores of all rows for one term; 0 where it isn't."""
        scores = np.zeros(len(alive), dtype=np.float32)
        rows, frequencies = self._found(term, alive)
        if len(rows):
            idf = self._idf(len(rows))
            scores[rows] = self._bm25(rows, frequencies.astype(np.float32), idf, boost)
        return scores

    def score_phrase(self, terms: Sequence[Token], slop: int, alive: Mask, boost: float) -> Scores:
        """The scores of all rows for terms that stand together; 0 where they don't."""
        scores = np.zeros(len(alive), dtype=np.float32)
        wanted = [(place, term) for place, term in enumerate(terms) if term is not None]
        if not wanted or any(term not in self._term_ids for _, term in wanted):
            return scores
        found = [set(self._found(term, alive)[0].tolist()) for _, term in wanted]
        idf = np.float32(sum(float(self._idf(len(rows))) for rows in found))
        ids = [(place, self._term_ids[term]) for place, term in wanted]
        rows, frequencies = [], []
        for row in sorted(set.intersection(*found)):
            frequency = phrase_frequency(self._terms_of[row], ids, slop)
            if frequency:
                rows.append(row)
                frequencies.append(frequency)
        if rows:
            at = np.array(rows, dtype=np.int64)
            scores[at] = self._bm25(at, np.array(frequencies, dtype=np.float32), idf, boost)
        return scores

    def _found(self, term: str, alive: Mask) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        if term not in self._term_ids:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
        rows, frequencies = self._postings[self._term_ids[term]]
        at = np.array(rows, dtype=np.int64)
        kept = alive[at]
        return at[kept], np.array(frequencies, dtype=np.int32)[kept]

    def _idf(self, documents: int) -> np.float32:
        return np.float32(math.log(1 + (len(self._terms_of) - documents + 0.5) / (documents + 0.5)))

    def _bm25(self, rows: NDArray[np.int64], frequencies: Scores, idf: np.float32, boost: float) -> Scores:
        average = np.float32(self._total / len(self._terms_of))
        lengths = np.array(self._norms, dtype=np.float32)[rows]
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
