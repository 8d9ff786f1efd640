"""Documents that give orders, from the passage to the client, over a model that obeys: it says all that it
has read, and puts it into every address that asks for it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.answer import answer
from app.context import Passage
from app.events import Event, chat_line
from app.models.base import Prompt, Take, Usage
from app.models.route import Candidate
from app.prompt import build_prompt
from app.reading import Question, Reader
from database.records import Match
from tests.app.fakes import FakeModel, a_chunk, a_collection, a_document, a_match, a_passage
from tests.app.injections import INJECTIONS, Injection
from tests.app.talking import lines_of, talking, text_of

KNOWN = "https://good.example/regras"
ORDINARY = f"O prazo é de trinta dias (ver {KNOWN})."
QUESTION = "Qual é o prazo?"
STOLEN = "trinta-dias"

_SPECIAL = re.compile(
    r"<[|｜]|[|｜]>|</?(?:s|bos|eos|unk|pad|mask|unused\d+|start_of_turn|end_of_turn|tool_call|think)>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS)\]|<</?SYS>>"
)
_HARMLESS = re.compile(r"</?(?:br|b|i|u|s|em|strong|sub|sup|del|ins|mark|small|kbd) ?/?>", re.IGNORECASE)
_BARE = re.compile(r"(?:[a-z]+://|(?<![A-Za-z0-9])www\.)\w\S*|(?:mailto|file):[^\s…]\S*", re.IGNORECASE)
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_BLANK = re.compile("[\u034f\u115f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_MARKER = re.compile(r"[\[【]\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*[\]】]")


class Echo(FakeModel):
    """Says the whole message of the user, or the passages alone, in pieces of `length` characters."""

    def __init__(self, *, length: int, passages: bool = False) -> None:
        super().__init__()
        self.length = length
        self.only_passages = passages

    async def write(self, prompt: Prompt, take: Take) -> Usage:
        self.prompts.append(prompt)
        said = prompt.user
        if self.only_passages:
            # As a model does that forgets the delimiters, and what was escaped in them.
            said = "\n\n".join(passage.text for passage in prompt.passages)
        said = said.replace("SECRET", STOLEN)
        for start in range(0, len(said), self.length):
            take(said[start : start + self.length])
        return Usage(reason="stop")


def passage_of(injection: Injection) -> Passage:
    passage = a_passage(text=f"{ORDINARY}\n{injection.text}\n\n{ORDINARY}")
    chunk = replace(passage.best, section=(injection.section,) if injection.section else passage.section)
    document = replace(passage.document, title=injection.title, name=injection.file or passage.document.name)
    return replace(passage, document=document, best=chunk, chunks=(chunk,))


def tokens_of(markdown: str) -> Iterator[Token]:
    """As a reader sees it that shows HTML, too."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for token in reader.parse(markdown):
        yield token
        yield from token.children or ()


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda injection: injection.name)
def test_the_prompt_keeps_its_shape(injection: Injection) -> None:
    """The same orders, the same delimiters, and between them nothing that is more than text."""
    plain = build_prompt(QUESTION, "pt", [a_passage(text=ORDINARY), a_passage(2)])
    prompt = build_prompt(QUESTION, "pt", [passage_of(injection), a_passage(2)])
    assert prompt.system == plain.system
    assert prompt.user.startswith('<passages>\n<passage n="1" ')
    assert prompt.user.endswith(f"</passage>\n</passages>\n\nPergunta: {QUESTION}")
    assert len(re.findall(r"<\s*passages", prompt.user, re.IGNORECASE)) == 1
    assert len(re.findall(r"<\s*/\s*passages", prompt.user, re.IGNORECASE)) == 1
    assert re.findall(r"<\s*passage\b", prompt.user, re.IGNORECASE) == ["<passage"] * 2
    assert re.findall(r"<\s*/\s*passage\b", prompt.user, re.IGNORECASE) == ["</passage"] * 2
    assert not re.search(r"[＜‹〈⟨]\W?passage", prompt.user)
    assert _SPECIAL.findall(prompt.user) == []
    assert {unicodedata.category(c) for c in prompt.user if c not in "\n\t"}.isdisjoint(_UNSEEN)
    assert _BLANK.findall(prompt.user) == []
    assert len(_MARKER.findall(prompt.user)) == 0
    assert prompt.user.count(ORDINARY) == 2


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda injection: injection.name)
@pytest.mark.parametrize("passages", [False, True], ids=["message", "passages"])
async def test_what_the_client_gets_loads_nothing(injection: Injection, passages: bool) -> None:
    """Even of a model that writes what it has read, orders and all."""
    model = Echo(length=1 + len(injection.name) % 7, passages=passages)
    collection = a_collection([found(injection), a_match(chunk=a_chunk("other", text="Another text."))])
    question = Question(text=QUESTION, written_in="pt", language="pt", documents=None, limit=5)
    candidates = [Candidate(model, await model.status())]
    events: list[Event] = []
    await answer(question, Reader(collection.store, collection.retriever), candidates, events.append)
    body = b"".join(chat_line(event, "name") for event in events)
    check([json.loads(line) for line in body.decode().split("\n")[:-1]], passage_of(injection).text, {1, 2})


async def test_all_of_them_at_once_over_http() -> None:
    """As a client gets it: one stream of lines, and one that ends it."""
    matches = [found(injection) for injection in INJECTIONS if injection.name.startswith("loading")][:8]
    texts = " ".join(match.chunk.text for match in matches)
    async with (
        talking(a_collection(matches), models=[Echo(length=4)]) as client,
        client.post("/", json={"prompt": QUESTION, "language": "pt"}) as response,
    ):
        check(await lines_of(response), texts, set(range(1, 9)))


def found(injection: Injection) -> Match:
    passage = passage_of(injection)
    id_ = injection.name.replace(" ", "-")
    return a_match(
        a_document(id_, title=passage.document.title, name=passage.document.name),
        a_chunk(id_, text=passage.text, section=passage.section),
    )


def check(lines: list[dict[str, Any]], read: str, numbers: set[int]) -> None:
    """One whole stream, whose answer loads nothing and leads only where the passages do."""
    assert [line.get("done") for line in lines] == [False] * (len(lines) - 1) + [True]
    assert not any("error" in line for line in lines)
    text = text_of(lines)
    assert text.count(KNOWN) >= 2
    for token in tokens_of(text):
        assert token.type not in ("image", "html_block")
        if token.type == "link_open":
            assert str(token.attrs["href"]) in read
        if token.type == "html_inline":
            assert _HARMLESS.fullmatch(token.content)
        if token.type == "text":
            assert [address for address in _BARE.findall(token.content) if STOLEN in address] == []
    assert {int(n) for n in re.findall(r"\d+", " ".join(_MARKER.findall(text)))} <= numbers
    for citation in lines[-1]["citations"]:
        assert citation["n"] in numbers
        assert 0 <= citation["start"] <= citation["end"] <= len(text)


def test_there_are_enough_of_them() -> None:
    """Each with a name of its own."""
    assert len({injection.name for injection in INJECTIONS}) == len(INJECTIONS) >= 60
