"""The file of a report: whole or as it was, its owner's alone to read, and never in a document's place."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from database.errors import ReportFileError
from database.moving.threads import in_thread
from database.report.page import GENERATOR

_LOOKED_AT = 1_000  # bytes; a report says what it is before anything else
_WRITTEN_AT_ONCE = 1 << 18  # characters


async def write(path: Path, pieces: AsyncIterator[str]) -> None:
    """Raises ReportFileError where it can't be written, or would replace what isn't a report."""
    try:
        await in_thread(refuse_to_replace, path)
        part = await in_thread(
            lambda: tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed below, and renamed
                "w", encoding="utf-8", dir=path.parent, prefix=".report-", delete=False
            )
        )
    except OSError as error:
        raise ReportFileError("file_unwritable", detail=error) from error
    try:
        with part:
            waiting: list[str] = []
            size = 0
            async for piece in pieces:
                waiting.append(piece)
                size += len(piece)
                if size >= _WRITTEN_AT_ONCE:
                    await in_thread(part.write, "".join(waiting))
                    waiting, size = [], 0
            await in_thread(part.write, "".join(waiting))
        await in_thread(Path(part.name).replace, path)
    except OSError as error:
        raise ReportFileError("file_unwritable", detail=error) from error
    finally:
        await in_thread(Path(part.name).unlink, missing_ok=True)


def refuse_to_replace(path: Path) -> None:
    """Raises ReportFileError, OSError."""
    if path.exists():
        with path.open("rb") as file:
            if GENERATOR.encode() not in file.read(_LOOKED_AT):
                raise ReportFileError("report_replaces", name=path.name)
