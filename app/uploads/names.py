"""What clients call their files."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

_LONGEST = 200  # bytes: file systems take 255, and ours adds to it
_LONGEST_SUFFIX = 16
_NAMELESS = "document"


def safe_name(given: str) -> str:
    """The last part of the path, as a name that people can read and every file system takes.

    Without control characters and those that turn the direction of writing, which hide what a file is.
    """
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rstrip("/").rpartition("/")[2]
    spaced = "".join(" " if c.isspace() else c for c in last)
    visible = "".join(c for c in spaced if not unicodedata.category(c).startswith("C"))
    name = " ".join(visible.split()).strip(" .")
    if not name:
        return _NAMELESS
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > _LONGEST_SUFFIX:
        suffix = ""
    stem = name[: len(name) - len(suffix)]
    return _cut(stem, _LONGEST - len(suffix.encode())).rstrip(" .") + suffix


def _cut(text: str, length: int) -> str:
    """Its beginning, of so many bytes in UTF-8 at most."""
    return text.encode()[:length].decode(errors="ignore")
