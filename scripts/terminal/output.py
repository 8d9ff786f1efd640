"""What goes to standard output: as it comes, whole at the end, or for programs."""

from __future__ import annotations

import json
import os
from typing import Protocol, TextIO

from scripts.start.console import Console
from scripts.start.errors import CommandError
from scripts.terminal import messages
from scripts.terminal.answer import Answer
from scripts.terminal.errors import Unanswered
from scripts.terminal.look import DIM, PLAIN, Look, harmless
from scripts.terminal.markdown import Markdown
from scripts.terminal.server import Line
from scripts.terminal.sources import address_of, below


class Output(Protocol):
    """Writes one answer."""

    def writes(self, line: Line) -> bool:
        """Whether something is written as soon as this is heard."""

    def hear(self, line: Line, answer: Answer) -> None:
        """The answer has this line, too."""

    def end(self, answer: Answer) -> None:
        """It ended with `done`."""

    def fail(self, answer: Answer, why: CommandError) -> None:
        """It did not; the person is told why elsewhere."""

    def stop(self, answer: Answer) -> None:
        """The person has had enough of it."""


class AsItComes:
    """Each piece when it comes; where another model begins anew, a line says so."""

    def __init__(self, console: Console, look: Look, server: str) -> None:
        self._wrote = False
        self._ended_line = True
        self._console = console
        self._look = look
        self._server = server
        self._answer: Answer | None = None
        self._markdown = Markdown(look, self._address)

    def writes(self, line: Line) -> bool:
        return bool(line.text) or (self._wrote and "reset" in line.fields)

    def hear(self, line: Line, answer: Answer) -> None:
        self._answer = answer
        if "reset" in line.fields and self._wrote:
            self._end_line()
            self._write(f"\n{self._void(answer)}\n\n")
            self._markdown = Markdown(self._look, self._address)
        if line.text:
            self._write(self._markdown.take(harmless(line.text)))

    def end(self, answer: Answer) -> None:
        self._end_line()
        lines = list(below(answer, self._look, self._console.language, self._server))
        self._write("\n" + "\n".join(lines) + "\n" if lines else "")

    def fail(self, answer: Answer, why: CommandError) -> None:
        self._end_line()

    def stop(self, answer: Answer) -> None:
        self.fail(answer, CommandError(messages.ENDED_BY_SERVER))

    def _end_line(self) -> None:
        self._write(self._markdown.finish())
        self._write("" if self._ended_line else "\n")

    def _write(self, text: str) -> None:
        if text:
            self._wrote = True
            self._ended_line = text.endswith("\n")
            self._console.out.write(text)
            self._console.out.flush()

    def _void(self, answer: Answer) -> str:
        said = self._console.text(messages.VOID, model=harmless(answer.model))
        return self._look.style(f"── {said} ──", DIM) if self._look.styled else f"---\n\n*{said}*"

    def _address(self, number: int) -> str:
        sources = self._answer.sources if self._answer else ()
        return next((address_of(one, self._server) for one in sources if one.get("n") == number), "")


class Whole:
    """All of it at its end, and nothing of one that has none: what is void is never written."""

    def __init__(self, console: Console, server: str) -> None:
        self._at_once = AsItComes(console, PLAIN, server)

    def writes(self, line: Line) -> bool:
        return False

    def hear(self, line: Line, answer: Answer) -> None:
        """Waits."""

    def end(self, answer: Answer) -> None:
        text = answer.text.rstrip()
        self._at_once.hear(Line(raw=b"", fields={"message": {"content": text}}), answer)
        self._at_once.end(answer)

    def fail(self, answer: Answer, why: CommandError) -> None:
        """Writes nothing."""

    def stop(self, answer: Answer) -> None:
        """Writes nothing."""


class Json:
    """One object, whatever comes of it."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def writes(self, line: Line) -> bool:
        return False

    def hear(self, line: Line, answer: Answer) -> None:
        """Waits."""

    def end(self, answer: Answer) -> None:
        self._write(answer.told())

    def fail(self, answer: Answer, why: CommandError) -> None:
        self._write({**answer.told(), **told(self._console, why)})

    def stop(self, answer: Answer) -> None:
        self._write({**answer.told(), "done_reason": "cancelled"})

    def _write(self, value: dict[str, object]) -> None:
        self._console.line(json.dumps(value, ensure_ascii=False))


class JsonLines:
    """The server's own lines; where they end without one that says so, one more."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def writes(self, line: Line) -> bool:
        return True

    def hear(self, line: Line, answer: Answer) -> None:
        self._console.line(line.raw.decode("utf-8", "replace").rstrip("\n"))

    def end(self, answer: Answer) -> None:
        """Its last line has said so."""

    def fail(self, answer: Answer, why: CommandError) -> None:
        if not answer.last:
            self._console.line(json.dumps(told(self._console, why), ensure_ascii=False))

    def stop(self, answer: Answer) -> None:
        self._console.line(json.dumps({"done": True, "done_reason": "cancelled"}))


def told(console: Console, why: CommandError) -> dict[str, object]:
    """As the server itself tells errors."""
    code = why.code if isinstance(why, Unanswered) else "bad_request"
    return {"error": console.text(why.sentence, **why.values), "code": code}


def close(out: TextIO) -> None:
    """Nobody reads it any more: what Python would still write at its end goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, out.fileno())
    os.close(nowhere)
