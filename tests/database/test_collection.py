"""Which store the settings open."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymongo import MongoClient

from database import collection
from database.collection import open_collection, open_storage
from database.commands import remove, seed, status
from database.engines import opening
from database.errors import EmbedderUnavailable, StoreUnavailable
from database.files.gridfs import GridFSFiles
from database.files.local import LocalFiles
from database.messages import Messages
from database.settings import Settings
from database.stores import atlas_stages
from database.stores.atlas import AtlasStore
from database.stores.lance import LanceStore
from tests.contracts.changeover_contract import embed_all
from tests.contracts.store_contract import put
from tests.database.fakes import AnotherEmbedder, WordsEmbedder

NOBODY = "mongodb://127.0.0.1:9/?directConnection=true"


@pytest.fixture(autouse=True)
def words_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model is loaded."""

    async def words(given: Settings) -> WordsEmbedder:
        return AnotherEmbedder() if given.embedding_model == "another" else WordsEmbedder()

    monkeypatch.setattr(opening, "embedder_for_loading", lambda _: WordsEmbedder())
    monkeypatch.setattr(collection, "open_embedder", words)


def settings(folder: Path, uri: str | None = None, database: str = "x", embedder: str = "words") -> Settings:
    return Settings.load(
        _env_file=None,
        data_dir=folder,
        mongodb_uri=uri,
        mongodb_database=database,
        embedding_model=embedder,
    )


async def test_without_an_address_the_embedded_store_is_opened(tmp_path: Path) -> None:
    """In the folder of the settings, with the files beside it."""
    async with open_storage(settings(tmp_path)) as storage:
        assert isinstance(storage.store, LanceStore)
        assert isinstance(storage.files, LocalFiles)


async def test_with_an_address_mongodb_is(tmp_path: Path, mongodb_uri: str, mongodb_database: str) -> None:
    """With the originals in GridFS."""
    async with open_storage(settings(tmp_path, mongodb_uri, mongodb_database)) as storage:
        assert isinstance(storage.store, AtlasStore)
        assert isinstance(storage.files, GridFSFiles)


async def test_a_store_that_is_away_opens_only_for_whoever_waits(tmp_path: Path) -> None:
    """The server waits for it; a command says so and ends."""
    gone = settings(tmp_path, NOBODY)
    with pytest.raises(StoreUnavailable):
        async with open_collection(gone):
            pass
    async with open_collection(gone, even_if_unavailable=True) as opened:
        with pytest.raises(StoreUnavailable):
            await opened.retriever.search("prazo")


async def test_questions_are_embedded_by_the_model_that_answers(
    tmp_path: Path, mongodb_uri: str, mongodb_database: str
) -> None:
    """Another one that is set answers when all is embedded by it, in the same open collection."""
    given = settings(tmp_path, mongodb_uri, mongodb_database)
    async with open_storage(given) as storage:
        await put(storage.store, "a", "prazo de recurso", "garantia")
    another = settings(tmp_path, mongodb_uri, mongodb_database, embedder="another")
    async with open_collection(another) as opened, open_storage(another) as writer:
        assert (await opened.retriever.embedder()).name == "words"
        assert len(await opened.retriever.search("prazo")) == 2
        await writer.store.claim()
        await embed_all(writer.store)
        (first, _) = await opened.retriever.search("prazo")
        assert (first.chunk.text, first.vector_rank) == ("prazo de recurso", 1)
        assert (await opened.retriever.embedder()).name == "another"


async def test_a_model_that_is_gone_is_named_until_another_takes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never an empty answer: a command ends, a server says what to do and goes on when it is done."""

    async def another_alone(given: Settings) -> WordsEmbedder:
        if given.embedding_model == "words":
            raise EmbedderUnavailable("embedder_unloadable")
        return AnotherEmbedder()

    async with open_storage(settings(tmp_path)) as storage:
        await put(storage.store, "a", "prazo")
    monkeypatch.setattr(collection, "open_embedder", another_alone)
    another = settings(tmp_path, embedder="another")
    with pytest.raises(EmbedderUnavailable, match=r"'words'.*'another'.*seed"):
        async with open_collection(another):
            pass
    async with open_collection(another, even_if_unavailable=True) as opened, open_storage(another) as writer:
        with pytest.raises(EmbedderUnavailable, match="'words'"):
            await opened.retriever.search("prazo")
        await writer.store.claim()
        await embed_all(writer.store)
        assert len(await opened.retriever.search("prazo")) == 1
    with pytest.raises(EmbedderUnavailable, match="EMBEDDING_MODEL"):
        async with open_collection(settings(tmp_path / "new", embedder="words"), even_if_unavailable=True):
            pass


async def test_the_commands_work_on_mongodb(
    tmp_path: Path, mongodb_uri: str, mongodb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seeding, listing and removing; and seeding again, with nothing to load, mends a missing index."""
    given = settings(tmp_path / "data", mongodb_uri, mongodb_database)
    messages = Messages("pt")
    (tmp_path / "a.md").write_text("# Edital\n\nO prazo de recurso é de dez dias úteis.\n", encoding="utf-8")
    assert await seed.run(given, messages, [str(tmp_path / "a.md")], prune=False, processes=1) == 0
    assert await status.run(given, messages) == 0
    shown = capsys.readouterr().out
    assert "a.md" in shown
    assert f"MongoDB: {mongodb_database} (words)" in shown
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        chunks = client[mongodb_database]["chunks"]
        chunks.drop_search_index(atlas_stages.TEXT_INDEX)
        assert await seed.run(given, messages, [str(tmp_path / "a.md")], prune=False, processes=1) == 0
        names = {index["name"] for index in chunks.list_search_indexes()}
        assert names == {atlas_stages.VECTOR_INDEX, atlas_stages.TEXT_INDEX}
        assert await remove.run(given, messages, ["a.md"], everything=False) == 0
        assert chunks.count_documents({}) == 0
        assert client[mongodb_database]["files.files"].count_documents({}) == 0
