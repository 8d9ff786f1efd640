"""The Python environment in .venv: created, filled from the lock, left alone while the lock is the same."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from scripts.start import messages, pytorch
from scripts.start.causes import cause_of
from scripts.start.errors import CommandError, ToolError
from scripts.start.places import Places
from scripts.start.progress import step
from scripts.start.stamps import Stamp, fingerprint
from scripts.start.tools import Tools

GIGABYTE = 10**9
# Measured on Linux, with what pip needs for unpacking: the environment, the client's packages and its build.
NEEDED_GB = 4
NEEDED_WITH_CUDA_GB = 12


class Environment:
    """The environment of one clone."""

    def __init__(self, places: Places, tools: Tools, *, cpu_index: str = pytorch.CPU_INDEX) -> None:
        self._places = places
        self._tools = tools
        self._cpu_index = cpu_index

    def prepare(self, *, dev: bool = False) -> None:
        """Have every package of the lock installed, the developers' ones too where `dev`.

        Raises CommandError with what to do, Stopped if somebody asks to stop.
        """
        if self._is_ready(dev=dev):
            return
        self._ensure_venv()
        if not self._stamp("packages").fits(self._content()):
            self._install_runtime()
            self._stamp("packages").put(self._content())
        if dev:
            self.install("-r", self._places.dev_requirements, title=messages.PACKAGES, log="pip-dev")
            self._stamp("packages-dev").put(self._content(dev=True))

    def install(self, *arguments: str | Path, title: messages.Sentence, log: str, **values: object) -> None:
        """pip install with these arguments and the person's own settings of pip."""
        self._tools.run(
            self._pip("install", *arguments),
            tool="pip",
            title=self._tools.console.text(title, **values),
            log=self._places.log(log),
            environ=self._environ(),
        )

    def _is_ready(self, *, dev: bool) -> bool:
        name = "packages-dev" if dev else "packages"
        return self._places.python.exists() and self._stamp(name).fits(self._content(dev=dev))

    def _stamp(self, name: str) -> Stamp:
        return Stamp(self._places.venv / "stamps" / name)

    def _content(self, *, dev: bool = False) -> str:
        locks = [self._places.requirements, *([self._places.dev_requirements] if dev else [])]
        return fingerprint([*locks, self._places.venv / "pyvenv.cfg"], root=self._places.root)

    def _ensure_venv(self) -> None:
        if self._has_pip():
            return
        self._check_disk()
        self._tools.run(
            # The interpreter below any environment: this one may be the one that is about to be cleared.
            [getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", self._places.venv],
            tool="venv",
            title=self._tools.console.text(messages.VENV),
            log=self._places.log("venv"),
        )

    def _has_pip(self) -> bool:
        try:
            asked = subprocess.run(self._pip("--version"), capture_output=True, check=False)  # noqa: S603
        except OSError:
            return False
        return asked.returncode == 0

    def _check_disk(self) -> None:
        needed = NEEDED_WITH_CUDA_GB if platform.system() == "Linux" and pytorch.has_nvidia() else NEEDED_GB
        free = shutil.disk_usage(self._places.root).free
        if free < needed * GIGABYTE:
            raise CommandError(
                messages.DISK_TOO_SMALL,
                needed=needed,
                free=f"{free / GIGABYTE:.1f}",
                folder=self._places.root,
            )

    def _install_runtime(self) -> None:
        if pytorch.wants_cpu_build(platform.system(), nvidia=pytorch.has_nvidia()) and not self._has_torch():
            self._install_cpu_torch()
        self.install("-r", self._places.requirements, title=messages.PACKAGES, log="pip")

    def _has_torch(self) -> bool:
        version = pytorch.pinned_version(self._places.requirements.read_text(encoding="utf-8"))
        return any(self._places.venv.glob(f"lib/python*/site-packages/torch-{version}*.dist-info"))

    def _install_cpu_torch(self) -> None:
        """Install the CPU build alone (the lock brings what it needs), or leave the general one to it."""
        version = pytorch.pinned_version(self._places.requirements.read_text(encoding="utf-8"))
        build = f"torch=={version}+cpu"
        console, log = self._tools.console, self._places.log("pip-torch")
        with step(console, console.text(messages.TORCH_OWN), log):
            own = self._tools.status(
                self._pip("install", "--no-deps", "--retries", "1", build), log=log, environ=self._environ()
            )
        if own == 0:
            return
        settings = pytorch.pip_settings(self._pip_listing())
        if pytorch.index_answers(settings, index=self._cpu_index):
            try:
                self.install(
                    "--no-deps",
                    "--extra-index-url",
                    self._cpu_index,
                    build,
                    title=messages.TORCH_CPU,
                    log="pip-torch",
                )
                return
            except ToolError as failure:
                console.failure(failure)
        if cause_of(log.read_text(encoding="utf-8", errors="replace")) is not messages.NO_NETWORK:
            console.say(messages.TORCH_LARGER, host=urlsplit(self._cpu_index).hostname)

    def _pip_listing(self) -> str:
        listed = subprocess.run(self._pip("config", "list"), capture_output=True, text=True, check=False)  # noqa: S603
        return listed.stdout

    def _pip(self, *arguments: str | Path) -> list[str | Path]:
        return [self._places.python, "-m", "pip", "--no-input", *arguments]

    def _environ(self) -> dict[str, str]:
        # A person's wish to install for themselves alone means the system's Python; in an environment pip
        # would refuse to work at all.
        return {
            **os.environ,
            "PIP_USER": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_PROGRESS_BAR": "off",
        }
