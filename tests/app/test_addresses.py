"""The addresses of the passages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.addresses import LONGEST_ADDRESS, Addresses
from tests.app.fakes import a_passage

KNOWN = Addresses(["(see https://Good.example/A_(b)?c=1&amp;d=2), www.good.example. [x](http://a.example/b)"])


@pytest.mark.parametrize(
    "address",
    ["https://good.example/A_(b)?c=1&d=2", "http://GOOD.example/A_(b)?c=1&amp;d=2", "www.good.example",
     "https://www.good.example/", "https://a.example/b"],
)  # fmt: skip
def test_knows_what_stands_there(address: str) -> None:
    """Scheme and case of the host don't matter, nor does the sentence around it."""
    assert address in KNOWN


@pytest.mark.parametrize(
    "address",
    ["https://good.example/a_(b)?c=1&d=2", "https://good.example", "https://a.example/b/secret", "https://a.example/b?c",
     "https://a.example.evil.example/b", "https://a.example@evil.example/b", "good"],
)  # fmt: skip
def test_knows_nothing_else(address: str) -> None:
    """More is what somebody added, and less is another page."""
    assert address not in KNOWN


@pytest.mark.parametrize(
    ("run", "known"),
    [
        ("https://a.example/b»*.", 19),
        ("https://a.example/b[1].", 19),
        ("https://a.example/b?x", 0),
        ("https://x", 0),
    ],
)
def test_finds_the_end_of_an_address(run: str, known: int) -> None:
    """Before citations and the marks of the sentence."""
    assert KNOWN.beginning(run) == known


def test_reads_all_that_a_model_reads() -> None:
    """Also what a document is called."""
    passage = a_passage(text="https://a.example/1")
    passage = replace(
        passage,
        markdown="<https://a.example/2>",
        document=replace(passage.document, name="https://a.example/3", title="https://a.example/4"),
    )
    known = Addresses.of([passage])
    assert all(f"https://a.example/{n}" in known for n in range(1, 5))


def test_very_long_ones_are_not_kept() -> None:
    """An answer would be held back for as long."""
    address = "https://a.example/" + "b" * LONGEST_ADDRESS
    assert address not in Addresses([address])
    assert Addresses([address]).longest <= LONGEST_ADDRESS
