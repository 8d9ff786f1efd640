"""The protocol's messages, as far as the API's document tells of them. The protocol's package checks them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr
from typing_extensions import TypedDict

from app.compat.schemas import passing
from app.fields import REQUEST


class McpRequest(BaseModel):
    """A message of JSON-RPC 2.0."""

    model_config = ConfigDict(
        **REQUEST,
        json_schema_extra={
            "examples": [
                {
                    "jsonrpc": "2.0",
                    "id": 1,
                    "method": "tools/call",
                    "params": {"name": "search", "arguments": {"question": "Qual é o prazo de recurso?"}},
                }
            ]
        },
    )

    jsonrpc: Literal["2.0"]
    """The version of JSON-RPC."""
    id: StrictInt | StrictStr | None = None
    """By which the answer is told from others; notifications have none."""
    method: str
    """`tools/list`, `tools/call`, `resources/list`, `resources/read`, …"""
    params: dict[str, Any] | None = None
    """What the method takes."""


@passing
class McpProblem(TypedDict):
    """What went wrong."""

    code: int
    message: str


@passing
class McpError(TypedDict):
    """The protocol's own error."""

    jsonrpc: Literal["2.0"]
    error: McpProblem


@passing
class McpReply(TypedDict):
    """What was asked for, or why it isn't there."""

    jsonrpc: Literal["2.0"]
    id: int | str | None
    result: NotRequired[dict[str, Any]]
    error: NotRequired[McpProblem]
