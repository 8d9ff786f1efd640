"""`scripts/eval answers` with a running server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from app.errors import ModelBroken
from app.models.base import Prompt, Take, Usage
from scripts.evaluation.comparing.asking import ask
from scripts.evaluation.comparing.command import main
from scripts.start.places import CLONE
from scripts.terminal.errors import Unanswered
from scripts.terminal.server import Server
from tests.app.fakes import FakeModel, a_chunk, a_collection, a_match
from tests.app.talking import NOBODY, served
from tests.scripts.evaluation.answers import question
from tests.stand_ins.ollama import OllamaStandIn

FOUND = a_collection([a_match(chunk=a_chunk("d1", text="The annual fee is 40 reais."))])
ASKED = ["What is the annual fee?", "How much is the fee?", "Which fee is there?"]


class FailsAt(FakeModel):
    """Answers all prompts but one."""

    question = ASKED[1]

    async def write(self, prompt: Prompt, take: Take) -> Usage:
        self.prompts.append(prompt)
        if prompt.question == self.question:
            raise ModelBroken(self.name, "died")
        take("It is 40 reais. [1]")
        return Usage(reason="stop", answer_tokens=5)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    write(file, ASKED)
    return file


def write(file: Path, asked: list[str]) -> None:
    gold = {"gold": [{"name": "d1.pdf", "page": 1}], "answers": ["40 reais"], "language": "en"}
    lines = [json.dumps({"id": str(n), "question": one, **gold}) for n, one in enumerate(asked)]
    file.write_text("\n".join(lines))


async def compare(server: str, questions: Path, models: str, *more: str) -> int:
    out = str(questions.parent / "out")
    arguments = ["--questions", str(questions), "--models", models, "--out", out, "--server", server, *more]
    return await asyncio.to_thread(main, arguments)


def kept(questions: Path) -> list[dict[str, object]]:
    lines = (questions.parent / "out" / "answers.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


async def test_models_are_compared_and_nothing_is_asked_twice(
    questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once all is answered, no server is needed any more; one more model costs its own answers alone."""
    stand_in = OllamaStandIn(pieces=("It is ", "40 ", "reais. [1]"), pause=0.03)
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as server:
        assert await compare(server, questions, "extractive") == 0
        assert stand_in.asked == []
        assert await compare(server, questions, "extractive,llama3") == 0
    assert len(stand_in.asked) == len(ASKED) + 1, "once more to load the model"
    told = capsys.readouterr()
    assert "| llama3 | 3 | 0 | 100% | 100% | 100% | – | 4 / 4 |" in told.out
    assert "llama3: questions: 3" in told.err
    assert await compare(NOBODY, questions, "llama3,extractive") == 0
    async with served(FOUND, models=[FakeModel("m")]) as another:
        assert await compare(another, questions, "llama3,m") == 0
    (first, *_) = [one for one in kept(questions) if one["model"] == "llama3"]
    assert first["cited"] == [{"n": 1, "name": "d1.pdf", "page": 1, "last_page": 1}]
    assert 0 < float(str(first["first"])) < float(str(first["last"])) <= float(str(first["seconds"]))
    for name in ("answers.html", "answers.md"):
        assert "It is 40 reais." in (questions.parent / "out" / name).read_text()


async def test_all_that_ollama_has_is_compared_in_one_run(
    questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By any of their names, whichever of them the server would ask by itself."""
    stand_in = OllamaStandIn(
        pieces=("It is ", "40 ", "reais. [1]"),
        models=("llama3:latest", "qwen3:8b", "gemma3:latest"),
        embedding_models=("nomic:latest",),
    )
    names = "extractive,llama3,qwen3:8b,acervo/gemma3,acervo"
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as server:
        assert await compare(server, questions, names) == 0
        told = capsys.readouterr().out
        assert all(f"| {name} | 3 | 0 | 100% |" in told for name in names.split(","))
        asked = [one["model"] for one in stand_in.asked]
        for name in ("nomic", "embedding", "acervo/embedding", "gpt"):
            assert await compare(server, questions, name) == 1
            assert "acervo/qwen3:8b" in capsys.readouterr().err
    once_more = len(ASKED) + 1
    assert asked == [
        *["llama3:latest"] * once_more, *["qwen3:8b"] * once_more, *["gemma3:latest"] * once_more,
        *["llama3:latest"] * once_more,
    ]  # fmt: skip


async def test_what_changed_is_asked_anew(questions: Path) -> None:
    """And so is everything, where that is wanted; --limit asks fewer."""
    model = FakeModel("m", parts=("It is 40 reais. [1]", Usage(reason="stop")))
    async with served(FOUND, models=[model]) as server:
        assert await compare(server, questions, "m", "--limit", "2") == 0
        assert [one["id"] for one in kept(questions)] == ["0", "1"]
        write(questions, [ASKED[0], "What must be paid?", ASKED[2]])
        assert await compare(server, questions, "m") == 0
        assert [one["id"] for one in kept(questions)] == ["0", "1", "1", "2"]
        assert await compare(server, questions, "m", "--anew") == 0
        assert len(kept(questions)) == 7


async def test_a_question_that_fails_ends_nothing(
    questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is counted, told, and asked again the next time."""
    model = FailsAt("m")
    async with served(FOUND, models=[model]) as server:
        assert await compare(server, questions, "m") == 0
        assert "| m | 3 | 1 | 100% |" in capsys.readouterr().out
        assert [bool(one["error"]) for one in kept(questions)] == [False, True, False]
        model.question = ""
        assert await compare(server, questions, "m") == 0
    assert "| m | 3 | 0 | 100% |" in capsys.readouterr().out
    assert [one["id"] for one in kept(questions)] == ["0", "1", "2", "1"]


async def test_an_interrupted_run_goes_on_where_it_ended(questions: Path) -> None:
    """As a process that was killed leaves it."""
    stand_in = OllamaStandIn(pieces=("It is ", "40 ", "reais. [1]"), pause=0.2)
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "scripts.evaluation", "answers", "--models", "llama3", "--server", server,
            "--questions", questions, "--out", questions.parent / "out",
            cwd=CLONE.root, env={**os.environ, "LANG": "C.UTF-8"}, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(60):
            while len(stand_in.asked) < 3:
                await asyncio.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            await process.communicate()
        assert process.returncode == -signal.SIGTERM
        assert [one["id"] for one in kept(questions)] == ["0"]
        assert await compare(server, questions, "llama3") == 0
    assert [one["id"] for one in kept(questions)] == ["0", "1", "2"]


async def test_what_can_not_be_asked_is_told_before_anything_is(
    questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence, with status 1; and gold that isn't there is told, since nothing can be right then."""
    async with served(FOUND, models=[FakeModel("m"), FakeModel("away", available=False)]) as server:
        assert await compare(server, questions, "m,nobody") == 1
        assert "no model 'nobody'. It has: acervo, acervo/m." in capsys.readouterr().err
        assert await compare(server, questions, "away") == 1
        assert "away can't answer now: GOOGLE_API_KEY is not set" in capsys.readouterr().err
        questions.write_text(questions.read_text().replace("d1.pdf", "gone.pdf"))
        assert await compare(server, questions, "m") == 0
        assert "Not on the server, so that no answer from there can be right: gone.pdf" in (
            capsys.readouterr().err
        )
    assert await compare(NOBODY, questions, "extractive") == 1
    assert "Start it with scripts/run" in capsys.readouterr().err
    questions.write_text("{}")
    assert await compare(NOBODY, questions, "extractive") == 1
    assert "line 1: id: Field required." in capsys.readouterr().err


def test_a_server_that_is_gone_ends_the_run() -> None:
    """All that is left would fail; what was answered is kept."""
    with pytest.raises(Unanswered):
        ask(Server(NOBODY, "en"), "m", question("1"))


async def test_a_page_of_somebody_else_is_not_replaced(questions: Path) -> None:
    """It is found out before anybody is asked."""
    mine = questions.parent / "out" / "answers.html"
    mine.parent.mkdir()
    mine.write_text("my page")
    assert await compare(NOBODY, questions, "extractive") == 1
    assert mine.read_text() == "my page"
