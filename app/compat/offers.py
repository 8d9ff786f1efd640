"""The models that clients of other protocols may ask for: each as it is, and as one that knows the documents.

A name with a slash is what Ollama and OpenAI's clients know: `acervo/llama3:8b` is `llama3:8b` over the
documents. `acervo` is whichever model can answer, as `POST /` has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.errors import UnknownModel
from app.models.base import WINDOW_TOKENS, Status
from app.models.ollama import OllamaModel
from app.models.ollama_library import same_model
from app.models.ollama_shelf import Installed, OllamaShelf
from app.models.route import Candidate, Route

WHICHEVER = "acervo"
EMBEDDING = "acervo/embedding"

OVER_DOCUMENTS = "acervo/"  # before the name of a model

Knows = Literal["documents", "itself", "vectors"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A model by the name that clients know. `knows` says whether it answers from the documents, as it is, or
    makes vectors; `listed` is what Ollama tells of it, or of the one that writes for it.
    """

    name: str
    knows: Knows
    window: int = WINDOW_TOKENS
    listed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OverDocuments:
    """Candidates that answer from the documents."""

    candidates: list[Candidate]


@dataclass(frozen=True, slots=True)
class AsItIs:
    """A model of Ollama's that a client talks to by itself."""

    model: OllamaModel
    candidate: Candidate


class Offers:
    """What the route answers with and what is installed in Ollama, if Ollama may be asked at all."""

    def __init__(self, route: Route, shelf: OllamaShelf | None) -> None:
        self._route = route
        self._shelf = shelf

    async def all(self) -> list[Offer]:
        """In the order in which clients show them: over the documents first."""
        statuses = await self._available()
        installed = await self._installed()
        offers = [Offer(name=WHICHEVER, knows="documents", window=_least(statuses))] if statuses else []
        offers += [_over_documents(status, installed) for status in statuses]
        taken = [status.name for status in statuses]
        offers += [
            Offer(name=f"{OVER_DOCUMENTS}{one.name}", knows="documents", listed=one.listed)
            for one in installed
            if one.chats and not any(same_model(one.name, name) for name in taken)
        ]
        offers.append(Offer(name=EMBEDDING, knows="vectors"))
        offers += [
            Offer(name=one.name, knows="itself" if one.chats else "vectors", listed=one.listed)
            for one in installed
        ]
        return offers

    async def find(self, name: str) -> Offer:
        """Raises UnknownModel."""
        offers = await self.all()
        for offer in offers:
            if same_model(offer.name, name):
                return offer
        raise UnknownModel([offer.name for offer in offers])

    async def to_chat(self, name: str) -> OverDocuments | AsItIs:
        """Who answers where a client asks for this model. Raises UnknownModel, also of those that only make
        vectors, or ModelUnavailable with the reason.
        """
        if same_model(name, WHICHEVER):
            return OverDocuments(await self._route.candidates())
        if name.startswith(OVER_DOCUMENTS) and not same_model(name, EMBEDDING):
            if candidate := await self._candidate(name.removeprefix(OVER_DOCUMENTS)):
                return OverDocuments([candidate])
        elif self._shelf and (installed := await self._shelf.find(name)) and installed.chats:
            candidate = await self._candidate(installed.name)
            if candidate and isinstance(candidate.model, OllamaModel):
                return AsItIs(candidate.model, candidate)
        raise UnknownModel([offer.name for offer in await self.all() if offer.knows != "vectors"])

    async def over_documents(self, name: str) -> list[Candidate]:
        """Who answers a question where this one is to, and nobody else. All names are of models that answer
        from the documents here, so `acervo/` may be left out.

        Raises UnknownModel, or ModelUnavailable with the reason.
        """
        if same_model(name, WHICHEVER):
            return await self._route.candidates()
        if candidate := await self._candidate(name.removeprefix(OVER_DOCUMENTS)):
            return [candidate]
        names = [status.name for status in await self._route.statuses()]
        names += [one.name for one in await self._installed() if one.chats]
        raise UnknownModel(list(dict.fromkeys(names)))

    async def _candidate(self, name: str) -> Candidate | None:
        """Of the route, with what is known of its failures, or another one that is installed."""
        if any(same_model(status.name, name) for status in await self._route.statuses()):
            return (await self._route.named(name))[0]
        if self._shelf and (installed := await self._shelf.find(name)) and installed.chats:
            model, breaker = self._shelf.model(installed.name)
            status = await model.status()
            if status.available and same_model(status.name, name):
                return Candidate(model, status, breaker)
        return None

    async def _available(self) -> list[Status]:
        return [status for status in await self._route.statuses() if status.available]

    async def _installed(self) -> tuple[Installed, ...]:
        return await self._shelf.installed() if self._shelf else ()


def _over_documents(status: Status, installed: tuple[Installed, ...]) -> Offer:
    listed = next((one.listed for one in installed if same_model(one.name, status.name)), {})
    return Offer(
        name=f"{OVER_DOCUMENTS}{status.name}", knows="documents", window=status.window, listed=listed
    )


def _least(statuses: list[Status]) -> int:
    return min(status.window for status in statuses)
