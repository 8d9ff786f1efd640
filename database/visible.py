"""Names and titles come from strangers: what they hide, or do to a terminal or a page, is made visible."""

from __future__ import annotations

import unicodedata

# Controls, directions and joiners, surrogates, private and unassigned characters, line and paragraph ends.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """The text with nothing in it that isn't seen."""
    if text.isprintable():
        return text
    return "".join(f"⟨{ord(c):04X}⟩" if unicodedata.category(c) in _HIDDEN else c for c in text)


def visible_name(text: str, most: int = 200) -> str:
    """The same of a name or an address, which nobody needs to be longer; its beginning and its end."""
    if len(text) > most:
        half = (most - 1) // 2
        text = f"{text[:half]}…{text[-half:]}"
    return visible(text)
