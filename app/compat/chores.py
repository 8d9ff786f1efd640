"""What a client wants of a model beside answers: a title, tags, what could be asked next.

These are written by whichever language model can, without the documents. Where there is only quoting, nothing
is said: clients then do without.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from app.compat.errors import ModelFailed
from app.context import BYTES_PER_TOKEN
from app.errors import ModelError
from app.events import Done, Piece, Reset, Say
from app.messages import FALLBACK
from app.models.base import Prompt, answer_tokens
from app.models.relay import Begins, relay
from app.models.route import Candidate

_SYSTEM = "Do what the message asks, and write nothing else."
_KEPT_FREE = 256  # tokens for that, and for what a chat's template puts around both
_BEGINNING = 2 / 3  # of what is too long: the task stands before the conversation that it is about


async def do_chore(text: str, candidates: Sequence[Candidate], say: Say) -> None:
    """Says Pieces, and a Reset before those of another model, and one Done. Raises ModelFailed."""
    begun = time.monotonic_ns()
    name, began = candidates[0].status.name, False
    able = [one for one in candidates if one.status.kind != "extractive"]

    def hear(part: Begins | str) -> None:
        nonlocal name, began
        if isinstance(part, Begins):
            name = part.name
            if began:
                say(Reset(name))
            began = True
        else:
            say(Piece(name, part))

    if not able:
        say(Done(model=name, reason="stop"))
        return
    window = min(one.status.window for one in able)
    prompt = Prompt(
        question=text, language=FALLBACK, passages=(), system=_SYSTEM, user=_shortened(text, window)
    )
    try:
        usage = await relay(prompt, able, hear)
    except ModelError as error:
        raise ModelFailed(error) from error
    say(
        Done(
            model=name,
            reason="length" if usage.reason == "length" else "stop",
            nanoseconds=time.monotonic_ns() - begun,
            prompt_tokens=usage.prompt_tokens,
            answer_tokens=usage.answer_tokens,
        )
    )


def _shortened(text: str, window: int) -> str:
    """With its end, so that the window holds it: Ollama would drop the beginning, silently."""
    room = (window - answer_tokens(window) - _KEPT_FREE) * BYTES_PER_TOKEN
    data = text.encode("utf-8", "replace")
    if len(data) <= room:
        return text
    first = int(room * _BEGINNING)
    beginning = data[:first].decode("utf-8", "ignore")
    end = data[first - room :].decode("utf-8", "ignore")
    return f"{beginning}\n…\n{end}"
