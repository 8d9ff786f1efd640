"""Addresses of resources."""

from __future__ import annotations

import pytest

from app.mcp.addresses import Address, parse


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        (Address(document="abc"), "acervo://documents/abc"),
        (Address(document="abc", page=12), "acervo://documents/abc/pages/12"),
        (Address(document="abc", page=12, picture=True), "acervo://documents/abc/pages/12.png"),
        (Address(document="abc", part=2), "acervo://documents/abc/parts/2"),
        (Address(document="a/b?ç"), "acervo://documents/a%2Fb%3F%C3%A7"),
    ],
)
def test_what_is_written_is_read(address: Address, uri: str) -> None:
    """Whatever an id is made of."""
    assert str(address) == uri
    assert parse(uri) == address


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "acervo://documents/",
        "acervo://documents/a/pages/",
        "acervo://documents/a/pages/01",
        "acervo://documents/a/pages/12345678",
        "acervo://documents/a/pages/1.pdf",
        "acervo://documents/a/parts/1.png",
        "acervo://documents/a?page=1",
        "http://documents/a",
    ],
)
def test_other_addresses_are_nobodys(uri: str) -> None:
    """No guess is made of them."""
    assert parse(uri) is None
