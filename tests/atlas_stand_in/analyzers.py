"""Lucene's analyzers: text in, tokens out. `None` stands where a stop word was: a phrase counts its place.

Exact: `lucene.whitespace`, `lucene.keyword`, `lucene.simple`, and `lucene.standard` for text in alphabets
(ideographs would be tokens of one sign). Near: icuFolding and asciiFolding, by Unicode's decompositions and
the few letters that have none; the stemmers, which are Snowball's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import snowballstemmer

from tests.atlas_stand_in import stop_words
from tests.atlas_stand_in.errors import unsupported

Token = str | None
Tokenizer = Callable[[str], list[str]]
Filter = Callable[[str], Token]

LONGEST_TOKEN = 255  # longer ones are cut into pieces, by the standard and the whitespace tokenizer

MARKS = "\u0300-\u036f"
# Words as in Unicode's annex 29: a full stop, colon or apostrophe joins letters, a comma or full stop digits.
STANDARD = re.compile(
    rf"[\w{MARKS}]+(?:(?<=[^\W\d_])['’.:·](?=[^\W\d_])[\w{MARKS}]+|(?<=\d)['’.,;](?=\d)[\w{MARKS}]+)*"
)
LETTERS = re.compile(r"[^\W\d_]+")
# Java's Character.isWhitespace: no-break spaces are part of the word, unlike in Python.
WHITESPACE = re.compile(
    r"[\t\n\x0b\x0c\r\x1c-\x1f \u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+"
)

# Letters that look like others and don't decompose.
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ß": "ss"}
    | {"Ø": "O", "Đ": "D", "Ł": "L", "Ħ": "H", "Æ": "AE", "Œ": "OE", "Ð": "D", "Þ": "TH", "ẞ": "SS"}
)


def _names(text: str, prefix: str = "") -> frozenset[str]:
    return frozenset(prefix + name for name in text.split())


STOCK = _names(
    """
    standard stop simple whitespace keyword arabic armenian basque bengali brazilian bulgarian catalan cjk
    chinese czech danish dutch english finnish french galician german greek hindi hungarian indonesian irish
    italian japanese korean kuromoji latvian lithuanian morfologik nori norwegian persian polish portuguese
    romanian russian smartcn sorani spanish swedish thai turkish ukrainian
    """,
    "lucene.",
)


class Filtered(dict[str, Token]):
    """What the filters make of every word that has come by: texts repeat their words."""

    def __init__(self, filters: Sequence[Filter]) -> None:
        super().__init__()
        self._filters = filters

    def __missing__(self, word: str) -> Token:
        token: Token = word
        for step in self._filters:
            token = None if token is None else step(token)
        self[word] = token
        return token


class Analyzer:
    """A tokenizer and filters, one token at a time."""

    def __init__(self, tokenize: Tokenizer, filters: Sequence[Filter] = ()) -> None:
        self._tokenize = tokenize
        self._filtered = Filtered(filters)

    def tokens(self, text: str) -> list[Token]:
        """The tokens of a text, in order, with None where a filter dropped one."""
        return list(map(self._filtered.__getitem__, self._tokenize(text)))

    def terms(self, text: str) -> list[str]:
        return [token for token in self.tokens(text) if token is not None]


def standard(text: str) -> list[str]:
    return _in_pieces(STANDARD.findall(text))


def whitespace(text: str) -> list[str]:
    return _in_pieces([word for word in WHITESPACE.split(text) if word])


def letters(text: str) -> list[str]:
    return LETTERS.findall(text)


def keyword(text: str) -> list[str]:
    return [text]


def _in_pieces(words: list[str]) -> list[str]:
    if max(map(len, words), default=0) <= LONGEST_TOKEN:
        return words
    return [word[i : i + LONGEST_TOKEN] for word in words for i in range(0, len(word), LONGEST_TOKEN)]


def lowercase(token: str) -> Token:
    return token.lower()


def ascii_folding(token: str) -> Token:
    decomposed = unicodedata.normalize("NFD", token.translate(UNDECOMPOSED))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def icu_folding(token: str) -> Token:
    return ascii_folding(unicodedata.normalize("NFKC", token).casefold())


def possessive(token: str) -> Token:
    return token[:-2] if token[-2:] in ("'s", "’s", "'S", "’S") else token


def without(words: frozenset[str]) -> Filter:
    return lambda token: None if token in words else token


def stemming(algorithm: str) -> Filter:
    """Snowball's stemmer. Lucene's Portuguese and Spanish analyzers use lighter ones: near, not the same.

    Accents are not folded before stemming, as in Lucene.
    """
    stemmer = snowballstemmer.stemmer(algorithm)

    def stem(token: str) -> Token:
        return str(stemmer.stemWord(token))

    return stem


def _language(stops: frozenset[str], algorithm: str, *before: Filter) -> Analyzer:
    return Analyzer(standard, (*before, lowercase, without(stops), stemming(algorithm)))


STOCK_ANALYZERS: Mapping[str, Callable[[], Analyzer]] = {
    "lucene.standard": lambda: Analyzer(standard, (lowercase,)),
    "lucene.simple": lambda: Analyzer(letters, (lowercase,)),
    "lucene.whitespace": lambda: Analyzer(whitespace),
    "lucene.keyword": lambda: Analyzer(keyword),
    "lucene.stop": lambda: Analyzer(letters, (lowercase, without(stop_words.ENGLISH))),
    "lucene.english": lambda: _language(stop_words.ENGLISH, "porter", possessive),
    "lucene.portuguese": lambda: _language(stop_words.PORTUGUESE, "portuguese"),
    "lucene.spanish": lambda: _language(stop_words.SPANISH, "spanish"),
}

TOKENIZERS: Mapping[str, Tokenizer] = {"standard": standard, "whitespace": whitespace, "keyword": keyword}
ALL_TOKENIZERS = _names(
    """
    edgeGram keyword nGram regexCaptureGroup regexSplit standard uaxUrlEmail whitespace
    """
)
FILTERS: Mapping[str, Filter] = {
    "lowercase": lowercase,
    "icuFolding": icu_folding,
    "asciiFolding": ascii_folding,
    "englishPossessive": possessive,
}
ALL_FILTERS = _names(
    """
    asciiFolding daitchMokotoffSoundex edgeGram englishMinimalStemming englishPossessive flattenGraph
    icuFolding icuNormalizer kStemming keywordRepeat length limit lowercase nGram porterStemming regex
    removeDuplicates reverse shingle snowballStemming spanishPluralStemming stempel stopword trim
    wordDelimiterGraph
    """
)


def stock(name: str) -> Analyzer:
    """One of Lucene's own; raises CommandFailed for one that the stand-in doesn't have."""
    if name not in STOCK_ANALYZERS:
        raise unsupported(f"the analyzer {name}")
    return STOCK_ANALYZERS[name]()


def custom(tokenizer: str, filters: Sequence[str]) -> Analyzer:
    """One defined in an index; raises CommandFailed for parts that the stand-in doesn't have."""
    if tokenizer not in TOKENIZERS:
        raise unsupported(f"the tokenizer {tokenizer}")
    for name in filters:
        if name not in FILTERS:
            raise unsupported(f"the token filter {name}")
    return Analyzer(TOKENIZERS[tokenizer], tuple(FILTERS[name] for name in filters))
