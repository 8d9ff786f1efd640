"""Pictures, drawn once and kept within bounds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.pictures import Picture, Pictures
from database.errors import RenderError
from database.records import Box

PATH = Path("a.pdf")
PAGE = Picture(
    sha256="ab",
    media_type="application/pdf",
    page=1,
    boxes=(Box(page=1, x0=0, y0=0, x1=1, y1=1),),
    width=100,
)


@dataclass
class Drawing:
    """Draws ten bytes for every picture, when it may."""

    may: asyncio.Event = field(default_factory=asyncio.Event)
    drawn: list[int] = field(default_factory=list)
    failure: RenderError | None = None

    async def __call__(self, path: Path, picture: Picture) -> bytes:
        self.drawn.append(picture.page)
        await self.may.wait()
        if self.failure:
            raise self.failure
        return b"%010d" % picture.page


@pytest.fixture
def drawing() -> Drawing:
    drawing = Drawing()
    drawing.may.set()
    return drawing


async def test_draws_a_picture_once(drawing: Drawing) -> None:
    """The second time it is there already."""
    pictures = Pictures(drawing)
    assert await pictures.get(PATH, PAGE) == await pictures.get(PATH, PAGE) == b"0000000001"
    assert drawing.drawn == [1]


async def test_those_who_ask_at_once_share_a_drawing(drawing: Drawing) -> None:
    """One of them leaving doesn't stop it for the others."""
    drawing.may.clear()
    pictures = Pictures(drawing)
    one, other = (asyncio.create_task(pictures.get(PATH, PAGE)) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    await asyncio.sleep(0)
    drawing.may.set()
    assert await other == b"0000000001"
    assert drawing.drawn == [1]


async def test_forgets_what_was_asked_for_least_recently(drawing: Drawing) -> None:
    """Twenty bytes hold two pictures."""
    pictures = Pictures(drawing, kept_bytes=20)
    for page in (1, 2, 1, 3, 1, 2):
        await pictures.get(PATH, replace(PAGE, page=page))
    assert drawing.drawn == [1, 2, 3, 2]


async def test_a_failure_is_told_and_not_kept(drawing: Drawing) -> None:
    """The next one tries again."""
    pictures = Pictures(drawing)
    drawing.failure = RenderError("broken", "It is broken.")
    with pytest.raises(RenderError):
        await pictures.get(PATH, PAGE)
    drawing.failure = None
    assert await pictures.get(PATH, PAGE) == b"0000000001"


async def test_closing_stops_what_is_being_drawn(drawing: Drawing) -> None:
    """Nothing is left running."""
    drawing.may.clear()
    pictures = Pictures(drawing)
    waiting = asyncio.create_task(pictures.get(PATH, PAGE))
    await asyncio.sleep(0)
    await pictures.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_a_tag_changes_with_everything_that_is_drawn() -> None:
    """And with nothing else: it is the same in every process."""
    others = [
        replace(PAGE, sha256="cd"),
        replace(PAGE, page=2),
        replace(PAGE, boxes=()),
        replace(PAGE, width=200),
    ]
    assert len({picture.tag for picture in (PAGE, *others)}) == 5
    assert replace(PAGE).tag == PAGE.tag
