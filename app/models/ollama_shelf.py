"""All that is installed in Ollama, as its own clients see it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from app.errors import ModelError, ModelRefused, ModelUnreachable
from app.models.breaker import Breaker
from app.models.ollama import OllamaModel
from app.models.ollama_library import ASK_SECONDS, CONNECT_SECONDS, chats, same_model
from app.models.remembered import Remembered

# Vectors of many long texts take a processor some minutes.
_EMBED_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """A model, as `/api/tags` lists it, and whether it can chat."""

    name: str
    listed: Mapping[str, Any]
    chats: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    reachable: bool
    models: tuple[Installed, ...] = ()


class OllamaShelf:
    """Asks the Ollama at `host` for any of its models."""

    def __init__(self, session: aiohttp.ClientSession, host: str) -> None:
        self._session = session
        self._host = host
        self._chats: dict[tuple[str, str], bool] = {}
        self._models: dict[str, tuple[OllamaModel, Breaker]] = {}
        self._seen: Remembered[_Seen] = Remembered(self._look, lambda seen: seen.reachable)

    async def installed(self) -> tuple[Installed, ...]:
        """In Ollama's order; none where it can't be reached."""
        return (await self._seen.get()).models

    async def find(self, name: str) -> Installed | None:
        """The one of that name, with or without its tag."""
        return next((one for one in await self.installed() if same_model(one.name, name)), None)

    def model(self, name: str) -> tuple[OllamaModel, Breaker]:
        """One that is installed, to be asked, and whether it rests: the same ones for everybody."""
        if name not in self._models:
            self._models[name] = (OllamaModel(self._session, self._host, name), Breaker())
        return self._models[name]

    async def shown(self, name: str) -> Mapping[str, Any]:
        """What Ollama tells of a model. Raises ModelError."""
        return await self._ask(name, "POST", "/api/show", ASK_SECONDS, {"model": name})

    async def running(self) -> list[Mapping[str, Any]]:
        """The models that are loaded; none where Ollama can't be reached."""
        try:
            models = (await self._ask("Ollama", "GET", "/api/ps", ASK_SECONDS)).get("models")
        except ModelError:
            return []
        return [one for one in models if isinstance(one, dict)] if isinstance(models, list) else []

    async def embedded(self, name: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """What Ollama answers to `/api/embed`. Raises ModelError."""
        return await self._ask(name, "POST", "/api/embed", _EMBED_SECONDS, {**fields, "model": name})

    async def close(self) -> None:
        """Stop asking Ollama what it has."""
        await self._seen.close()
        await asyncio.gather(*(model.close() for model, _ in self._models.values()))

    async def _look(self) -> _Seen:
        try:
            listed = (await self._ask("Ollama", "GET", "/api/tags", ASK_SECONDS))["models"]
            named = [(str(one["name"]), one) for one in listed]
            able = await asyncio.gather(*(self._can_chat(name, one) for name, one in named))
        except (ModelError, LookupError, TypeError):
            return _Seen(reachable=False)
        return _Seen(
            reachable=True,
            models=tuple(
                Installed(name=name, listed=one, chats=chat)
                for (name, one), chat in zip(named, able, strict=True)
            ),
        )

    async def _can_chat(self, name: str, listed: Mapping[str, Any]) -> bool:
        """Asked once of each version of a model."""
        version = (name, str(listed.get("digest")))
        if version not in self._chats:
            self._chats[version] = chats(await self.shown(name))
        return self._chats[version]

    async def _ask(
        self, name: str, method: str, path: str, seconds: float, body: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        try:
            async with self._session.request(
                method, f"{self._host}{path}", json=body, timeout=timeout
            ) as response:
                answered = await response.json(content_type=None)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, RecursionError) as error:
            raise ModelUnreachable(name, f"{self._host}{path}: {error!r}") from error
        if not isinstance(answered, dict) or response.status != 200:
            said = answered.get("error") if isinstance(answered, dict) else None
            of_request = said if response.status == 400 and isinstance(said, str) else ""
            raise ModelRefused(name, f"{path}: status {response.status}: {said}", of_request=of_request)
        return answered
