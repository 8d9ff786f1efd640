"""What a terminal can show, and what may be shown on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

BOLD, DIM, ITALIC, UNDERLINED, CYAN = "1", "2", "3", "4", "36"

# Everything that moves the cursor, rings, or turns the direction of writing.
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_LINKS_BY_VARIABLE = ("KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION", "DOMTERM", "WEZTERM_PANE")
_LINKS_BY_PROGRAM = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Tabby", "rio"})
_LINKS_BY_TERM = re.compile(r"xterm-kitty|xterm-ghostty|alacritty|foot|contour|wezterm|rio")
_VTE_WITH_LINKS = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """Whether styles and links (OSC 8) may be written."""

    styled: bool
    linked: bool

    def style(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.styled and text else text

    def link(self, text: str, address: str) -> str:
        """`address` is one of ours: nothing in it may end the sequence."""
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.linked and address else text


PLAIN = Look(styled=False, linked=False)


def look_of(out: TextIO, environ: Mapping[str, str]) -> Look:
    """Nothing but text where `out` is no terminal, or NO_COLOR asks for that (https://no-color.org)."""
    if not out.isatty() or environ.get("NO_COLOR") or environ.get("TERM", "dumb") == "dumb":
        return PLAIN
    return Look(styled=True, linked=_knows_links(environ))


def _knows_links(environ: Mapping[str, str]) -> bool:
    """There is no way to ask: by what terminals that know OSC 8 say of themselves, unless the person says."""
    if forced := environ.get("FORCE_HYPERLINK"):
        return forced != "0"
    term = environ.get("TERM", "")
    if term.startswith(("screen", "tmux")):
        return False  # what is around them isn't known
    version = environ.get("VTE_VERSION", "")
    return (
        any(environ.get(name) for name in _LINKS_BY_VARIABLE)
        or environ.get("TERM_PROGRAM") in _LINKS_BY_PROGRAM
        or bool(_LINKS_BY_TERM.match(term))
        or (version.isdigit() and int(version) >= _VTE_WITH_LINKS)
    )


def harmless(text: str) -> str:
    """A stranger's text, which can't do anything to the terminal."""
    return _HARMFUL.sub("", text)
