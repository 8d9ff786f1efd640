"""Embeds as Ollama does, by the letters of a text, and misbehaves when asked to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.stand_ins.serving import serve

DIMENSIONS = 8


@dataclass
class OllamaEmbeddingStandIn:
    """Has `model` alone. A text is too long when it has more than `context_length` characters."""

    model: str = "bge-m3"
    context_length: int = 2_048
    lost: int = 0  # connections that are closed without an answer, before the first that isn't
    stall: float = 0.0
    broken: str = ""  # what it answers instead of vectors
    error: str = ""  # as the body of status 500

    asked: list[dict[str, Any]] = field(default_factory=list)
    shown: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.add_routes([web.post("/api/embed", self._embed), web.post("/api/show", self._show)])
        async with serve(app) as address:
            yield address

    async def _show(self, request: web.Request) -> web.Response:
        self.shown += 1
        if (missing := await self._missing(request)) is not None:
            return missing
        return web.json_response(
            {
                "capabilities": ["embedding"],
                "model_info": {"general.architecture": "bert", "bert.context_length": self.context_length},
            }
        )

    async def _embed(self, request: web.Request) -> web.Response:
        if self.lost:
            self.lost -= 1
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        await asyncio.sleep(self.stall)
        if (missing := await self._missing(request)) is not None:
            return missing
        if self.error:
            return web.json_response({"error": self.error}, status=500)
        body = await request.json()
        self.asked.append(body)
        if self.broken:
            return web.Response(text=self.broken, content_type="application/json")
        if any(len(text) > self.context_length for text in body["input"]):
            assert body["truncate"] is False
            return web.json_response({"error": "the input length exceeds the context length"}, status=400)
        return web.json_response(
            {"model": self.model, "embeddings": [counted(text) for text in body["input"]]}
        )

    async def _missing(self, request: web.Request) -> web.Response | None:
        name = (await request.json())["model"]
        if name == self.model:
            return None
        error = f'model "{name}" not found, try pulling it first'
        return web.json_response({"error": error}, status=404)


def counted(text: str) -> list[float]:
    """How many letters of each kind: of any length but 1."""
    vector = [0.5] * DIMENSIONS
    for letter in text:
        vector[ord(letter) % DIMENSIONS] += 1
    return vector
