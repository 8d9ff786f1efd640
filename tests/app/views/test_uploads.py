"""Documents over HTTP: sent, followed, cancelled and deleted."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app import lifecycle
from app.uploads import loading, receiving
from app.uploads.receiving import Receiver
from app.views import uploads
from database.errors import StoreUnavailable
from database.jobs.queue import Places, Queue, document_id
from tests.app.fakes import FakeStore, a_collection, a_document
from tests.app.talking import lines_of, served, talking

PDF = b"%PDF-1.7 some"
LARGE = b"x" * (2**20 + 1)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore(held=[])


@pytest.fixture
async def client(store: FakeStore, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    async with talking(a_collection(store=store), data_dir=tmp_path) as client:
        yield client


def form(**files: bytes) -> aiohttp.FormData:
    """`slow_pdf=…` is the file slow.pdf."""
    data = aiohttp.FormData()
    for name, content in files.items():
        data.add_field("file", BytesIO(content), filename=name.replace("_", "."))
    return data


async def sent(client: aiohttp.ClientSession, data: Any) -> list[dict[str, Any]]:
    async with client.post("/documents", data=data) as response:
        assert response.status == 202, await response.text()
        documents: list[dict[str, Any]] = (await response.json())["documents"]
        return documents


async def listed(client: aiohttp.ClientSession) -> list[tuple[str, str]]:
    async with client.get("/documents") as response:
        return [(document["name"], document["status"]) for document in (await response.json())["documents"]]


async def last_line(client: aiohttp.ClientSession, document: str) -> dict[str, Any]:
    async with client.get(f"/documents/{document}/events") as response:
        return (await lines_of(response))[-1]


async def begun(client: aiohttp.ClientSession, document: str) -> None:
    async with client.get(f"/documents/{document}/events") as response:
        await line_with(response, "converting")


async def line_with(response: aiohttp.ClientResponse, status: str) -> dict[str, Any]:
    async for line in response.content:
        if (event := json.loads(line))["status"] == status:
            return dict(event)
    raise AssertionError(f"the stream ended, and nothing was {status}")


async def test_several_files_are_accepted_at_once(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """Each with an id, an address for its events, and its bytes on the disk."""
    documents = await sent(client, form(a_pdf=PDF, broken_pdf=PDF + b"x"))
    assert [(document["name"], document["status"]) for document in documents] == [
        ("a.pdf", "queued"),
        ("broken.pdf", "queued"),
    ]
    assert [await last_line(client, document["id"]) for document in documents] == [
        {
            "id": documents[0]["id"],
            "status": "ready",
            "error": None,
            "code": None,
            "pages": 3,
            "pages_done": 3,
            "passages": 0,
            "passages_done": 0,
            "unchanged": False,
        },
        {
            "id": documents[1]["id"],
            "status": "failed",
            "error": "is damaged and can't be read",
            "code": "broken",
            "pages": None,
            "pages_done": 0,
            "passages": 0,
            "passages_done": 0,
            "unchanged": False,
        },
    ]
    place = tmp_path / "uploads/files" / hashlib.sha256(PDF).hexdigest() / "a.pdf"
    assert place.read_bytes() == PDF
    assert Queue(Places(tmp_path).jobs).jobs() == []


async def test_what_waits_is_listed(client: aiohttp.ClientSession, store: FakeStore) -> None:
    """Among the others, by name; one that is loaded again is there once."""
    store.held = [a_document("b"), a_document("z")]
    (slow,) = await sent(client, form(slow_pdf=PDF))
    await begun(client, slow["id"])
    assert await listed(client) == [("b.pdf", "ready"), ("slow.pdf", "converting"), ("z.pdf", "ready")]
    store.held = [a_document(slow["id"], name="slow.pdf")]
    assert await listed(client) == [("slow.pdf", "converting")]


async def test_the_same_file_twice_is_one_document(client: aiohttp.ClientSession, store: FakeStore) -> None:
    """While it is loaded, and when it is there already."""
    (first,) = await sent(client, form(slow_pdf=PDF))
    (second,) = await sent(client, form(slow_pdf=PDF))
    assert first["id"] == second["id"]
    assert len(await listed(client)) == 1

    (there,) = await sent(client, form(a_pdf=b"x"))
    await last_line(client, there["id"])
    store.held = [a_document(there["id"], sha256=hashlib.sha256(b"x").hexdigest())]
    (again,) = await sent(client, form(a_pdf=b"x"))
    assert (again["id"], again["status"], again["unchanged"]) == (there["id"], "ready", True)
    assert (await last_line(client, there["id"]))["status"] == "ready"


async def test_a_name_is_shown_and_never_a_path(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """Whatever a client calls its file."""
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("f", PDF, filename="../../../never-made/edital ç.pdf")
    (document,) = await sent(client, data)
    assert document["name"] == "edital ç.pdf"
    await last_line(client, document["id"])
    assert {path.name for path in tmp_path.iterdir()} == {"uploads"}
    assert not list(tmp_path.parent.rglob("never-made"))


async def test_an_address_is_taken(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """And left to the loader."""
    async with client.post("/documents", json={"url": " https://example.org/slow/ "}) as response:
        assert response.status == 202
        (document,) = (await response.json())["documents"]
    assert document["name"] == "example.org/slow"
    assert (await last_line(client, document["id"]))["status"] == "ready"


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org", "example.org", "file:///etc/passwd", "http://", "http://[x", "http://a b", 7, None],
)
async def test_only_web_addresses_are_taken(client: aiohttp.ClientSession, url: object) -> None:
    """The loader would take another one for a file of this machine."""
    async with client.post("/documents", json={"url": url}) as response:
        assert (response.status, (await response.json())["code"]) == (400, "bad_request")
    assert await listed(client) == []


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]"])
async def test_a_request_without_files_is_told_what_to_send(
    client: aiohttp.ClientSession, body: bytes
) -> None:
    """As an error that people can read."""
    async with client.post("/documents", data=body) as response:
        assert (response.status, (await response.json())["code"]) == (400, "bad_request")


async def test_a_form_without_files_has_none(client: aiohttp.ClientSession) -> None:
    """Its other fields are let through."""
    data = aiohttp.FormData({"title": "x"}, default_to_multipart=True)
    async with client.post("/documents", data=data) as response:
        assert response.status == 400
        assert "brings no files" in (await response.json())["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"--x\r\nContent-Disposition: form-data; name=f; filename=a.pdf\r\n\r\nhalf",
        b"nothing of the kind",
        b"--x\r\nno colon\r\n\r\n",
    ],
)
async def test_a_body_that_is_cut_leaves_nothing(
    client: aiohttp.ClientSession, tmp_path: Path, body: bytes
) -> None:
    """Half a file is no file."""
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with client.post("/documents", data=body, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, "bad_request")
    assert await listed(client) == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_form_without_boundary_is_refused(client: aiohttp.ClientSession) -> None:
    """It can't be read."""
    async with client.post(
        "/documents", data=b"x", headers={"Content-Type": "multipart/form-data"}
    ) as response:
        assert (response.status, (await response.json())["code"]) == (400, "bad_request")


async def test_a_sender_that_stops_is_given_up(
    client: aiohttp.ClientSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold a file and a connection for as long as it likes."""
    monkeypatch.setattr(uploads, "READ_SECONDS", 0.1)

    async def stalls() -> AsyncIterator[bytes]:
        yield b"--x\r\nContent-Disposition: form-data; name=f; filename=a.pdf\r\n\r\nhalf"
        await asyncio.sleep(5)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with client.post("/documents", data=stalls(), headers=headers) as response:
        assert response.status == 400
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_file_that_is_too_large_is_refused_and_the_others_are_not(
    store: FakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has its own result; alone, it is the error of the request."""
    monkeypatch.setattr(lifecycle, "Receiver", lambda places: Receiver(places, most_bytes=2**20))
    async with talking(a_collection(store=store), data_dir=tmp_path) as client:
        large, small = await sent(client, form(large_pdf=LARGE, small_pdf=b"x" * 2**20))
        assert large == {
            "name": "large.pdf",
            "error": "The file is too large. The limit is 1 MiB; divide it into parts.",
            "code": "payload_too_large",
        }
        assert small["status"] == "queued"
        async with client.post("/documents", data=form(large_pdf=LARGE)) as response:
            assert response.status == 413
            body = await response.json()
        assert (body["code"], body["documents"]) == ("payload_too_large", [large])


def test_the_limit_is_that_of_a_file_in_a_folder() -> None:
    """What can be seeded can be sent."""
    assert receiving.MOST_BYTES == 512 * 2**20


async def test_a_full_disk_is_told(store: FakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the file is sent in vain."""
    monkeypatch.setattr(lifecycle, "Receiver", lambda places: Receiver(places, reserved_bytes=2**60))
    async with (
        talking(a_collection(store=store), data_dir=tmp_path) as client,
        client.post("/documents", data=form(a_pdf=PDF)) as response,
    ):
        assert (response.status, (await response.json())["code"]) == (507, "no_space")


async def test_a_queued_or_converting_document_is_cancelled(
    client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """It is gone then, with its file; whoever follows it is told."""
    (slow,) = await sent(client, form(slow_pdf=PDF))
    await begun(client, slow["id"])
    following = asyncio.create_task(last_line(client, slow["id"]))
    await asyncio.sleep(0.05)
    async with client.post(f"/documents/{slow['id']}/cancel") as response:
        assert (response.status, (await response.json())["status"]) == (200, "cancelled")
    assert (await following)["status"] == "cancelled"
    assert await listed(client) == []
    assert not [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    assert (await last_line(client, slow["id"]))["status"] == "cancelled"


async def test_cancelling_leaves_what_was_there_before(
    client: aiohttp.ClientSession, store: FakeStore, tmp_path: Path
) -> None:
    """An address that is visited again was loaded once."""
    address = "https://slow.example/x"
    document = document_id(address)
    store.held = [a_document(document)]
    async with client.post("/documents", json={"url": address}) as response:
        assert [taken["id"] for taken in (await response.json())["documents"]] == [document]
    await begun(client, document)
    assert await listed(client) == [(f"{document}.pdf", "converting")]
    async with client.post(f"/documents/{document}/cancel") as response:
        assert (await response.json())["status"] == "cancelled"
    assert await listed(client) == [(f"{document}.pdf", "ready")]
    assert (await last_line(client, document))["status"] == "ready"


async def test_cancelling_what_has_ended_says_how(client: aiohttp.ClientSession, store: FakeStore) -> None:
    """Nothing is undone by it."""
    store.held = [a_document("a")]
    async with client.post("/documents/a/cancel") as response:
        assert (response.status, (await response.json())["status"]) == (200, "ready")


async def test_deleting_takes_a_document_out(
    client: aiohttp.ClientSession, store: FakeStore, tmp_path: Path
) -> None:
    """With its file, also while it is being loaded."""
    (a,) = await sent(client, form(a_pdf=PDF))
    await last_line(client, a["id"])
    source = next((tmp_path / "uploads/files").rglob("a.pdf"))
    store.held = [a_document(a["id"], source=str(source))]
    async with client.delete(f"/documents/{a['id']}") as response:
        assert response.status == 204, await response.text()
    store.held = []
    assert not source.exists()
    async with client.get(f"/documents/{a['id']}/events") as response:
        assert response.status == 404

    (slow,) = await sent(client, form(slow_pdf=PDF))
    await begun(client, slow["id"])
    async with client.delete(f"/documents/{slow['id']}") as response:
        assert response.status == 204
    assert await listed(client) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/documents/none/events"), ("POST", "/documents/none/cancel"), ("DELETE", "/documents/none")],
)
async def test_what_nobody_knows_is_unknown(client: aiohttp.ClientSession, method: str, path: str) -> None:
    """As everywhere else."""
    async with client.request(method, path) as response:
        assert (response.status, (await response.json())["code"]) == (404, "unknown_document")


async def test_a_collection_that_is_written_to_elsewhere_is_waited_for(
    store: FakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document waits and says why; who deletes is told to come back."""
    monkeypatch.setattr(loading, "BUSY_SECONDS", 0.2)
    async with talking(a_collection(store=store), data_dir=tmp_path) as client:
        (busy,) = await sent(client, form(busy_pdf=PDF))
        async with client.get(
            f"/documents/{busy['id']}/events", headers={"Accept-Language": "pt"}
        ) as response:
            event = await line_with(response, "waiting")
        assert event["code"] == "store_busy"
        assert "outro processo" in event["error"]
        assert await listed(client) == [("busy.pdf", "waiting")]
        async with client.post(f"/documents/{busy['id']}/cancel") as response:
            assert (await response.json())["status"] == "cancelled"
        store.held = [a_document("b", name="busy.pdf")]
        async with client.delete("/documents/b") as response:
            assert (response.status, (await response.json())["code"]) == (503, "store_busy")
    assert Queue(Places(tmp_path).jobs).jobs() == [], "it won't happen behind anyone's back"


async def test_a_store_that_is_away_keeps_nobody_from_sending(
    client: aiohttp.ClientSession, store: FakeStore
) -> None:
    """The file is loaded when it is back."""
    store.failure = StoreUnavailable("unreadable", detail="secret")
    (document,) = await sent(client, form(slow_pdf=PDF))
    assert document["status"] == "queued"


async def test_a_document_that_is_loaded_elsewhere_is_followed_to_its_end(
    client: aiohttp.ClientSession, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may be loading it."""
    monkeypatch.setattr(uploads, "_LOOK_SECONDS", 0.01)
    store.held = [a_document("a", status="embedding")]
    async with client.head("/documents/a/events") as head:
        assert (head.status, await head.read()) == (200, b"")
    async with client.get("/documents/a/events") as response:
        assert b"embedding" in await response.content.readline()
        store.held = [a_document("a", status="failed", error="no_text")]
        lines = await lines_of(response)
    assert (lines[-1]["status"], lines[-1]["code"]) == ("failed", "no_text")


async def test_uploads_outlive_the_server(store: FakeStore, tmp_path: Path) -> None:
    """What isn't loaded when it stops is loaded when it starts again; its streams don't hold it up."""
    async with AsyncExitStack() as server:
        address = await server.enter_async_context(
            served(a_collection(store=store), data_dir=tmp_path, shutdown_seconds=5)
        )
        async with aiohttp.ClientSession(address) as client:
            (slow,) = await sent(client, form(slow_pdf=PDF))
            await begun(client, slow["id"])
            following = asyncio.create_task(last_line(client, slow["id"]))
            await asyncio.sleep(0.05)
            async with asyncio.timeout(3):
                await server.aclose()
            assert (await following)["status"] == "converting"
    (job,) = Queue(Places(tmp_path).jobs).jobs()
    assert job.attempts == 0, "being stopped is nobody's fault"
    async with talking(a_collection(store=store), data_dir=tmp_path) as client:
        assert await listed(client) in ([("slow.pdf", "queued")], [("slow.pdf", "converting")])
        await begun(client, slow["id"])


async def test_what_a_process_dies_of_is_tried_once_more(
    client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """Then it has failed, and the others are loaded."""
    crash, other = await sent(client, form(crash_pdf=PDF, other_pdf=PDF + b"x"))
    line = await last_line(client, crash["id"])
    assert (line["status"], line["code"]) == ("failed", "broken")
    assert (await last_line(client, other["id"]))["status"] == "ready"


async def test_a_process_that_cannot_start_is_waited_for(store: FakeStore, tmp_path: Path) -> None:
    """Nothing is lost, and people are told where to look."""
    collection = a_collection(store=store)
    async with talking(collection, data_dir=tmp_path, worker=("/bin/false",)) as client:
        (document,) = await sent(client, form(a_pdf=PDF))
        async with client.get(f"/documents/{document['id']}/events") as response:
            assert (await line_with(response, "waiting"))["code"] == "loader_failed"
    async with (
        talking(collection, data_dir=tmp_path, worker=("/no/such/program",)) as client,
        client.get(f"/documents/{document['id']}/events") as response,
    ):
        await line_with(response, "waiting")
    async with talking(collection, data_dir=tmp_path) as client:
        assert (await last_line(client, document["id"]))["status"] == "ready"


async def test_a_reader_that_leaves_costs_nothing(client: aiohttp.ClientSession) -> None:
    """Its request ends at once."""
    (slow,) = await sent(client, form(slow_pdf=PDF))
    for _ in range(20):
        await begun(client, slow["id"])
    await asyncio.sleep(0.1)
    serving = [task for task in asyncio.all_tasks() if "_handle_request" in repr(task.get_coro())]
    assert serving == []


async def test_nothing_is_started_without_need(store: FakeStore, tmp_path: Path) -> None:
    """The models of a loader take a gigabyte."""
    async with talking(a_collection(store=store), data_dir=tmp_path, worker=("/no/such/program",)) as client:
        assert await listed(client) == []
    assert list(tmp_path.iterdir()) == []


async def test_files_are_described_when_they_are_sent(client: aiohttp.ClientSession) -> None:
    """By the fields before them; what waits is listed with it."""
    data = aiohttp.FormData()
    data.add_field("title", "Regimento dos bolsistas")
    data.add_field("tags", "pesquisa, férias")
    data.add_field("tags", "rh")
    data.add_field("language", "pt")
    data.add_field("file", PDF, filename="slow.pdf")
    await sent(client, data)
    async with client.get("/documents") as response:
        (document,) = (await response.json())["documents"]
    assert (document["title"], document["language"]) == ("Regimento dos bolsistas", "pt")
    assert document["tags"] == ["pesquisa", "férias", "rh"]


async def test_a_description_that_can_not_be_is_told_before_anything_is_loaded(
    client: aiohttp.ClientSession,
) -> None:
    """In a form as in JSON."""
    data = aiohttp.FormData()
    data.add_field("language", "Portuguese")
    data.add_field("file", PDF, filename="a.pdf")
    async with client.post("/documents", data=data) as response:
        assert (response.status, (await response.json())["code"]) == (400, "bad_request")
    async with client.post("/documents", json={"url": "https://example.org", "tags": 7}) as response:
        assert response.status == 400
    assert await listed(client) == []


async def test_what_is_said_of_a_document_can_be_changed(
    client: aiohttp.ClientSession, store: FakeStore
) -> None:
    """It answers when the worker has done it; without a change at once; unknown documents are 404."""
    store.held = [a_document("a")]
    async with client.patch("/documents/a", json={"tags": ["rh"]}) as response:
        assert response.status == 200, await response.text()
        assert (await response.json())["id"] == "a"
    async with client.patch("/documents/a", json={"tags": []}) as response:
        assert response.status == 200
    async with client.patch("/documents/none", json={"tags": ["rh"]}) as response:
        assert (response.status, (await response.json())["code"]) == (404, "unknown_document")
    for wrong in ({}, {"owner": "me"}, {"tags": 7}):
        async with client.patch("/documents/a", json=wrong) as response:
            assert (response.status, (await response.json())["code"]) == (400, "bad_request")


async def test_the_same_bytes_under_another_name_are_the_same_document(
    client: aiohttp.ClientSession, store: FakeStore
) -> None:
    """While they are loaded, and when they are there."""
    (first,) = await sent(client, form(slow_pdf=PDF))
    (second,) = await sent(client, form(other_pdf=PDF))
    assert first["id"] == second["id"]
    store.held = [a_document("a", sha256=hashlib.sha256(b"x").hexdigest())]
    (third,) = await sent(client, form(new_pdf=b"x"))
    assert (third["id"], third["status"], third["unchanged"]) == ("a", "ready", True)
