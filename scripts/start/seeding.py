"""The documents that come with the clone, loaded once and again whenever they or their treatment change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from scripts.start import messages
from scripts.start.errors import ToolError
from scripts.start.places import Places
from scripts.start.stamps import Stamp, files_below, fingerprint
from scripts.start.tools import Tools

SHAPING_SETTINGS = ("MONGODB_URI", "MONGODB_DATABASE")  # another model takes over while the server runs
NOT_SOURCES = frozenset({"__pycache__"})


def seed(places: Places, tools: Tools, settings: Mapping[str, str]) -> None:
    """Have the documents of database/pdf loaded; one that can't be is told and does not stop the others.

    Raises Stopped if somebody asks to stop.
    """
    documents = files_below(places.seed_documents)
    if not documents:
        return
    stamp = Stamp(places.root / Path(settings.get("DATA_DIR") or "data") / ".seeded-from")
    shaping = [f"{name}={settings.get(name, '')}" for name in SHAPING_SETTINGS]
    sources = files_below(places.root / "database", without=NOT_SOURCES)
    content = fingerprint([*sources, places.requirements], root=places.root, also=shaping)
    if stamp.fits(content):
        return
    log = places.log("seed")
    try:
        tools.run(
            [places.python, "-m", "database", "seed"],
            tool="database seed",
            title=tools.console.text(messages.SEED),
            log=log,
            environ=os.environ,
        )
    except ToolError as error:
        tools.console.failure(error)
        tools.console.say(messages.SEED_INCOMPLETE, log=log)
        return
    stamp.put(content)
