"""The document of OpenAPI 3.1: every route, from what its view declares."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from app.errors import (
    BadRequest,
    Internal,
    MethodNotAllowed,
    NotFound,
    OriginRefused,
    PayloadTooLarge,
    RequestError,
)
from app.openapi import VERSION
from app.openapi.failures import EXAMPLES, failures, header_objects
from app.openapi.operation import EVENTS, FORM, NDJSON, Handler, Operation, Reply, operation_of
from app.openapi.telling import OURS, Telling

Json = dict[str, Any]
Route = tuple[str, str, Handler]
"""Method, path and view."""

_ABOUT = """\
Answers from your own documents, with the page they stand on.

Bodies are JSON in UTF-8. A stream is `application/x-ndjson`: one JSON object a line, each sent when it is
made, of one of the types that are listed; after the first line the status says nothing any more, and a
failure is the last line. What people read (`error`, `reason`) comes in Portuguese, Spanish or English, as
`Accept-Language` or the field `language` asks; programs read `code`. Any request may be answered with
`internal` (500), an address that isn't there with `not_found` (404), a method that an address doesn't take
with `method_not_allowed` (405)."""

_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "description": "The language of what people read: pt, es or en.",
    "schema": {"type": "string"},
    "example": "pt",
}

_REF = "#/components/schemas/{model}"
_SAFE = ("GET", "HEAD")
_LAST_EVENT = "[DONE]"
_PATTERN = re.compile(r"{(\w+):[^}]*}")  # what aiohttp lets a part of a path be
_SAID = re.compile(r"`[A-Z]+ [^`]+`: ")


class _Schemas(GenerateJsonSchema):
    """Without titles, which repeat the names of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """A route with what its view declares."""

    method: str
    path: str
    view: Handler
    operation: Operation

    @property
    def name(self) -> str:
        """Of the module and the view, once where they are called alike."""
        module = self.view.__module__.rpartition(".")[2]
        name = getattr(self.view, "__name__", "view")
        return name if name == module else f"{module}_{name}"

    @property
    def telling(self) -> Telling:
        return self.operation.elsewhere.telling if self.operation.elsewhere else OURS

    @property
    def errors(self) -> list[type[RequestError]]:
        """With those that every request of the kind may meet."""
        kinds = [BadRequest, Internal, *self.operation.errors]
        if self.method not in _SAFE:
            kinds.append(OriginRefused)
        if self.operation.bodies:
            kinds.append(PayloadTooLarge)
        if "{" in self.path:
            kinds += [NotFound, MethodNotAllowed]
        return kinds


def described_path(path: str) -> str:
    """A path of aiohttp's as OpenAPI has it: without what a part of it may be."""
    return _PATTERN.sub(r"{\1}", path)


def document(routes: Iterable[Route]) -> Json:
    """Routes whose views declare nothing are left out."""
    described = [
        Described(method=method, path=described_path(path), view=view, operation=declared)
        for method, path, view in routes
        if (declared := operation_of(view))
    ]
    schema_of, components = _schemas(described)
    paths: dict[str, Json] = {}
    views = Counter(one.view for one in described)
    for one in described:
        said = paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schema_of)
        if views[one.view] > 1:
            said["operationId"] += re.sub(r"\W+", "_", f"_{one.method.lower()}{one.path}").rstrip("_")
    everywhere = failures([type(example) for example in EXAMPLES], schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Acervo",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.operation.tag for one in described)],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {f"Error{status}": response for status, response in everywhere.items()},
            "parameters": {"AcceptLanguage": _LANGUAGE},
        },
    }


def _schemas(described: Iterable[Described]) -> tuple[Mapping[Any, Json], Json]:
    """The schema of each type that stands in a body, and what they refer to."""
    types: dict[Any, None] = {OURS.body(type(example)): None for example in EXAMPLES}
    for one in described:
        types |= {one.telling.body(kind): None for kind in one.errors}
        types |= dict.fromkeys(one.operation.bodies.values())
        types |= {type_: None for reply in one.operation.replies for type_ in reply.types}
    found, definitions = TypeAdapter.json_schemas(
        [(type_, "validation", TypeAdapter(type_)) for type_ in types],
        ref_template=_REF,
        schema_generator=_Schemas,
    )
    return {type_: schema for (type_, _), schema in found.items()}, definitions.get("$defs", {})


def _operation(one: Described, schema_of: Mapping[Any, Json]) -> Json:
    summary, description = _said(one.view)
    declared = one.operation
    answered: Json = {
        "operationId": one.name,
        "tags": [declared.tag],
        "summary": summary,
        **({"description": description} if description else {}),
    }
    if elsewhere := declared.elsewhere:
        answered["externalDocs"] = {"description": elsewhere.protocol, "url": elsewhere.manual}
    parameters = [
        *_parameters("path", declared.path),
        *_parameters("query", declared.query),
        *(
            {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
            for name, text in declared.headers.items()
        ),
        {"$ref": "#/components/parameters/AcceptLanguage"},
    ]
    responses: dict[str, Json] = {}
    for reply in declared.replies:
        _add(responses, reply, schema_of)
    for status, failed in failures(one.errors, schema_of, one.telling).items():
        responses[status] = _either(responses[status], failed) if status in responses else failed
    body = {media: _body(media, schema_of[model]) for media, model in declared.bodies.items()}
    return {
        **answered,
        "parameters": parameters,
        **({"requestBody": {"required": True, "content": body}} if body else {}),
        "responses": responses,
    }


def _either(protocols: Json, ours: Json) -> Json:
    """A status that a protocol answers with by itself, and so do we."""
    schemas = [said["content"]["application/json"]["schema"] for said in (protocols, ours)]
    content = {**ours["content"]["application/json"], "schema": {"anyOf": schemas}}
    return {
        **ours,
        "description": f"{protocols['description']}; {ours['description']}",
        "content": {"application/json": content},
    }


def _said(view: Handler) -> tuple[str, str]:
    """The first paragraph of its docstring without the address, and the others."""
    first, _, rest = (inspect.getdoc(view) or "").partition("\n\n")
    summary = " ".join(_SAID.sub("", first, count=1).split()).rstrip(".")
    return summary[:1].upper() + summary[1:], rest


def _parameters(place: str, model: type[BaseModel] | None) -> list[Json]:
    if model is None:
        return []
    schema = model.model_json_schema(schema_generator=_Schemas)
    return [
        {
            "name": name,
            "in": place,
            "required": name in schema.get("required", ()),
            "description": value.pop("description", ""),
            **({"example": examples[0]} if (examples := value.pop("examples", None)) else {}),
            "schema": value,
        }
        for name, value in schema["properties"].items()
    ]


def _body(media: str, schema: Json) -> Json:
    if media != FORM:
        return {"schema": schema}
    return {"schema": schema, "encoding": {"tags": {"style": "form", "explode": True}}}


def _add(responses: dict[str, Json], reply: Reply, schema_of: Mapping[Any, Json]) -> None:
    """To the replies of the same status, where there are any: they differ in their media type."""
    response = responses.setdefault(str(reply.status), {"description": reply.text})
    if reply.headers:
        response.setdefault("headers", {}).update(header_objects(reply.headers))
    if reply.media:
        content = response.setdefault("content", {})
        content[reply.media] = {"schema": _reply_schema(reply, schema_of)} if reply.types else {}


def _reply_schema(reply: Reply, schema_of: Mapping[Any, Json]) -> Json:
    alternatives = [schema_of[type_] for type_ in reply.types]
    one = alternatives[0] if len(alternatives) == 1 else {"oneOf": alternatives}
    if reply.media == EVENTS:
        return _event_schema(one)
    return {"description": "One line.", **one} if reply.media == NDJSON and len(alternatives) > 1 else one


def _event_schema(data: Json) -> Json:
    """Of one server-sent event, as OpenAPI 3.2 has it: JSON as its data, but for the last one."""
    told = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    return {
        "description": "One event.",
        "type": "object",
        "properties": {"data": {"anyOf": [{"const": _LAST_EVENT}, told]}},
        "required": ["data"],
    }
