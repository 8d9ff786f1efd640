"""Which embedder a name stands for, and where it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.collection import open_embedder as open_for_questions
from database.embedders.apart import EmbedderApart, embedder_for_loading
from database.embedders.compiled import CompiledEmbedder
from database.embedders.gemini import GeminiEmbedder
from database.embedders.ollama import OllamaEmbedder
from database.engines.opening import open_engine
from database.errors import EmbedderUnavailable
from database.settings import Settings
from tests.stand_ins.ollama_embedding import OllamaEmbeddingStandIn


def settings(model: str, **more: object) -> Settings:
    return Settings.load(_env_file=None, embedding_model=model, **more)


@pytest.mark.parametrize(
    ("model", "kind"),
    [("ollama:bge-m3:567m", OllamaEmbedder), ("gemini:gemini-embedding-001", GeminiEmbedder)],
)
async def test_what_another_program_computes_is_asked_from_here(model: str, kind: type) -> None:
    """For questions and for passages, under the name that the settings have."""
    given = settings(model, google_api_key="a-key")
    for embedder in (await open_for_questions(given), embedder_for_loading(given)):
        assert isinstance(embedder, kind)
        assert embedder.name == model


async def test_what_this_machine_computes_has_a_process_of_its_own_while_loading(
    embedder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question is embedded sooner without."""
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    given = settings(str(embedder_folder))
    assert isinstance(await open_for_questions(given), CompiledEmbedder)
    assert isinstance(embedder_for_loading(given), EmbedderApart)


async def test_a_key_that_is_missing_is_told_before_anything_is_loaded() -> None:
    """Not when the first passage is embedded."""
    given = settings("gemini:gemini-embedding-001", google_api_key="")
    with pytest.raises(EmbedderUnavailable, match="GOOGLE_API_KEY"):
        await open_for_questions(given)
    with pytest.raises(EmbedderUnavailable, match="GOOGLE_API_KEY"):
        async with open_engine("local", given):
            pass


async def test_ollama_is_asked_where_the_settings_say() -> None:
    """Over connections that are closed with the engine."""
    stand_in = OllamaEmbeddingStandIn()
    async with (
        stand_in.running() as host,
        open_engine("local", settings("ollama:bge-m3", ollama_host=host), processes=1) as engine,
    ):
        assert (await engine.embedder.embed_documents(["prazo"])).shape == (1, 8)
