"""`scripts/ask`: one question to the running server, answered at the terminal or in a pipe."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from types import FrameType

from scripts.start.addresses import read_addresses, this_environment
from scripts.start.console import Console
from scripts.start.errors import CommandError, Stopped
from scripts.start.places import CLONE
from scripts.terminal import messages
from scripts.terminal.answer import Answer
from scripts.terminal.conversation import Conversation, Said
from scripts.terminal.errors import Unanswered
from scripts.terminal.look import look_of
from scripts.terminal.output import AsItComes, Json, JsonLines, Output, Whole, close
from scripts.terminal.server import Server, find_document
from scripts.terminal.waiting import Waiting

ANSWERED, MISUSED, NOT_IN_DOCUMENTS = 0, 2, 3  # 1 is for what is raised
NOBODY_READS = 128 + signal.SIGPIPE  # what shells say of a program that writes into a closed pipe

DESCRIPTION = """Ask the running server. The answer comes as Markdown, with its sources below: styled and
piece by piece on a terminal, plain and whole in a pipe."""
STATUSES = """exit status: 0 answered, 3 the documents don't hold the answer, 1 an error, 2 a wrong command
line, 130 stopped by Ctrl-C"""


def main(console: Console, arguments: Sequence[str]) -> int:
    """Ask, write, and tell by the status what came of it. Raises Stopped, CommandError."""
    parser = _parser()
    options = parser.parse_args(arguments)
    question = _question(options.question, console)
    if not question:
        console.error(console.text(messages.NO_QUESTION))
        return MISUSED
    _listen_to_signals()
    lively = console.err.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    waiting = Waiting(console.err, console.language, lively=lively, quiet=options.quiet)
    try:
        server = Server(options.server or _configured(), console.language, waiting.lost)
    except CommandError as error:
        console.failure(error)
        return MISUSED
    conversation = Conversation(os.environ)
    before = conversation.said(server.address) if options.go_on else []
    if options.go_on and not before:
        waiting.tell(messages.BEGINS_CONVERSATION)
    answer = Answer(question=question)
    output = _output(options, console, server.address)
    status = _ask(answer, before, options, server, output, waiting)
    if status in (ANSWERED, NOT_IN_DOCUMENTS) and (options.go_on or not options.json):
        conversation.keep(server.address, before, question, answer.text)
    return status


def _ask(
    answer: Answer,
    before: Said,
    options: argparse.Namespace,
    server: Server,
    output: Output,
    waiting: Waiting,
) -> int:
    """The status. Raises Stopped, CommandError."""
    try:
        try:
            waiting.begin()
            _read(answer, _body(answer.question, before, options, server), server, output, waiting)
        except Stopped:
            _let_go(answer, server)
            waiting.clear()
            output.stop(answer)
            raise
        except CommandError as error:
            waiting.clear()
            output.fail(answer, error)
            raise
    except BrokenPipeError:
        _let_go(answer, server)
        close(sys.stdout)
        return NOBODY_READS
    waiting.end(answer)
    return NOT_IN_DOCUMENTS if answer.reason == "no_answer" else ANSWERED


def _read(answer: Answer, body: dict[str, object], server: Server, output: Output, waiting: Waiting) -> None:
    """To its end. Raises Unanswered where that is none."""
    with closing(server.answer(body)) as lines:
        for line in lines:
            answer.take(line)
            waiting.hear(line, answer)
            if output.writes(line):
                waiting.clear()
            output.hear(line, answer)
    if "error" in answer.last:
        code, message = (str(answer.last.get(key, "")) for key in ("code", "error"))
        raise Unanswered(code, messages.TOLD, message=message)
    if answer.reason == "cancelled":
        raise Unanswered("stopped", messages.ENDED_BY_SERVER)
    waiting.clear()
    output.end(answer)


def _body(question: str, before: Said, options: argparse.Namespace, server: Server) -> dict[str, object]:
    """Raises Unanswered where a document isn't there."""
    body: dict[str, object] = {
        "prompt": question,
        "history": before,
        "model": options.model,
        "language": options.language,
    }
    if options.document:
        listed = server.get("/documents").get("documents", [])
        body["documents"] = [find_document(listed, name) for name in options.document]
    return body


def _question(words: Sequence[str], console: Console) -> str:
    """As it was typed, or from standard input where nothing was, or only a dash."""
    if words and list(words) != ["-"]:
        return " ".join(words).strip()
    if sys.stdin.isatty():
        console.err.write(console.text(messages.QUESTION))
        console.err.flush()
        return sys.stdin.readline().strip()
    return sys.stdin.buffer.read().decode("utf-8-sig", "replace").strip()


def _output(options: argparse.Namespace, console: Console, server: str) -> Output:
    if options.json:
        return JsonLines(console) if options.stream else Json(console)
    if options.stream or console.out.isatty():
        return AsItComes(console, look_of(console.out, os.environ), server)
    return Whole(console, server)


def _configured() -> str:
    """The server of this clone. Raises CommandError."""
    return read_addresses(this_environment(CLONE.root)).server


def _let_go(answer: Answer, server: Server) -> None:
    if answer.id and not answer.last:
        server.stop(answer.id)


def _listen_to_signals() -> None:
    """A closed terminal is no reason where that is ignored, as by nohup."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    """At once, wherever it waits: there is nothing that could be left half done."""
    raise Stopped(number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/ask", description=DESCRIPTION, epilog=STATUSES)
    parser.add_argument(
        "question", nargs="*", metavar="QUESTION", help="without one, or with -, standard input is read"
    )
    parser.add_argument(
        "--document",
        action="append",
        metavar="NAME",
        help="ask this document only: its name, its title, a part of them, or its id; may be repeated",
    )
    parser.add_argument(
        "-c",
        "--continue",
        dest="go_on",
        action="store_true",
        help='go on from the last question and its answer: "and for the elderly?"',
    )
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="who is to answer, and nobody else: one that /models lists, or any that Ollama has",
    )
    parser.add_argument("--language", choices=("auto", "pt", "es", "en"), help="of the answer")
    parser.add_argument(
        "--server", metavar="ADDRESS", help="default: http://HOST:PORT by the settings, http://localhost:8000"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object at the end, for programs")
    parser.add_argument(
        "--stream",
        action="store_true",
        help="as it comes, in a pipe, too; with --json the server's own lines (docs/answers.md)",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing while it waits")
    return parser
