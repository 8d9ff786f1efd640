"""The browser is found, or installed where that can be done without a password."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from scripts.start import messages
from scripts.start.chromium import MAC_APPLICATION, prepare_chromium
from scripts.start.errors import CommandError
from tests.scripts.fakes import FakeClone

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or Path(MAC_APPLICATION).exists(), reason="installs with apt-get"
)


@pytest.fixture
def bare(clone: FakeClone, monkeypatch: pytest.MonkeyPatch) -> FakeClone:
    """A machine without Chromium, whose tools are those of the test."""
    for name in ("sh", "env", "touch", "chmod", "cat"):
        found = shutil.which(name)
        assert found
        (clone.binaries / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(clone.binaries))
    return clone


def _with_apt(clone: FakeClone) -> None:
    chromium = clone.binaries / "chromium"
    install = f"case $* in *install*) touch {chromium} && chmod +x {chromium} ;; esac"
    clone.tool("apt-get", clone.binaries / "apt-get", install)


def test_one_that_is_there_is_used(bare: FakeClone) -> None:
    """Nothing is installed."""
    _with_apt(bare)
    bare.tool("chromium", bare.binaries / "chromium")

    assert prepare_chromium(bare.places, bare.tools) == str(bare.binaries / "chromium")
    assert not bare.calls("apt-get")


def test_else_it_is_installed_without_a_question(bare: FakeClone) -> None:
    """By root, or by whom sudo lets in without a password; the lists first."""
    _with_apt(bare)
    bare.tool("sudo", bare.binaries / "sudo", 'shift; exec "$@"')

    assert prepare_chromium(bare.places, bare.tools) == str(bare.binaries / "chromium")
    update, install = bare.calls("apt-get --yes")[-2:] if os.geteuid() == 0 else bare.calls("apt-get")[-2:]
    assert update.endswith("update")
    assert install.endswith("install --no-install-recommends chromium")


def test_where_there_is_no_apt_the_person_is_told(bare: FakeClone) -> None:
    """With the command that would help."""
    with pytest.raises(CommandError) as caught:
        prepare_chromium(bare.places, bare.tools)

    assert caught.value.sentence is messages.CHROMIUM_MISSING


def test_without_a_network_the_reason_is_told(bare: FakeClone) -> None:
    """apt-get closes with a status, and its log says why."""
    _with_apt(bare)
    bare.tool("sudo", bare.binaries / "sudo", 'shift; exec "$@"')
    bare.refuse("--quiet update", "Temporary failure resolving 'deb.debian.org'")

    with pytest.raises(CommandError) as caught:
        prepare_chromium(bare.places, bare.tools)

    assert caught.value.sentence is messages.NO_NETWORK
