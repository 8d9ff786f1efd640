"""Which language model answers."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.errors import ModelUnavailable, NoModel, UnknownModel
from app.messages import sentence
from app.models.base import ChatModel, Kind, Status
from app.models.breaker import Breaker
from app.models.ollama_library import same_model


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that can answer now, and what is known of it."""

    model: ChatModel
    status: Status
    breaker: Breaker = field(default_factory=Breaker)


class Route:
    """The models in the order in which they are tried. Which these are, and how many, the settings say."""

    def __init__(self, models: Sequence[ChatModel]) -> None:
        self._models = tuple((model, Breaker()) for model in models)

    async def statuses(self) -> list[Status]:
        """Of every model, in the order in which they are tried."""
        return [_as_it_rests(candidate) for candidate in await self._all()] if self._models else []

    async def answering(self) -> Status | None:
        """The one that would answer now; None where there is none."""
        return next((status for status in await self.statuses() if status.available), None)

    async def candidates(self) -> list[Candidate]:
        """Those that can answer now and don't rest, at least one.

        Raises ModelUnavailable where there is none, with the reason of the one that is to be tried first.
        """
        everyone = [replace(one, status=_as_it_rests(one)) for one in await self._all()]
        return [candidate for candidate in everyone if candidate.status.available] or [
            _available(everyone[0])
        ]

    async def named(self, name: str) -> list[Candidate]:
        """The one of that name, alone: who asks for it doesn't want another, and may try one that rests.

        Raises UnknownModel, or ModelUnavailable with the reason.
        """
        everyone = await self._all()
        for candidate in everyone:
            if same_model(candidate.status.name, name):
                return [_available(candidate)]
        raise UnknownModel([candidate.status.name for candidate in everyone])

    async def of_kind(self, kind: Kind) -> list[Candidate]:
        """Those of one family. Raises ModelUnavailable with the reason where they can't answer."""
        family = [candidate for candidate in await self._all() if candidate.status.kind == kind]
        if not family:
            raise ModelUnavailable(kind, sentence("model_left_out"))
        return [_available(candidate) for candidate in family]

    async def _all(self) -> list[Candidate]:
        if not self._models:
            raise NoModel
        statuses = await asyncio.gather(*(model.status() for model, _ in self._models))
        return [
            Candidate(model, status, breaker)
            for (model, breaker), status in zip(self._models, statuses, strict=True)
        ]


def _as_it_rests(candidate: Candidate) -> Status:
    seconds = math.ceil(candidate.breaker.seconds)
    if not candidate.status.available or not seconds:
        return candidate.status
    return replace(candidate.status, available=False, reason=sentence("model_resting", seconds=seconds))


def _available(candidate: Candidate) -> Candidate:
    if not candidate.status.available:
        raise ModelUnavailable(candidate.status.name, candidate.status.reason)
    return candidate
