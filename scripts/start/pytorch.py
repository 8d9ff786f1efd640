"""Which build of PyTorch this machine should get, and where the CPU build can be had.

On Linux the registry's build carries about 3 GB of CUDA libraries that nobody without an NVIDIA GPU needs.
PyTorch publishes the build without them on its own index; a person's pip may be set to find it elsewhere.
"""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PROBE_SECONDS = 6.0  # an index that takes longer to say that it is there would make a slow source anyway
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")


def pinned_version(requirements: str) -> str:
    """The version of torch that the text of a lock pins."""
    found = re.search(r"^torch==([^\s;]+)", requirements, re.MULTILINE)
    if found is None:
        raise ValueError("the lock does not pin torch")
    return found[1]


def wants_cpu_build(system: str, *, nvidia: bool) -> bool:
    """Whether the registry's build would bring CUDA for nothing. `system` is platform.system()'s."""
    return system == "Linux" and not nvidia


def has_nvidia() -> bool:
    """Whether an NVIDIA GPU can be used here: the driver is loaded, or (WSL) nvidia-smi lists one."""
    if NVIDIA_DRIVER.exists():
        return True
    tool = shutil.which("nvidia-smi") or shutil.which("/usr/lib/wsl/lib/nvidia-smi")
    if tool is None:
        return False
    try:
        listed = subprocess.run([tool, "-L"], capture_output=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return listed.returncode == 0 and b"GPU" in listed.stdout


def pip_settings(listing: str) -> dict[str, str]:
    """What `pip config list` prints, as names without their section: {"proxy": …, "cert": …}.

    Later sources win, as in pip itself: files first, then the environment (`:env:`).
    """
    settings: dict[str, str] = {}
    for line in listing.splitlines():
        found = re.fullmatch(r"(?:global|install|:env:)\.([\w-]+)='(.*)'", line.strip())
        if found:
            settings[found[1]] = found[2]
    return settings


def index_answers(settings: Mapping[str, str], *, index: str, seconds: float = PROBE_SECONDS) -> bool:
    """Whether the index of CPU builds answers in time, asked as pip would (its proxy, its certificates)."""
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        return False
    answers: list[bool] = []

    # In a thread, because looking a name up can hang for longer than any time limit of a connection.
    def probe() -> None:
        answers.append(_reach(f"{index}/torch/", settings, seconds))

    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    thread.join(seconds)
    return answers == [True]


def _reach(address: str, settings: Mapping[str, str], seconds: float) -> bool:
    proxy = settings.get("proxy")
    proxies = {"http": proxy, "https": proxy} if proxy else None  # None: as HTTPS_PROXY and its kin say
    try:
        context = ssl.create_default_context(cafile=settings.get("cert") or None)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=context)
        )
        request = urllib.request.Request(address, method="HEAD")  # noqa: S310 - a constant https address
        with opener.open(request, timeout=seconds) as response:
            return bool(response.status == 200)
    except (OSError, ValueError):  # unreachable, refused, no such certificate file, no proxy address
        return False
