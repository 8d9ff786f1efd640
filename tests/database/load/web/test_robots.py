"""robots.txt."""

from __future__ import annotations

import time

import pytest
from yarl import URL

from database.load.web import robots


def permits(text: str, path: str) -> bool:
    return robots.parse(text, "Acervo").permits(URL(f"https://example.org{path}"))


@pytest.mark.parametrize(
    ("rules", "path", "permitted"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a", "/b", True),
        ("User-agent: *\nDisallow: /a", "/ab/c", False),
        ("User-agent: *\nDisallow: /a/\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a/b\nDisallow: /a/", "/a/c", False),
        ("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b/c", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
        ("User-agent: *\nDisallow: /*.pdf", "/x/y.pdf?z", False),
        ("User-agent: *\nDisallow: /a*b*c$", "/abcc", False),
        ("User-agent: *\nDisallow: /a*b*c$", "/acb", True),
        ("User-agent: *\nDisallow: /a$", "/a", False),
        ("User-agent: *\nDisallow: /a$", "/ab", True),
        ("User-agent: *\nDisallow: /*?q=", "/x?q=1", False),
        ("User-agent: *\nDisallow: /%61", "/a", False),
        ("User-agent: *\nDisallow: /ã", "/%C3%A3", False),
        ("User-agent: *\nDisallow: /%c3%a3", "/ã", False),
        ("User-agent: acervo\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", True),
        ("User-agent: acervo\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/a", False),
        ("User-agent: ACERVO/1.0 (x)\nDisallow: /a", "/a", False),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: acervo\nDisallow: /a", "/a", False),
        ("User-agent: acervo\nDisallow: /a\nUser-agent: acervo\nDisallow: /b", "/b", False),
        ("User-agent: acervo\nDisallow: /a\nUser-agent: acervo\nDisallow: /b", "/a", False),
        ("user-agent : *\n  disallow :/a  # why", "/a", False),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("Disallow: /", "/a", True),
        ("User-agent: *\nSitemap: https://x/\nDisallow: /a", "/a", False),
        ("<html>404</html>", "/a", True),
    ],
)
def test_a_site_says_where_a_visitor_may_go(rules: str, path: str, permitted: bool) -> None:
    """By RFC 9309: the longest rule of the visitor's own groups, with `*` and `$`."""
    assert permits(rules, path) is permitted


def test_a_site_says_how_fast() -> None:
    """Within reason, and only in numbers; it also names its sitemaps, wherever they stand."""
    text = "Sitemap: https://x/1.xml\nUser-agent: *\nCrawl-delay: {}\nsitemap: https://x/2.xml"
    assert [robots.parse(text.format(said), "Acervo").delay for said in ("2.5", "999999", "soon", "-1")] == [
        2.5,
        60.0,
        0.0,
        0.0,
    ]
    assert robots.parse(text, "Acervo").sitemaps == ("https://x/1.xml", "https://x/2.xml")


def test_hostile_rules_cost_little_time() -> None:
    """Rules full of asterisks, and many of them."""
    rules = "User-agent: *\n" + f"Disallow: /{'*a' * 1000}b\n" * 100
    begun = time.monotonic()
    assert permits(rules, "/" + "a" * 4000)
    assert time.monotonic() - begun < 2
