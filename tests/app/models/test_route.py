"""Which model answers."""

from __future__ import annotations

import pytest

from app.errors import ModelUnavailable, NoModel, UnknownModel
from app.models.route import Route
from tests.app.fakes import FakeModel

AWAY = FakeModel("llama3:latest", available=False)
GEMINI = FakeModel("gemini-flash", family="gemini")
QUOTING = FakeModel("extractive", family="extractive")
ROUTE = Route([AWAY, GEMINI, QUOTING])


async def test_tries_those_that_are_there_in_order() -> None:
    """The first of them answers."""
    assert [candidate.model for candidate in await ROUTE.candidates()] == [GEMINI, QUOTING]
    assert await ROUTE.answering() == await GEMINI.status()


async def test_tells_about_all_of_them() -> None:
    """Also about those that can't answer."""
    assert [(status.name, status.available) for status in await ROUTE.statuses()] == [
        ("llama3:latest", False),
        ("gemini-flash", True),
        ("extractive", True),
    ]


async def test_who_is_named_answers_alone() -> None:
    """Nobody takes its place."""
    assert [candidate.model for candidate in await ROUTE.named("extractive")] == [QUOTING]


async def test_who_is_named_and_away_is_unavailable() -> None:
    """With the reason; `llama3` names `llama3:latest`."""
    with pytest.raises(ModelUnavailable, match="GOOGLE_API_KEY"):
        await ROUTE.named("llama3")


async def test_nobody_of_that_name_is_unknown() -> None:
    """The error lists who there is."""
    with pytest.raises(UnknownModel, match=r"llama3:latest, gemini-flash, extractive"):
        await ROUTE.named("gpt")


async def test_a_family_can_be_asked_for() -> None:
    """As the route of Gemini's does."""
    assert [candidate.model for candidate in await ROUTE.of_kind("gemini")] == [GEMINI]
    with pytest.raises(ModelUnavailable):
        await ROUTE.of_kind("ollama")


async def test_a_family_that_is_left_out_is_unavailable() -> None:
    """The setting is named that leaves it out."""
    with pytest.raises(ModelUnavailable, match="ANSWER_WITH"):
        await ROUTE.of_kind("openai")


async def test_where_none_can_answer_the_first_says_why() -> None:
    """It is the one that people want."""
    route = Route([AWAY, FakeModel("gemini-flash", family="gemini", available=False)])
    with pytest.raises(ModelUnavailable, match="llama3:latest is not available: GOOGLE_API_KEY"):
        await route.candidates()
    assert await route.answering() is None
    assert [status.available for status in await route.statuses()] == [False, False]


async def test_a_route_without_models_says_so() -> None:
    """Whatever it is asked; and it has no statuses to tell."""
    route = Route([])
    for asking in (route.candidates(), route.named("llama3"), route.of_kind("gemini")):
        with pytest.raises(NoModel):
            await asking
    assert (await route.statuses(), await route.answering()) == ([], None)
