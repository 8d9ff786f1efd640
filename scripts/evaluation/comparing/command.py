"""Language models side by side: asks every question of every model, and writes what each one answered.

The running server is asked as the chat asks it, so that times are those that people wait. What was answered
is kept in the folder: an interrupted run goes on where it ended, and models can be added later.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from database.errors import DatabaseError
from database.report import file
from scripts.evaluation.comparing.asking import ask_all, missing_gold
from scripts.evaluation.comparing.comparison import Comparison
from scripts.evaluation.comparing.given import Kept
from scripts.evaluation.comparing.page import page
from scripts.evaluation.comparing.written import document, figures
from scripts.evaluation.dataset import MANUAL_QUESTIONS, DatasetError, Question, evenly, read_questions
from scripts.evaluation.progress import Progress
from scripts.start.addresses import read_addresses, this_environment
from scripts.start.errors import CommandError
from scripts.start.places import CLONE
from scripts.terminal.server import Server

NAME = "answers"
DEFAULT_OUT = CLONE.leftovers / "answers"

_INTERRUPTED = 130  # what a shell says of a command that Ctrl-C ended


def main(arguments: Sequence[str]) -> int:
    """0 where everything was asked, whatever came of it; 1 with a sentence where it can't be."""
    options = _parser().parse_args(arguments)
    try:
        questions = read_questions(options.questions)
        if options.limit:
            questions = evenly(questions, options.limit)
        _compare(questions, options)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (DatasetError, DatabaseError, CommandError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _compare(questions: tuple[Question, ...], options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    html, markdown, answers = (options.out / f"answers.{kind}" for kind in ("html", "md", "jsonl"))
    file.refuse_to_replace(html)
    kept = Kept(answers)
    if options.anew:
        kept.forget(options.models, questions)
    if any(not kept.answered(model, question) for model in options.models for question in questions):
        _ask(questions, options, kept)
    of = Comparison(
        name=options.questions.name,
        made=datetime.now(UTC),
        models=options.models,
        questions=questions,
        kept=kept,
    )
    asyncio.run(file.write(html, page(of)))
    markdown.write_text("\n\n".join(document(of)) + "\n", encoding="utf-8")
    print(figures(of))
    print(f"\nThe page: {html}\nAs Markdown: {markdown}")


def _ask(questions: tuple[Question, ...], options: argparse.Namespace, kept: Kept) -> None:
    address = options.server or read_addresses(this_environment(CLONE.root)).server
    server = Server(address, "en")
    if missing := missing_gold(server, questions):
        print(
            f"Not on the server, so that no answer from there can be right: {', '.join(missing)}",
            file=sys.stderr,
        )
    ask_all(server, options.models, questions, kept, Progress())


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("name at least one model")
    return list(dict.fromkeys(names))


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"scripts/eval {NAME}", description=__doc__)
    parser.add_argument(
        "--models",
        type=_names,
        required=True,
        metavar="A,B,…",
        help="any that the server offers: those of GET /models, and all that Ollama has; `extractive` quotes "
        "without a language model",
    )
    parser.add_argument(
        "--questions",
        type=Path,
        default=MANUAL_QUESTIONS,
        metavar="FILE",
        help="as docs/evaluation.md has them; by default those about the manual",
    )
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_OUT, metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument("--limit", type=_number, metavar="N", help="at most so many questions")
    parser.add_argument("--anew", action="store_true", help="ask again what was answered before")
    parser.add_argument(
        "--server", metavar="ADDRESS", help="default: http://HOST:PORT by the settings, http://localhost:8000"
    )
    return parser
