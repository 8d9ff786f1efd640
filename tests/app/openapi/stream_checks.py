"""What Schemathesis has to know of streams: a schema is that of each line, and the last line ends it."""

from __future__ import annotations

import json
from typing import Any

import schemathesis
from jsonschema import Draft202012Validator

from app.openapi.document import document
from app.routes import ROUTES

NDJSON = "application/x-ndjson"

# Of an answer that somebody has all lines of, there are no more; any line that is right stands for them.
NOTHING_LEFT = b'{"error": "", "code": ""}'

DOCUMENT = document((route.method, route.path, route.handler) for route in ROUTES)


def line_validator(method: str, path: str) -> Draft202012Validator:
    """Of the lines of this operation."""
    content = DOCUMENT["paths"][path][method.lower()]["responses"]["200"]["content"]
    return Draft202012Validator({**content[NDJSON]["schema"], "components": DOCUMENT["components"]})


@schemathesis.deserializer(NDJSON)
def first_line(_: Any, response: Any) -> Any:
    """Which the check of bodies looks at; `every_line_conforms` looks at all."""
    return json.loads(response.content.split(b"\n", 1)[0] or NOTHING_LEFT)


@schemathesis.check
def every_line_conforms(_: Any, response: Any, case: schemathesis.Case[Any]) -> None:
    """Each is whole, and one of those that are described."""
    if not response.headers.get("content-type", [""])[0].startswith(NDJSON):
        return
    assert response.content.endswith(b"\n") or not response.content
    validator = line_validator(case.method, case.path)
    for line in response.content.splitlines():
        validator.validate(json.loads(line))
