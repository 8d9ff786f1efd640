"""Which build of PyTorch a machine gets, and how the index of CPU builds is asked."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from scripts.start.pytorch import index_answers, pinned_version, pip_settings, wants_cpu_build


@pytest.fixture
def silent() -> Iterator[str]:
    """An index that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/whl"


@pytest.mark.parametrize(
    ("system", "nvidia", "wanted"),
    [("Linux", False, True), ("Linux", True, False), ("Darwin", False, False)],
)
def test_only_linux_without_a_gpu_wants_the_cpu_build(system: str, nvidia: bool, wanted: bool) -> None:
    """Elsewhere the registry's build is the right one."""
    assert wants_cpu_build(system, nvidia=nvidia) is wanted


def test_the_version_is_the_locks() -> None:
    """With or without a marker after it."""
    assert pinned_version("tokenizers==1\ntorch==2.13.0 ; python_version > '3'\n") == "2.13.0"


def test_a_lock_without_torch_is_an_error() -> None:
    """torchvision is not torch."""
    with pytest.raises(ValueError, match="torch"):
        pinned_version("torchvision==1.0\n")


def test_pips_settings_are_read_and_the_environment_wins() -> None:
    """Of sections for other commands of pip nothing is taken."""
    listing = "global.cert='/a.pem'\ninstall.proxy='http://p:1'\n:env:.cert='/b.pem'\ndownload.proxy='no'\n"

    assert pip_settings(listing) == {"cert": "/b.pem", "proxy": "http://p:1"}


def test_an_index_that_answers_is_used(index: str) -> None:
    """It has a page for torch."""
    assert index_answers({}, index=index)


def test_an_index_without_torch_is_not_used(index: str) -> None:
    """A network that answers for everybody (a hotel's) is no index."""
    assert not index_answers({}, index=f"{index}/other")


def test_an_index_that_is_silent_costs_little_time(silent: str) -> None:
    """The start goes on without it."""
    started = time.monotonic()

    assert not index_answers({}, index=silent, seconds=0.3)
    assert time.monotonic() - started < 3


def test_an_index_that_is_not_there_is_not_used() -> None:
    """Nobody listens on a port that was just closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert not index_answers({}, index=f"http://127.0.0.1:{port}")


def test_pips_proxy_is_asked(index: str) -> None:
    """The name below exists nowhere: only a proxy can answer for it."""
    proxy = index.removesuffix("/whl")

    assert index_answers({"proxy": proxy}, index="http://index.invalid/whl")


def test_who_forbids_indexes_is_obeyed(index: str) -> None:
    """PIP_NO_INDEX means that nothing is asked."""
    assert not index_answers({"no-index": "true"}, index=index)
