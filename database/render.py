"""Draws a page of a document as a picture, with passages marked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from database.errors import RenderError, SourceError
from database.records import Box
from database.workers import Workers

PDF = "application/pdf"

Rectangle = tuple[float, float, float, float]

_SECONDS = 15.0
_MOST_PIXELS = 12_000_000  # a page of any shape stays under this: 36 MB of memory
_MARK = (1.0, 0.91, 0.5)  # multiplied with what it covers: letters stay as dark as they are
_MARGIN = 2.0  # points around a box, so that the mark doesn't cut letters


async def render_page(
    workers: Workers, path: Path, media_type: str, page: int, boxes: Sequence[Box], width: int
) -> bytes:
    """A PNG `width` pixels wide (less for very tall pages) of a page, counted from 1.

    `boxes` on other pages are left out. Raises RenderError: unsupported for a format without pages,
    missing for a page that isn't there, or why the document can't be drawn.
    """
    if media_type != PDF:
        raise RenderError("unsupported", "Documents of this kind have no pages to show.")
    marks = tuple((b.x0, b.y0, b.x1, b.y1) for b in boxes if b.page == page)
    try:
        return await workers.run(_SECONDS, _draw, str(path), page, marks, width)
    except RenderError:
        raise
    except SourceError as error:
        raise RenderError(error.reason, str(error)) from error


def apart(marks: Sequence[Rectangle]) -> list[Rectangle]:
    """The marks with their margin, none over another: where two overlap, the lower one begins later."""
    found: list[Rectangle] = []
    for x0, y0, x1, y1 in sorted(marks, key=lambda mark: (mark[1], mark[0])):
        left, top, right, bottom = x0 - _MARGIN, y0 - _MARGIN, x1 + _MARGIN, y1 + _MARGIN
        for other in found:
            if other[0] < right and left < other[2] and other[1] <= top < other[3]:
                top = other[3]
        if top < bottom:
            found.append((left, top, right, bottom))
    return found


def _draw(path: str, page: int, marks: tuple[Rectangle, ...], width: int) -> bytes:
    import pymupdf  # in the worker process only

    try:
        with pymupdf.open(path, filetype="pdf") as document:
            if document.needs_pass:
                raise RenderError("encrypted", "The document asks for a password.")
            if not 1 <= page <= document.page_count:
                raise RenderError("missing", f"The document has {document.page_count} pages.")
            sheet = document[page - 1]
            for mark in apart(marks):
                # Boxes are measured on the page as it is shown; drawing happens before its rotation.
                drawn = sheet.add_rect_annot(pymupdf.Rect(mark) * sheet.derotation_matrix)
                drawn.set_colors(fill=_MARK)
                drawn.set_border(width=0)
                drawn.update(fill_color=_MARK, blend_mode=pymupdf.PDF_BM_Multiply)
            zoom = width / max(sheet.rect.width, 1)
            zoom = min(zoom, (_MOST_PIXELS / max(sheet.rect.width * sheet.rect.height, 1)) ** 0.5)
            picture = sheet.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False)
            return bytes(picture.tobytes("png"))
    except RenderError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  (the parser's errors have no common class)
        raise RenderError("broken", f"The page can't be drawn: {error}") from None
