"""The page, the tables and the record of outcomes that are known."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from scripts.evaluation.charts import Series, curves, distributions
from scripts.evaluation.evaluate import Outcome
from scripts.evaluation.record import record
from scripts.evaluation.report import page
from scripts.evaluation.style import STYLE
from scripts.evaluation.tables import lines
from tests.database.report.test_charts import numbers
from tests.database.report.test_page import HOSTILE, Elements
from tests.scripts.evaluation.answers import answer, asked, found, outcome, question, reply

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
FIRST, SECOND = question("1", ("a.pdf", 2)), question("2", ("b.txt", None), language="en")
UNANSWERED = question("3")

OUTCOME = outcome(
    asked(
        answer(FIRST, found("a.pdf", 2, 0.9)),
        answer(SECOND, found("a.pdf", 7, 0.4, "x" * 300), found("c.txt", None, 0.3)),
        answer(UNANSWERED, found("a.pdf", 1, 0.1)),
    ),
    asked(
        answer(FIRST),
        answer(SECOND, found("a.pdf", 1), found("b.txt")),
        answer(UNANSWERED, found("a.pdf", 1, 0.7)),
        name="peer",
        k=1,
    ),
    unread=["c.html"],
)

ANSWERED = replace(
    OUTCOME,
    replies=[
        reply(question("1", ("a.pdf", 2), answers=("dias",)), "São trinta dias. [1]"),
        reply(question("2", ("b.txt", None), answers=("bolo",), language="en"), "A cake. [2]"),
        reply(UNANSWERED, "Não tenho.", refused=True),
    ],
)


async def written(*outcomes: Outcome) -> str:
    return "".join([piece async for piece in page(outcomes, MADE)])


def hostile() -> Outcome:
    bad = question("1", (HOSTILE, 3), language=HOSTILE, text=HOSTILE)
    return outcome(
        asked(answer(bad, found(HOSTILE, 1, 0.5, HOSTILE)), name=HOSTILE), name=HOSTILE, unread=[HOSTILE]
    )


async def test_strangers_texts_are_harmless() -> None:
    """Names, questions and passages make no elements, and hide nothing."""
    html = await written(hostile())
    elements = Elements(html)
    assert elements.open == []
    assert not elements.names & {"script", "img"}
    assert not {name for name in elements.attributes if name.startswith("on")}
    assert html.count("<style>") == html.count("</style>") == 1
    assert "\u202e" not in html
    assert "\x1b" not in html
    assert "&lt;script&gt;" in html


def test_a_terminal_sees_what_strangers_hide() -> None:
    """No escapes and no cells of their own."""
    said = "\n".join(lines(hostile()))
    assert "a\\|b · pt |" in "\n".join(lines(outcome(asked(answer(FIRST), name="a|b"))))
    assert "\u202e" not in said
    assert "\x1b" not in said


async def test_the_page_needs_nothing_but_itself() -> None:
    """Its policy allows its own style, and nothing else."""
    html = await written(OUTCOME)
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;" in html
    assert "http" not in re.sub(r"http-equiv", "", html)
    assert Elements(html).open == []


async def test_a_miss_is_told_with_what_was_found_instead() -> None:
    """What would have been right, the first passages, and who has it."""
    html = await written(OUTCOME)
    (miss,) = re.findall(r"<article.*?</article>", html)
    read = "".join(Elements(miss).read)
    assert "Questão 2?" in read
    assert "Right: b.txt" in read
    assert "a.pdf, page 7 · relevance 0.40" in read
    assert "x" * 240 + "…" in read
    assert "Rank with peer: 2" in read


async def test_several_datasets_are_compared_first() -> None:
    """One alone needs no comparison."""
    assert "At a glance" not in await written(OUTCOME)
    assert "At a glance" in await written(OUTCOME, OUTCOME)


def test_the_tables_have_each_language_and_pipeline() -> None:
    """With the figures that follow from the ranks."""
    said = "\n".join(lines(OUTCOME))
    assert "| acervo · en | 1 | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 0.000 | 8 | 0.000 |" in said
    assert "| acervo · pt | 2 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 8 | 1.000 |" in said
    assert "| peer · all | 3 | 0.000 | 0.500 | 0.500 | 0.500 | 0.250 | 0.315 | 0.500 | 1 | 0.000 |" in said
    assert "| acervo · all | 0.500 | 0.500 | 0.500 | 0.500 | 1.000 | 9 | 10 / 10 |" in said
    assert "| peer · en | 0.000 | 1.000 | 1.000 | 1.000 | – | 18 | 10 / 10 |" in said
    assert "counts as missed: 1 documents" in said
    assert "- Questão 2? → b.txt. Found: a.pdf, page 7 (0.40); c.txt (0.30)" in said


def test_the_record_can_be_read_by_programs() -> None:
    """Figures, ranks and misses, as JSON."""
    told = json.loads(json.dumps(record([OUTCOME], MADE)))
    (dataset,) = told["datasets"]
    acervo, peer = dataset["pipelines"]
    assert acervo["figures"]["all"]["page"]["recall"] == [0.5, 0.5, 0.5, 0.5]
    assert acervo["ranks"] == {"1": 1, "2": None}
    assert peer["ranks"] == {"1": None, "2": 2}
    (miss,) = dataset["misses"]
    assert miss["question"]["id"] == "2"
    assert miss["found"][0]["page"] == 7
    assert miss["peers"] == {"peer": 2}


async def test_what_is_answered_has_a_table_where_it_was_asked_for() -> None:
    """On the terminal, on the page, and in the record with each answer."""
    said = "\n".join(lines(ANSWERED))
    assert "| pt | 2 | 1.000 | 3 / 3 | 1.000 | 1.000 |" in said
    assert "| en | 1 | 0.000 | 2 / 2 | 1.000 | – |" in said
    assert "| all | 3 | 0.500 | 2 / 3 | 1.000 | 1.000 |" in said
    assert "Answers by quotations" in await written(ANSWERED)
    (dataset,) = json.loads(json.dumps(record([ANSWERED], MADE)))["datasets"]
    assert dataset["answers"]["figures"]["all"]["gold"] == 0.5
    assert dataset["answers"]["given"]["1"] == {
        "refused": False, "gold": True, "words": 3, "text": "São trinta dias. [1]",
    }  # fmt: skip

    assert "quotations" not in "\n".join(lines(OUTCOME))
    assert "quotations" not in await written(OUTCOME)
    assert record([OUTCOME], MADE)["datasets"][0]["answers"] is None


def test_curves_begin_below_the_least_value() -> None:
    """At the tenth; 1 is at the top, and cuts stand by their logarithms."""
    drawn = curves([Series(name="a", kind="s0", values=[0.55, 1.0])], (1, 10), "recall")
    assert numbers("cx", drawn) == [7.0, 97.0]
    assert numbers("cy", drawn) == pytest.approx([84 - 79 / 10, 5.0], abs=0.01)
    assert re.findall(r">(\d\.\d)<", drawn) == ["1.0", "0.9", "0.8", "0.7", "0.6", "0.5"]
    assert "<title>a, k = 10: 1.000</title>" in drawn


def test_a_distribution_shows_shares() -> None:
    """The greatest share is as high as the picture; 1.0 belongs to the last column."""
    drawn = distributions(
        [
            Series(name="yes", kind="s0", values=[0.96, 1.0, 0.5, 0.5]),
            Series(name="no", kind="s1", values=[0.0]),
        ],
        "relevance",
    )
    assert numbers("height", drawn) == pytest.approx([79 / 2, 79 / 2, 79.0], abs=0.01)
    assert "<title>yes, 0.95–1.00: 50.0%</title>" in drawn
    assert "<title>no, 0.00–0.05: 100.0%</title>" in drawn
