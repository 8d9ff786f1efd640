"""Speaks the protocol of OpenAI's chat completions as vLLM and llama.cpp do, and misbehaves when asked to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.stand_ins.serving import serve

FOREVER = 3_600.0


@dataclass
class OpenAIStandIn:
    """`pieces` are what it answers; each fault happens after so many of them (None: never)."""

    pieces: Sequence[str] = ("The ", "answer ", "is 42. [1]")
    models: Sequence[Mapping[str, Any]] = ({"id": "llama-3", "object": "model", "max_model_len": 8_192},)
    key: str | None = None
    lists_to_everybody: bool = False  # as llama.cpp's does
    status: int = 200
    listing_status: int = 200
    redirects_to: str | None = None
    media_type: str = "text/event-stream"
    thoughts: Sequence[str] = ()
    finish: str | None = "stop"
    usage: bool = True
    done: bool = True
    error_after: int | None = None
    error: bytes = b'data: {"error":{"message":"CUDA out of memory: secret detail","code":500}}'
    cut_after: int | None = None
    stall_after: int | None = None
    stalls_at_end: bool = False
    garbage_after: int | None = None
    pause: float = 0.0  # before each piece
    comments_every: float | None = None  # while it stalls
    line_end: bytes = b"\n"
    prefix: bytes = b"data: "
    noise: bool = False
    split_lines: bool = False
    one_write: bool = False

    asked: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    listings: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """The server's address; what clients are told ends in /v1."""
        app = web.Application()
        app.add_routes([web.get("/v1/models", self._models), web.post("/v1/chat/completions", self._chat)])
        async with serve(app) as address:
            yield f"{address}/v1"

    async def _models(self, request: web.Request) -> web.Response:
        self.listings += 1
        self.authorizations.append(request.headers.get("Authorization"))
        if self.redirects_to:
            return web.Response(status=307, headers={"Location": f"{self.redirects_to}/models"})
        if not self.lists_to_everybody and not self._may(request):
            return _refusal(401, "Unauthorized")
        if self.listing_status != 200:
            return _refusal(self.listing_status, "Loading model")
        return web.json_response({"object": "list", "data": list(self.models)})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.authorizations.append(request.headers.get("Authorization"))
        self.asked.append(await request.json())
        self.came.set()
        if self.redirects_to:
            return web.Response(status=307, headers={"Location": f"{self.redirects_to}/chat/completions"})
        if not self._may(request):
            return _refusal(401, f"Incorrect API key provided: {request.headers.get('Authorization')}")
        if self.status != 200:
            return _refusal(self.status, "server busy: secret detail")
        response = web.StreamResponse(headers={"Content-Type": f"{self.media_type}; charset=utf-8"})
        try:
            await self._answer(request, response)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise
        return response

    def _may(self, request: web.Request) -> bool:
        return self.key is None or request.headers.get("Authorization") == f"Bearer {self.key}"

    async def _answer(self, request: web.Request, response: web.StreamResponse) -> None:
        await response.prepare(request)  # as these servers do: the head comes before there is a token
        first = self._chunk({"role": "assistant", "content": ""})
        thoughts = [self._chunk({"reasoning_content": thought}) for thought in self.thoughts]
        pieces = [self._chunk({"content": piece}) for piece in self.pieces]
        if self.one_write:
            await response.write(b"".join((first, *thoughts, *pieces, *self._end())))
            return
        for chunk in (first, *thoughts):
            await self._write(response, chunk)
        for i, chunk in enumerate((*pieces, b"")):
            if i == self.stall_after:
                await self._stall(response)
            await asyncio.sleep(self.pause)
            if i == self.cut_after:
                return
            if i == self.error_after:
                await response.write(self.error + b"\n\n" + self._event(b"[DONE]"))
                return
            if i == self.garbage_after:
                chunk = self._event(b"<html>proxy error</html>")
            await self._write(response, chunk)
        for chunk in self._end():
            await self._write(response, chunk)
        if self.stalls_at_end:
            await self._stall(response)

    async def _stall(self, response: web.StreamResponse) -> None:
        if self.comments_every is None:
            await asyncio.sleep(FOREVER)
        while True:
            await asyncio.sleep(self.comments_every or FOREVER)
            await response.write(b":\n\n")

    def _end(self) -> list[bytes]:
        events = [self._chunk({}, finish_reason=self.finish)] if self.finish else []
        if self.usage:
            counted = {"prompt_tokens": 7, "completion_tokens": len(self.pieces), "total_tokens": 10}
            events.append(self._event(json.dumps({"choices": [], "usage": counted}).encode()))
        return [*events, self._event(b"[DONE]")] if self.done else events

    def _chunk(self, delta: Mapping[str, object], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        part = {"id": "c1", "object": "chat.completion.chunk", "choices": [choice], "usage": None}
        return self._event(json.dumps(part, ensure_ascii=False).encode())

    def _event(self, data: bytes) -> bytes:
        lines = [self.prefix + data, b""]
        if self.noise:
            lines = [b": a comment", b"event: message", b"id: 7", b"retry: 10", b"data:", *lines, b""]
        return b"".join(line + self.line_end for line in lines)

    async def _write(self, response: web.StreamResponse, event: bytes) -> None:
        if not self.split_lines:
            await response.write(event)
            return
        middle = len(event) // 2
        await response.write(event[:middle])
        await asyncio.sleep(0.005)
        await response.write(event[middle:])


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "code": status}}, status=status)
