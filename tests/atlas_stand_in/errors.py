"""What a command fails with.

CommandFailed
├── invalid_query       what mongot refuses while it runs a query; mongod passes it on as UnknownError
├── invalid_definition  what mongot refuses about an index; UnknownError too
└── unsupported         what Atlas can do and the stand-in can't: no answer is better than a wrong one
"""

from __future__ import annotations

from typing import Any

INTERNAL_ERROR = (1, "InternalError")
BAD_VALUE = (2, "BadValue")
UNKNOWN_ERROR = (8, "UnknownError")
FAILED_TO_PARSE = (9, "FailedToParse")
NAMESPACE_NOT_FOUND = (26, "NamespaceNotFound")
INDEX_NOT_FOUND = (27, "IndexNotFound")
INDEX_ALREADY_EXISTS = (68, "IndexAlreadyExists")
COMMAND_FAILED = (125, "CommandFailed")
INVALID_INDEX_SPECIFICATION_OPTION = (197, "InvalidIndexSpecificationOption")
COMMAND_NOT_SUPPORTED = (115, "CommandNotSupported")
NOT_SUPPORTED_IN_TRANSACTION = (263, "OperationNotSupportedInTransaction")
SEARCH_NOT_ENABLED = (31082, "SearchNotEnabled")
NOT_FIRST_STAGE = (40602, "Location40602")
NOT_IN_FACET = (40600, "Location40600")


class CommandFailed(Exception):
    """The reply to a command that failed: MongoDB's code, its name and a sentence."""

    def __init__(self, kind: tuple[int, str], message: str) -> None:
        super().__init__(message)
        self.code, self.name = kind
        self.message = message

    def reply(self) -> dict[str, Any]:
        return {"ok": 0.0, "errmsg": self.message, "code": self.code, "codeName": self.name}


def location(code: int, message: str) -> CommandFailed:
    """mongod's errors that have a number and no name."""
    return CommandFailed((code, f"Location{code}"), message)


def invalid_query(message: str) -> CommandFailed:
    return CommandFailed(UNKNOWN_ERROR, f"PlanExecutor error during aggregation :: caused by :: {message}")


def invalid_definition(message: str) -> CommandFailed:
    return CommandFailed(UNKNOWN_ERROR, message)


def unsupported(what: str) -> CommandFailed:
    return CommandFailed(COMMAND_NOT_SUPPORTED, f"{what} is not supported by the stand-in for MongoDB Atlas")
