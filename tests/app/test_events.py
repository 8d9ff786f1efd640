"""The lines of an answer."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from app.citations import Citation
from app.context import Context
from app.events import Done, Event, Failed, Piece, Queued, Reset, Sources, chat_line, response_line
from tests.app.fakes import a_chunk, a_match, a_passage

CONTEXT = Context(passages=(a_passage(),), dropped=(a_match(chunk=a_chunk("b", 6)),), tokens=30, room=40)
SOURCES = Sources(model="llama3:latest", language="pt", context=CONTEXT)
DONE = Done(
    model="llama3:latest",
    reason="stop",
    citations=[
        Citation(n=1, start=0, end=38),
        Citation(n=2, start=40, end=50, support=0.3, missing=("45",)),
    ],
    uncited=[(52, 60)],
    nanoseconds=5,
    prompt_tokens=7,
    answer_tokens=3,
)
FAILED = Failed(message="Parou.", code="model_unavailable")


def chat(event: Event) -> dict[str, Any]:
    line = chat_line(event, "name")
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    part: dict[str, Any] = json.loads(line)
    if "created_at" in part:
        assert datetime.fromisoformat(part.pop("created_at")).tzinfo is not None
    return part


def test_the_first_line_carries_sources_and_language() -> None:
    """With Ollama's fields beside ours."""
    part = chat(SOURCES)
    [source] = part.pop("sources")
    assert part.pop("context") == {
        "tokens": 30,
        "room": 40,
        "dropped": [
            {
                "document": {"id": "b", "name": "b.pdf", "media_type": "application/pdf", "pages": 20},
                "page": 7,
            }
        ],
    }
    assert part == {
        "model": "llama3:latest",
        "message": {"role": "assistant", "content": ""},
        "done": False,
        "id": "name",
        "language": "pt",
    }
    assert source == {
        "n": 1,
        "document": {"id": "doc1", "name": "doc1.pdf", "media_type": "application/pdf", "pages": 20},
        "page": 1,
        "last_page": 1,
        "section": ["Part"],
        "text": "The answer is 42.",
        "markdown": "The answer is 42.",
        "boxes": [{"page": 1, "x0": 1.0, "y0": 2.0, "x1": 3.0, "y1": 4.0}],
        "relevance": 0.9,
        "image": "/documents/doc1/pages/1.png?chunk=doc1%3A1%3A0",
    }


def test_a_piece_is_a_line_of_ollamas() -> None:
    """Line breaks of the answer stay inside the line; accents are not escaped."""
    assert chat(Piece("llama3:latest", "a\nção\u2028")) == {
        "model": "llama3:latest",
        "message": {"role": "assistant", "content": "a\nção\u2028"},
        "done": False,
    }
    assert "ção".encode() in chat_line(Piece("m", "ção"), "name")


def test_the_last_line_says_how_it_ended_and_what_supports_it() -> None:
    """With Ollama's names for durations and counts."""
    assert chat(DONE) == {
        "model": "llama3:latest",
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
        "citations": [
            {"n": 1, "start": 0, "end": 38},
            {"n": 2, "start": 40, "end": 50, "support": 0.3, "missing": ["45"]},
        ],
        "uncited": [{"start": 52, "end": 60}],
        "total_duration": 5,
        "prompt_eval_count": 7,
        "eval_count": 3,
    }


def test_what_was_not_counted_is_left_out() -> None:
    """Clients of Ollama expect a number, or nothing."""
    done = Done(
        model="m", reason="no_answer", citations=(), nanoseconds=1, prompt_tokens=None, answer_tokens=None
    )
    assert not {"prompt_eval_count", "eval_count"} & set(chat(done))


def test_a_failure_is_an_error_and_its_code() -> None:
    """The same in both streams."""
    assert chat(FAILED) == {"error": "Parou.", "code": "model_unavailable"}
    assert response_line(FAILED, "name") == chat_line(FAILED, "name")


def test_who_waits_is_told_the_place() -> None:
    """And the name by which the answer can be read again."""
    assert chat(Queued(place=3)) == {
        "model": "",
        "message": {"role": "assistant", "content": ""},
        "done": False,
        "id": "name",
        "queued": 3,
    }
    assert json.loads(response_line(Queued(place=3), "name")) == {"id": "name", "queued": 3}


def test_what_another_model_begins_anew_says_so() -> None:
    """In both streams."""
    assert chat(Reset("gemini")) == {
        "model": "gemini",
        "message": {"role": "assistant", "content": ""},
        "done": False,
        "reset": True,
    }
    assert json.loads(response_line(Reset("gemini"), "name")) == {"model": "gemini", "reset": True}


def test_in_geminis_stream_only_text_is_a_response() -> None:
    """Its older clients join the values of `response`."""
    assert json.loads(response_line(Piece("gemini", "Olá "), "name")) == {"response": "Olá "}
    first, last = (json.loads(response_line(event, "name")) for event in (SOURCES, DONE))
    assert "response" not in first
    assert "response" not in last
    assert (first["sources"][0]["n"], last["citations"][0]["n"]) == (1, 1)


def test_half_a_character_does_not_break_a_line() -> None:
    """A lone surrogate, which no encoding has, is replaced."""
    assert chat(Piece("m", "a\ud83d"))["message"]["content"] == "a?"
