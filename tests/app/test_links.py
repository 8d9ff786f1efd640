"""Links, pictures and HTML in an answer that streams."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.addresses import Addresses
from app.links import Links

GOOD = "https://good.example/a"
EVIL = "https://evil.example/x?d=1"
KNOWN = Addresses([f"See {GOOD}, [this](https://good.example/b) and www.good.example."])

# What texts that try to get through are made of.
ATOMS = (
    *(
        "![",
        "[",
        "](",
        ")",
        "]",
        "(",
        "`",
        "``",
        "```",
        "```\n",
        "\n```\n",
        "~~~",
        "~~~\n",
        "\n",
        "\n\n",
        " ",
        "   ",
    ),
    *(
        "<",
        "img src=x",
        ">",
        EVIL,
        GOOD,
        "www.evil.example",
        "//evil.example",
        "\\",
        "&#47;",
        "&colon;",
        "|",
        "$",
    ),
    *(
        "> ",
        "- ",
        "1. ",
        ":",
        "!",
        "[1]",
        "a",
        "b c",
        "<b>",
        "</b>",
        "<br>",
        f"<{EVIL}>",
        f"<{GOOD}>",
        "<!--",
        "-->",
    ),
    *(
        "javascript:x",
        "mailto:a@b.c",
        "data:text/html,x",
        "https:",
        "//",
        "http",
        "s://evil.example",
        '"',
        "\t",
        "**",
    ),
    *(f"[a]({EVIL})", f"![a]({EVIL})", f"[a]({GOOD})", f"[a]: {EVIL}\n", f"[a]: {GOOD}\n"),
    f"[a [a]({GOOD})x]({GOOD})",
)


def shown(*pieces: str) -> str:
    links = Links(KNOWN)
    return "".join((*map(links.take, pieces), links.finish()))


def tokens_of(markdown: str) -> Iterator[Token]:
    """As a reader sees it that shows HTML, too."""
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown):
        yield token
        yield from token.children or ()


def a_text(chance: random.Random) -> str:
    text = "".join(chance.choice(ATOMS) for _ in range(chance.randint(1, 16)))
    return text.replace("a", "a" * chance.randint(1, 400)) if chance.random() < 0.1 else text


def test_ordinary_pieces_pass_at_once() -> None:
    """Nothing is merged, dropped or held back."""
    links = Links(KNOWN)
    pieces = ["The ", "answer", " is", " **42**", ".", "\n\n", "- Yes", " [1]", ", (so)", " R$", " 10"]
    assert [links.take(piece) for piece in pieces] == pieces
    assert links.finish() == ""


@pytest.mark.parametrize(
    "text",
    [
        f"See [the rules]({GOOD}) [1].",
        "See [the rules](HTTPS://Good.example/a).",
        f"See {GOOD}, {GOOD}. And ({GOOD}) or **{GOOD}**[1].",
        f"See <{GOOD}> and www.good.example.",
        f"[{GOOD}]({GOOD})",
        f"[rules]: {GOOD}\n\nSee [the rules][rules].",
        "[this](http://good.example/b)",
        "a < b, x <= y, 3<5, R&D, &lt;b&gt;, 10 a.m.: yes! [x] no",
        "Data: 12/03/2024. data:12/03, file: x, javascript: a language",
        "| a<br>b | m<sup>2</sup> |\n| - | - |",
        "`![x](https://evil.example)` and ``<img src=x> ` `` end",
        "```md\n![x](https://evil.example)\n<script>\n```\nDone.",
        "~~~~\nhttps://evil.example\n~~~\n[x](https://evil.example)\n~~~~",
        "1. Run:\n   ```sh\n   curl https://evil.example\n   ```\n2. Done",
        "\\[not] (a link\\) \\*x\\*",
        "- [ ] to do\n- [x] done",
    ],
)
def test_what_may_stay_stays(text: str) -> None:
    """Addresses of the passages, code, and what only looks like Markdown; however it is split."""
    assert shown(text) == text
    assert shown(*text) == text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"![A plan]({EVIL})", "A plan"),
        (f"![A plan]({GOOD})", "A plan"),
        (f"![]({EVIL})", "…"),
        (f"A [link]({EVIL}) here", "A link here"),
        (f"[![x]({EVIL})]({EVIL} 'title')", "x"),
        ("[x](/documents) [y](//evil.example) [z](a)", "x y z"),
        ("[x](javascript:alert(1)) [y](data:text/html,x) [z](mailto:a@b.c)", "x y z"),
        (f"[x](<{EVIL}>)", "x"),
        ("[x](https&colon;//evil.example)", "x"),
        (f"[x]({GOOD}?d=1)", "x"),
        (f"See {EVIL}.", "See https://…."),
        (f"See {GOOD}/secret, {GOOD}&#x3f;d", "See https://…, https://…"),
        ("See www.evil.example!", "See www.…!"),
        (f"See <{EVIL}>.", "See https://…."),
        ("https:\\/\\/evil.example https\\://evil.example", "https://… https\\://…"),
        ("https:&#47;&#47;evil.example", "https:&amp;#47;&amp;#47;evil.example"),
        ("ftp://evil.example javascript:alert(1)", "ftp://… javascript:…)"),
        ("mailto:a@b.c file:///etc/x data:text/html,x", "mailto:… file://… data:…"),
        (f"[a]: {EVIL}\n\n[a]", "[a] : https://…\n\n[a]"),
        ("[a]: //evil.example", "[a] : //evil.example"),
        ("> - [a]:\n> /x", "> - [a] :\n> /x"),
        ("![a][b]", "! [a][b]"),
        ("<img src=x>", "&lt;img src=x>"),
        ("x <script>y</script>", "x &lt;script>y&lt;/script>"),
        ("<!-- x --> <?x?> \\<img>", "&lt;!-- x --> &lt;?x?> &lt;img>"),
        ("<b>\n`<img src=x>`", "&lt;b>\n`<img src=x>`"),
        (f"<![img src=x]({EVIL})", "&lt;img src=x"),
        (f"[a]![](x)({EVIL})", "[a]…(https://…)"),
        (f"`a\n![x]({EVIL}) `b`", "`a\nx `b`"),
        (f"| ` | ![x]({EVIL}) ` |", "| ` | x ` |"),
        (f"- ```\n![x]({EVIL})", "- ```\nx"),
        (f"> ```\n\n```\n![x]({EVIL})", "> ```\n\n```\nx"),
        (f"1. a\n   ```\n![x]({EVIL})", "1. a\n   ```\nx"),
        (f"```\n```\n![x]({EVIL})", "```\n```\nx"),
        (f"{GOOD}<b>secret", f"{GOOD} <b>secret"),
        ("<br>", "&lt;br>"),
    ],
)
def test_what_may_not_stay_becomes_text(written: str, expected: str) -> None:
    """Words stay, addresses go, and HTML is shown as it is written; however it is split."""
    assert shown(written) == expected
    assert shown(*written) == expected


@pytest.mark.parametrize("address", ["x", EVIL, GOOD])
def test_a_citation_is_never_a_link(address: str) -> None:
    """What follows in brackets is set apart."""
    seen = GOOD if address == GOOD else address.replace(EVIL, "https://…")
    assert shown(f"So [1]({address}).") == f"So [1] ({seen})."
    assert shown("Really![1]") == "Really! [1]"
    assert shown("[1]: Manual") == "[1] : Manual"


def test_random_texts_do_not_depend_on_how_they_are_cut() -> None:
    """And no more than a few hundred characters are held back."""
    chance = random.Random(1)  # noqa: S311
    for _ in range(1_500):
        text = a_text(chance)
        links, pieces, start, longest = Links(KNOWN), [], 0, 0
        while start < len(text):
            end = start + chance.choice((1, 1, 2, 3, 5, 20))
            pieces.append(links.take(text[start:end]))
            start = end
            longest = max(longest, start - sum(map(len, pieces)))
        pieces.append(links.finish())
        assert "".join(pieces) == shown(text), text


def test_holds_back_a_few_hundred_characters_at_most() -> None:
    """Of whatever has begun and doesn't end."""
    for begun in (
        "[",
        "![",
        "[x](",
        "<https://",
        "https://",
        "`",
        "```",
        "~~~",
        "[a]:",
        "&a",
        "www.",
        "data:",
    ):
        links = Links(KNOWN)
        for piece in (begun, *"a" * 1_000):
            links.take(piece)
        assert len(links.finish()) < 500, begun


def test_random_texts_have_nothing_live() -> None:
    """As a reader of Markdown sees them that shows HTML."""
    chance = random.Random(2)  # noqa: S311
    for _ in range(1_500):
        text = a_text(chance)
        for token in tokens_of(shown(text)):
            assert token.type not in ("image", "html_block"), text
            if token.type == "link_open":
                assert token.attrs["href"] == GOOD, text
            if token.type == "html_inline":
                assert re.fullmatch(r"</?(?:b|br)>", token.content), text
            if token.type == "text":
                bare = re.findall(r"(?:https?://|(?<![A-Za-z0-9])www\.)[\w.-]+\S*", token.content)
                assert [one for one in bare if not one.startswith((GOOD, "www.good.example"))] == [], text


def test_costs_next_to_nothing() -> None:
    """Of the 0.06 s of processor that the server has for 1,000 tokens; some 0.001 s on a machine of 2024."""
    pieces = (
        re.findall(r" ?\w{1,5}|\W", "O prazo é de **30 dias** [1]: veja a cláusula 7.\n\n- Item [2]\n") * 200
    )
    links = Links(KNOWN)
    begun = time.process_time()
    for piece in pieces:
        links.take(piece)
    assert (time.process_time() - begun) / len(pieces) * 1_000 < 0.01
