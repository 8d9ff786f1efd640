"""The error tree."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app import errors
from app.errors import AppError, ModelError, RenderFailed, RequestError
from app.messages import LANGUAGES
from database.errors import REASONS


def descendants(kind: type[AppError]) -> Iterator[type[AppError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from descendants(child)


def test_the_drawn_tree_is_the_real_one() -> None:
    """Every error is drawn in the module's docstring, with its status and code."""
    drawn = {
        name: (status, code)
        for name, status, code in re.findall(r"── (\w+) +(?:(\d{3}) +(\w+))?", errors.__doc__ or "")
    }
    real = {
        child.__name__: (str(child.status), child.code)
        if issubclass(child, RequestError) and child is not RequestError
        else ("", "")
        for child in descendants(AppError)
    }
    assert drawn == real


def test_every_reason_for_a_failed_picture_can_be_said() -> None:
    """In every language, without a value left open."""
    for reason in REASONS:
        for language in LANGUAGES:
            assert "{" not in RenderFailed(reason).told.text(language)


def test_a_models_own_words_are_for_the_log_only() -> None:
    """What people read names the model and what to do, not what the model said."""
    for kind in descendants(ModelError):
        assert issubclass(kind, ModelError)
        error = kind("llama3", "CUDA out of memory at 0x1234")
        assert "CUDA" in str(error)
        assert "CUDA" not in error.told.text("en")
        assert "llama3" in error.told.text("en")
