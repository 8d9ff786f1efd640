"""The calls as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scripts.reference.calls import FORM, NDJSON, Call, Json, resolve
from scripts.reference.examples import curl, python

_BEGINNING = """\
# The API

Written by `scripts/api` from the server's own document; a test fails when it is out of date.

- `GET /openapi.json` is that document, in OpenAPI 3.1: programs make clients of it.
- `GET /docs` shows it in the browser, where every operation can be tried. Nothing comes from anywhere else.
- [acervo.postman_collection.json](acervo.postman_collection.json) is for Postman: import it, set `baseUrl`.
- [How an answer comes](../answers.md) says what the lines of an answer mean.

The examples in Python need `pip install requests`.
"""


def page(document: Json, calls: Sequence[Call]) -> str:
    """Operations by their tags, each with its examples and what it answers with."""
    return "\n".join((_BEGINNING, *_table(calls), *_operations(document, calls), *_errors(document))) + "\n"


def _table(calls: Sequence[Call]) -> Iterator[str]:
    yield "| Operation | |"
    yield "|---|---|"
    for call in {f"{call.method} {call.path}": call for call in calls}.values():
        yield f"| `{call.method} {call.path}` | {call.summary} |"


def _operations(document: Json, calls: Sequence[Call]) -> Iterator[str]:
    for tag in dict.fromkeys(call.tag for call in calls):
        yield f"\n## {tag}"
        shown = None
        for call in (call for call in calls if call.tag == tag):
            operation = f"{call.method} {call.path}"
            if operation != shown:
                yield f"\n### {operation}\n"
                yield f"{call.summary}."
                if call.description:
                    yield f"\n{call.description}"
                if call.manual:
                    yield f"\nThe protocol is described by [its makers]({call.manual})."
                yield from _parameters(document, call)
                yield from _replies(call)
            shown = operation
            yield f"\n```sh\n{curl(call)}\n```\n\n```python\n{python(call)}\n```"


def _parameters(document: Json, call: Call) -> Iterator[str]:
    own = [one for one in call.parameters if one["name"] != "Accept-Language"]
    fields = [] if call.media in (None, FORM) else list(_fields(document, call))
    if not own and not fields:
        return
    yield "\n| Field | In | |\n|---|---|---|"
    for one in own:
        yield f"| `{one['name']}` | {one['in']} | {one['description']} |"
    for name, text in fields:
        yield f"| `{name}` | body | {text} |"


def _fields(document: Json, call: Call) -> Iterator[tuple[str, str]]:
    said = document["paths"][call.path][call.method.lower()]["requestBody"]["content"][call.media]
    for name, field in resolve(document, said["schema"])["properties"].items():
        yield name, " ".join(field.get("description", "").split())


def _replies(call: Call) -> Iterator[str]:
    yield ""
    for status, response in call.responses.items():
        content = response.get("content", {})
        schemas = [media.get("schema", {}) for media in content.values()]
        types = dict.fromkeys(f"`{name}`" for schema in schemas for name in _names(schema))
        kind = "lines of " if NDJSON in content else ""
        yield f"- {status}: {response['description']}" + (f" ({kind}{', '.join(types)})" if types else "")


def _names(schema: Json) -> Iterator[str]:
    data = schema.get("properties", {}).get("data", {})  # of an event
    events = [one.get("contentSchema", {}) for one in data.get("anyOf", ())]
    for one in (
        schema,
        *schema.get("oneOf", ()),
        *(one for event in events for one in event.get("oneOf", ())),
    ):
        if "$ref" in one:
            yield one["$ref"].rpartition("/")[2]


def _errors(document: Json) -> Iterator[str]:
    yield "\n## Errors\n"
    yield "| Status | Code | Example |"
    yield "|---|---|---|"
    for name, response in document["components"]["responses"].items():
        for example in response["content"]["application/json"]["examples"].values():
            value = example["value"]
            yield f"| {name.removeprefix('Error')} | `{value['code']}` | {value['error']} |"
