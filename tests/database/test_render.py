"""Pages as pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pymupdf
import pytest
import pytest_asyncio

from database.errors import RenderError
from database.load.converters.pdf import PDF, PdfConverter
from database.records import Box
from database.render import apart, render_page
from database.workers import Workers
from tests.database.fakes import write_pdf

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[Workers]:
    async with Workers(1) as pool:
        yield pool


def marked(picture: bytes) -> pymupdf.Rect:
    """The rectangle of yellow pixels, in pixels."""
    return around(picture, lambda red, _, blue: blue < 200 < red)


def written(picture: bytes) -> pymupdf.Rect:
    """The rectangle of dark pixels: of letters."""
    return around(picture, lambda red, green, blue: max(red, green, blue) < 100)


def around(picture: bytes, wanted: Callable[[int, int, int], bool]) -> pymupdf.Rect:
    pixels = pymupdf.Pixmap(picture)
    found = [
        (x, y) for y in range(pixels.height) for x in range(pixels.width) if wanted(*pixels.pixel(x, y)[:3])
    ]
    if not found:
        return pymupdf.Rect()
    xs, ys = [x for x, _ in found], [y for _, y in found]
    return pymupdf.Rect(min(xs), min(ys), max(xs), max(ys))


async def test_a_page_is_drawn_as_wide_as_asked(workers: Workers, tmp_path: Path) -> None:
    """Without boxes nothing is marked."""
    path = write_pdf(tmp_path / "a.pdf", "um", "dois")
    picture = await render_page(workers, path, PDF, 2, [], 500)
    assert pymupdf.Pixmap(picture).width == 500
    assert marked(picture).is_empty


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
async def test_the_mark_stands_on_the_passage(workers: Workers, tmp_path: Path, rotation: int) -> None:
    """Also on a page that is shown turned; boxes of other pages are left out."""
    path = write_pdf(tmp_path / "a.pdf", "O prazo é de trinta dias.", rotation=rotation)
    page = PdfConverter().convert(path, range(1))[0]
    box = page.blocks[0].lines[0].box
    assert box is not None
    elsewhere = Box(page=2, x0=0, y0=0, x1=500, y1=500)
    with pymupdf.open(path) as document:
        width = round(document[0].rect.width)
    picture = await render_page(workers, path, PDF, 1, [box, elsewhere], width)
    mark = marked(picture)
    assert mark.contains(written(picture)), "the letters are under the mark"
    middle = pymupdf.Point((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
    assert mark.contains(middle)
    assert abs(mark.width - (box.x1 - box.x0)) < 8
    assert abs(mark.height - (box.y1 - box.y0)) < 8


async def test_marks_never_lie_over_one_another() -> None:
    """What is marked twice would be darker; what stands beside or far below is left as it is."""
    first, touching, beside, below = (10, 10, 90, 30), (10, 29, 90, 50), (200, 12, 300, 28), (10, 80, 90, 99)
    inside = (20, 15, 60, 20)
    assert apart([below, touching, first, beside, inside]) == [
        (8, 8, 92, 32),
        (198, 10, 302, 30),
        (8, 32, 92, 52),
        (8, 78, 92, 101),
    ]


async def test_a_page_of_absurd_shape_stays_small(workers: Workers, tmp_path: Path) -> None:
    """A page 200 inches high can't fill the memory."""
    path = tmp_path / "tall.pdf"
    with pymupdf.open() as file:
        file.new_page(width=10, height=14400)
        file.save(path)
    pixels = pymupdf.Pixmap(await render_page(workers, path, PDF, 1, [], 2000))
    assert pixels.width * pixels.height <= 12_100_000


@pytest.mark.parametrize(("page", "reason"), [(0, "missing"), (3, "missing"), (-1, "missing")])
async def test_a_page_that_is_not_there_is_named(
    workers: Workers, tmp_path: Path, page: int, reason: str
) -> None:
    """Pages count from 1."""
    path = write_pdf(tmp_path / "a.pdf", "um", "dois")
    with pytest.raises(RenderError) as caught:
        await render_page(workers, path, PDF, page, [], 500)
    assert caught.value.reason == reason


async def test_what_cannot_be_drawn_says_why(workers: Workers, tmp_path: Path) -> None:
    """An encrypted, a broken and a pageless document."""
    encrypted = write_pdf(tmp_path / "e.pdf", "segredo", password="x")
    broken = tmp_path / "b.pdf"
    broken.write_bytes(b"%PDF-1.7 rubbish")
    for path, media_type, reason in (
        (encrypted, PDF, "encrypted"),
        (broken, PDF, "broken"),
        (encrypted, "text/plain", "unsupported"),
    ):
        with pytest.raises(RenderError) as caught:
            await render_page(workers, path, media_type, 1, [], 500)
        assert caught.value.reason == reason
