"""How the C library sets memory aside."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8  # <malloc.h>
_ARENAS = 2


def few_arenas() -> None:
    """Let threads share what they freed. Called before there are many of them.

    glibc gives each one that waits an arena of its own, up to eight a core, and a store's threads leave holes
    in all of them: a loader of 1,337 pages held 490 MiB at most, and holds 390. Other C libraries have no
    arenas, or no such switch.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
