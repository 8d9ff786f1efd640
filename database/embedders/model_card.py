"""What a model's card, its README.md, says of the languages that it was trained for."""

from __future__ import annotations

import re

_HEAD = re.compile(r"\A---\r?\n(.*?)^---\s*$", re.DOTALL | re.MULTILINE)
# `language: en`, `language: [en, pt]`, or one a line.
_LANGUAGES = re.compile(r"^language:(.*(?:\n[ \t]*-[^-\n].*)*)", re.MULTILINE)
_CODE = re.compile(r"([a-z]+)(?:[-_][a-z]+)*", re.IGNORECASE)  # of pt-BR, the first part

_MANY = frozenset({"multilingual", "mul", "unknown", "code"})


def card_languages(card: str | None) -> frozenset[str] | None:
    """The languages (ISO 639) that its metadata names; None where it names none, or says that there are
    many.

    It is not read as YAML, in which Norwegian, `no`, means false.
    """
    head = _HEAD.match(card or "")
    named = _LANGUAGES.search(head[1]) if head else None
    codes = frozenset(code.lower() for code in _CODE.findall(named[1])) if named else frozenset()
    return None if not codes or codes & _MANY else codes
