"""The calls as a collection of Postman, version 2.1."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from scripts.reference.calls import FIELDS, FORM, JSON, Call, Json
from scripts.reference.examples import SERVER

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(document: Json, calls: Sequence[Call]) -> Json:
    """A folder for each tag. Where the server is, is a variable."""
    info = document["info"]
    variables: dict[str, Any] = {"baseUrl": SERVER}
    for call in calls:
        variables |= {
            name: value for name, value in call.values("path").items() if f":{name}" not in _path(call)
        }
    return {
        "info": {"name": info["title"], "description": info["description"], "schema": SCHEMA},
        "variable": [{"key": key, "value": str(value)} for key, value in variables.items()],
        "item": [
            {"name": tag, "item": [_item(call) for call in calls if call.tag == tag]}
            for tag in dict.fromkeys(call.tag for call in calls)
        ],
    }


def _item(call: Call) -> Json:
    path = _path(call)
    address = "/".join(("{{baseUrl}}", *path))
    query = [
        {
            "key": one["name"],
            "value": str(one.get("example", "")),
            "description": one["description"],
            "disabled": True,
        }
        for one in call.parameters
        if one["in"] == "query"
    ]
    request: Json = {
        "method": call.method,
        "header": [{"key": "Content-Type", "value": JSON}] if call.media == JSON else [],
        "url": {
            "raw": address,
            "host": ["{{baseUrl}}"],
            "path": path,
            "query": query,
            "variable": [
                {"key": name, "value": str(value)}
                for name, value in call.values("path").items()
                if f":{name}" in path
            ],
        },
        "description": "\n\n".join(filter(None, (call.description, call.manual))),
    }
    if call.media == JSON:
        text = json.dumps(call.body, ensure_ascii=False, indent=2)
        request["body"] = {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}
    if call.media == FORM:
        fields = [{"key": name, "value": value, "type": "text"} for name, value in FIELDS.items()]
        request["body"] = {
            "mode": "formdata",
            "formdata": [*fields, {"key": "file", "type": "file", "src": ""}],
        }
    return {"name": f"{call.method} {call.path}: {call.summary}", "request": request, "response": []}


def _path(call: Call) -> list[str]:
    """A parameter that is a whole segment is the request's own; others are the collection's."""
    segments = call.path.strip("/").split("/")
    return [
        re.sub(r"{(\w+)}", r"{{\1}}", segment) if not re.fullmatch(r"{\w+}", segment) else f":{segment[1:-1]}"
        for segment in segments
    ]
