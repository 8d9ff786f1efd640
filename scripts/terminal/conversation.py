"""What was said before, for who asks on: in a file of the person's own, which nobody else can read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

Said = list[dict[str, str]]
"""Messages as the server takes them, oldest first: a question, its answer, and so on."""

_MESSAGES = 6  # that the server reads
_LONGEST = 4_000  # characters of each; the server reads fewer


class Conversation:
    """The last one with any server. Where its file can't be read there was none, and where it can't be
    written nothing is kept: an answer is worth more than that.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        home = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME", "/nonexistent"), ".local/state")
        self._file = Path(home, "acervo", "conversation.json")

    def said(self, server: str) -> Said:
        """With this server, and no other: what one has told is not for the next one."""
        try:
            kept = json.loads(self._file.read_bytes())
            if kept["server"] != server:
                return []
            return [{"role": str(one["role"]), "content": str(one["content"])} for one in kept["said"]]
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return []

    def keep(self, server: str, before: Sequence[Mapping[str, str]], question: str, answer: str) -> None:
        """The end of it, in place of what was kept."""
        now = {"role": "user", "content": question}, {"role": "assistant", "content": answer}
        said = [{**one, "content": one["content"][:_LONGEST]} for one in (*before, *now)][-_MESSAGES:]
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = self._file.with_suffix(".new")
            with open(new, "w", encoding="utf-8", errors="replace", opener=_for_this_person) as file:
                json.dump({"server": server, "said": said}, file, ensure_ascii=False)
            new.replace(self._file)


def _for_this_person(name: str, flags: int) -> int:
    return os.open(name, flags, mode=0o600)
