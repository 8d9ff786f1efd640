"""The environment is filled from the lock, and left alone when nothing has changed."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from scripts.start import messages, pytorch
from scripts.start.environment import Environment
from scripts.start.errors import CommandError, ToolError
from tests.scripts.fakes import FakeClone


@pytest.fixture
def environment(clone: FakeClone) -> Environment:
    return Environment(clone.places, clone.tools)


def test_packages_are_installed_once(clone: FakeClone, environment: Environment) -> None:
    """The second time pip is not even started."""
    environment.prepare()
    assert clone.calls("install -r")
    clone.forget_calls()

    environment.prepare()

    assert clone.calls() == []


def test_a_changed_lock_installs_again(clone: FakeClone, environment: Environment) -> None:
    """By content, whatever the dates say."""
    environment.prepare()
    clone.forget_calls()
    clone.places.requirements.write_text("torch==2.13.0\naiohttp==3.14.5\n")

    environment.prepare()

    assert clone.calls("install -r")


def test_the_developers_packages_come_only_when_asked_for(clone: FakeClone, environment: Environment) -> None:
    """scripts/run does not need them."""
    environment.prepare()
    assert not clone.calls("requirements-dev.txt")

    environment.prepare(dev=True)

    assert clone.calls("requirements-dev.txt")


def test_the_developers_packages_are_installed_once(clone: FakeClone, environment: Environment) -> None:
    """Both locks keep their stamp."""
    environment.prepare(dev=True)
    clone.forget_calls()

    environment.prepare(dev=True)
    environment.prepare()

    assert clone.calls() == []


def test_a_failed_installation_is_not_taken_for_done(clone: FakeClone, environment: Environment) -> None:
    """The next start tries again."""
    clone.refuse("install -r", "npm error ECONNREFUSED")
    with pytest.raises(ToolError) as caught:
        environment.prepare()
    assert caught.value.sentence is messages.NO_NETWORK
    clone.forget_calls()

    with pytest.raises(ToolError):
        environment.prepare()

    assert clone.calls("install -r")


def test_pip_keeps_the_persons_own_settings(clone: FakeClone, environment: Environment) -> None:
    """No call names an index in place of theirs, or shuts their configuration out."""
    environment.prepare(dev=True)

    assert not [call for call in clone.calls() if " --index-url" in call or "--isolated" in call]


@pytest.mark.skipif(sys.platform != "linux", reason="PyTorch's CPU build is chosen on Linux alone")
@pytest.mark.skipif(pytorch.has_nvidia(), reason="with an NVIDIA GPU the general build is chosen")
class TestTorch:
    """PyTorch's CPU build, on Linux without a GPU."""

    def test_it_is_looked_for_first_where_pip_is_set_to_look(
        self, clone: FakeClone, environment: Environment
    ) -> None:
        """A wheel of the person's own is taken, and no index is added."""
        environment.prepare()

        calls = clone.calls("install")
        assert "--no-deps" in calls[0]
        assert calls[0].endswith("torch==2.13.0+cpu")
        assert not clone.calls("--extra-index-url")
        assert "about 3 GB more" not in clone.out.getvalue()

    def test_else_its_own_index_is_added_for_it_alone(self, clone: FakeClone, index: str) -> None:
        """What torch needs comes from the lock, not from an index that happens to have it."""
        clone.refuse("--retries 1", "No matching distribution found")
        (clone.root / "pip-settings").write_text("")

        Environment(clone.places, clone.tools, cpu_index=index).prepare()

        assert clone.calls(f"install --no-deps --extra-index-url {index} torch==2.13.0+cpu")
        assert "about 3 GB more" not in clone.out.getvalue()

    def test_where_it_can_not_be_had_the_lock_decides(
        self, clone: FakeClone, environment: Environment
    ) -> None:
        """The start goes on with the general build, and says that it is larger."""
        clone.refuse("+cpu", "No matching distribution found")

        environment.prepare()

        assert clone.calls("install -r")
        assert "about 3 GB more" in clone.out.getvalue()

    def test_without_any_network_nothing_is_said_of_its_size(
        self, clone: FakeClone, environment: Environment
    ) -> None:
        """There is no download to be larger; what is missing is told by the step that needs it."""
        clone.refuse("install", "Temporary failure in name resolution")

        with pytest.raises(ToolError) as caught:
            environment.prepare()

        assert caught.value.sentence is messages.NO_NETWORK
        assert "about 3 GB more" not in clone.out.getvalue()

    def test_one_that_is_installed_is_kept(self, clone: FakeClone, environment: Environment) -> None:
        """A changed lock does not fetch 200 MB for nothing."""
        (clone.places.venv / "lib/python3.11/site-packages/torch-2.13.0+cpu.dist-info").mkdir()

        environment.prepare()

        assert not clone.calls("+cpu")


def test_a_full_disk_is_told_before_the_work(
    clone: FakeClone, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The installation needs gigabytes."""
    shutil.rmtree(clone.places.venv)
    usage = shutil.disk_usage(clone.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**9))

    with pytest.raises(CommandError) as caught:
        environment.prepare()

    assert caught.value.sentence is messages.DISK_TOO_SMALL
    assert caught.value.values["free"] == "1.0"


def test_a_missing_environment_is_made(
    clone: FakeClone, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the interpreter that runs now; the real pip in it finds nothing where it may not look."""
    shutil.rmtree(clone.places.venv)
    for name, value in (("CONFIG_FILE", os.devnull), ("NO_INDEX", "1"), ("FIND_LINKS", "")):
        monkeypatch.setenv(f"PIP_{name}", value)

    with pytest.raises(ToolError) as caught:
        environment.prepare()

    assert caught.value.sentence is messages.NO_BUILD
    assert (clone.places.venv / "pyvenv.cfg").is_file()
