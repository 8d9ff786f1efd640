"""Ports are read, checked before minutes of work, and named in what goes wrong."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.start import messages
from scripts.start.addresses import Addresses, check_free, read_addresses, read_settings
from scripts.start.errors import CommandError
from tests.scripts.fakes import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free() -> int:
    """A port on which nobody listens."""
    return free_port()


def _addresses(*, server: int, client: int) -> Addresses:
    return Addresses(host="127.0.0.1", server_port=server, client_port=client)


def test_without_settings_the_addresses_are_the_documented_ones() -> None:
    """8000 and 4200."""
    addresses = read_addresses({})

    assert (addresses.server, addresses.client) == ("http://localhost:8000", "http://localhost:4200")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://localhost:8000"),  # noqa: S104
        ("::", "http://localhost:8000"),
        ("192.168.1.5", "http://192.168.1.5:8000"),
        ("fd00::5", "http://[fd00::5]:8000"),
    ],
)
def test_the_address_is_one_a_browser_can_open(host: str, address: str) -> None:
    """Listening everywhere is no address, and IPv6 needs brackets."""
    assert read_addresses({"HOST": host}).server == address


@pytest.mark.parametrize("value", ["abc", "0", "65536", "-1", "80.5", "²"])
def test_a_port_that_is_none_is_refused_by_name_and_value(value: str) -> None:
    """A wrong value stops the start."""
    with pytest.raises(CommandError) as caught:
        read_addresses({"CLIENT_PORT": value})

    assert caught.value.sentence is messages.SETTING_WRONG
    assert caught.value.values["name"] == "CLIENT_PORT"
    assert caught.value.values["value"] == value


def test_one_port_for_both_is_refused() -> None:
    """The second to start would fail after minutes."""
    with pytest.raises(CommandError) as caught:
        read_addresses({"PORT": "4200"})

    assert caught.value.sentence is messages.PORTS_EQUAL


def test_free_ports_are_accepted(free: int) -> None:
    """Nothing to say."""
    check_free(_addresses(server=free, client=free))


@pytest.mark.parametrize("name", ["PORT", "CLIENT_PORT"])
def test_a_port_in_use_is_named_with_the_way_out(name: str, taken: int, free: int) -> None:
    """The number, the setting and another number."""
    addresses = (
        _addresses(server=taken, client=free) if name == "PORT" else _addresses(server=free, client=taken)
    )

    with pytest.raises(CommandError) as caught:
        check_free(addresses)

    said = messages.PORT_TAKEN.say("en", **caught.value.values)
    assert f"Port {taken} is in use" in said
    assert f"{name}={caught.value.values['other']} scripts/run" in said


def test_a_host_that_is_not_this_machine_is_refused(free: int) -> None:
    """Documentation addresses (RFC 5737) belong to nobody."""
    with pytest.raises(CommandError) as caught:
        check_free(Addresses(host="192.0.2.1", server_port=free, client_port=free))

    assert caught.value.sentence is messages.PORT_REFUSED


def test_the_env_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    """As the server itself reads them."""
    file = tmp_path / ".env"
    file.write_text(
        "# ports\nPORT=9000\nexport CLIENT_PORT = '9001' # mine\nDATA_DIR=here # note\nnonsense\n"
    )

    settings = read_settings({"PORT": "9500"}, file)

    assert settings == {"PORT": "9500", "CLIENT_PORT": "9001", "DATA_DIR": "here"}


def test_no_env_file_is_no_error(tmp_path: Path) -> None:
    """Most clones have none."""
    assert read_settings({"A": "1"}, tmp_path / ".env") == {"A": "1"}
