"""Each operation of the document as a call that can be made as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Reply = Literal["lines", "json", "text", "bytes", "nothing"]

JSON, FORM, NDJSON = "application/json", "multipart/form-data", "application/x-ndjson"
TEXT = "text/plain"
METHODS = ("get", "post", "put", "patch", "delete")

FILE = "edital.pdf"  # that the examples send
FIELDS = {"tags": "editais"}  # that stand before it


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One operation with one of the bodies that it takes. `reply` is what comes back where all goes well;
    `manual` is where the protocol is described, if it is somebody else's.
    """

    method: str
    path: str
    tag: str
    summary: str
    description: str
    parameters: tuple[Json, ...] = ()
    media: str | None = None
    body: Json | None = None
    reply: Reply = "nothing"
    manual: str | None = None
    responses: Mapping[str, Json] = field(default_factory=dict)

    def values(self, place: str) -> dict[str, Any]:
        """The examples of the parameters that stand there."""
        return {
            one["name"]: one["example"] for one in self.parameters if one["in"] == place and "example" in one
        }

    @property
    def address(self) -> str:
        """The path with examples in place of its parameters."""
        path = self.path
        for name, value in self.values("path").items():
            path = path.replace(f"{{{name}}}", str(value))
        query = "&".join(f"{name}={value}" for name, value in self.values("query").items())
        return f"{path}?{query}" if query else path


def calls(document: Json) -> Iterator[Call]:
    """In the order of the document."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if said := methods.get(method):
                yield from _calls(document, method.upper(), path, said)


def _calls(document: Json, method: str, path: str, said: Json) -> Iterator[Call]:
    common: Json = {
        "method": method,
        "path": path,
        "tag": said["tags"][0],
        "summary": said["summary"],
        "description": said.get("description", ""),
    }
    common["parameters"] = tuple(resolve(document, one) for one in said.get("parameters", ()))
    common["manual"] = said.get("externalDocs", {}).get("url")
    common["responses"] = said["responses"]
    common["reply"] = _reply(said["responses"])
    bodies = said.get("requestBody", {}).get("content", {})
    for media, body in bodies.items():
        examples = resolve(document, body["schema"]).get("examples", ({},))
        yield Call(**common, media=media, body=examples[0])
    if not bodies:
        yield Call(**common)


def resolve(document: Json, value: Json) -> Json:
    """What a reference stands for."""
    for part in value["$ref"].split("/")[1:] if "$ref" in value else ():
        document = document[part]
    return document if "$ref" in value else value


def _reply(responses: Json) -> Reply:
    well = next(response for status, response in responses.items() if status.startswith("2"))
    media = next(iter(well.get("content", ())), None)
    kinds: dict[str | None, Reply] = {None: "nothing", JSON: "json", NDJSON: "lines", TEXT: "text"}
    return kinds.get(media, "bytes")
