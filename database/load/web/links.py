"""Reads links and sitemaps: what is untrusted here is read in worker processes only."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from database.errors import SourceError

_MOST_LINKS = 5_000
_MOST_LISTED = 50_000  # sitemaps.org: a sitemap has no more, and no more than 50 MiB
_MOST_SITEMAP_BYTES = 50 * 2**20
_MOST_CHARACTERS = 4096  # of an address
_GZIP_SIGNATURE = b"\x1f\x8b"
_REFRESH = re.compile(r"""url\s*=\s*["']?\s*([^"'\s]+)""", re.IGNORECASE)
_OURS = ("robots", "acervo")


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Where a page leads, in its order, each once; `canonical` is "" where it names none.

    `index` and `follow` are False where it asks not to be kept, or its links not to be followed.
    """

    addresses: tuple[str, ...] = ()
    canonical: str = ""
    index: bool = True
    follow: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitemap:
    """The pages and the further sitemaps that a sitemap lists."""

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()


def read_links(path: Path, address: str, robots: str) -> Links:
    """`robots` is what the header X-Robots-Tag says of the page."""
    from lxml import etree, html

    asked = _directives(robots)
    data = path.read_bytes()
    try:
        root = html.document_fromstring(data) if data.strip() else None
    except (etree.ParserError, ValueError):
        root = None
    if root is None:
        return Links(index="noindex" not in asked)
    base = address
    canonical = ""
    for element in root.iter("base", "link", "meta"):
        if element.tag == "meta" and (element.get("name") or "").strip().lower() in _OURS:
            asked |= _directives(element.get("content") or "")
        elif element.tag == "base" and base == address:
            base = _joined(address, element.get("href") or "") or address
        elif element.tag == "link" and "canonical" in (element.get("rel") or "").lower().split():
            canonical = canonical or _joined(base, element.get("href") or "")
    found: dict[str, None] = {}
    for element in root.iter("a", "area", "frame", "iframe", "meta"):
        if len(found) == _MOST_LINKS:
            break
        address = _joined(base, _reference(element))
        if address:
            found.setdefault(address)
    return Links(
        addresses=tuple(found),
        canonical=canonical,
        index="noindex" not in asked,
        follow="nofollow" not in asked,
    )


def _reference(element: Any) -> str:
    if element.tag == "meta":
        refresh = (element.get("http-equiv") or "").strip().lower() == "refresh"
        target = _REFRESH.search(element.get("content") or "") if refresh else None
        return str(target[1]) if target else ""
    if element.tag in ("frame", "iframe"):
        return element.get("src") or ""
    nofollow = "nofollow" in (element.get("rel") or "").lower().split()
    return "" if nofollow else element.get("href") or ""


def read_sitemap(path: Path) -> Sitemap:
    """XML, gzipped XML, or a text of one address a line. Raises SourceError: too_large or unsupported.

    A document type can only be there for entities to be expanded, so that a sitemap with one isn't read.
    """
    data = path.read_bytes()
    if data.startswith(_GZIP_SIGNATURE):
        data = _gunzipped(path)
    if len(data) > _MOST_SITEMAP_BYTES:
        raise SourceError("too_large", f"The sitemap has more than {_MOST_SITEMAP_BYTES // 2**20} MiB.")
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data.startswith(b"<"):
        lines = (line.strip() for line in data.decode("utf-8", errors="replace").splitlines())
        return Sitemap(
            pages=tuple(line for line, _ in zip(_addresses(lines), range(_MOST_LISTED), strict=False))
        )
    if b"<!DOCTYPE" in data or b"\0" in data:
        raise SourceError("unsupported", "The sitemap has a document type, which none needs.")
    return _listed(data)


def _listed(data: bytes) -> Sitemap:
    from lxml import etree

    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=True
    )
    root = etree.fromstring(data, parser)
    if root is None:
        raise SourceError("unsupported", "The sitemap can't be read.")
    pages: dict[str, None] = {}
    sitemaps: dict[str, None] = {}
    for element in root.iter("{*}loc"):
        parent = element.getparent()
        kind = etree.QName(parent).localname if parent is not None else ""
        place = {"url": pages, "sitemap": sitemaps}.get(kind)
        if place is not None and len(place) < _MOST_LISTED:
            place.update(dict.fromkeys(_addresses([(element.text or "").strip()])))
    return Sitemap(pages=tuple(pages), sitemaps=tuple(sitemaps))


def _addresses(texts: Iterator[str] | list[str]) -> Iterator[str]:
    for text in texts:
        if text.startswith(("http://", "https://")) and len(text) <= _MOST_CHARACTERS:
            yield text


def _gunzipped(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(_MOST_SITEMAP_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError("unsupported", f"The sitemap can't be decompressed: {error}.") from None


def _joined(base: str, reference: str) -> str:
    """ "" for what leads to no web page: mail addresses, scripts, nonsense."""
    reference = re.sub(r"[\t\r\n]", "", reference).strip()
    if not reference:
        return ""
    try:
        whole = urljoin(base, reference)
    except ValueError:
        return ""
    return next(_addresses([whole.partition("#")[0]]), "")


def _directives(text: str) -> set[str]:
    """The words of a robots meta element or header; `none` stands for both."""
    words = {word.strip().lower() for word in re.split(r"[,\s]", text) if word.strip()}
    return words | ({"noindex", "nofollow"} if "none" in words else set())
