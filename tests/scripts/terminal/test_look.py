"""What a terminal is taken to know, and what it never gets."""

from __future__ import annotations

import io

import pytest

from scripts.terminal.look import PLAIN, Look, harmless, look_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "linked"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "6003"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "4002"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "iTerm.app"}, False),
        ({"TERM": "tmux-256color", "FORCE_HYPERLINK": "1"}, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
    ],
)
def test_links_are_for_terminals_that_know_them(environ: dict[str, str], linked: bool) -> None:
    """Others would show nothing, or the address amid the text."""
    assert look_of(Terminal(), environ) == Look(styled=True, linked=linked)


@pytest.mark.parametrize("environ", [{"TERM": "xterm-kitty", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_nothing_is_styled_where_that_is_not_wanted(environ: dict[str, str]) -> None:
    """Or not possible."""
    assert look_of(Terminal(), environ) == PLAIN


def test_a_file_gets_no_styles() -> None:
    """Whatever terminal the person sits at."""
    assert look_of(io.StringIO(), {"TERM": "xterm-kitty"}) == PLAIN


def test_what_moves_the_cursor_is_taken_out() -> None:
    """And what letters of all languages are made of stays."""
    assert harmless("a\x1b[2Jb\r\x07\x9bc\u202ed\n\te\u0301 ação ñ 👩‍💻") == "a[2Jbcd\n\te\u0301 ação ñ 👩‍💻"
