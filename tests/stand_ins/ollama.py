"""Speaks Ollama's protocol as far as the server uses it, and misbehaves when asked to."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.stand_ins.ollama_embedding import counted
from tests.stand_ins.serving import serve

FOREVER = 3_600.0
_SAID = {"model": "llama3", "created_at": "2026-01-02T03:04:05.123456789Z"}
_DETAILS = {"family": "llama", "parameter_size": "8.0B", "quantization_level": "Q4_0"}


@dataclass
class OllamaStandIn:
    """`pieces` are what it answers; each fault happens after so many of them (None: never)."""

    pieces: Sequence[str] = ("The ", "answer ", "is 42. [1]")
    models: Sequence[str] = ("llama3:latest",)
    embedding_models: Sequence[str] = ()
    context_length: int = 8_192
    shape: Mapping[str, object] = field(default_factory=dict)  # more of what /api/show tells of the model
    capabilities: Sequence[str] = ("completion",)
    status: int = 200
    error_after: int | None = None
    cut_after: int | None = None
    stall_after: int | None = None
    garbage_after: int | None = None
    pause: float = 0.0  # before each piece
    split_lines: bool = False
    one_write: bool = False
    done_reason: str = "stop"
    says: Mapping[str, object] = field(default_factory=dict)  # more in the message of the first piece
    refusal: str = ""  # as the body of status 400
    numbered: bool = False  # the pieces of all answers are counted, and end with their number

    asked: list[dict[str, Any]] = field(default_factory=list)
    listings: int = 0
    sent: list[float] = field(default_factory=list)  # when each of the numbered pieces was, by its number
    came: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.add_routes(
            [
                web.get("/api/tags", self._tags),
                web.post("/api/show", self._show),
                web.get("/api/ps", self._ps),
                web.post("/api/chat", self._chat),
                web.post("/api/generate", self._chat),
                web.post("/api/embed", self._embed),
            ]
        )
        async with serve(app) as address:
            yield address

    async def _tags(self, _: web.Request) -> web.Response:
        self.listings += 1
        names = (*self.embedding_models, *self.models)
        return web.json_response({"models": [_listed(name) for name in names]})

    async def _ps(self, _: web.Request) -> web.Response:
        """Only the first model is loaded."""
        return web.json_response({"models": [{**_listed(self.models[0]), "size_vram": 4_000}]})

    async def _embed(self, request: web.Request) -> web.Response:
        body = await request.json()
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        if any(len(text) > self.context_length // 4 for text in texts):
            return web.json_response({"error": "the input is too long"}, status=400)
        vectors = [counted(text) for text in texts]
        return web.json_response({"model": body["model"], "embeddings": vectors, "prompt_eval_count": 5})

    async def _show(self, request: web.Request) -> web.Response:
        name = (await request.json())["model"]
        embeds = name in self.embedding_models
        family = "nomic-bert" if embeds else "llama"
        return web.json_response(
            {
                "details": _DETAILS,
                "capabilities": ["embedding"] if embeds else list(self.capabilities),
                "model_info": {
                    "general.architecture": family,
                    f"{family}.context_length": self.context_length,
                    **{f"{family}.{key}": value for key, value in self.shape.items()},
                },
            }
        )

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.came.set()
        if self.refusal:
            return web.json_response({"error": self.refusal}, status=400)
        if self.status != 200:
            return web.json_response({"error": "server busy: secret detail"}, status=self.status)
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        try:
            await self._answer(request, response)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise
        return response

    async def _answer(self, request: web.Request, response: web.StreamResponse) -> None:
        line_of = self._generated if request.path == "/api/generate" else self._line
        lines = [line_of(piece) for piece in self.pieces]
        last = line_of(
            "", done=True, done_reason=self.done_reason, prompt_eval_count=7, eval_count=len(lines)
        )
        if self.one_write:
            await response.prepare(request)
            await response.write(b"".join((*lines, last)))
            return
        for i, line in enumerate((*lines, last)):
            if i == self.stall_after:
                await asyncio.sleep(FOREVER)
            await asyncio.sleep(self.pause)
            if not response.prepared:
                await response.prepare(request)  # as Ollama does: no head before there is a token
            if i == self.cut_after:
                return
            if i == self.error_after:
                await response.write(b'{"error":"CUDA out of memory: secret detail"}\n')
                return
            if i == self.garbage_after:
                line = b"<html>proxy error</html>\n"
            if self.numbered and line is not last:
                line = self._line(f"{self.pieces[i]}{len(self.sent)} ")
                self.sent.append(time.perf_counter())
            await self._write(response, line)

    async def _write(self, response: web.StreamResponse, line: bytes) -> None:
        if not self.split_lines:
            await response.write(line)
            return
        middle = len(line) // 2
        await response.write(line[:middle])
        await asyncio.sleep(0.005)
        await response.write(line[middle:])

    def _line(self, text: str, **more: object) -> bytes:
        says = self.says if text == self.pieces[0] and not more else {}
        message = {"role": "assistant", "content": text, **says}
        return _encoded({**_SAID, "message": message, "done": False, **more})

    @staticmethod
    def _generated(text: str, **more: object) -> bytes:
        return _encoded({**_SAID, "response": text, "done": False, **more})


def _listed(name: str) -> dict[str, object]:
    return {
        "name": name,
        "model": name,
        "modified_at": "2026-01-02T03:04:05.123456789-03:00",
        "size": 4_661_224_676,
        "digest": "ab" * 32,
        "details": _DETAILS,
    }


def _encoded(part: Mapping[str, object]) -> bytes:
    return json.dumps(part, ensure_ascii=False).encode() + b"\n"
