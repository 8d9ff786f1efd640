"""One prompt, and several models that may answer it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from app.errors import ModelBroken, ModelError, ModelRefused, ModelUnreachable
from app.models import relay as relaying
from app.models.base import Kind, Prompt, Status, Take, Usage
from app.models.breaker import FAILURES
from app.models.relay import Begins, relay
from app.models.route import Candidate, Route
from app.prompt import build_prompt
from tests.app.fakes import FakeModel, a_passage

PROMPT = build_prompt("What is the answer?", "en", [a_passage()])
STOP = Usage(reason="stop")
ANSWER = ("It is 42 [1].", STOP)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "RETRIES", (0.0,))


@dataclass
class Attempts:
    """A model that does something else each time it is asked."""

    attempts: list[tuple[str | Usage | Exception, ...]]
    name: str = "a"
    kind: Kind = "ollama"
    asked: int = field(default=0)

    async def status(self) -> Status:
        return await FakeModel(self.name).status()

    async def write(self, prompt: Prompt, take: Take) -> Usage:
        model = FakeModel(self.name, parts=self.attempts[min(self.asked, len(self.attempts) - 1)])
        self.asked += 1
        return await model.write(prompt, take)


async def said(*models: FakeModel | Attempts) -> list[str | Usage]:
    """Who begins, in brackets, and what follows."""
    heard: list[Begins | str] = []
    candidates = [Candidate(model, await model.status()) for model in models]
    usage = await relay(PROMPT, candidates, heard.append)
    return [*(f"<{part.name}>" if isinstance(part, Begins) else part for part in heard), usage]


async def test_a_failure_in_passing_is_asked_again() -> None:
    """Before the first piece; then nobody notices."""
    model = Attempts([(ModelRefused("a", "status 503", passing=True),), ANSWER])
    assert await said(model, FakeModel("b")) == ["<a>", "It is 42 [1].", STOP]
    assert model.asked == 2


async def test_no_failure_is_asked_again_for_ever() -> None:
    """Then the next model answers; a question is one failure, however often it was asked."""
    model = Attempts([(ModelUnreachable("a", "refused", passing=True),)])
    candidates = [
        Candidate(model, await model.status()),
        Candidate(FakeModel("b"), await FakeModel("b").status()),
    ]
    for _ in range(FAILURES - 1):
        heard: list[Begins | str] = []
        await relay(PROMPT, candidates, heard.append)
        assert [part.name for part in heard if isinstance(part, Begins)] == ["b"]
    assert model.asked == 2 * (FAILURES - 1)
    assert candidates[0].breaker.seconds == 0


@pytest.mark.parametrize("error", [ModelRefused("a", "status 404"), ModelUnreachable("a", "silent")])
async def test_a_failure_that_stays_is_not_asked_again(error: ModelError) -> None:
    """Waiting two minutes twice helps nobody."""
    model = Attempts([(error,)])
    assert await said(model, FakeModel("b", parts=ANSWER)) == ["<b>", "It is 42 [1].", STOP]
    assert model.asked == 1


async def test_what_has_begun_is_not_begun_by_the_same_model_again() -> None:
    """Half of it was read; the next one begins anew."""
    model = Attempts([("It ", ModelUnreachable("a", "gone", passing=True)), ANSWER])
    assert await said(model, FakeModel("b", parts=ANSWER)) == ["<a>", "It ", "<b>", "It is 42 [1].", STOP]
    assert model.asked == 1


async def test_an_answer_without_end_is_cut() -> None:
    """A model that repeats itself would go on for ever."""
    endless = FakeModel(parts=("word " * 1_000,) * 100)
    *_, last = await said(endless)
    assert last == Usage(reason="length")
    assert endless.closed == 1


async def test_the_last_failure_is_raised() -> None:
    """Where nobody is left."""
    first = FakeModel("a", parts=(ModelRefused("a", "busy"),))
    with pytest.raises(ModelBroken, match="b: the answer is empty"):
        await said(first, FakeModel("b", parts=(STOP,)))


async def test_a_model_that_keeps_failing_is_passed_over() -> None:
    """Until it has rested, but for who asks for it by name; the reason says so."""
    dead = FakeModel("dead", parts=(ModelRefused("dead", "status 400"),))
    route = Route([dead, FakeModel("quotes", family="extractive", parts=ANSWER)])
    for _ in range(FAILURES):
        await relay(PROMPT, await route.candidates(), lambda _: None)
    assert [candidate.status.name for candidate in await route.candidates()] == ["quotes"]
    await relay(PROMPT, await route.candidates(), lambda _: None)
    assert len(dead.prompts) == FAILURES
    (status, _) = await route.statuses()
    assert "30 s" in status.reason.text("pt")
    assert [candidate.status.name for candidate in await route.named("dead")] == ["dead"]
