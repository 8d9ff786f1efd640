"""Takes from an answer what could load or leak something, while it streams.

Documents are untrusted, and so is what a model writes after reading them: `![](https://…/?d=what it read)`
sends what it read to whoever wrote that, as soon as a client shows the picture, and a link does once it is
followed. Clients are many, so this is done here: what leaves has no pictures, no HTML but line breaks and the
like, and no address that doesn't stand in the passages.

What is removed leaves a sign (…) or its own words, which are read again with what follows: nothing new can
come together over a gap. Code stays as it is.
"""

from __future__ import annotations

import re
from functools import cached_property
from html import unescape

from app.addresses import LONGEST_ADDRESS, MARKS_AFTER, MOST_MARKS_AFTER, Addresses
from app.markdown_stream import MarkdownStream, closing_run

_LEFT_OUT = "…"

# How much is held back, in characters, before what has begun is taken for text.
_LONGEST_TEXT = 300  # of a link
_ROOM = 100  # for a link's title and blanks, besides its address

_SPECIAL = re.compile(r"[\\`~\[\]!<&:$\n]|[wW](?:[wW][wW]|[wW]?\Z)")

_IN_LINK = re.compile(r"\\.|`+|[\[\]]|\n[ \t]*\n", re.DOTALL)
_DESTINATION = re.compile(
    r"""\((?![ \t]*\n[ \t]*\n)[ \t]*\n?[ \t]*
    (?:<(?P<pointed>[^<>\n]*)>|(?P<plain>(?:\\.|[^\s()\\]|\((?:\\.|[^\s()\\])*\))*))
    (?:[ \t]+\n?[ \t]*(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\((?:\\.|[^()\\\n])*\)))?
    [ \t]*\n?[ \t]*\)""",
    re.VERBOSE,
)
_MARKER = re.compile(r"\[\s*\d{1,3}\s*\]")

_SLASHES = re.compile(r":(?:\\?/){2}")
_SLASHES_BEGUN = re.compile(r":(?:\\?/)?\\?")
_ADDRESS_ENDS = re.compile(r"[ \t\n\f\v<]")
_MARKS = re.compile(f"[{re.escape(MARKS_AFTER)}]{{0,{MOST_MARKS_AFTER}}}\\Z")
_WEB = re.compile(r"https?\Z", re.IGNORECASE)
_WWW = re.compile(r"www\\?\.", re.IGNORECASE)
_WWW_BEGUN = re.compile(r"w{1,3}\\?", re.IGNORECASE)
_DEFINED = re.compile(r":[ \t]*\n?[ \t]*([^ \t\n\f\v]*)")

_RUNS = re.compile(r"(?<![A-Za-z0-9])(javascript|vbscript|data|file|blob|mailto)\Z", re.IGNORECASE)
_RUNS_WORD = re.compile(r"[^ \t\n<]{0,80}")
# "Data: 12/03" is a date in Portuguese, "file:" the word of a form.
_DATA = re.compile(r"[a-z]+/[a-z][\w.+-]*[;,]|[;,].", re.IGNORECASE)

_TAG = re.compile(r"</?(?:br|b|i|u|s|em|strong|sub|sup|del|ins|mark|small|kbd) ?/?>", re.IGNORECASE)
_TAG_BEGUN = re.compile(r"</?[a-z]{0,6} ?/?", re.IGNORECASE)
_POINTED = re.compile(r"<(https?://[^\s<>]*)>", re.IGNORECASE)
_POINTED_BEGUN = re.compile(r"<(?:h(?:t(?:t(?:p(?:s?(?::(?:/(?:/[^\s<>]*)?)?)?)?)?)?)?)?", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_REFERENCE_BEGUN = re.compile(r"&#?[a-z0-9]{0,32}", re.IGNORECASE)


class Links(MarkdownStream):
    """Takes an answer's pieces and gives back what is safe to show; `known` addresses may stay."""

    def __init__(self, known: Addresses, *, within: bool = False) -> None:
        super().__init__(within=within)
        self._known = known
        self._dropping = False  # the rest of an address
        self._label = False  # whether the last bracket opened where a definition can begin

    @cached_property
    def _limit(self) -> int:
        """Characters of an address that are held back: one that is longer than any known one is unknown."""
        return min(self._known.longest, LONGEST_ADDRESS) + 16

    def take(self, piece: str) -> str:
        """What can be shown after this piece. Empty while something is undecided."""
        if (
            not self._text
            and self._fence is None
            and not self._dropping
            and "\r" not in piece
            and not _SPECIAL.search(piece)
            and not (self._tail.endswith("]") and piece.startswith("("))
        ):
            self._note(piece)
            return piece
        return self._read(piece.replace("\r", ""))

    def _step(self) -> bool:
        """Decide about what comes next. False where that takes more text."""
        if self._dropping:
            return self._drop()
        if self._fence:
            return self._go_on_in(self._fence)
        special = _SPECIAL.search(self._text, self._at)
        self._show_until(special.start() if special else len(self._text))
        if not special:
            return True
        match special[0]:
            case "\\":
                return self._escape()
            case "`":
                return self._code()
            case "~":
                return self._tildes()
            case "[":
                return self._bracket()
            case "!":
                return self._exclamation()
            case "<":
                return self._angle()
            case "&":
                return self._reference()
            case ":":
                return self._colon()
            case "]":
                return self._show_next(1)
            case "$":  # Formulas come before code, where a client knows them.
                self._murky = True
                return self._show_next(1)
            case "\n":
                if self._prefix is not None and not self._prefix.strip():
                    self._murky = self._lost
                return self._show_next(1)
            case _:
                return self._www(len(special[0]))

    # Links and pictures

    def _bracket(self) -> bool:
        link = self._link(self._at)
        if link is None:
            return False
        if not link:
            self._label = self._lost or self._prefix is not None
            return self._show_next(1)
        text, destination, end = link
        if destination.lower().startswith(("http://", "https://")) and destination in self._known:
            return self._keep(text, destination, end)
        return self._unwrap(text, end)

    def _exclamation(self) -> bool:
        following = self._text[self._at + 1 : self._at + 2]
        if following != "[":
            return self._show_next(1) if following or self._ended else False
        link = self._link(self._at + 1)
        if link is None:
            return False
        if not link:
            return self._put("! ", self._at + 1)
        return self._unwrap(link[0], link[2])

    def _unwrap(self, text: str, end: int) -> bool:
        """Read the words of a link in its place."""
        self._text = self._text[: self._at] + (text.strip() or _LEFT_OUT) + self._text[end:]
        return True

    def _keep(self, text: str, destination: str, end: int) -> bool:
        line = re.sub(r"\s*\n\s*", " ", text).strip() or _LEFT_OUT
        within = Links(self._known, within=True)
        words = within.take(line) + within.finish()
        if "](" in words or "<http" in words:  # The inner link is the link; the outer address would be bare.
            return self._unwrap(text, end)
        if self._tail.endswith("]"):  # [1][text] refers to a definition of the text
            self._pass(" ")
        self._show(f"[{words}]({destination})")
        self._murky = self._murky or any(character in text for character in "`$\\")
        self._at = end
        return True

    def _link(self, start: int) -> tuple[str, str, int] | tuple[()] | None:
        """The text, the destination and the end of the link that starts here; () where none does, None where
        more text will tell.
        """
        if _MARKER.match(self._text, start):
            return ()
        closing = self._closing_bracket(start)
        if closing is None or closing < 0:
            return closing if closing is None else ()
        after = closing + 1
        if after == len(self._text):
            return () if self._ended else None
        if self._text[after] != "(":
            return ()
        last = after + self._limit + _ROOM
        if found := _DESTINATION.match(self._text, after, last):
            destination = found["plain"] if found["pointed"] is None else found["pointed"]
            return self._text[start + 1 : closing], destination, found.end()
        undecided = len(self._text) < last and not self._ended and "\n\n" not in self._text[after:]
        return None if undecided else ()

    def _closing_bracket(self, start: int) -> int | None:
        """Where the bracket that opens here closes; -1 where it doesn't, None where more text will tell."""
        last = start + _LONGEST_TEXT
        undecided = None if len(self._text) < last and not self._ended else -1
        depth, skip = 0, 0
        for found in _IN_LINK.finditer(self._text, start, last):
            if found.start() < skip:
                continue
            mark = found[0]
            if mark == "[":
                depth += 1
            elif mark == "]":
                depth -= 1
                if not depth:
                    return found.start()
            elif mark[0] == "\n":
                return -1
            elif mark[0] == "`" and not self._murky:
                line_end, unclear = self._line_end(found.end(), last)
                skip = closing_run(self._text, found.end(), line_end, len(mark))
                if unclear and skip in (0, len(self._text)):
                    return None
        return undecided

    # Addresses

    def _colon(self) -> bool:
        if self._label and self._tail.endswith("]"):
            return self._define()
        if self._waits(_SLASHES_BEGUN):
            return False
        if slashes := _SLASHES.match(self._text, self._at):
            scheme = _WEB.search(self._tail) if slashes[0] == "://" else None
            return self._address(slashes.end(), "https://" if scheme else None, "://")
        if scheme := _RUNS.search(self._tail):
            return self._run(scheme[1].lower())
        return self._show_next(1)

    def _define(self) -> bool:
        """A colon after a label: a definition, if its address may stay, else set apart so that it is none."""
        found = _DEFINED.match(self._text, self._at)
        if not found or found.end() - self._at > self._limit + _ROOM:
            known = False
        elif found.end() == len(self._text) and not self._ended:
            return False
        else:
            address = found[1].removeprefix("<").removesuffix(">")
            known = address.lower().startswith("http") and address in self._known
        self._label = False
        if not known:
            self._show(" ")
        return True

    def _www(self, length: int) -> bool:
        if self._tail[-1:].isalnum():
            return self._show_next(length)
        if self._waits(_WWW_BEGUN):
            return False
        if found := _WWW.match(self._text, self._at):
            return self._address(found.end(), "www." if "\\" not in found[0] else None, "www.")
        return self._show_next(length)

    def _address(self, start: int, known_as: str | None, shown: str) -> bool:
        """An address from `start` on: `known_as` begins it among those that may stay, None where none may."""
        ends = _ADDRESS_ENDS.search(self._text, start)
        end = ends.start() if ends else len(self._text)
        if end - start <= self._limit:
            if not (ends or self._ended):
                return False
            run = self._text[start:end]
            if not run and not (ends and ends[0] == "<"):
                return self._show_next(start - self._at)
            if known_as and (length := self._known.beginning(known_as + run) - len(known_as)) > 0:
                if ends and ends[0] == "<":  # What is put in its place would go on with the address.
                    self._text = f"{self._text[:end]} {self._text[end:]}"
                return self._put(shown + run[:length], start + length)
        self._dropping = True
        return self._put(shown + _LEFT_OUT, start)

    def _run(self, scheme: str) -> bool:
        """What follows the name of a scheme that runs or opens something."""
        word = _RUNS_WORD.match(self._text, self._at + 1)
        if not word or (word.end() == len(self._text) and len(word[0]) < 80 and not self._ended):
            return False
        if scheme == "data":
            runs = _DATA.match(word[0]) is not None
        else:
            runs = word[0].startswith("/") if scheme == "file" else bool(word[0])
        if not runs:
            return self._show_next(1)
        self._dropping = True
        return self._put(":" + _LEFT_OUT, self._at + 1)

    def _drop(self) -> bool:
        """Leave out the rest of an address, but for the marks after it."""
        ends = _ADDRESS_ENDS.search(self._text, self._at)
        end = ends.start() if ends else len(self._text)
        marks = _MARKS.search(self._text, self._at, end)
        self._at = marks.start() if marks else end
        self._dropping = not (ends or self._ended)
        return not self._dropping

    # HTML, references and escapes

    def _angle(self) -> bool:
        following = self._text[self._at + 1 : self._at + 2]
        if not following and not self._ended:
            return False
        if not (following.isascii() and following.isalpha()) and following not in tuple("/!?[&<"):
            return self._show_next(1)
        if found := _POINTED.match(self._text, self._at, self._at + self._limit + 10):
            kept = found[0] if found[1] in self._known else "https://" + _LEFT_OUT
            return self._put(kept, found.end())
        short = len(self._text) - self._at <= self._limit + 10
        if self._waits(_TAG_BEGUN) or (short and self._waits(_POINTED_BEGUN)):
            return False
        # At the beginning of a block a tag would make HTML of what follows, code included.
        if self._prefix is None and (found := _TAG.match(self._text, self._at)):
            return self._put(found[0], found.end())
        return self._put("&lt;", self._at + 1)

    def _reference(self) -> bool:
        if self._waits(_REFERENCE_BEGUN):
            return False
        found = _REFERENCE.match(self._text, self._at)
        meant = unescape(found[0]) if found else ""
        if len(meant) == 1 and meant.isascii() and (meant.isalnum() or meant in ":/.\\@"):
            # Nobody needs a reference for these but to write an address that isn't seen as one.
            return self._put("&amp;", self._at + 1)
        return self._show_next(1)

    def _escape(self) -> bool:
        following = self._text[self._at + 1 : self._at + 2]
        if not following:
            return self._show_next(1) if self._ended else False
        if following == "<":
            return self._put("&lt;", self._at + 2)
        if following in "([":  # opens a formula, for some
            self._murky = True
        alone = following == ":" or not following.isascii() or following.isalnum() or following.isspace()
        return self._show_next(1 if alone else 2)
