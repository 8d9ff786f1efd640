"""What must be the same on every machine, so that it doesn't matter which one converts a page."""

from __future__ import annotations

import hashlib
import socket
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import ray

import database
from database.load.converters import ocr

# Those that shape what is read. PyTorch is not among them: its builds for the processor and for the GPU
# have different versions, and both have their place in one cluster.
_LIBRARIES = (
    "lxml",
    "markdown-it-py",
    "pymupdf",
    "pymupdf4llm",
    "sentence-transformers",
    "trafilatura",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """A machine of the cluster: Ray's id of it, its name for people, and what converts there."""

    node: str
    name: str
    converts: str


def this_machine() -> Machine:
    """Asked in a process that Ray started there."""
    return Machine(
        node=ray.get_runtime_context().get_node_id(), name=socket.gethostname(), converts=converts()
    )


@cache
def converts() -> str:
    """A digest of all that shapes a document's pages: this package, its libraries, and Tesseract."""
    engine = ocr.installed()
    digest = hashlib.sha256(repr(engine and engine.name).encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {metadata.version(library)}\n".encode())
    package = Path(database.__file__).parent
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
