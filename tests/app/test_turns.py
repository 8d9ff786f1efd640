"""Who may answer, and who waits."""

from __future__ import annotations

import pytest

from app.errors import TooBusy
from app.turns import Turns


def test_so_many_at_once_and_the_others_in_a_line() -> None:
    """First come, first served; everybody sees when the line moves."""
    turns = Turns(2)
    first, second, third, fourth = (turns.ask() for _ in range(4))
    assert [turn.place for turn in (first, second, third, fourth)] == [0, 0, 1, 2]
    turns.end(first, 1.0)
    assert [turn.place for turn in (third, fourth)] == [0, 1]
    turns.end(second, 1.0)
    assert fourth.place == 0


def test_who_does_not_want_to_wait_makes_room() -> None:
    """Those behind move up; nobody gets a turn by it."""
    turns = Turns(1)
    turn, leaves, behind = (turns.ask() for _ in range(3))
    turns.end(leaves)
    assert (turn.place, behind.place) == (0, 1)
    turns.end(turn, 1.0)
    assert behind.place == 0
    turns.end(behind, 1.0)
    assert turns.ask().place == 0


def test_too_many_are_told_when_to_come_back() -> None:
    """By how long answers take: 16 wait, and two are answered every four seconds."""
    turns = Turns(2)
    for _ in range(3):
        turns.end(turns.ask(), 4.0)
    for _ in range(2 + 16):
        turns.ask()
    with pytest.raises(TooBusy) as caught:
        turns.ask()
    assert caught.value.seconds == 34


def test_nobody_waits_for_hours() -> None:
    """However long answers took."""
    turns = Turns(1)
    turns.end(turns.ask(), 10_000.0)
    for _ in range(1 + 16):
        turns.ask()
    with pytest.raises(TooBusy) as caught:
        turns.ask()
    assert caught.value.seconds == 300
