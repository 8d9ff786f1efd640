"""The encoding of web pages."""

from __future__ import annotations

import pytest

from database.load.web import charset

TEXT = "<html><head>{}</head><body>Inscrição até às 18 horas: R$ 10, “sim”</body></html>"


@pytest.mark.parametrize(
    ("head", "encoding", "declared"),
    [
        ("", "utf-8", ""),
        ("", "utf-8", "iso-8859-1"),
        ("<meta charset=iso-8859-1>", "utf-8", ""),
        ("", "utf-8-sig", "iso-8859-1"),
        ("", "windows-1252", ""),
        ("", "windows-1252", "iso-8859-1"),
        ("", "windows-1252", "x-unknown"),
        ("", "windows-1252", "base64"),
        ("<meta charset='windows-1252'>", "windows-1252", "utf-8"),
        ("<meta charset='utf-16'>", "windows-1252", ""),
        ('<meta http-equiv="Content-Type" content="text/html; charset=macroman">', "mac-roman", ""),
        ('<meta charset="utf-8">', "mac-roman", "macintosh"),
        ("", "utf-16", ""),
        ("", "utf-16-le", "utf-16le"),
    ],
)
def test_text_is_read_as_it_was_written(head: str, encoding: str, declared: str) -> None:
    """By the byte order mark, by being UTF-8, by the header, by the page, and else as browsers do."""
    text = TEXT.format(head)
    data = text.encode(encoding)
    assert charset.decode(data, declared) == text
    kept = charset.to_utf8(data, "text/html", declared)
    assert charset.decode(kept) == text, "what is kept is read without the header"


def test_what_is_no_text_stays_as_it_is() -> None:
    """A PDF keeps its bytes, whatever the header says."""
    data = b"%PDF-1.7 \xe3"
    assert charset.to_utf8(data, "application/pdf", "iso-8859-1") == data
    assert charset.to_utf8(data, "text/html", "") == data
    assert charset.decode(b"\x81\xff", "nonsense\0")
