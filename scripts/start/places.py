"""Where things lie in a clone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Places:
    """The folders and files of the clone at `root`."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def requirements(self) -> Path:
        return self.root / "requirements.txt"

    @property
    def dev_requirements(self) -> Path:
        return self.root / "requirements-dev.txt"

    @property
    def frontend(self) -> Path:
        return self.root / "frontend"

    @property
    def seed_documents(self) -> Path:
        return self.root / "database" / "pdf"

    @property
    def leftovers(self) -> Path:
        """What a run leaves behind: logs, results, the lock between two commands."""
        return self.root / ".run"

    def log(self, name: str) -> Path:
        """Where the step `name` writes."""
        return self.leftovers / f"{name}.log"


CLONE = Places(root=Path(__file__).resolve().parents[2])
