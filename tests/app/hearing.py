"""What a model writes, for tests."""

from __future__ import annotations

from contextlib import suppress

from app.models.base import ChatModel, Enough, Prompt, Usage


async def parts_of(model: ChatModel, prompt: Prompt) -> list[str | Usage]:
    """Its pieces and how it ended."""
    pieces: list[str] = []
    usage = await model.write(prompt, pieces.append)
    return [*pieces, usage]


async def first_of(model: ChatModel, prompt: Prompt) -> str:
    """Its first piece: then it is left."""
    heard = ""

    def take(piece: str) -> None:
        nonlocal heard
        heard = piece
        raise Enough

    with suppress(Enough):
        await model.write(prompt, take)
    return heard
