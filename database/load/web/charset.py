"""The character encoding of web pages: as browsers tell it (WHATWG HTML, 13.2.3.2), UTF-8 where it fits."""

from __future__ import annotations

import codecs
import re

_PRESCANNED = 4096  # bytes; the standard says 1024, and pages put it later
_META = re.compile(rb"""<meta[^>]{1,500}?charset\s*=\s*["']?\s*([a-z0-9_:.-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{1,200}?encoding\s*=\s*["']([a-z0-9_:.-]{1,40})""", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DEFAULT = "windows-1252"  # what browsers take where nothing is said, in Western languages
_OF_PAGES = ("cp125", "cp8", "iso8859", "koi8", "mac", "utf-16", "gb", "big5", "shift_jis", "euc", "tis")
_ENCODED_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")


def decode(data: bytes, declared: str = "") -> str:
    """The text. `declared` is the charset of the Content-Type header.

    Bytes that are well-formed UTF-8 are UTF-8, whatever is said of them: text of another encoding
    hardly ever is by chance, and sites that say something wrong are common.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.removeprefix(bom).decode(encoding, errors="replace")
    named = _known(declared)
    if named.startswith("utf-16"):
        return data.decode(named, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(named or _known(_within(data)) or _DEFAULT, errors="replace")


def to_utf8(data: bytes, media_type: str, declared: str) -> bytes:
    """The same text in UTF-8 where only the header says how it is encoded: files have no header."""
    if media_type not in _ENCODED_TYPES or not _known(declared) or _is_utf8(data):
        return data
    if any(data.startswith(bom) for bom, _ in _BOMS):
        return data
    return decode(data, declared).encode("utf-8-sig", errors="replace")


def _within(data: bytes) -> str:
    """What the page says of itself; "" where it says nothing."""
    start = data[:_PRESCANNED]
    found = _META.search(start) or _XML.search(start)
    name = found[1].decode("ascii") if found else ""
    return "" if name.lower().startswith("utf-16") else name  # it was read as ASCII, so it isn't


def _known(name: str) -> str:
    """Python's name of the encoding; "" for UTF-8, which is tried anyway, and for none that pages are in."""
    try:
        found = codecs.lookup(name.strip()).name if name.strip() else ""
    except (LookupError, ValueError):
        return ""
    if found in ("iso8859-1", "ascii"):
        return _DEFAULT  # as browsers read these names
    return found if found.startswith(_OF_PAGES) else ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
