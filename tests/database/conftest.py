"""What tests of the collection share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.database.tiny_models import tiny_cross_encoder, tiny_embedder


@pytest.fixture(scope="session")
def embedder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a tiny embedding model without prompts and without a card, which takes 64 tokens."""
    return tiny_embedder(tmp_path_factory.mktemp("embedder"))


@pytest.fixture(scope="session")
def cross_encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_cross_encoder(tmp_path_factory.mktemp("reranker"))
