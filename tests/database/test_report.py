"""The commands `report` and `status`, over a real store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from database.__main__ import main
from database.stores.lance import LanceStore
from tests.database.fakes import chunks, document, embeddings
from tests.database.report.records import failed, pages

HOSTILE = "\x1b]0;x\x07<script>alert(1)</script>.pdf"


@pytest.fixture(autouse=True)
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two documents, one of them half embedded, and a failure; the folder that the commands are given in."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.delenv("MONGODB_URI", raising=False)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    asyncio.run(_fill(tmp_path / "data"))
    return folder


async def _fill(data: Path) -> None:
    store = await LanceStore.open(data, embedder="bundled")
    edital, other = document("edital"), replace(document("other"), name=HOSTILE)
    some = chunks(edital, "um", "dois", "três")
    await store.put(edital, some, embeddings(some), pages("good", "no_text", "no_text"))
    embedding = replace(other, status="embedding")
    await store.put(embedding, chunks(other, "um", "dois"), None, pages("good", "good", "good"))
    await store.embed(embedding, 0, embeddings(chunks(other, "um")))
    await store.record(failed("gone", "encrypted"))
    await store.close()


def test_the_report_is_written_and_summed_up(collection: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it says is no failure of the command."""
    assert main(["report"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "3 documents (1 ready, 1 being embedded, 1 failed), 6 pages, 5 passages"
        " · text 66% · vectors 80% · layout 100%",
        "✗ gone.pdf: is protected by a password; load it with --password if it is a PDF, or else save a copy"
        " without one",
        "! edital.pdf: p. 2–3: no text",
        f"The report lies in {collection.resolve() / 'acervo-report.html'}",
    ]
    html = (collection / "acervo-report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in html
    assert "<script" not in html


def test_some_documents_and_a_name_of_the_file(collection: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By name, by address or by id."""
    assert main(["report", "mine.html", "/documents/edital.pdf", "gone"]) == 0
    assert capsys.readouterr().out.startswith("2 documents")
    html = (collection / "mine.html").read_text(encoding="utf-8")
    assert "alert(1)" not in html
    assert main(["report", "edital.pdf"]) == 0
    assert (collection / "acervo-report.html").exists()
    assert not (collection / "edital.pdf").exists()


def test_a_document_that_is_not_there_is_said(collection: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is written; a web address is never a file's name."""
    for name in ("none.pdf", "https://example.org/none.html"):
        assert main(["report", name]) == 1
        assert name in capsys.readouterr().err
    assert list(collection.iterdir()) == []


def test_a_document_is_not_written_over(collection: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither one on the disk, nor one whose name ends like the file's."""
    (collection / "page.html").write_text("mine")
    assert main(["report", "page.html"]) == 2
    assert "page.html exists" in capsys.readouterr().err
    assert (collection / "page.html").read_text() == "mine"


def test_a_documents_name_is_no_file(collection: Path) -> None:
    """A web page that was loaded is asked about, not written."""

    async def load() -> None:
        store = await LanceStore.open(collection.parent / "data", embedder="bundled")
        web = replace(document("web"), name="web.html", source="https://example.org/web.html", pages=None)
        await store.put(web, chunks(web, "um"), embeddings(chunks(web, "um")), pages("good"))
        await store.close()

    asyncio.run(load())
    assert main(["report", "web.html"]) == 0
    assert main(["report", "https://example.org/web.html"]) == 0
    assert [path.name for path in collection.iterdir()] == ["acervo-report.html"]


def test_status_says_how_far_each_document_is(capsys: pytest.CaptureFixture[str]) -> None:
    """In columns; a failure has its reason instead; names give the terminal no orders."""
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    lines = {line.split()[0]: line for line in said.splitlines()}
    assert lines["edital"].endswith("ready       text 100% · vectors 100% · layout 100%")
    assert lines["other"].endswith("embedding   text 100% · vectors  50% · layout 100%")
    assert "failed: is protected by a password" in lines["gone"]
    assert "text" not in lines["gone"]
    assert "\x1b" not in said
