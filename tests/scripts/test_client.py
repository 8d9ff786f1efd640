"""The client's packages and its build are made anew only when something they depend on has changed."""

from __future__ import annotations

import pytest

from scripts.start import messages
from scripts.start.client import Client
from scripts.start.environment import Environment
from scripts.start.errors import ToolError
from scripts.start.node import prepare_node
from tests.scripts.fakes import FakeClone


@pytest.fixture
def client(clone: FakeClone) -> Client:
    return Client(
        clone.places, clone.tools, prepare_node(clone.places, Environment(clone.places, clone.tools))
    )


def _prepare(client: Client) -> None:
    client.install()
    client.build()


def test_both_are_made_once(clone: FakeClone, client: Client) -> None:
    """The second time npm is not started."""
    _prepare(client)
    assert len(clone.calls("npm ci")) == len(clone.calls("npm run build")) == 1

    _prepare(client)

    assert len(clone.calls("npm ")) == 2


def test_a_changed_source_is_built_without_installing(clone: FakeClone, client: Client) -> None:
    """Only the build depends on the sources."""
    _prepare(client)
    (clone.places.frontend / "src" / "main.ts").write_text("bootstrap(2)")

    _prepare(client)

    assert len(clone.calls("npm ci")) == 1
    assert len(clone.calls("npm run build")) == 2


def test_a_changed_lock_installs_and_builds(clone: FakeClone, client: Client) -> None:
    """A library is part of what is built."""
    _prepare(client)
    (clone.places.frontend / "package-lock.json").write_text('{"a": 1}')

    _prepare(client)

    assert len(clone.calls("npm ci")) == len(clone.calls("npm run build")) == 2


def test_a_build_that_was_deleted_is_made_again(clone: FakeClone, client: Client) -> None:
    """The stamp alone proves nothing."""
    _prepare(client)
    client.server.unlink()

    _prepare(client)

    assert client.server.is_file()


def test_a_failed_build_is_told_and_tried_again(clone: FakeClone, client: Client) -> None:
    """An older build does not pass for the new one."""
    _prepare(client)
    (clone.places.frontend / "src" / "main.ts").write_text("bootstrap(")
    clone.refuse("run build", "error TS1005")
    for _ in range(2):
        with pytest.raises(ToolError) as caught:
            _prepare(client)
        assert caught.value.sentence is messages.TOOL_FAILED
        assert caught.value.log.read_text() == "error TS1005\n"

    assert len(clone.calls("npm run build")) == 3
