"""What people said of answers: questions as docs/evaluation.md has them, and what they were shown.

DATA_DIR/feedback/feedback.jsonl    one JSON object a line, the newest last
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Verdict = Literal["good", "bad"]

MOST_BYTES = 16 * 2**20  # of the file: some twenty thousand of them


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A page of a document, from 1; None where the document has none. `name` is what it was called then."""

    document: str
    name: str
    page: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """`gold` is the page that the person named as the right one: one at most, and none was guessed."""

    question: str
    language: str
    gold: tuple[Place, ...]
    verdict: Verdict
    shown: tuple[Place, ...]
    note: str
    said_at: str


class FeedbackFile:
    """The file of one DATA_DIR. It may be moved away at any time: the next one begins it anew."""

    def __init__(self, data_dir: Path, most_bytes: int = MOST_BYTES) -> None:
        self.path = data_dir / "feedback" / "feedback.jsonl"
        self._most_bytes = most_bytes

    def add(self, said: Feedback) -> bool:
        """Keep it: it is on the disk when this returns. Blocks. Raises OSError.

        False, and nothing is kept, where the file is full: what was said isn't thrown away for what is newer.
        """
        line = json.dumps({"id": f"said-{secrets.token_hex(6)}", **asdict(said)}, ensure_ascii=False)
        written = f"{line}\n".encode("utf-8", "replace")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Only its owner reads it: questions are nobody else's business.
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":  # a power failure in the middle of a line
                written = b"\n" + written
            if size + len(written) > self._most_bytes:
                return False
            _write(descriptor, written, size)
            return True
        finally:
            os.close(descriptor)


def _write(descriptor: int, written: bytes, size: int) -> None:
    """All of it, or as it was before. Raises OSError."""
    try:
        rest = memoryview(written)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
