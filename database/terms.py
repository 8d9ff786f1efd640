"""Words as full text sees them: without case and accents, reduced to their stems.

Text and question go through the same functions, so "organizacao" finds "organizações". The
Snowball stemmers know suffixes with their accents; a question typed without accents would miss
them. So accents are dropped first, from text and question alike, then restored on the suffixes
where the language leaves no doubt, and only then is the word stemmed.

Portuguese plurals are reduced before that by the rules of RSLP's first step (Orengo and Huyck,
"A Stemming Algorithm for the Portuguese Language", 2001), which Snowball lacks: "fiscais" and
"fiscal", "imagens" and "imagem", "aviões" and "avião" share a stem.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, pairwise, repeat

import snowballstemmer

from database.stop_words import STOP_WORDS

# A number keeps its separators (1.234,56, 12.345.678/0001-90, 2018-03): it is looked for as written.
_WORD = re.compile(r"\d+(?:[.,/:-]\d+)+|[^\W_]+")
_NUMBER_PART = re.compile(r"\d+")
_NUMBER_INSIDE = re.compile(r"\d{2,}")  # FY2018, 2023Q1, 10K

# The accents of Latin letters, when they are taken apart.
_ACCENT_MARKS = re.compile("[\u0300-\u036f]+")

_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "hu": "hungarian", "id": "indonesian",
    "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sv": "swedish", "tr": "turkish",
}  # fmt: skip

_Rules = tuple[tuple[str, str], ...]

_PLURALS: dict[str, _Rules] = {
    "pt": (
        ("coes", "cao"), ("soes", "sao"), ("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("veis", "vel"),
        ("eis", "el"), ("ois", "ol"), ("uis", "ul"), ("les", "l"), ("res", "r"), ("zes", "z"), ("ns", "m"),
    ),
}  # fmt: skip
_PLURAL_EXCEPTIONS = frozenset(["mais", "demais", "jamais", "pais", "dois", "depois", "seis", "reis", "tres"])

_ACCENTS: dict[str, _Rules] = {
    "pt": (
        ("cao", "ção"), ("ao", "ão"), ("avel", "ável"), ("ivel", "ível"), ("encia", "ência"),
        ("encias", "ências"), ("ancia", "ância"), ("ancias", "âncias"),
    ),
    "es": (("logia", "logía"), ("logias", "logías")),
}  # fmt: skip

_SHORTEST_INFLECTED = 4

_stemmers = threading.local()


def fold(text: str) -> str:
    """Lower case, no accents, compatibility forms resolved: "Não" → "nao", "nº" → "no"."""
    if text.isascii():
        return text.lower()
    decomposed = _ACCENT_MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if decomposed.isascii():
        return decomposed
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The folded words in order. A number with separators is one word."""
    return words_of_folded(fold(text))


def words_of_folded(text: str) -> list[str]:
    """The words of a text that is folded already."""
    return _WORD.findall(text)


def stem(word: str, language: str) -> str:
    """The stem of a folded word, itself folded."""
    return _stem(word, language)


def terms(text: str, language: str) -> list[str]:
    """What full text indexes of a passage in `language`: stems, and numbers whole and in parts, also those
    inside of words.
    """
    return terms_of(words(text), language)


def terms_of(folded: Iterable[str], language: str) -> list[str]:
    """The same of words that are folded already."""
    return list(chain.from_iterable(map(_terms, folded, repeat(language))))


@lru_cache(maxsize=200_000)
def _terms(word: str, language: str) -> tuple[str, ...]:
    if word[0].isdigit() and not word.isdigit():
        return (word, *_NUMBER_PART.findall(word))
    inside = () if word.isalpha() or word.isdigit() else _NUMBER_INSIDE.findall(word)
    return (_stem(word, language), *inside)


def question_terms(question: str, languages: frozenset[str]) -> list[str]:
    """What full text looks for: the question's stems by the rules of every language given.

    Words without content ("de", "the") are left out unless there are no others. No term twice.
    """
    found: dict[str, None] = {}
    for language in sorted(languages) or [""]:
        for word in content_words(question):
            for term in terms(word, language):
                found[term] = None
    return list(found)


def search_terms(question: str, languages: frozenset[str]) -> list[str]:
    """What a store looks for: the question's terms, and names that documents write as one word."""
    return list(dict.fromkeys([*question_terms(question, languages), *compounds(question)]))


def content_words(question: str) -> list[str]:
    """The folded words that say what is asked, in order, none twice; all, where none has content."""
    asked = words(question)
    return list(dict.fromkeys([word for word in asked if word not in STOP_WORDS] or asked))


def compounds(question: str) -> list[str]:
    """Neighbouring words written as one, as names of files have them: "Best Buy" in BESTBUY_2023.pdf."""
    asked = words(question)
    return [first + second for first, second in pairwise(asked)]


@lru_cache(maxsize=200_000)
def _stem(word: str, language: str) -> str:
    if language not in _SNOWBALL or len(word) < _SHORTEST_INFLECTED or not word.isalpha():
        return word
    if word not in _PLURAL_EXCEPTIONS:
        word = _replace_suffix(word, _PLURALS.get(language, ()))
    return fold(_stemmer(language).stemWord(_replace_suffix(word, _ACCENTS.get(language, ()))))


def _replace_suffix(word: str, rules: _Rules) -> str:
    for suffix, replacement in rules:
        if word.endswith(suffix) and len(word) > len(suffix) + 1:
            return word[: -len(suffix)] + replacement
    return word


def _stemmer(language: str) -> snowballstemmer.stemmer:
    """This thread's: a stemmer keeps the word that it works on."""
    known: dict[str, snowballstemmer.stemmer] = vars(_stemmers)
    if language not in known:
        known[language] = snowballstemmer.stemmer(_SNOWBALL[language])
    return known[language]
