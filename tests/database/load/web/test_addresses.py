"""Web addresses."""

from __future__ import annotations

import pickle
from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest

from database.errors import SourceError
from database.load.web.addresses import AddressRefused, Policy, canonical, parse


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("HTTP://Example.ORG:80/a#part", "http://example.org/a"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org:8443/?b", "https://example.org:8443/?b"),
        ("https://example.org./a/../b/./c", "https://example.org/b/c"),
        ("https://example.org/%7Ejo%c3%a3o", "https://example.org/~jo%C3%A3o"),
        ("https://é.example/ã", "https://xn--9ca.example/%C3%A3"),
        ("https://example.org/?utm_source=x&id=7&fbclid=y", "https://example.org/?id=7"),
        ("https://example.org/?utm_source=x", "https://example.org/"),
        ("https://example.org/a;jsessionid=7F?b=%20c", "https://example.org/a?b=%20c"),
        ("http://[2606:4700::1]:80/", "http://[2606:4700::1]/"),
    ],
)
def test_a_page_has_one_address(text: str, same: str) -> None:
    """However it is spelt, and wherever the visitor comes from."""
    assert canonical(parse(text)) == same
    assert canonical(parse(same)) == same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http:example.org",
        "http:///path",
        "http://",
        "http://user@example.org/",
        "http://user:password@example.org/",
        "http://:@example.org/",
        "http://example.org\\@other.example/",
        "http://exa mple.org/",
        "http://example.org\t/",
        "http://example.org/\r\nHost: other",
        "http://a..b/",
        "http://-a-/",
        f"http://{'a' * 64}.org/",
        f"http://{'a.' * 140}org/",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://[::1/",
        "http://[1.2.3.4]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1./",
        "http://1.2.3.256/",
        "http://１２７.1/",
        f"http://example.org/{'a' * 5000}",
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    """Other schemes, credentials, control characters, and spellings that programs read differently."""
    with pytest.raises(SourceError) as caught:
        parse(text)
    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.1.1",
        "169.254.169.254",
        "168.63.129.16",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_only_public_machines_may_be_asked(address: str) -> None:
    """Nothing local, private, shared, reserved, multicast, or of a cloud's metadata, also inside of IPv6."""
    assert not Policy().permits(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"],
)
def test_public_machines_may_be_asked(address: str) -> None:
    """Also by IPv6 networks that reach IPv4 through NAT64."""
    assert Policy().permits(ip_address(address))


def test_networks_of_ones_own_can_be_allowed() -> None:
    """Each with what stands for it in IPv6, and nothing beside it."""
    policy = Policy((IPv4Network("10.0.0.0/8"), IPv6Network("fd12::/16")))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::7", "fd12::7%eth0"):
        assert policy.permits(ip_address(address)), address
    for address in ("192.168.1.1", "127.0.0.1", "fd13::7", "2002:a01:203::"):
        assert not policy.permits(ip_address(address)), address


def test_a_clouds_metadata_cannot_be_allowed() -> None:
    """However wide the networks are that are."""
    policy = Policy((IPv4Network("0.0.0.0/0"), IPv6Network("::/0")))
    for address in ("169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "fe80::a9fe:a9fe%2"):
        assert not policy.permits(ip_address(address)), address


def test_of_a_names_addresses_those_that_may_be_asked_are_given() -> None:
    """Where none may, the error names the host, the address and the setting."""
    assert Policy().check("a.example", ["10.0.0.1", "8.8.8.8"]) == ["8.8.8.8"]
    with pytest.raises(AddressRefused, match=r"a\.example is at 10\.0\.0\.1.* INTRANET_ADDRESSES") as caught:
        Policy().check("a.example", ["10.0.0.1", "127.0.0.1"])
    assert (caught.value.reason, caught.value.host, caught.value.address) == (
        "refused",
        "a.example",
        "10.0.0.1",
    )
    assert caught.value.may_be_allowed
    assert pickle.loads(pickle.dumps(caught.value)).reason == "refused"  # noqa: S301
    with pytest.raises(AddressRefused) as caught:
        Policy().check("a.example", ["169.254.169.254"])
    assert not caught.value.may_be_allowed
