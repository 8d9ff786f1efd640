"""Asking for the passwords of documents, so that they stand in no command line, log or history."""

from __future__ import annotations

import getpass
import sys

from database.messages import Messages


def ask(messages: Messages) -> tuple[str, ...]:
    """One after another, until a line is empty; from a pipe or a file, its lines."""
    if not sys.stdin.isatty():
        return tuple(line for line in sys.stdin.read().splitlines() if line)
    given: list[str] = []
    while password := getpass.getpass(messages("password")):
        given.append(password)
    return tuple(given)
