"""What Schemathesis has to know of streams: a schema is that of each line, and the last line ends it."""

from __future__ import annotations

import json
from typing import Any

import schemathesis
from jsonschema import Draft202012Validator

from app.openapi.document import document
from app.routes import ROUTES

NDJSON = "application/x-ndjson"
EVENTS = "text/event-stream"
LAST_EVENT = b"[DONE]"

# Of an answer that somebody has all lines of, there are no more; any line that is right stands for them.
NOTHING_LEFT = b'{"error": "", "code": ""}'

DOCUMENT = document((route.method, route.path, route.handler) for route in ROUTES)


def line_validator(method: str, path: str, media: str = NDJSON) -> Draft202012Validator:
    """Of the lines of this operation, or of the data of its events."""
    schema = DOCUMENT["paths"][path][method.lower()]["responses"]["200"]["content"][media]["schema"]
    if media == EVENTS:
        schema = schema["properties"]["data"]["anyOf"][1]["contentSchema"]
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


@schemathesis.deserializer(NDJSON)
def first_line(_: Any, response: Any) -> Any:
    """Which the check of bodies looks at; `every_line_conforms` looks at all."""
    return json.loads(response.content.split(b"\n", 1)[0] or NOTHING_LEFT)


def events_of(body: bytes) -> list[bytes]:
    """The data of each; comments aren't looked at."""
    return [line.removeprefix(b"data: ") for line in body.split(b"\n") if line.startswith(b"data: ")]


@schemathesis.check
def every_event_conforms(_: Any, response: Any, case: schemathesis.Case[Any]) -> None:
    """Each is one of those that are described, and the last one says that it is."""
    if not response.headers.get("content-type", [""])[0].startswith(EVENTS):
        return
    *events, last = events_of(response.content)
    assert last == LAST_EVENT
    validator = line_validator(case.method, case.path, EVENTS)
    for event in events:
        validator.validate(json.loads(event))


@schemathesis.check
def every_line_conforms(_: Any, response: Any, case: schemathesis.Case[Any]) -> None:
    """Each is whole, and one of those that are described."""
    if not response.headers.get("content-type", [""])[0].startswith(NDJSON):
        return
    assert response.content.endswith(b"\n") or not response.content
    validator = line_validator(case.method, case.path)
    for line in response.content.splitlines():
        validator.validate(json.loads(line))
