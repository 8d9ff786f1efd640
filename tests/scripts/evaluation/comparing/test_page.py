"""The page and the Markdown of comparisons that are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.evaluation.comparing.comparison import Comparison
from scripts.evaluation.comparing.page import page
from scripts.evaluation.comparing.rendered import rendered
from scripts.evaluation.comparing.written import document, figures
from tests.database.report.test_page import HOSTILE, Elements
from tests.scripts.evaluation.answers import question
from tests.scripts.evaluation.comparing.answers import cited, comparison, given

FIRST = question("1", ("a.pdf", 2), answers=("trinta dias",))
SECOND = question("2", language="en", text="Who paints?")


async def written(of: Comparison) -> str:
    return "".join([piece async for piece in page(of)])


def known(folder: Path) -> Comparison:
    return comparison(
        folder,
        [FIRST, SECOND],
        given(FIRST, "São **trinta dias**. [1]", cited=(cited("a.pdf", 1, 2),), tokens=7),
        given(SECOND, "I don't know.", reason="no_answer"),
        given(FIRST, "Não sei. [1]", model="b", cited=(cited("b.pdf"),)),
        given(SECOND, "", model="b", error="b stopped."),
    )


async def test_the_answers_stand_side_by_side(tmp_path: Path) -> None:
    """With what is right and wrong of each, the pages that it cites, and its times."""
    html = await written(known(tmp_path))
    read = [one for one in Elements(html).read if one.strip()]
    assert "trinta dias" in read
    told = "".join(read)
    for said in (
        "✓ gold answer · ✓ gold page cited",
        "✗ gold answer · ✗ gold page cited",
        "✓ refused",
        "✗ error",
        "b stopped.",
        "[1] a.pdf, pages 1–2",
        "first token after 0.50 s, 2.00 s in all, 7 tokens",
        "a.pdf, page 2: “trinta dias”",
        "the documents don't say",
        "not asked yet",
    ):
        assert said in told
    assert html.count("<svg") == 7 * 3, "a bar for each model, also where it has nothing to show"


async def test_strangers_texts_are_harmless(tmp_path: Path) -> None:
    """Names, questions, answers and errors make no elements, lead nowhere, and hide nothing."""
    markdown = f"# {HOSTILE}\n\n- {HOSTILE}\n\n```\n{HOSTILE}\n```\n\n![x](http://x.org/y.png) <http://x.org>"
    bad = question(HOSTILE, (HOSTILE, 3), language=HOSTILE, text=HOSTILE, answers=(HOSTILE,))
    other = question("2", text=HOSTILE)
    of = comparison(
        tmp_path,
        [bad, other],
        given(bad, markdown, model=HOSTILE, cited=(cited(HOSTILE, 3),)),
        given(other, "", model=HOSTILE, error=HOSTILE),
        name=HOSTILE,
    )
    html = await written(of)
    elements = Elements(html)
    assert elements.open == []
    assert not elements.names & {"script", "img", "a", "iframe", "object"}
    assert not {one for one in elements.attributes if one.startswith("on") or one in ("href", "src", "style")}
    assert not set("\x1b\u202e") & set(html)
    text = "\n\n".join(document(of))
    assert "<script" not in text
    assert "![x]" not in text
    assert not set("\x1b\u202e") & set(text)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("a **b** *c* `d`", "<p>a <strong>b</strong> <em>c</em> <code>d</code></p>"),
        ("- a\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("1. a", "<ol><li><p>a</p></li></ol>"),
        ("## a\n> b", "<h4>a</h4><blockquote><p>b</p></blockquote>"),
        ("```sh\na <b>\n\tc\n```", "<pre><code>a &lt;b&gt;\n        c</code></pre>"),
        ("a<br>b", "<p>a&lt;br&gt;b</p>"),
        ("[a](http://x.org)", "<p>[a](http://x.org)</p>"),
        ("[a](javascript:x)", "<p>[a](javascript:x)</p>"),
        (
            "|a|\n|-|\n|b|",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        ),
        ("&lt;script&gt;", "<p>&lt;script&gt;</p>"),
    ],
)
def test_markdown_becomes_what_it_may(markdown: str, html: str) -> None:
    """And everything else stays text."""
    assert rendered(markdown) == html


def test_the_same_is_there_as_markdown(tmp_path: Path) -> None:
    """A table, then each question with its answers."""
    of = known(tmp_path)
    text = "\n\n".join(document(of))
    assert figures(of) in text
    assert "| a · pt | 1 | 0 | 100% | 100% | 100% | – |" in text
    assert "> São **trinta dias**. [1]" in text
    assert "**b** · ✗ error · " in text
    assert "**later** · not asked yet" in text
