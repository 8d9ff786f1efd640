"""What people say of answers, over HTTP."""

from __future__ import annotations

import errno
import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from app.requests import LONGEST_NOTE, LONGEST_PROMPT, MOST_SHOWN
from database.errors import StoreUnavailable
from database.feedback import MOST_BYTES
from scripts.evaluation.dataset import Question
from tests.app.fakes import FakeStore, a_collection, a_document
from tests.app.talking import talking

BAD: dict[str, object] = {"question": "Qual é o prazo de recurso?", "verdict": "bad"}


def a_library() -> Any:
    """Two documents: one of twenty pages, one without pages."""
    held = (
        a_document("d1", name="edital.pdf"),
        a_document("d2", name="aviso.txt", media_type="text/plain", pages=None),
    )
    return a_collection(store=FakeStore(held))


def kept(data_dir: Path) -> list[dict[str, Any]]:
    file = data_dir / "feedback" / "feedback.jsonl"
    return [json.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []


async def test_what_was_said_is_kept_as_a_question(tmp_path: Path) -> None:
    """Documents by the names they have; the question's language is found out, and not the page's."""
    body = {
        **BAD,
        "question": "  Qual é o prazo de recurso, afinal?\u200b ",
        "sources": [
            {"document": "d1", "page": 3},
            {"document": "d2", "page": None},
            {"document": "gone", "page": 1},
            {"document": "d1", "page": 3},
        ],
        "right": {"document": "d1", "page": 12},
        "note": " Era a página 12. ",
    }
    async with (
        talking(a_library(), data_dir=tmp_path) as client,
        client.post("/feedback", json=body, headers={"Accept-Language": "en"}) as response,
    ):
        assert (response.status, await response.json()) == (201, {"status": "kept"})
    [line] = kept(tmp_path)
    said_at = datetime.fromisoformat(line.pop("said_at"))
    assert timedelta() <= datetime.now(UTC) - said_at < timedelta(minutes=1)
    assert line.pop("id")
    assert line == {
        "question": "Qual é o prazo de recurso, afinal?",
        "language": "pt",
        "gold": [{"document": "d1", "name": "edital.pdf", "page": 12}],
        "verdict": "bad",
        "shown": [
            {"document": "d1", "name": "edital.pdf", "page": 3},
            {"document": "d2", "name": "aviso.txt", "page": None},
        ],
        "note": "Era a página 12.",
    }


async def test_a_line_is_read_as_a_question_of_a_dataset(tmp_path: Path) -> None:
    """As it stands, where the right page was named."""
    body = {**BAD, "right": {"document": "d2", "page": None}, "language": "es"}
    async with (
        talking(a_library(), data_dir=tmp_path) as client,
        client.post("/feedback", json=body) as response,
    ):
        assert response.status == 201
    line = (tmp_path / "feedback" / "feedback.jsonl").read_text(encoding="utf-8")
    read = Question.model_validate_json(line)
    assert (read.language, [str(gold) for gold in read.gold]) == ("es", ["aviso.txt"])


async def test_a_verdict_is_enough_and_nothing_is_added(tmp_path: Path) -> None:
    """No page is right because it was shown."""
    async with talking(a_library(), data_dir=tmp_path) as client:
        for verdict in ("good", "bad"):
            body = {**BAD, "verdict": verdict}
            async with client.post("/feedback", json=body) as response:
                assert response.status == 201
    assert [(line["verdict"], line["gold"], line["shown"], line["note"]) for line in kept(tmp_path)] == [
        ("good", [], [], ""),
        ("bad", [], [], ""),
    ]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"question": None}, 400, "prompt_missing"),
        ({"question": " \u200b"}, 400, "prompt_missing"),
        ({"question": "x" * (LONGEST_PROMPT + 1)}, 413, "prompt_too_long"),
        ({"verdict": None}, 400, "bad_request"),
        ({"verdict": "worse"}, 400, "bad_request"),
        ({"verdict": ["bad"]}, 400, "bad_request"),
        ({"sources": {"document": "d1"}}, 400, "bad_request"),
        ({"sources": ["d1"]}, 400, "bad_request"),
        ({"sources": [{"document": "", "page": 1}]}, 400, "bad_request"),
        ({"sources": [{"document": "x" * 201, "page": 1}]}, 400, "bad_request"),
        ({"sources": [{"document": "d1", "page": "1"}]}, 400, "bad_request"),
        ({"sources": [{"document": "d1", "page": True}]}, 400, "bad_request"),
        ({"sources": [{"document": "d1", "page": 0}]}, 400, "bad_request"),
        ({"sources": [{"document": "d1", "page": 10**8}]}, 400, "bad_request"),
        ({"sources": [{"document": "d1", "page": 1}] * (MOST_SHOWN + 1)}, 400, "bad_request"),
        ({"right": "d1"}, 400, "bad_request"),
        ({"right": {"page": 1}}, 400, "bad_request"),
        ({"right": {"document": "gone", "page": 1}}, 404, "unknown_document"),
        ({"right": {"document": "d1", "page": 21}}, 404, "unknown_page"),
        ({"right": {"document": "d2", "page": 1}}, 404, "unknown_page"),
        ({"note": 1}, 400, "bad_request"),
        ({"note": "x" * (LONGEST_NOTE + 1)}, 400, "bad_request"),
        ({"language": "fr"}, 400, "bad_request"),
    ],
)
async def test_refuses_what_is_no_feedback(
    tmp_path: Path, changes: dict[str, object], status: int, code: str
) -> None:
    """With the codes of every route, and nothing is kept of it."""
    async with (
        talking(a_library(), data_dir=tmp_path) as client,
        client.post("/feedback", json={**BAD, **changes}) as response,
    ):
        body = await response.json()
        assert (response.status, body["code"]) == (status, code)
        assert body["error"]
    assert kept(tmp_path) == []


async def test_a_body_that_is_no_object_or_too_large_is_refused(tmp_path: Path) -> None:
    """As on the other routes; the example is this route's."""
    async with talking(a_library(), data_dir=tmp_path) as client:
        async with client.post("/feedback", data=b"[", headers={"Accept-Language": "pt"}) as response:
            body = await response.json()
            assert (response.status, body["code"]) == (400, "bad_request")
            assert '"verdict": "bad"' in body["error"]
        async with client.post("/feedback", data=BytesIO(b"x" * (2**20 + 1))) as response:
            assert (response.status, (await response.json())["code"]) == (413, "payload_too_large")


async def test_a_strangers_page_says_nothing_in_somebodys_name(tmp_path: Path) -> None:
    """A form needs no preflight; the chat's own origin is let through."""
    async with talking(a_library(), data_dir=tmp_path) as client:
        for origin, status in (("https://stranger.example", 403), ("http://localhost:4200", 201)):
            headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
            async with client.post("/feedback", data=json.dumps(BAD), headers=headers) as response:
                assert response.status == status
    assert len(kept(tmp_path)) == 1


async def test_where_no_more_may_be_kept_it_is_said_with_what_to_do(tmp_path: Path) -> None:
    """In the person's language, so that what was typed can be sent again."""
    file = tmp_path / "feedback" / "feedback.jsonl"
    file.parent.mkdir()
    with file.open("wb") as full:
        full.truncate(MOST_BYTES)
    async with (
        talking(a_library(), data_dir=tmp_path) as client,
        client.post("/feedback", json=BAD, headers={"Accept-Language": "es"}) as response,
    ):
        body = await response.json()
        assert (response.status, body["code"]) == (507, "no_space")
        assert "16 MiB" in body["error"]
        assert "feedback.jsonl" in body["error"]
    assert file.stat().st_size == MOST_BYTES


async def test_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not as an error of the server's."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with talking(a_library(), data_dir=tmp_path) as client:
        monkeypatch.setattr("os.write", full)
        async with client.post("/feedback", json=BAD) as response:
            monkeypatch.undo()
            assert (response.status, (await response.json())["code"]) == (507, "no_space")
    assert kept(tmp_path) == []


async def test_a_collection_that_is_away_is_told(tmp_path: Path) -> None:
    """The documents can't be named without it."""
    away = a_collection(store=FakeStore(failure=StoreUnavailable("unreadable", detail="gone")))
    body = {**BAD, "sources": [{"document": "d1", "page": 1}]}
    async with (
        talking(away, data_dir=tmp_path) as client,
        client.post("/feedback", json=body) as response,
    ):
        assert (response.status, (await response.json())["code"]) == (503, "store_unavailable")
    assert kept(tmp_path) == []
