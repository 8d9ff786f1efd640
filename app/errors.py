"""Errors of the server. Each of a request has the status and the code that the client gets.

    AppError
    ├── RequestError                    the request can't be answered
    │   ├── BadRequest            400   bad_request
    │   │   └── PromptMissing     400   prompt_missing
    │   ├── PromptTooLong         413   prompt_too_long
    │   ├── PayloadTooLarge       413   payload_too_large
    │   │   └── FileTooLarge      413   payload_too_large
    │   ├── NoSpace               507   no_space
    │   │   └── FeedbackFull      507   no_space
    │   ├── OriginRefused         403   origin_refused
    │   ├── NotFound              404   not_found
    │   │   ├── UnknownDocument   404   unknown_document
    │   │   ├── UnknownPage       404   unknown_page
    │   │   ├── UnknownModel      404   unknown_model
    │   │   ├── UnknownAnswer     404   unknown_answer
    │   │   └── NoFile            404   no_file
    │   ├── MethodNotAllowed      405   method_not_allowed
    │   ├── RenderFailed          422   render_failed
    │   ├── CollectionUnavailable 503   store_unavailable
    │   ├── CollectionBusy        503   store_busy
    │   ├── ModelUnavailable      503   model_unavailable
    │   │   └── NoModel           503   model_unavailable
    │   ├── TooBusy               503   too_busy
    │   └── Internal              500   internal
    └── ModelError                      a language model failed; another one may answer
        ├── ModelUnreachable            it can't be reached, or says nothing
        ├── ModelRefused                it answered with an error of its own
        └── ModelBroken                 its answer stopped in the middle or can't be read

The text of a ModelError is for the log. What people read is `told`.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from app.messages import Key, Language, Sentence, sentence
from database.errors import EmbedderUnavailable, Reason, StoreError


class Told(Protocol):
    """What people read, in their language."""

    def text(self, language: Language) -> str: ...


class AppError(Exception):
    """Base of every error of this package."""


class RequestError(AppError):
    """The request can't be answered."""

    status: ClassVar[int]
    code: ClassVar[str]

    def __init__(self, told: Told) -> None:
        super().__init__(told.text("en"))
        self.told = told


class BadRequest(RequestError):
    status = 400
    code = "bad_request"


class PromptMissing(BadRequest):
    code = "prompt_missing"

    def __init__(self, field: str) -> None:
        super().__init__(sentence("text_missing", field=field))


class PromptTooLong(RequestError):
    status = 413
    code = "prompt_too_long"

    def __init__(self, limit: int) -> None:
        super().__init__(sentence("text_too_long", limit=limit))


class PayloadTooLarge(RequestError):
    status = 413
    code = "payload_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(sentence("payload_too_large", limit=limit))


class FileTooLarge(PayloadTooLarge):
    """One of the files of a request. The others can be taken."""

    def __init__(self, limit: int) -> None:
        RequestError.__init__(self, sentence("file_too_large", limit=limit // 2**20))


class NoSpace(RequestError):
    status = 507
    code = "no_space"

    def __init__(self) -> None:
        super().__init__(sentence("no_space"))


class FeedbackFull(NoSpace):
    """What was said of answers has all the room that it may take."""

    def __init__(self, limit: int) -> None:
        RequestError.__init__(self, sentence("feedback_full", limit=limit // 2**20))


class OriginRefused(RequestError):
    status = 403
    code = "origin_refused"

    def __init__(self, origin: str) -> None:
        super().__init__(sentence("origin_refused", origin=origin))


class NotFound(RequestError):
    status = 404
    code = "not_found"

    def __init__(self, told: Told | None = None) -> None:
        super().__init__(told or sentence("not_found"))


class UnknownDocument(NotFound):
    code = "unknown_document"

    def __init__(self) -> None:
        super().__init__(sentence("unknown_document"))


class UnknownPage(NotFound):
    code = "unknown_page"

    def __init__(self) -> None:
        super().__init__(sentence("unknown_page"))


class UnknownModel(NotFound):
    code = "unknown_model"

    def __init__(self, names: list[str]) -> None:
        super().__init__(sentence("unknown_model", names=", ".join(names)))


class UnknownAnswer(NotFound):
    code = "unknown_answer"

    def __init__(self) -> None:
        super().__init__(sentence("unknown_answer"))


class NoFile(NotFound):
    code = "no_file"

    def __init__(self) -> None:
        super().__init__(sentence("no_file"))


class MethodNotAllowed(RequestError):
    status = 405
    code = "method_not_allowed"

    def __init__(self, method: str, allowed: set[str]) -> None:
        super().__init__(sentence("method_not_allowed", method=method, allowed=", ".join(sorted(allowed))))
        self.allowed = allowed


class RenderFailed(RequestError):
    status = 422
    code = "render_failed"

    def __init__(self, reason: Reason) -> None:
        super().__init__(sentence("render_failed", reason=sentence(_REASON_KEYS[reason])))
        self.reason: Reason = reason


class CollectionUnavailable(RequestError):
    status = 503
    code = "store_unavailable"

    def __init__(self, why: StoreError | EmbedderUnavailable | None = None) -> None:
        super().__init__(why or sentence("store_unavailable"))


class CollectionBusy(RequestError):
    status = 503
    code = "store_busy"

    def __init__(self) -> None:
        super().__init__(sentence("store_busy"))


class ModelUnavailable(RequestError):
    status = 503
    code = "model_unavailable"

    def __init__(self, name: str, reason: Sentence) -> None:
        super().__init__(sentence("model_unavailable", name=name, reason=reason))


class TooBusy(RequestError):
    status = 503
    code = "too_busy"

    def __init__(self, seconds: int) -> None:
        super().__init__(sentence("too_busy", seconds=seconds))
        self.seconds = seconds


class NoModel(ModelUnavailable):
    """The settings leave none to ask."""

    def __init__(self) -> None:
        RequestError.__init__(self, sentence("no_model"))


class Internal(RequestError):
    status = 500
    code = "internal"

    def __init__(self, log_id: str) -> None:
        super().__init__(sentence("internal", id=log_id))


class ModelError(AppError):
    """A language model failed; another one may answer. `passing`: the same one may, if it is asked again."""

    key: ClassVar[Key]

    def __init__(self, name: str, detail: str, *, passing: bool = False) -> None:
        super().__init__(f"{name}: {detail}")
        self.told = sentence(self.key, name=name)
        self.passing = passing


class ModelUnreachable(ModelError):
    """It can't be reached, or says nothing for too long."""

    key = "model_unreachable"


class ModelRefused(ModelError):
    """It answered with an error of its own. `of_request`: what it says of the request, to who made it."""

    key = "model_refused"

    def __init__(self, name: str, detail: str, *, passing: bool = False, of_request: str = "") -> None:
        super().__init__(name, detail, passing=passing)
        self.name = name
        self.of_request = of_request


class ModelBroken(ModelError):
    """Its answer stopped in the middle or can't be read."""

    key = "model_broken"


_REASON_KEYS: dict[Reason, Key] = {
    "encrypted": "reason_encrypted",
    "broken": "reason_broken",
    "empty": "reason_empty",
    "too_large": "reason_too_large",
    "too_slow": "reason_too_slow",
    "too_much_memory": "reason_too_much_memory",
    "no_text": "reason_no_text",
    "unsupported": "reason_unsupported",
    "missing": "reason_missing",
    "unreachable": "reason_unreachable",
    "refused": "reason_refused",
}
