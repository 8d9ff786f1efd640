"""Pages of books, block by block."""

from __future__ import annotations

from database.load.converters.xhtml import blocks, links


def found(page: str) -> list[tuple[str, list[str], str]]:
    return [(b.kind, [line.text for line in b.lines], b.markdown) for b in blocks(page.encode())]


def test_all_text_comes_once_in_order() -> None:
    """Between blocks, too, and in elements that nobody thought of; scripts and styles are no text."""
    page = (
        "<html><head><title>t</title><style>p{}</style></head><body>antes<div>um <b>dois</b>\n três"
        "<p>quatro</p>cinco</div><unknown>seis</unknown><script>x()</script> sete<p>  </p></body></html>"
    )
    assert [text for _, lines, _ in found(page) for text in lines] == [
        "antes", "um dois três", "quatro", "cinco", "seis sete",
    ]  # fmt: skip


def test_blocks_are_what_they_are() -> None:
    """Headings, items, quotations, listings, tables."""
    page = (
        "<h2>Prazos <i>finais</i></h2><ul><li>um</li><li><p>dois</p><p>mais</p></li></ul>"
        "<blockquote><p>citado</p></blockquote><pre>x = 1\n  y</pre><p>um<br/>dois</p>"
        "<table><caption>Tabela 1</caption><tr><th>a</th><th>b</th></tr>"
        "<tr><td><p>1</p><p>2</p></td><td><code>x</code>, y</td></tr></table>"
    )
    assert found(page) == [
        ("heading", ["Prazos finais"], "## Prazos finais"),
        ("text", ["um"], "- um"),
        ("text", ["dois"], "- dois"),
        ("text", ["mais"], ""),
        ("text", ["citado"], "> citado"),
        ("code", ["x = 1", "y"], "```\nx = 1\n  y\n```"),
        ("text", ["um", "dois"], ""),
        ("text", ["Tabela 1"], ""),
        ("table", ["a b", "1 2 x, y"], "|a|b|\n|---|---|\n|1 2|x, y|"),
    ]


def test_encodings_are_as_declared() -> None:
    """UTF-8 where nothing is."""
    assert found("<p>ação</p>") == [("text", ["ação"], "")]
    latin = '<?xml version="1.0" encoding="iso-8859-1"?><html><body><p>ação</p></body></html>'
    assert [b.lines[0].text for b in blocks(latin.encode("latin-1"))] == ["ação"]
    assert [b.lines[0].text for b in blocks("<p>ação</p>".encode("utf-16"))] == ["ação"]


def test_elements_in_elements_without_end_do_no_harm() -> None:
    """Neither do pages that are none."""
    deep = "<div>" * 5000 + "fundo" + "</div>" * 5000
    assert len(found(deep)) <= 1
    assert found("") == found("<!-- -->") == []


def test_links_are_given_with_their_text() -> None:
    """As a table of contents has them."""
    assert list(links(b'<nav><a href="a.xhtml#x">Um <b>dois</b></a></nav>')) == [("a.xhtml#x", "Um dois")]
