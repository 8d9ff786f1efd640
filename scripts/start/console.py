"""What a command says to the person at the terminal, or to the file its output goes to."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

from scripts.start import messages
from scripts.start.errors import CommandError, ToolError
from scripts.start.messages import Sentence

TAIL_LINES = 25  # enough for pip's and npm's closing words, and still one screen


class Console:
    """Writes sentences in one language; `lively` where the output is a terminal that can redraw a line."""

    def __init__(self, *, out: TextIO, err: TextIO, language: str, lively: bool) -> None:
        self.out = out
        self.err = err
        self.language = language
        self.lively = lively

    @classmethod
    def of_the_process(cls) -> Console:
        """The console this process was started with."""
        return cls(
            out=sys.stdout,
            err=sys.stderr,
            language=messages.language_of(os.environ),
            lively=sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb",
        )

    def text(self, sentence: Sentence, **values: object) -> str:
        """The sentence in the person's language."""
        return sentence.say(self.language, **values)

    def say(self, sentence: Sentence, **values: object) -> None:
        """Print the sentence as a line of its own."""
        self.line(self.text(sentence, **values))

    def line(self, text: str = "") -> None:
        """Print `text` as it is."""
        print(text, file=self.out, flush=True)

    def error(self, text: str) -> None:
        """Print `text` where errors go."""
        print(text, file=self.err, flush=True)

    def failure(self, failure: CommandError) -> None:
        """Say why the command can't go on: what the tool that failed wrote, and last the sentence."""
        if isinstance(failure, ToolError):
            self._show_log(failure.log)
        values = {
            name: self.text(value) if isinstance(value, Sentence) else value
            for name, value in failure.values.items()
        }
        self.error(self.text(failure.sentence, **values))

    def _show_log(self, log: Path) -> None:
        """Show the lines of the log that tell what went wrong."""
        lines = telling_lines(log)
        if lines:
            self.error(self.text(messages.FROM_LOG, log=log))
            for line in lines:
                self.error(f"  {line}")
            self.error("")


def telling_lines(log: Path, limit: int = TAIL_LINES) -> list[str]:
    """The lines of a log that tell what went wrong, as a terminal would show them; [] where there is no log.

    These are the last ones, save for npm, which names the error first and explains its usage after.
    """
    try:
        with log.open(encoding="utf-8", errors="replace", newline="\n") as file:
            lines = [shown for line in file if (shown := printable(line))]
    except FileNotFoundError:
        return []
    first_error = next((n for n, line in enumerate(lines) if line.startswith("npm error")), None)
    return lines[-limit:] if first_error is None else lines[first_error:][:limit]


def printable(line: str) -> str:
    """A line as it ended up: what stands after the last carriage return, without control characters."""
    visible = line.rstrip().rsplit("\r", maxsplit=1)[-1]
    return "".join(character for character in _without_escapes(visible) if character.isprintable())


def _without_escapes(line: str) -> str:
    pieces = line.split("\x1b[")
    return pieces[0] + "".join(_after_escape(piece) for piece in pieces[1:])


def _after_escape(piece: str) -> str:
    for position, character in enumerate(piece):
        if "@" <= character <= "~":  # the byte that ends a control sequence
            return piece[position + 1 :]
    return ""
