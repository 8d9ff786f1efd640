"""Makes text from documents harmless within a prompt.

A tokenizer reads `<|eot_id|>` or `[INST]` in a document as it reads them in the template of a chat: as the
end of a turn, or the beginning of one. A blank or a reference in them is enough to make them text again,
which people and models read as before.
"""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Letters and marks that show nothing: joiners, fillers and the selectors of variants.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

# < and > as they are written to look like them; | as DeepSeek writes it.
_LESS = "<＜﹤‹〈〈⟨《˂ᐸ❮❬≺"
_GREATER = ">＞﹥›〉〉⟩》˃ᐳ❯❭≻"
_BARS = "|｜￨∣ǀ❘│"

_DELIMITER = re.compile(rf"[{_LESS}](?=[\s/∕⁄／⧸\\＼.{_BARS}{_LESS}-]{{0,8}}([\w\u0300-\u036f]{{7,24}}))")
_BAR_BESIDE = re.compile(rf"[{_LESS}](?=[{_BARS}])|[{_BARS}](?=[{_GREATER}])")
# <bos>, <start_of_turn>, <unused12>: names of special tokens. Few of them are tags of HTML, too, as <s> is.
_NAMED = re.compile(
    rf"[{_LESS}](?=/?(?:s|bos|eos|unk|pad|mask|cls|sep|sop|eop|unused\d+|think|image|audio|video|system|user|"
    rf"assistant|model|[a-z0-9]+(?:_[a-z0-9]+)+)[{_GREATER}])",
    re.IGNORECASE,
)
_SYS = re.compile(rf"(?<=[{_LESS}])[{_LESS}](?=/?SYS[{_GREATER}])", re.IGNORECASE)
_BRACKETED = re.compile(
    r"[\[［](?=/?(?:(?i:INST|SYS)|IMG|THINK|PREFIX|MIDDLE|SUFFIX|BOS|EOS|PAD|UNK|CLS|SEP|[gs]?MASK|"
    r"[A-Z]+(?:_[A-Z]+)+)[\]］])"
)
_LIKE_PASSAGE = re.compile(r"passages?\b")

# Letters of other alphabets that look like those of "passages".
_LOOKALIKES = str.maketrans("раѕѕеցɡɢρα∂ｓꜱꮪᴘᴀᴇꓑⲣ", "passegggpaassspaepp")


def visible(text: str) -> str:
    """Without control characters, zero-width ones and the like; line breaks and tabs stay."""
    if not _all_seen(text):
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    return _BLANK.sub("", text)


def _all_seen(text: str) -> bool:
    """Whether nothing is to be taken out, as of nearly all text: to look at each letter takes much longer."""
    return not _CONTROL.search(text) and "".join(text.split()).isprintable()


def defused(text: str) -> str:
    """Text that can't end the passages, begin one, or pass for a special token of a chat's template."""
    text = _DELIMITER.sub(lambda found: "&lt;" if _is_passage(found[1]) else found[0], text)
    text = _BAR_BESIDE.sub(r"\g<0> ", text)
    text = _SYS.sub(r" \g<0>", text)
    text = _NAMED.sub("&lt;", text)
    return _BRACKETED.sub(r"\g<0> ", text)


def _is_passage(word: str) -> bool:
    plain = unicodedata.normalize("NFKD", word).casefold().translate(_LOOKALIKES)
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return _LIKE_PASSAGE.match(letters) is not None
