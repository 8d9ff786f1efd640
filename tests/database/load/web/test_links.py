"""Links and sitemaps."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from database.errors import SourceError
from database.load.web.links import Links, Sitemap, read_links, read_sitemap

HERE = "https://example.org/docs/page"


def links(tmp_path: Path, page: str | bytes, robots: str = "") -> Links:
    path = tmp_path / "page.html"
    path.write_bytes(page if isinstance(page, bytes) else page.encode())
    return read_links(path, HERE, robots)


def sitemap(tmp_path: Path, data: bytes) -> Sitemap:
    path = tmp_path / "sitemap"
    path.write_bytes(data)
    return read_sitemap(path)


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("other", "https://example.org/docs/other"),
        ("/other", "https://example.org/other"),
        ("../x/./y?z#part", "https://example.org/x/y?z"),
        ("//b.example/x", "https://b.example/x"),
        (" http://b.example/\nx ", "http://b.example/x"),
        ("?page=2", "https://example.org/docs/page?page=2"),
    ],
)
def test_links_lead_to_whole_addresses(tmp_path: Path, reference: str, address: str) -> None:
    """From where the page stands."""
    assert links(tmp_path, f"<a href='{reference}'>x</a>").addresses == (address,)


@pytest.mark.parametrize(
    "element",
    [
        "<meta http-equiv='Refresh' content='0; URL=/x'>",
        "<meta http-equiv=refresh content='5;url= &quot;/x&quot;'>",
        "<iframe src='/x'></iframe>",
        "<frameset><frame src='/x'></frameset>",
    ],
)
def test_a_page_may_lead_on_without_a_link(tmp_path: Path, element: str) -> None:
    """By a refresh or in a frame, as older sites do."""
    assert links(tmp_path, f"<html><head></head>{element}</html>").addresses == ("https://example.org/x",)


@pytest.mark.parametrize(
    "element",
    [
        "<a href='mailto:a@example.org'>",
        "<a href='javascript:f()'>",
        "<a href='data:text/html,x'>",
        "<a href='tel:1'>",
        "<a href='http://[x'>",
        "<a href=''>",
        "<a name='x'>",
        f"<a href='/{'x' * 5000}'>",
        "<a href='/x' rel='external nofollow'>",
        "<img src='/x'>",
        "<meta name=description content='url=/x'>",
        "<meta http-equiv=refresh content='30'>",
        "<!-- <a href='/x'> -->",
        "<script>'<a href=/x>'</script>",
    ],
)
def test_what_leads_to_no_page_is_no_link(tmp_path: Path, element: str) -> None:
    """Nor one that the page asks not to follow."""
    assert links(tmp_path, f"<html><body>{element}x</body></html>").addresses == ()


def test_a_page_says_what_may_be_done_with_it(tmp_path: Path) -> None:
    """In its head and in its header; for everyone, or for this visitor."""

    def said(robots: str, name: str = "robots") -> tuple[bool, bool]:
        found = links(tmp_path, f"<meta name='{name}' content='{robots}'><a href='x'>x</a>")
        return found.index, found.follow

    assert said("NoIndex") == (False, True)
    assert said("index, nofollow") == (True, False)
    assert said("none", "Acervo") == (False, False)
    assert said("noindex", "googlebot") == (True, True)
    assert said("noarchive") == (True, True)
    by_header = links(tmp_path, "<a href='x'>x</a>", robots="noindex, nofollow")
    assert (by_header.index, by_header.follow) == (False, False)


def test_a_page_names_its_original_and_its_base(tmp_path: Path) -> None:
    """Of each the first counts; the base holds for both."""
    found = links(
        tmp_path,
        "<head><base href='/base/'><base href='/no/'><link rel='canonical' href='original#x'>"
        "<link rel='canonical' href='other'></head>"
        "<a href='a'>x</a><map><area href='b'></map><a href='a'>y</a>",
    )
    assert found.canonical == "https://example.org/base/original"
    assert found.addresses == ("https://example.org/base/a", "https://example.org/base/b")


@pytest.mark.parametrize(
    "page", [b"", b" ", b"\0\1\2", b"<!-- -->", b"<?xml?>", b"\xff\xfe<\0a\0>\0", b"<" * 9999]
)
def test_nonsense_has_no_links(tmp_path: Path, page: bytes) -> None:
    """And does no harm."""
    assert links(tmp_path, page).addresses == ()


def test_a_page_full_of_links_gives_so_many(tmp_path: Path) -> None:
    """The first ones."""
    found = links(tmp_path, "".join(f"<a href='/{n}'>x</a>" for n in range(6000))).addresses
    assert (len(found), found[-1]) == (5000, "https://example.org/4999")


PAGES = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://image.example/">
<url><loc> https://example.org/a?b=1&amp;c=2 </loc><lastmod>2026-01-01</lastmod>
<image:image><image:loc>https://example.org/a.png</image:loc></image:image></url>
<url><loc><![CDATA[https://example.org/b]]></loc></url>
<url><loc>https://example.org/b</loc></url><url><loc>javascript:x</loc></url><url><loc/></url>
</urlset>"""


def test_a_sitemap_lists_pages(tmp_path: Path) -> None:
    """As XML, gzipped, or as lines of text; each once."""
    expected = Sitemap(pages=("https://example.org/a?b=1&c=2", "https://example.org/b"))
    assert sitemap(tmp_path, PAGES) == expected
    assert sitemap(tmp_path, gzip.compress(PAGES)) == expected
    assert sitemap(tmp_path, b"\xef\xbb\xbf\n" + PAGES[PAGES.index(b"<urlset") :]) == expected
    text = b"\xef\xbb\xbfhttps://example.org/a?b=1&c=2\r\n\r\nhttps://example.org/b\nnonsense\n"
    assert sitemap(tmp_path, text) == expected


def test_an_index_lists_sitemaps(tmp_path: Path) -> None:
    """Also one that isn't quite well-formed."""
    index = (
        b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        b"<sitemap><loc>https://example.org/1.xml?a=1&b=2</loc></sitemap></sitemapindex>"
    )
    assert sitemap(tmp_path, index).pages == ()
    assert sitemap(tmp_path, index).sitemaps[0].startswith("https://example.org/1.xml?a=1")


BOMB = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            b"<?xml version='1.0'?>" + BOMB + b"]><urlset><url><loc>https://x/&j;</loc></url></urlset>",
            "unsupported",
        ),
        (
            b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>http://x/&f;</loc></url></urlset>",
            "unsupported",
        ),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><urlset/>".encode("utf-16"), None),
        (gzip.compress(b"<urlset>" + b" " * (51 * 2**20)), "too_large"),
        (gzip.compress(PAGES)[:-20], "unsupported"),
        (b"<", "unsupported"),
    ],
    ids=["billion laughs", "external entity", "other encoding", "gzip bomb", "cut", "nothing"],
)
def test_a_hostile_sitemap_lists_nothing(tmp_path: Path, data: bytes, reason: str | None) -> None:
    """Entities aren't expanded, files of this machine aren't read, bombs end at the limit."""
    if reason is None:
        assert sitemap(tmp_path, data) == Sitemap()
        return
    with pytest.raises(SourceError) as caught:
        sitemap(tmp_path, data)
    assert caught.value.reason == reason


def test_a_huge_sitemap_gives_so_many(tmp_path: Path) -> None:
    """As many as the standard allows."""
    listed = b"".join(b"<url><loc>https://x/%d</loc></url>" % n for n in range(50_100))
    assert len(sitemap(tmp_path, b"<urlset>" + listed + b"</urlset>").pages) == 50_000
    assert len(sitemap(tmp_path, b"\n".join(b"https://x/%d" % n for n in range(50_100))).pages) == 50_000
