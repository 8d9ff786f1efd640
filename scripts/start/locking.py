"""The locks: every package with its version, for every system and Python that the product runs on."""

from __future__ import annotations

import re

HEADER = (
    "# Locked from pyproject.toml by scripts/lock. Don't edit: change pyproject.toml and run scripts/lock."
)

# What PyTorch's build for NVIDIA GPUs brings, in versions it pins itself. Named in the lock they would be
# installed with the CPU build, too: 3 GB that nothing uses.
_TORCH_BRINGS = re.compile(r"(nvidia|cuda)-[\w-]+==|triton==")

_ELSEWHERE = re.compile(r"sys_platform == '(win32|emscripten)'")


def lock_text(compiled: str, *, includes: str | None = None) -> str:
    """A lock file from what `uv pip compile --universal` printed; `includes` names a lock it builds upon."""
    kept = (
        re.sub(r"\s+# via ", "  # via ", line).rstrip()
        for line in compiled.splitlines()
        if not _TORCH_BRINGS.match(line) and not _only_elsewhere(line)
    )
    first = [f"-r {includes}"] if includes else []
    return "".join(f"{line}\n" for line in (HEADER, *first, *kept))


def _only_elsewhere(line: str) -> bool:
    """Whether a line is for systems that the product does not run on."""
    _, _, marker = line.partition(" ; ")
    return " or " not in marker and _ELSEWHERE.search(marker) is not None
