"""Embeds as the Gemini API does (v1beta), by the letters of a text, and refuses when asked to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.stand_ins.ollama_embedding import counted
from tests.stand_ins.serving import serve


@dataclass
class GeminiEmbeddingStandIn:
    """The first `refusals` requests get `status`, with how long to wait where there is a `delay`."""

    key: str = "a-key"
    input_tokens: int = 2_048
    refusals: int = 0
    status: int = 429
    delay: str = ""
    forget: int = 0  # vectors that are missing from each answer

    asked: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.add_routes(
            [
                web.get("/v1beta/models/{model}", self._model),
                web.post("/v1beta/models/{model}:batchEmbedContents", self._embed),
            ]
        )
        async with serve(app) as address:
            yield address

    async def _model(self, request: web.Request) -> web.Response:
        if request.headers.get("x-goog-api-key") != self.key:
            return _refusal(400, "INVALID_ARGUMENT", "API key not valid.")
        name = f"models/{request.match_info['model']}"
        return web.json_response({"name": name, "inputTokenLimit": self.input_tokens})

    async def _embed(self, request: web.Request) -> web.Response:
        if self.refused < self.refusals:
            self.refused += 1
            return _refusal(self.status, "RESOURCE_EXHAUSTED", "Quota exceeded.", self.delay)
        requests = (await request.json())["requests"]
        self.asked += requests
        vectors = [
            counted(one["content"]["parts"][0]["text"]) + [0.0] * (one["outputDimensionality"] - 8)
            for one in requests
        ]
        return web.json_response({"embeddings": [{"values": one} for one in vectors[self.forget :]]})


def _refusal(code: int, status: str, message: str, delay: str = "") -> web.Response:
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if delay:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]
    return web.json_response({"error": error}, status=code)
