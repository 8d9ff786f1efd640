"""What tests in several folders share."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from tests.atlas_stand_in.process import StandIn

# A MongoDB with search that the tests may fill and empty again, in databases of their own.
REAL = os.environ.get("ATLAS_TEST_URI", "")

LAG = 0.02
BUILD = 0.05


def pytest_configure(config: pytest.Config) -> None:
    """What is kept of compiled models lies with the tests' other things, not with the person's."""
    if "HF_HOME" not in os.environ and config.pluginmanager.hasplugin("cacheprovider"):
        os.environ["HF_HOME"] = str(config.cache.mkdir("models"))


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    """MongoDB with search over TCP, in processes of its own."""
    with StandIn(lag=LAG, build=BUILD) as running:
        yield running


@pytest.fixture(scope="session")
def mongodb_uri(request: pytest.FixtureRequest) -> str:
    """The real MongoDB that ATLAS_TEST_URI names, or the stand-in."""
    return REAL or str(request.getfixturevalue("stand_in").uri)


@pytest.fixture
def mongodb_database(mongodb_uri: str) -> Iterator[str]:
    """The name of a database that is dropped after the test."""
    name = f"acervo_test_{uuid.uuid4().hex[:12]}"
    yield name
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        client.drop_database(name)
