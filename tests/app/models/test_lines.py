"""Lines of a body that comes bit by bit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from unittest.mock import Mock

import aiohttp
import pytest

from app.models.lines import Lines, parse


@asynccontextmanager
async def reading(
    told: Callable[[bytes], bytes] = bytes.strip,
) -> AsyncIterator[tuple[Lines, aiohttp.StreamReader]]:
    """The lines, and the body that is fed."""
    body = aiohttp.StreamReader(Mock(connected=True), 2**16, loop=asyncio.get_running_loop())
    lines = Lines(body, told)
    try:
        yield lines, body
    finally:
        lines.end()


async def test_what_came_together_is_read_together() -> None:
    """Without blank lines, and without the beginning of the next."""
    async with reading() as (lines, body):
        body.feed_data(b'{"a":1}\n\n \r\n{"b":2}\r\n{"c"')
        assert await lines.read(5) == [b'{"a":1}', b'{"b":2}']
        body.feed_data(b":")
        body.feed_data(b"3}\n")
        assert await lines.read(5) == [b'{"c":3}']


async def test_the_last_line_needs_no_end() -> None:
    """After it there is nothing."""
    async with reading() as (lines, body):
        body.feed_data(b"one\ntwo")
        body.feed_eof()
        assert [await lines.read(5) for _ in range(3)] == [[b"one"], [b"two"], []]


async def test_a_line_without_end_is_none() -> None:
    """Nobody's memory is filled."""
    async with reading() as (lines, body):
        body.feed_data(b"x" * 200_000)
        with pytest.raises(ValueError, match="without end"):
            await lines.read(5)


async def test_silence_ends_the_reading() -> None:
    """Also where lines come that say nothing."""
    async with reading(lambda _: b"") as (lines, body):
        reader = asyncio.create_task(lines.read(0.1))
        for _ in range(20):
            await asyncio.sleep(0.01)
            if not reader.done():
                body.feed_data(b": still here\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader, 5)


async def test_nobody_is_hurried_who_does_not_read() -> None:
    """The time between two reads is the reader's own."""
    async with reading() as (lines, body):
        body.feed_data(b"one\n")
        assert await lines.read(0.05) == [b"one"]
        await asyncio.sleep(0.15)
        body.feed_data(b"two\n")
        assert await lines.read(0.05) == [b"two"]


async def test_a_shorter_limit_counts_at_once() -> None:
    """Though the timer was set for the longer one."""
    async with reading() as (lines, body):
        body.feed_data(b"one\n")
        await lines.read(60)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(lines.read(0.05), 5)


@pytest.mark.parametrize("line", [b"", b"{", b'{"a":1} {"b":2}', b'{"a":1}<', b"\xff"])
def test_what_is_not_one_value_is_no_line(line: bytes) -> None:
    """As `json.loads` would say."""
    with pytest.raises(ValueError, match=r"Expecting|more than one|decode"):
        parse(line)


def test_a_line_is_one_value() -> None:
    """With all that JSON has."""
    assert parse('{"a":["é",1.5,null,true]}'.encode()) == {"a": ["é", 1.5, None, True]}
