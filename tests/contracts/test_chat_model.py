"""What every language model must show."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from pydantic import SecretStr

from app.errors import ModelBroken, ModelError, ModelRefused, ModelUnreachable
from app.messages import LANGUAGES
from app.models.base import ChatModel, Prompt, Usage
from app.models.extractive import ExtractiveModel
from app.models.gemini import GeminiModel
from app.models.ollama import OllamaModel
from app.models.openai_compatible import OpenAIModel
from app.prompt import build_prompt
from tests.app.fakes import a_passage
from tests.app.hearing import first_of, parts_of
from tests.stand_ins.gemini import GeminiStandIn
from tests.stand_ins.ollama import OllamaStandIn
from tests.stand_ins.openai import OpenAIStandIn

ANSWER = "The answer is 42. [1]"
AWAY = "http://127.0.0.1:9"  # the discard service, which nobody runs

StandIn = OllamaStandIn | GeminiStandIn | OpenAIStandIn
Remote = OllamaModel | GeminiModel | OpenAIModel


def a_prompt(text: str = "The answer is 42.") -> Prompt:
    return build_prompt("What is the answer?", "en", [a_passage(text=text)])


class ChatModelContract(ABC):
    """Runs against a model that is there and answers ANSWER."""

    @abstractmethod
    def model(self) -> ChatModel:
        """A fresh model."""

    @pytest.fixture
    async def ready(self) -> AsyncIterator[ChatModel]:
        async with self.running() as model:
            yield model

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ChatModel]:
        yield self.model()

    async def test_says_that_it_is_available_and_why(self, ready: ChatModel) -> None:
        """Its status has its name, its kind and a reason in every language."""
        status = await ready.status()
        assert status.available
        assert status.name
        assert status.kind == ready.kind
        assert all(status.reason.text(language) for language in LANGUAGES)

    async def test_gives_pieces_and_then_one_usage(self, ready: ChatModel) -> None:
        """Pieces are text and not empty; how the answer ended comes last, once."""
        *pieces, usage = await parts_of(ready, a_prompt())
        assert "".join(str(piece) for piece in pieces) == ANSWER
        assert all(isinstance(piece, str) and piece for piece in pieces)
        assert isinstance(usage, Usage)
        assert usage.reason == "stop"

    async def test_gives_its_answer_in_more_than_one_piece(self, ready: ChatModel) -> None:
        """An answer streams: nobody waits for all of it."""
        assert len(await parts_of(ready, a_prompt())) > 2

    async def test_answers_several_at_once(self, ready: ChatModel) -> None:
        """Answers don't mix."""
        answers = await asyncio.gather(*(parts_of(ready, a_prompt()) for _ in range(5)))
        assert ["".join(str(part) for part in parts[:-1]) for parts in answers] == [ANSWER] * 5

    async def test_can_be_asked_again_after_being_left(self, ready: ChatModel) -> None:
        """Who stops listening spoils nothing for the next."""
        await first_of(ready, a_prompt())
        assert len(await parts_of(ready, a_prompt())) > 1


class RemoteModelContract(ChatModelContract):
    """For models behind a network: what they do when it, or the other side, fails."""

    stand_in: StandIn

    @abstractmethod
    def remote(self, session: aiohttp.ClientSession, address: str) -> Remote:
        """The model at this address, patient for 0.2 s."""

    @abstractmethod
    def fresh(self) -> StandIn:
        """A stand-in without faults."""

    @pytest.fixture(autouse=True)
    def _fresh_stand_in(self) -> None:
        self.stand_in = self.fresh()

    def model(self) -> ChatModel:
        raise NotImplementedError

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ChatModel]:
        async with self.stand_in.running() as address, aiohttp.ClientSession() as session:
            model = self.remote(session, address)
            try:
                yield model
            finally:
                await model.close()

    async def test_an_answer_that_is_cut_off_is_broken(self) -> None:
        """A stream that ends without saying so is no answer, however far it came."""
        self.stand_in.cut_after = 2
        async with self.running() as model:
            with pytest.raises(ModelBroken):
                await parts_of(model, a_prompt())

    async def test_pieces_before_a_failure_arrive(self) -> None:
        """What was said before a failure has been heard."""
        self.stand_in.error_after = 2
        heard: list[str] = []
        async with self.running() as model:
            with pytest.raises(ModelError):
                await model.write(a_prompt(), heard.append)
        assert heard == ["The ", "answer "]

    async def test_an_error_status_is_a_refusal(self) -> None:
        """As when the queue is full."""
        self.stand_in.status = 503
        async with self.running() as model:
            with pytest.raises(ModelRefused):
                await parts_of(model, a_prompt())

    async def test_silence_before_the_first_piece_ends(self) -> None:
        """Who says nothing within the time for a first piece doesn't answer."""
        self.stand_in.stall_after = 0
        async with self.running() as model:
            with pytest.raises(ModelUnreachable):
                await asyncio.wait_for(parts_of(model, a_prompt()), 2)

    async def test_silence_between_pieces_ends(self) -> None:
        """Who stops in the middle is not waited for longer than the time between pieces."""
        self.stand_in.stall_after = 1
        async with self.running() as model:
            with pytest.raises(ModelError):
                await asyncio.wait_for(parts_of(model, a_prompt()), 2)

    async def test_nobody_there_is_unreachable(self) -> None:
        """A refused connection is reported as such, at once."""
        async with aiohttp.ClientSession() as session:
            model = self.remote(session, AWAY)
            with pytest.raises(ModelUnreachable):
                await asyncio.wait_for(parts_of(model, a_prompt()), 2)
            await model.close()

    async def test_being_left_ends_the_request(self) -> None:
        """Having heard enough closes the connection: the model stops working for nobody."""
        self.stand_in.stall_after = 1
        async with self.running() as model:
            assert await first_of(model, a_prompt()) == "The "
            await asyncio.wait_for(self.stand_in.left.wait(), 1)

    async def test_being_cancelled_ends_the_request(self) -> None:
        """So does cancelling whoever waits for the first piece."""
        self.stand_in.stall_after = 0
        async with self.running() as model:
            waiting = asyncio.create_task(parts_of(model, a_prompt()))
            await self.stand_in.came.wait()
            waiting.cancel()
            await asyncio.wait_for(self.stand_in.left.wait(), 1)


class TestOllama(RemoteModelContract):
    def fresh(self) -> StandIn:
        return OllamaStandIn()

    def remote(self, session: aiohttp.ClientSession, address: str) -> Remote:
        return OllamaModel(session, address, "llama3", first_token_seconds=0.2, next_token_seconds=0.2)


class TestOpenAI(RemoteModelContract):
    def fresh(self) -> StandIn:
        return OpenAIStandIn()

    def remote(self, session: aiohttp.ClientSession, address: str) -> Remote:
        return OpenAIModel(session, address, None, None, first_token_seconds=0.2, next_token_seconds=0.2)


class TestGemini(RemoteModelContract):
    def fresh(self) -> StandIn:
        return GeminiStandIn()

    def remote(self, session: aiohttp.ClientSession, address: str) -> Remote:
        return GeminiModel(
            SecretStr("a-key"),
            "gemini-flash",
            base_url=address,
            first_token_seconds=0.7,
            next_token_seconds=0.2,
        )


class TestExtractive(ChatModelContract):
    def model(self) -> ChatModel:
        return ExtractiveModel()
