"""One question to one model, over HTTP as the chat asks it, with a clock beside it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from app.compat.offers import EMBEDDING, OVER_DOCUMENTS
from app.models.ollama_library import same_model
from scripts.evaluation.comparing.given import Cited, Given, Kept
from scripts.evaluation.dataset import DatasetError, Question
from scripts.evaluation.progress import Progress
from scripts.terminal.answer import Answer
from scripts.terminal.errors import Unanswered
from scripts.terminal.server import Server


def ask_all(
    server: Server, models: Sequence[str], questions: Sequence[Question], kept: Kept, progress: Progress
) -> None:
    """What isn't answered yet, one model after the other: graphics cards hold one of them.

    Raises DatasetError where the server doesn't have a model, Unanswered where nobody serves any more.
    """
    waiting = {
        model: [question for question in questions if not kept.answered(model, question)] for model in models
    }
    _check([model for model in models if waiting[model]], server)
    for model in models:
        left = waiting[model]
        if not left:
            continue
        ask(server, model, left[0])  # that the model is loaded first is nobody's time
        with progress.of(f"{model}: questions", len(left)) as counted:
            for question in left:
                kept.add(ask(server, model, question))
                counted(1)


def ask(server: Server, model: str, question: Question) -> Given:
    """What fails is told in what is given back. Raises Unanswered where nobody serves."""
    answer = Answer(question=question.question)
    first: float | None = None
    last: float | None = None
    error = ""
    begun = time.perf_counter()
    try:
        for line in server.answer({"prompt": question.question, "model": model}):
            answer.take(line)
            if line.text:
                last = time.perf_counter() - begun
                first = first if first is not None else last
        error = str(answer.last.get("error", ""))
    except Unanswered as failure:
        if failure.code == "server_unreachable":
            raise
        error = str(failure)
    if answer.reason == "cancelled":
        error = "The answer was stopped."
    return Given(
        model=model,
        id=question.id,
        question=question.question,
        text=answer.text,
        reason=answer.reason,
        error=error,
        first=first,
        last=last,
        seconds=time.perf_counter() - begun,
        tokens=answer.last.get("eval_count"),
        cited=tuple(
            Cited(
                n=source["n"],
                name=source["document"]["name"],
                page=source["page"],
                last_page=source["last_page"],
            )
            for source in answer.cited
        ),
    )


def missing_gold(server: Server, questions: Sequence[Question]) -> list[str]:
    """The documents that hold answers and aren't on the server. Raises Unanswered."""
    there = [str(one["name"]) for one in server.get("/documents")["documents"]]
    wanted = {gold.name: gold for question in questions for gold in question.gold}
    return [name for name, gold in wanted.items() if not any(gold.names(one) for one in there)]


def _check(models: Sequence[str], server: Server) -> None:
    """By what the server tries by itself, which may not answer now, and by all that it offers."""
    if not models:
        return
    tried = {str(one["name"]): one for one in server.get("/models")["models"]}
    listed = [one for one in server.get("/v1/models")["data"] if one["owned_by"] == "acervo"]
    offered = [str(one["id"]) for one in listed if one["id"] != EMBEDDING]
    for model in models:
        name = model.removeprefix(OVER_DOCUMENTS)
        found = next((one for known, one in tried.items() if same_model(known, name)), None)
        if found and not found["available"]:
            raise DatasetError(f"{model} can't answer now: {found['reason']}.")
        if not found and not any(same_model(one.removeprefix(OVER_DOCUMENTS), name) for one in offered):
            raise DatasetError(f"The server has no model {model!r}. It has: {', '.join(offered)}.")
