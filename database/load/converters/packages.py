"""Documents that are zip files of XML: Word, PowerPoint, Excel and EPUB.

They are untrusted: what they hold is added up before anything is unpacked, their XML may not refer to
anything outside it, and only the parts that are asked for by name are ever read.
"""

from __future__ import annotations

import mmap
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from database.errors import SourceError

MOST_XML_BYTES = 128 * 2**20  # of one part: a tree of it takes about ten times as much memory

_MOST_BYTES = 2 * 2**30  # unpacked, pictures and films included, which are never unpacked
_MOST_PARTS = 20_000
_MOST_RATIO = 200  # of unpacked to packed; XML of ordinary documents stays below 60
_RATIO_FROM = 16 * 2**20  # bytes: below this even a bomb does no harm

# What Office wrote before 2007, and what it puts encrypted files into.
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")

_REFERS = "relationships}"  # how the namespaces of attributes that refer to other parts end


@dataclass(frozen=True, slots=True)
class Relation:
    """What one part of a package says of another. `kind` is the last word of its type."""

    kind: str
    part: str


class Package:
    """An open package. Its parts are named by their paths, without a slash before them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {info.filename.lower(): info.filename for info in archive.infolist()}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._names

    def read(self, part: str, most: int = MOST_XML_BYTES) -> bytes:
        """The part's bytes. Raises SourceError: broken where it isn't there, too_large past `most`."""
        with self.stream(part, most) as file:
            return file.read()

    @contextmanager
    def stream(self, part: str, most: int) -> Iterator[IO[bytes]]:
        """The part, to be read piece by piece."""
        try:
            info = self._archive.getinfo(self._names[part.lower()])
        except KeyError:
            raise SourceError("broken", f"It lacks its part {part}.") from None
        if info.file_size > most:
            raise SourceError("too_large", f"Its part {part} has {info.file_size / 2**20:.0f} MiB.")
        with self._archive.open(info) as file:
            yield file

    def xml(self, part: str) -> Any:
        """The root of the part's tree, its names without namespaces.

        Attributes that refer to relations get the prefix `rel-`.
        """
        return tree(self.read(part))

    def relations(self, part: str) -> dict[str, Relation]:
        """The part's relations to other parts, by their ids, without those that lead out of the package."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if listed not in self:
            return {}
        return {
            item.get("Id", ""): Relation(
                kind=item.get("Type", "").rpartition("/")[2],
                part=resolve(part, item.get("Target", "")),
            )
            for item in self.xml(listed).iter("Relationship")
            if item.get("TargetMode") != "External"
        }

    def related(self, part: str, kind: str) -> str | None:
        """The first part of this kind that the part relates to."""
        relations = self.relations(part).values()
        return next((r.part for r in relations if r.kind == kind and r.part in self), None)


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """Raises SourceError: empty, encrypted, unsupported (older formats), too_large or broken."""
    _refuse_compound_files(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bombs(archive)
            yield Package(archive)
    except SourceError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise SourceError("broken", f"It can't be unpacked: {error}.") from None


def tree(data: bytes) -> Any:
    """The root of a tree of XML, as `Package.xml` gives it. Raises SourceError, broken."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError("broken", f"Its XML can't be read: {error}.") from None
    for element in list(root.iter("*")):
        simplify(element)
        # What newer programs understand stands beside what older ones show instead.
        if element.tag == "Fallback" and element.getparent() is not None:
            element.getparent().remove(element)
    return root


def simplify(element: Any) -> None:
    """Take the namespaces from its names."""
    element.tag = _local(element.tag)
    for name, value in list(element.attrib.items()):
        if name.startswith("{"):
            prefix = "rel-" if _REFERS in name else ""
            del element.attrib[name]
            if prefix + _local(name) not in element.attrib:
                element.set(prefix + _local(name), value)


def resolve(part: str, target: str) -> str:
    """The part that `target` means where it stands in `part`."""
    path = unquote(target.partition("#")[0])
    joined = path.lstrip("/") if path.startswith("/") else posixpath.join(posixpath.dirname(part), path)
    return posixpath.normpath(joined)


def title(package: Package) -> str:
    """The title in an Office document's properties."""
    part = package.related("", "core-properties")
    if part is None:
        return ""
    return (package.xml(part).findtext("title") or "").strip()


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _refuse_compound_files(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(len(_COMPOUND_FILE))
        if not start:
            raise SourceError("empty", "The file has no content.")
        if start != _COMPOUND_FILE:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data.find(_ENCRYPTED_STREAM) >= 0:
                raise SourceError("encrypted", "It asks for a password.")
        raise SourceError("unsupported", "It is in a format from before 2007.")


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise SourceError("encrypted", "It asks for a password.")
    if len(parts) > _MOST_PARTS:
        raise SourceError("too_large", f"It has {len(parts)} parts.")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > _MOST_BYTES or (unpacked > _RATIO_FROM and unpacked > _MOST_RATIO * packed):
        raise SourceError("too_large", f"Unpacked it has {unpacked / 2**20:.0f} MiB.")
