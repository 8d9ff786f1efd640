"""Which of Ollama's models answers: the one that is set, or the first that can chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from app.models.base import WINDOW_TOKENS

# On one's own network a server that accepts no connection within this is not there.
CONNECT_SECONDS = 2.0
ASK_SECONDS = 5.0

# How many installed models are looked at when the one that is set is missing.
_MOST_ASKED = 20
# What Ollama itself assumes of a model whose file doesn't say.
_UNKNOWN_WINDOW = 4_096

# The keys and values that a model keeps of what it has read: an 8B model of today has 1 GiB of them in a
# window of 8,192 tokens, one of 13B that keeps all of its heads would have 6.
_CACHE_BYTES = 2 * 2**30
_NUMBER_BYTES = 2
_LEAST_WINDOW = 2_048


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """A model that can chat. `thinks`: it reasons before it answers, unless told not to."""

    name: str
    window: int
    thinks: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """What Ollama said when it was asked."""

    reachable: bool
    model: Installed | None = None


async def read_library(session: aiohttp.ClientSession, host: str, wanted: str) -> Library:
    """Ask Ollama at `host` which model can answer. Never raises for what Ollama does."""
    try:
        listed = await _json(await session.get(f"{host}/api/tags", timeout=_TIMEOUT))
        names = [str(model["name"]) for model in listed["models"]]
        for name in _candidates(names, wanted):
            if model := await _look(session, host, name):
                return Library(reachable=True, model=model)
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError, LookupError, TypeError):
        return Library(reachable=False)
    return Library(reachable=True)


def same_model(one: str, other: str) -> bool:
    """`llama3` is how people write `llama3:latest`."""
    return tagged(one) == tagged(other)


def tagged(name: str) -> str:
    """With the tag that Ollama gives names that have none."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _candidates(names: list[str], wanted: str) -> list[str]:
    """The one that is set, alone; where it is missing, the others in Ollama's order."""
    exact = [name for name in names if same_model(name, wanted)]
    return exact[:1] or names[:_MOST_ASKED]


async def _look(session: aiohttp.ClientSession, host: str, name: str) -> Installed | None:
    """None where the model can't chat."""
    shown = await _json(await session.post(f"{host}/api/show", json={"model": name}, timeout=_TIMEOUT))
    if not chats(shown):
        return None
    info = shown.get("model_info") or {}
    thinks = "thinking" in (shown.get("capabilities") or ())
    return Installed(name=name, window=_window(info, _architecture(info)), thinks=thinks)


def chats(shown: Mapping[str, Any]) -> bool:
    """Whether a model of which Ollama shows this can chat: some only embed."""
    # Ollama before 0.6.4 doesn't list capabilities; its embedding models were all of BERT's family.
    if capabilities := shown.get("capabilities"):
        return "completion" in capabilities
    return "bert" not in _architecture(shown.get("model_info") or {})


def _architecture(info: Mapping[str, Any]) -> str:
    return str(info.get("general.architecture", ""))


def _window(info: Mapping[str, Any], architecture: str) -> int:
    """What the model can read, as far as there is a use for it, and the memory: what doesn't fit beside it on
    a GPU is computed ten times slower.
    """

    def number(key: str, otherwise: int = 0) -> int:
        value = info.get(f"{architecture}.{key}")
        return max(map(int, value)) if isinstance(value, list) and value else int(value or otherwise)

    window = min(number("context_length", _UNKNOWN_WINDOW), WINDOW_TOKENS)
    heads = number("attention.head_count")
    length = number("embedding_length") // heads if heads else 0
    keys, values = number("attention.key_length", length), number("attention.value_length", length)
    layers, kept_heads = number("block_count"), number("attention.head_count_kv", heads)
    token = layers * kept_heads * (keys + values) * _NUMBER_BYTES
    return min(window, max(_CACHE_BYTES // token, _LEAST_WINDOW)) if token else window


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    async with response:
        response.raise_for_status()
        body = await response.json(content_type=None)
        if not isinstance(body, dict):
            raise TypeError("not a JSON object")
        return body


_TIMEOUT = aiohttp.ClientTimeout(total=ASK_SECONDS, sock_connect=CONNECT_SECONDS)
