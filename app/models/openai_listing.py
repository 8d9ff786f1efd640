"""Which model of an OpenAI-compatible server answers: the one that is set, or the first that it lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
from pydantic import SecretStr

from app.models.base import WINDOW_TOKENS

# A server that accepts no connection within this is not there; it may be on the internet.
CONNECT_SECONDS = 3.0
ASK_SECONDS = 5.0

# LM Studio lists the models that only embed among the others, and begins their names so, as OpenAI does.
_EMBEDS = "text-embedding-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A model that the server offers, with the tokens that it takes."""

    name: str
    window: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What the server said when it was asked, and the model that is to answer, where it has it."""

    outcome: Literal["listed", "unreachable", "key_refused"]
    names: tuple[str, ...] = ()
    model: Listed | None = None


async def read_listing(
    session: aiohttp.ClientSession, base_url: str, key: SecretStr | None, wanted: str | None
) -> Listing:
    """Ask the server which models it has. Never raises for what the server does.

    A redirect is not followed: the key is for the server that is set, and for no other.
    """
    try:
        async with session.get(
            f"{base_url}/models", headers=authorization(key), allow_redirects=False, timeout=_TIMEOUT
        ) as response:
            if response.status in (401, 403):
                return Listing(outcome="key_refused")
            if response.status != 200:
                return Listing(outcome="unreachable")
            body = await response.json(content_type=None)
        listed = [_listed(entry) for entry in body["data"] or ()]
    except _FAILURES:
        return Listing(outcome="unreachable")
    able = [model for model in listed if not model.name.startswith(_EMBEDS)]
    if wanted is not None:
        able = [model for model in listed if model.name == wanted]
    return Listing(
        outcome="listed",
        names=tuple(model.name for model in listed),
        model=able[0] if able else None,
    )


def authorization(key: SecretStr | None) -> dict[str, str]:
    """The header that shows the key."""
    return {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}


def _listed(entry: Any) -> Listed:
    """vLLM tells `max_model_len`, llama.cpp what a slot has, older ones what the model was trained with."""
    meta = entry.get("meta") or {}
    for told in (entry.get("max_model_len"), meta.get("n_ctx"), meta.get("n_ctx_train")):
        if isinstance(told, int) and told > 0:
            return Listed(name=str(entry["id"]), window=min(told, WINDOW_TOKENS))
    return Listed(name=str(entry["id"]), window=WINDOW_TOKENS)


_TIMEOUT = aiohttp.ClientTimeout(total=ASK_SECONDS, sock_connect=CONNECT_SECONDS)
_FAILURES = (
    TimeoutError,
    aiohttp.ClientError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
)
