"""What can be changed while a stand-in runs, by the command `{standIn: 1, lag: …, build: …}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from tests.atlas_stand_in.errors import BAD_VALUE, CommandFailed

COMMAND = "standIn"


@dataclass(kw_only=True)
class Settings:
    """
    lag: seconds until a write can be found by a search.
    build: seconds that an index takes to build, at least.
    hosts: what `hello` says the members of the replica set are; empty: the stand-in itself. A name that can't
        be reached is what the local Atlas container gives: drivers then need directConnection=true.
    search: False is a MongoDB without mongot: every command of search fails.
    """

    lag: float = 0.05
    build: float = 0.1
    hosts: tuple[str, ...] = ()
    search: bool = True

    def change(self, changes: Mapping[str, Any]) -> None:
        """Raises CommandFailed for a setting that there isn't."""
        known = {field.name for field in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise CommandFailed(BAD_VALUE, f"unknown setting of the stand-in: {name}")
            setattr(self, name, tuple(value) if name == "hosts" else value)

    def as_document(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}
