"""Speaks the streaming protocol of the Gemini API (v1beta, server-sent events)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.stand_ins.serving import serve

FOREVER = 3_600.0


@dataclass
class GeminiStandIn:
    """`pieces` are what it answers; each fault happens after so many of them (None: never)."""

    key: str = "a-key"
    pieces: Sequence[str] = ("The ", "answer ", "is 42. [1]")
    status: int = 200
    finish: str | None = "STOP"
    blocked: bool = False
    thinks: bool = False
    error_after: int | None = None
    cut_after: int | None = None
    stall_after: int | None = None
    pause: float = 0.0

    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.add_routes([web.post("/v1beta/models/{call}", self._generate)])
        async with serve(app) as address:
            yield address

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path_qs)
        self.asked.append(await request.json())
        self.came.set()
        if request.headers.get("x-goog-api-key") != self.key:
            return _refusal(400, "INVALID_ARGUMENT", "API key not valid.")
        if self.status != 200:
            return _refusal(self.status, "UNAVAILABLE", "The model is overloaded.")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            await self._answer(request, response)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise
        return response

    async def _answer(self, request: web.Request, response: web.StreamResponse) -> None:
        if self.stall_after != 0:
            await response.prepare(request)
        if self.blocked:
            await _send(response, {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})
            return
        if self.thinks:
            await _send(response, {"candidates": [{"content": _content("Hm.", thought=True), "index": 0}]})
        for i, piece in enumerate(self.pieces):
            if i == self.stall_after:
                await asyncio.sleep(FOREVER)
            await asyncio.sleep(self.pause)
            if i == self.cut_after:
                return
            if i == self.error_after:
                await _send(
                    response, {"error": {"code": 500, "message": "secret detail", "status": "INTERNAL"}}
                )
                return
            await _send(response, self._part(piece, last=i + 1 == len(self.pieces)))

    def _part(self, piece: str, *, last: bool) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": _content(piece), "index": 0}
        if last and self.finish:
            candidate["finishReason"] = self.finish
        usage = {"promptTokenCount": 7, "candidatesTokenCount": len(self.pieces), "totalTokenCount": 10}
        return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini"}


def _content(text: str, **more: object) -> dict[str, Any]:
    return {"parts": [{"text": text, **more}], "role": "model"}


async def _send(response: web.StreamResponse, part: dict[str, Any]) -> None:
    await response.write(b"data: " + json.dumps(part).encode() + b"\r\n\r\n")


def _refusal(code: int, status: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message, "status": status}}, status=code)
