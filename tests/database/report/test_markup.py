"""Nobody's text becomes a part of the page."""

from __future__ import annotations

from database.report.markup import element, join, name, sentence, text


def test_text_is_text() -> None:
    """Also where it looks like an element, or like an escape."""
    assert text("<script>a & b</script>&lt;") == "&lt;script&gt;a &amp; b&lt;/script&gt;&amp;lt;"


def test_an_attribute_ends_where_it_should() -> None:
    """A quotation mark in it opens no other attribute."""
    written = element("i", title="\"' onload=alert(1) <b>\n")
    assert written == '<i title="&quot;&#x27; onload=alert(1) &lt;b&gt;⟨000A⟩"></i>'


def test_a_name_turns_nothing_around_it() -> None:
    """Its direction of writing is its own, and what would turn it is shown."""
    assert name("fatura\u202efdp.exe") == "<bdi>fatura⟨202E⟩fdp.exe</bdi>"


def test_attributes_are_named_as_html_names_them() -> None:
    """Those that aren't there are left out; elements that hold nothing have no end."""
    assert element("td", text("1"), class_="amount", aria_label="x", scope=None) == (
        '<td class="amount" aria-label="x">1</td>'
    )
    assert element("meta", name="referrer", content="no") == '<meta name="referrer" content="no">'


def test_what_is_to_be_typed_stands_out() -> None:
    """In our sentences alone, and escaped there, too."""
    assert sentence("Run `a <b>` & wait") == "Run <code>a &lt;b&gt;</code> &amp; wait"
    assert text("`x`") == "`x`"


def test_what_is_joined_is_escaped_between() -> None:
    """The parts are HTML, and what stands between them is text."""
    assert join([text("a"), text("b")], " < ") == "a &lt; b"
