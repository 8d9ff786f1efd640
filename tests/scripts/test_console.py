"""The console shows logs as people can read them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from scripts.start import messages
from scripts.start.console import Console, printable, telling_lines
from scripts.start.errors import CommandError, ToolError


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("plain\n", "plain"),
        ("10 %\r50 %\r100 %\n", "100 %"),
        ("\x1b[31mred\x1b[0m text", "red text"),
        ("\x1b[2K\x1b[1Gdone", "done"),
        ("bell\x07 and tab\t", "bell and tab"),
        ("❯ acentuação ✔", "❯ acentuação ✔"),
    ],
)
def test_a_line_is_shown_as_it_ended_up(line: str, shown: str) -> None:
    """Redrawn lines show their last state, and no control character reaches the terminal."""
    assert printable(line) == shown


def test_the_end_of_a_log_is_told(tmp_path: Path) -> None:
    """The last lines that hold anything."""
    log = tmp_path / "pip.log"
    log.write_text("".join(f"line {n}\n\n" for n in range(100)))

    assert telling_lines(log, limit=2) == ["line 98", "line 99"]


def test_npms_error_is_told_from_where_it_begins(tmp_path: Path) -> None:
    """npm names the error first and explains its usage for pages after."""
    log = tmp_path / "npm.log"
    log.write_text("npm warn old\nnpm error code EUSAGE\n" + "npm error usage\n" * 50)

    assert telling_lines(log, limit=2) == ["npm error code EUSAGE", "npm error usage"]


def test_a_log_that_is_not_there_tells_nothing(tmp_path: Path) -> None:
    """A tool that never started wrote none."""
    assert telling_lines(tmp_path / "none.log") == []


def test_what_a_tool_wrote_comes_before_what_it_means(tmp_path: Path) -> None:
    """The sentence stands where people look: at the end."""
    log = tmp_path / "pip.log"
    log.write_text("Traceback\n")
    err = io.StringIO()
    console = Console(out=io.StringIO(), err=err, language="en", lively=False)

    console.failure(ToolError(log, messages.TOOL_FAILED, tool="pip", status=2))

    assert err.getvalue().splitlines() == [
        f"From {log}:",
        "  Traceback",
        "",
        f"pip failed with status 2. Everything it said is in {log}.",
    ]


def test_a_failure_is_said_in_the_persons_language_to_the_last_word() -> None:
    """Also what is allowed is a sentence of its own."""
    err = io.StringIO()
    console = Console(out=io.StringIO(), err=err, language="pt", lively=False)

    console.failure(
        CommandError(messages.SETTING_WRONG, name="PORT", value="x", allowed=messages.PORT_NUMBER)
    )

    assert err.getvalue() == "PORT tem o valor 'x'. O valor deve ser um número de 1 a 65535.\n"
