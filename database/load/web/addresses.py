"""Web addresses: which are well formed, when two are the same, and which machines may be asked."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from yarl import URL

from database.errors import Reason, SourceError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MOST_CHARACTERS = 4096
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MOST_HOST_CHARACTERS = 253

# Parameters that say where a visitor came from or who it is, not which page is meant.
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|mc_[ce]id|_ga|_gl|phpsessid|jsessionid", re.IGNORECASE
)
_SESSION = re.compile(r";jsessionid=[^/?]*", re.IGNORECASE)

# What the IANA IPv4 Special-Purpose Address Registry calls not globally reachable, multicast and 240/4.
_SPECIAL_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# Of IPv6, only global unicast (RFC 4291) is public, and not these of it: protocol assignments with Teredo,
# documentation, 6to4 (whatever it embeds; RFC 7526 ended it).
_GLOBAL_6 = IPv6Network("2000::/3")
_SPECIAL_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_NAT64 = IPv6Network("64:ff9b::/96")

# Where clouds tell a machine its own secrets. No document is ever there.
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        (
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "fe80::a9fe:a9fe",
        ),
    )
)


class AddressRefused(SourceError):
    """The host is at an address that isn't public and isn't allowed."""

    def __init__(self, reason: Reason, message: str, host: str = "", address: str = "") -> None:
        super().__init__(reason, message)
        self.host = host
        self.address = address

    @property
    def may_be_allowed(self) -> bool:
        """False for what no setting allows."""
        return unwrapped(ipaddress.ip_address(self.address)) not in _METADATA


@dataclass(frozen=True, slots=True)
class Policy:
    """Which machines may be asked: those at public addresses, and those of the allowed networks."""

    allowed: tuple[Network, ...] = ()

    def permits(self, address: Address) -> bool:
        """An IPv4 address inside of an IPv6 one (mapped, NAT64) is judged as itself."""
        inner = unwrapped(address)
        if inner in _METADATA:
            return False
        return _is_public(inner) or any(inner in network for network in self.allowed)

    def check(self, host: str, addresses: Iterable[str]) -> list[str]:
        """Those of the addresses that may be asked. Raises AddressRefused where none may."""
        found = list(addresses)
        permitted = [text for text in found if self.permits(ipaddress.ip_address(text))]
        if found and not permitted:
            raise AddressRefused(
                "refused",
                f"{host} is at {found[0]}, which isn't a public address. INTRANET_ADDRESSES names others"
                " that pages may be loaded from.",
                host,
                found[0],
            )
        return permitted


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, or the address itself, without its zone."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return IPv6Address(int(address))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    return address in _GLOBAL_6 and not any(address in network for network in _SPECIAL_6)


def parse(text: str) -> URL:
    """An http or https address with a host. Raises SourceError where it isn't one, or says more than where.

    A name and password in it are refused: they would be kept and shown with the document. So are the
    old spellings of IPv4 addresses (octal, hexadecimal, shortened), which programs read differently.
    """
    if len(text) > _MOST_CHARACTERS:
        raise _malformed(f"it has more than {_MOST_CHARACTERS} characters")
    if _CONTROL.search(text):
        raise _malformed("it has control characters in it")
    try:
        url = URL(text)
        host, port = url.raw_host, url.port
    except ValueError as error:
        raise _malformed(str(error)) from None
    if url.scheme not in ("http", "https"):
        raise _malformed("it must begin with http:// or https://")
    if not host or not port:
        raise _malformed("it names no host" if not host else "there is no port 0")
    if url.raw_user is not None or url.raw_password is not None:
        raise _malformed("it has a user name or password in it")
    if ":" not in host:
        _check_host(host)
    return url.with_fragment(None)


def _check_host(host: str) -> None:
    """A dotted IPv4 address in its one usual spelling, or a name."""
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            IPv4Address(host)
        except ValueError:
            raise _malformed(f"{host} is no IPv4 address in its usual form") from None
    elif len(host) > _MOST_HOST_CHARACTERS or not all(_LABEL.fullmatch(label) for label in labels):
        raise _malformed(f"{host} is no host name")


def canonical(url: URL) -> str:
    """One spelling for each page: without fragment, tracking parameters and the default port."""
    path = _SESSION.sub("", url.raw_path) or "/"
    host = (url.raw_host or "").removesuffix(".")
    plain = url.with_path(path, encoded=True).with_host(host)
    query = "&".join(
        part for part in url.raw_query_string.split("&") if not _TRACKING.fullmatch(part.split("=")[0])
    )
    return str(plain.with_port(None) if url.is_default_port() else plain) + (f"?{query}" if query else "")


def _malformed(why: str) -> SourceError:
    return SourceError("unreachable", f"The address can't be used: {why}.")
