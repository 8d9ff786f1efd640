"""The browser that the browser tests drive: Debian's Chromium, installed where that can be done."""

from __future__ import annotations

import os
import shutil
import sys

from scripts.start import messages
from scripts.start.errors import CommandError
from scripts.start.places import Places
from scripts.start.tools import Tools

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATION = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find_chromium() -> str | None:
    """The path of a Chromium on this machine."""
    found = (shutil.which(name) for name in (*NAMES, MAC_APPLICATION))
    return next((path for path in found if path), None)


def prepare_chromium(places: Places, tools: Tools) -> str:
    """Find Chromium or install it. Raises CommandError where neither can be done, Stopped."""
    if found := find_chromium():
        return found
    administrator = _administrator(places, tools)
    if administrator is None or shutil.which("apt-get") is None:
        raise CommandError(messages.CHROMIUM_MISSING)
    apt = [*administrator, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--yes", "--quiet"]
    for number, words in enumerate((["update"], ["install", "--no-install-recommends", "chromium"]), start=1):
        tools.run(
            [*apt, *words],
            tool="apt-get",
            title=f"{tools.console.text(messages.CHROMIUM)} {number}/2",
            log=places.log(f"apt-{words[0]}"),
        )
    if found := find_chromium():
        return found
    raise CommandError(messages.CHROMIUM_MISSING)


def _administrator(places: Places, tools: Tools) -> list[str] | None:
    """The words that make a command the administrator's ([] for root), None where it takes a password."""
    if sys.platform != "linux":
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and tools.status([sudo, "-n", "true"], log=places.log("sudo")) == 0:
        return [sudo, "-n"]
    return None
