"""Where documents come from: files, folders and web addresses."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from database.errors import SourceError
from database.load.converters import converter_for
from database.load.converters.delimited import CSV, TABS
from database.load.converters.docx import DOCX, DOCX_WITH_MACROS
from database.load.converters.epub import EPUB
from database.load.converters.pdf import PDF
from database.load.converters.pptx import PPTX, PPTX_SHOW, PPTX_WITH_MACROS
from database.load.converters.text import MARKDOWN, PLAIN
from database.load.converters.web import HTML
from database.load.converters.xlsx import XLSX, XLSX_WITH_MACROS
from database.load.web import pages
from database.load.web.pages import Page
from database.records import DEFAULT_LIBRARY, Description

_MOST_BYTES = 512 * 2**20

_TYPES = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".txt": PLAIN,
    ".text": PLAIN,
    ".htm": HTML,
    ".html": HTML,
    ".pdf": PDF,
    ".docx": DOCX,
    ".docm": DOCX_WITH_MACROS,
    ".pptx": PPTX,
    ".pptm": PPTX_WITH_MACROS,
    ".ppsx": PPTX_SHOW,
    ".xlsx": XLSX,
    ".xlsm": XLSX_WITH_MACROS,
    ".epub": EPUB,
    ".csv": CSV,
    ".tsv": TABS,
}
_NOBODYS = (".", "~$")  # how the names of hidden files begin, and of notes on documents that Word has open
# What senders say of files that they don't know, or know only the wrapping of.
_SAYS_LITTLE = frozenset(["application/octet-stream", "binary/octet-stream", "application/zip", PLAIN])
_PDF_SIGNATURE = b"%PDF-"
_SIGNATURE_WITHIN = 1024  # bytes: the standard lets rubbish stand before it


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One document to be. `address` is an absolute path or a web address; `described` is what a person says
    of it, None where they said nothing.
    """

    address: str
    name: str
    library: str = DEFAULT_LIBRARY
    described: Description | None = None

    @property
    def document_id(self) -> str:
        """Of the document that this place is the first of."""
        return hashlib.sha256(f"{self.library}\n{self.address}".encode()).hexdigest()[:24]

    @property
    def is_web(self) -> bool:
        return is_web_address(self.address)


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """Where a source's bytes lie for now, and what they are. A file can change under its loader's hands."""

    path: Path
    sha256: str
    media_type: str


def is_web_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def find(arguments: Iterable[str]) -> tuple[list[Source], list[tuple[Source, SourceError]]]:
    """The sources that paths and web addresses stand for, and those that can't be: with the reason.

    A folder stands for every file in it, at any depth, of a kind that can be loaded; hidden ones
    and other kinds are left out. No source is given twice.
    """
    found: dict[str, Source] = {}
    failed: list[tuple[Source, SourceError]] = []
    for argument in arguments:
        if is_web_address(argument):
            found.setdefault(argument, Source(address=argument, name=argument.split("://", 1)[1].rstrip("/")))
            continue
        path = Path(argument).expanduser().absolute()
        if path.is_dir():
            for file in _files_in(path):
                found.setdefault(str(file), Source(address=str(file), name=file.relative_to(path).as_posix()))
        else:
            source = Source(address=str(path), name=path.name)
            if path.is_file():
                found.setdefault(source.address, source)
            else:
                failed.append((source, SourceError("missing", "There is no such file.")))
    return list(found.values()), failed


def is_gone(address: str) -> bool:
    """Whether it is a file's, and the file isn't there any more."""
    return not is_web_address(address) and not Path(address).exists()


def places(arguments: Iterable[str]) -> list[str]:
    """The absolute paths among the arguments, as the addresses of sources begin with them."""
    return [
        str(Path(argument).expanduser().absolute()) for argument in arguments if not is_web_address(argument)
    ]


def _files_in(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(_NOBODYS) and Path(name).suffix.lower() in _TYPES:
                yield Path(parent) / name


async def read(source: Source) -> Content:
    """The source's bytes, those of a web address through the pages that are open (see web/pages.py).

    Raises SourceError: missing, refused, unreachable, too_large, too_slow or unsupported.
    """
    content = await (_fetch(source.address) if source.is_web else asyncio.to_thread(_read, source))
    if converter_for(content.media_type) is None:
        raise SourceError(
            "unsupported", f"Files of the type {content.media_type or 'unknown'} can't be loaded."
        )
    return content


def _read(source: Source) -> Content:
    path = Path(source.address)
    try:
        size = path.stat().st_size
        _check_size(size)
        with path.open("rb") as file:
            begin = file.read(_SIGNATURE_WITHIN)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise SourceError("missing", "There is no such file.") from None
    except OSError as error:
        raise SourceError("refused", f"It can't be read: {error.strerror}.") from None
    return Content(path=path, sha256=sha256, media_type=_media_type(begin, path.suffix.lower(), ""))


async def _fetch(address: str) -> Content:
    page = await pages.get(address)
    _check_size(page.size)
    return Content(path=page.path, sha256=page.sha256, media_type=await _page_type(page))


def _check_size(size: int) -> None:
    """Raises SourceError."""
    if size == 0:
        raise SourceError("empty", "It has no content.")
    if size > _MOST_BYTES:
        raise SourceError("too_large", f"It has {size / 2**20:.0f} MiB; {_MOST_BYTES // 2**20} are the most.")


async def is_loadable(page: Page) -> bool:
    """Whether the page has content of a kind that can be loaded."""
    return bool(page.size) and converter_for(await _page_type(page)) is not None


async def _page_type(page: Page) -> str:
    begin = await asyncio.to_thread(_begin, page.path)
    return _media_type(begin, Path(urlsplit(page.url).path).suffix.lower(), page.media_type)


def _begin(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_SIGNATURE_WITHIN)


def _media_type(begin: bytes, suffix: str, declared: str) -> str:
    """What the bytes say, then what the sender says, then what the name says."""
    if _PDF_SIGNATURE in begin:
        return PDF
    if declared and declared not in _SAYS_LITTLE:
        return declared
    return _TYPES.get(suffix) or declared or mimetypes.guess_type(f"x{suffix}")[0] or ""
