"""`scripts/ask`, as people and other programs start it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import ModelBroken
from app.messages import SENTENCES
from app.models.base import Usage
from scripts.start.places import CLONE
from tests.app.fakes import FakeModel, a_chunk, a_collection, a_document, a_match
from tests.app.talking import NOBODY, served
from tests.scripts.fakes import free_port
from tests.scripts.terminal.asking import SECONDS, Cutting, asked, at_terminal, environ, started
from tests.stand_ins.ollama import OllamaStandIn

MATCH = a_match(chunk=a_chunk("d1", text="The fee is 40 reais."))
FOUND = a_collection([MATCH])
NAME = MATCH.document.name
QUESTION = "What is the annual fee?"
BREAKS = FakeModel("first", parts=("Half of ", "it", ModelBroken("first", "died")))
SECOND = FakeModel("second", parts=("The fee is 40 reais. [1]", Usage(reason="stop")))


async def test_an_answer_comes_with_its_sources() -> None:
    """Plain Markdown in a pipe, and status 0; who answers is told beside it."""
    async with OllamaStandIn().running() as ollama, served(FOUND, ollama_host=ollama) as server:
        told = await asked(server, QUESTION)
    assert told.status == 0
    answer, _, below = told.out.partition("\n\n**Sources**\n\n")
    assert answer == "The answer is 42. [1]"
    assert below.startswith(f"- [1] {NAME}, page ")
    assert "\x1b" not in told.out
    assert told.err == "llama3:latest answers …\n"


async def test_what_the_documents_do_not_hold_has_a_status_of_its_own() -> None:
    """With the nearest pages, and in the language that was asked for."""
    async with served(a_collection([a_match(relevance=0.1)])) as server:
        told = await asked(server, QUESTION, "--language", "pt", "--quiet")
    assert told.status == 3
    assert told.out.startswith(f"{SENTENCES['refusal']['pt']}\n\n**The nearest pages**\n\n- [1] ")
    assert told.err == ""


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en_US", "Start it with scripts/run"),
        ("pt_BR", "Inicie-o com scripts/run"),
        ("es_MX", "Inícialo con scripts/run"),
    ],
)
async def test_no_server_is_told_with_what_to_do(locale: str, words: str) -> None:
    """In the person's language, with status 1."""
    server = f"http://127.0.0.1:{free_port()}"
    told = await asked(server, QUESTION, variables={"LANG": f"{locale}.UTF-8"})
    assert (told.status, told.out) == (1, "")
    assert words in told.err
    assert server.rpartition(":")[2] in told.err


async def test_a_server_of_somebody_else_is_not_believed() -> None:
    """Whatever it answers."""
    async with OllamaStandIn().running() as ollama:
        told = await asked(NOBODY, QUESTION, "--server", ollama)
    assert told.status == 1
    assert "is not Acervo's server" in told.err


async def test_what_the_server_refuses_is_told_in_its_words() -> None:
    """Also where it says so only in the last line; nothing half is written into a pipe."""
    async with served(FOUND, models=[BREAKS]) as server:
        unknown = await asked(server, QUESTION, "--model", "nobody")
        broken = await asked(server, QUESTION, "--model", "first", "--language", "es")
    assert (unknown.status, unknown.out) == (1, "")
    assert unknown.err == "There is no model of that name. There are: first.\n"
    assert (broken.status, broken.out) == (1, "")
    assert "first se detuvo antes del final" in broken.err


@pytest.mark.parametrize(
    "arguments",
    [(), ("-",), ("  ",), ("What?", "--language", "fr"), ("What?", "--server", "ftp://x"), ("What?", "--no")],
)
async def test_a_wrong_command_line_has_status_2(arguments: tuple[str, ...]) -> None:
    """And asks nobody: nobody is there."""
    told = await asked(NOBODY, *arguments)
    assert (told.status, told.out) == (2, "")
    assert told.err


@pytest.mark.parametrize("arguments", [(), ("-",)])
async def test_the_question_can_come_through_a_pipe(arguments: tuple[str, ...]) -> None:
    """With accents, a byte order mark, and blanks around it."""
    async with served(FOUND) as server:
        told = await asked(server, *arguments, "--json", typed="\ufeff Qual é a anuidade?\n\n")
    assert json.loads(told.out)["question"] == "Qual é a anuidade?"


async def test_a_document_is_chosen_by_a_part_of_its_name() -> None:
    """And a name that none has is answered with those that there are."""
    other = a_match(a_document("d2", name="notices/other.pdf"))
    collection = a_collection([MATCH, other])
    async with served(collection) as server:
        told = await asked(server, "--document", "OTHER.pdf", "--document", "d1", typed=QUESTION)
        unknown = await asked(server, QUESTION, "--document", "nothing", "--json")
    assert told.status == 0
    (_, scope, _, _) = collection.retriever.asked[-1]  # type: ignore[attr-defined]
    assert scope.documents == ("d2", "d1")
    assert unknown.status == 1
    failure = json.loads(unknown.out)
    assert (failure["code"], NAME in failure["error"]) == ("unknown_document", True)


async def test_a_question_goes_on_from_the_last_one(tmp_path: Path) -> None:
    """With what was asked and answered before, as far as it is of use; nobody else can read what is kept."""
    model = FakeModel(parts=("What is the fee for companies?", Usage(reason="stop")))
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    async with served(FOUND, models=[model]) as server:
        await asked(server, QUESTION, variables=state)
        told = await asked(server, "And for companies?", "--continue", variables=state)
        (asked_about,) = [one for one in model.prompts if "<conversation>" in one.user]
        for n in range(4):
            await asked(server, f"What is fee number {n} of the year?", "-c", variables=state)
    assert told.status == 0
    assert f"user: {QUESTION}\nassistant: What is the fee for companies?" in asked_about.user
    assert "Understood as: What is the fee for companies?\n" in told.err
    file = tmp_path / "state/acervo/conversation.json"
    said = json.loads(file.read_text())["said"]
    assert [one["content"] for one in said[::2]] == [
        f"What is fee number {n} of the year?" for n in (1, 2, 3)
    ]
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en_US", "begins a conversation"), ("pt_BR", "começa uma conversa"), ("es_MX", "empieza una conv")],
)
async def test_where_nothing_was_said_a_conversation_begins(tmp_path: Path, locale: str, words: str) -> None:
    """With another server, too: what one has told isn't for the next one."""
    state = {"XDG_STATE_HOME": str(tmp_path), "LANG": f"{locale}.UTF-8"}
    file = tmp_path / "acervo/conversation.json"
    file.parent.mkdir()
    async with served(FOUND, models=[SECOND]) as server:
        for kept in (
            "{",
            "[]",
            json.dumps({"server": NOBODY, "said": [{"role": "user", "content": "s3cret"}]}),
        ):
            file.write_text(kept)
            told = await asked(server, "And for companies?", "--continue", variables=state)
            assert (told.status, words in told.err) == (0, True)
    assert "s3cret" not in file.read_text() + str(SECOND.prompts)


async def test_programs_change_no_conversation_of_a_persons(tmp_path: Path) -> None:
    """Unless they go on with it; and where nothing can be kept, they are answered all the same."""
    state = {"XDG_STATE_HOME": str(tmp_path)}
    async with served(FOUND, models=[SECOND]) as server:
        await asked(server, QUESTION, "--json", variables=state)
        assert not (tmp_path / "acervo").exists()
        told = await asked(server, QUESTION, "--json", "-c", "--quiet", variables=state)
        assert (told.status, told.err) == (0, "")
        assert (tmp_path / "acervo").exists()
        told = await asked(server, QUESTION, "-c", variables={"XDG_STATE_HOME": "", "HOME": "/dev/null"})
    assert told.status == 0


async def test_programs_get_one_object() -> None:
    """With all that the lines told."""
    async with OllamaStandIn().running() as ollama, served(FOUND, ollama_host=ollama) as server:
        told = await asked(server, QUESTION, "--json", "--model", "llama3")
    (line,) = told.out.splitlines()
    given = json.loads(line)
    assert (given["answer"], given["model"], given["done_reason"]) == (
        "The answer is 42. [1]", "llama3:latest", "stop",
    )  # fmt: skip
    assert given["sources"][0]["document"]["name"] == NAME
    assert given["citations"][0]["n"] == 1
    assert (given["eval_count"], given["language"]) == (3, "en")


async def test_programs_get_the_servers_own_lines_where_they_want_them() -> None:
    """The same that the server sends, and one more where they end without a last one."""
    async with served(FOUND, models=[SECOND]) as server:
        told = await asked(server, QUESTION, "--json", "--stream")
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert "sources" in lines[0]
    assert lines[-1]["done_reason"] == "stop"
    nobody = await asked(NOBODY, QUESTION, "--json", "--stream")
    assert nobody.status == 1
    assert json.loads(nobody.out)["code"] == "server_unreachable"


async def test_what_is_void_never_gets_into_a_pipe() -> None:
    """Unless it is to come as it comes: then a line parts it from what counts."""
    async with served(FOUND, models=[BREAKS, SECOND]) as server:
        whole = await asked(server, QUESTION)
    assert whole.status == 0
    assert whole.out.startswith("The fee is 40 reais. [1]\n")
    assert "second begins anew" in whole.err
    async with served(FOUND, models=[BREAKS, SECOND]) as server:
        streamed = await asked(server, QUESTION, "--stream")
    assert streamed.out.startswith("Half of it\n\n---\n\n*The model failed: what stands above is void")
    assert "\n\nThe fee is 40 reais. [1]\n" in streamed.out


async def test_a_pipe_that_wants_to_follow_gets_each_piece_at_once() -> None:
    """Before the model has said the next one."""
    stand_in = OllamaStandIn(pieces=("One. ", "Two. ", "Three. "), stall_after=2)
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as server:
        process = await started(server, QUESTION, "--stream")
        assert process.stdout
        async with asyncio.timeout(SECONDS):
            assert await process.stdout.readexactly(10) == b"One. Two. "
            process.terminate()
            assert await process.wait() == 143
            await stand_in.left.wait()


async def test_ctrl_c_stops_the_answer() -> None:
    """The model is let go at once, not when the server notices; status 130."""
    stand_in = OllamaStandIn(stall_after=1)
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as server:
        process = await started(server, QUESTION, "--json")
        assert process.stderr
        async with asyncio.timeout(SECONDS):
            await process.stderr.readuntil(b"answers")
            await stand_in.came.wait()
        async with asyncio.timeout(5):  # the server itself would wait for ten seconds
            process.send_signal(signal.SIGINT)
            out, err = await process.communicate()
            await stand_in.left.wait()
    assert process.returncode == 130
    assert json.loads(out)["done_reason"] == "cancelled"
    assert b"Traceback" not in err


async def test_a_reader_that_has_enough_stops_the_answer() -> None:
    """As `head` does, without a word; the status is the shells' own for that."""
    stand_in = OllamaStandIn(pieces=[f"word{n} \n" for n in range(400)], pause=0.01)
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as server:
        command = f"{CLONE.root}/scripts/ask --quiet --stream '{QUESTION}'; echo $? >&2"
        process = await asyncio.create_subprocess_shell(
            f"( {command} ) | head -n 1",
            env=environ(server),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(SECONDS):
            out, err = await process.communicate()
            await stand_in.left.wait()
    assert out == b"word0 \n"
    assert err == b"141\n"


@pytest.mark.parametrize("after", [[1], [3, 2], [2, 0, 1]])
async def test_a_lost_connection_loses_nothing(after: list[int]) -> None:
    """Also where it is lost in the middle of a line, and again; the model is asked once."""
    stand_in = OllamaStandIn(pieces=[f"word{n} " for n in range(30)], pause=0.01)
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as server:
        cutting = Cutting(server=server, after=list(after))
        async with cutting.running() as address:
            told = await asked(address, QUESTION, "--json")
    assert json.loads(told.out)["answer"] == "".join(stand_in.pieces)
    assert (told.status, len(stand_in.asked)) == (0, 1)
    assert [one.split("/")[1] for one in cutting.asked] == ["", *["answers"] * len(after)]
    assert cutting.asked[1].endswith(f"?after={after[0]}")
    assert told.err.count("The connection was lost") == len(after)


async def test_an_answer_that_can_not_be_read_on_is_an_error() -> None:
    """Told in the server's words."""
    async with served(FOUND) as server:
        cutting = Cutting(server=server, after=[1], comes_back=False)
        async with cutting.running() as address:
            told = await asked(address, QUESTION, "--json")
    assert told.status == 1
    assert json.loads(told.out)["code"] == "unknown_answer"
    assert told.err.endswith("gone\n")


async def test_who_waits_sees_the_place_in_the_line() -> None:
    """And is answered when it is their turn."""
    stand_in = OllamaStandIn(stall_after=1)
    queued = b"Others are answered first; place in the line: 1\n"
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama, answers_at_once=1) as server:
        first = await started(server, QUESTION)
        await stand_in.came.wait()
        second = await started(server, QUESTION)
        assert second.stderr
        async with asyncio.timeout(SECONDS):
            assert await second.stderr.readline() == queued
            stand_in.stall_after = None
            first.terminate()
            out, err = await second.communicate()
            await first.communicate()
    assert (second.returncode, err) == (0, b"llama3:latest answers \xe2\x80\xa6\n")
    assert out.startswith(b"The answer is 42. [1]")


async def test_a_terminal_shows_styles_and_links() -> None:
    """What was shown while it waited is gone when the text begins."""
    stand_in = OllamaStandIn(pieces=("# Fe", "es\n\nIt is **40", "** reais. [1]"))
    async with stand_in.running() as ollama, served(FOUND, ollama_host=ollama) as server:
        told = await at_terminal(server, QUESTION, TERM="xterm-kitty")
        plain = await at_terminal(server, QUESTION, TERM="xterm-kitty", NO_COLOR="1")
    assert told.status == 0
    waited, _, text = told.out.partition("\r\x1b[K\x1b[1;4mFees\x1b[0m\n\nIt is \x1b[1m40\x1b[0m reais. ")
    assert "llama3:latest answers" in waited
    assert text.startswith(f"\x1b]8;;{server.replace('127.0.0.1', 'localhost')}/documents/d1/")
    assert "# Fees\n\nIt is **40** reais. [1]\n\n**Sources**" in plain.out
    assert "\x1b]8" not in plain.out


async def test_documents_and_models_do_nothing_to_the_terminal() -> None:
    """Whatever bytes are in names and answers."""
    hostile = "\x1b[31mred\x07 \x9b2J\u202e\r.pdf"
    found = a_collection([a_match(a_document("d1", name=hostile))])
    async with (
        OllamaStandIn(pieces=(f"A {hostile} [1]",)).running() as ollama,
        served(found, ollama_host=ollama) as server,
    ):
        shown = await at_terminal(server, QUESTION, "--quiet", NO_COLOR="1")
        piped = await asked(server, QUESTION, "--quiet")
    for out in (shown.out, piped.out):
        assert "red" in out
        assert not set("\x1b\x07\x9b\u202e\r") & set(out)


def test_it_begins_at_once() -> None:
    """With nothing but the standard library: no environment is needed to ask a server elsewhere."""
    code = f"import sys; sys.path.insert(0, {str(CLONE.root)!r}); import scripts.commands.ask"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)  # noqa: S603
