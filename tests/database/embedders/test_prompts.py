"""What stands before a question and a passage."""

from __future__ import annotations

import pytest

from database.embedders import prompts as table
from database.embedders.prompts import Prompts, prompts_for
from database.load import assemble
from database.load.assemble import pipeline_name
from database.load.converters.text import PlainTextConverter

E5 = Prompts("query: ", "passage: ")
NOTHING = Prompts("", "")
SEARCHING = Prompts("Represent this sentence for searching relevant passages: ", "")


@pytest.mark.parametrize(
    ("model", "prompts"),
    [
        ("intfloat/multilingual-e5-small", E5),
        ("intfloat/e5-base-v2", E5),
        ("/models/multilingual-e5-large/", E5),
        ("C:\\models\\multilingual-e5-base", E5),
        ("ollama:jeffh/intfloat-multilingual-e5-large:f16", NOTHING),
        ("BAAI/bge-small-en-v1.5", SEARCHING),
        ("BAAI/bge-m3", NOTHING),
        ("ollama:bge-m3", NOTHING),
        ("ollama:mxbai-embed-large:335m", SEARCHING),
        ("ollama:nomic-embed-text", Prompts("search_query: ", "search_document: ")),
        ("ollama:snowflake-arctic-embed2", Prompts("query: ", "")),
        ("ollama:snowflake-arctic-embed:33m", SEARCHING),
        ("ollama:embeddinggemma", Prompts("task: search result | query: ", "title: none | text: ")),
        ("gemini:gemini-embedding-2", Prompts("task: search result | query: ", "title: none | text: ")),
        ("gemini:gemini-embedding-001", NOTHING),
        ("ollama:all-minilm", NOTHING),
        ("bundled", NOTHING),
        ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", NOTHING),
    ],
)
def test_families_are_known_by_their_names(model: str, prompts: Prompts) -> None:
    """However a model is reached."""
    assert prompts_for(model) == prompts


@pytest.mark.parametrize("model", ["intfloat/multilingual-e5-large-instruct", "ollama:qwen3-embedding:0.6b"])
def test_models_that_take_instructions_get_them_for_questions_alone(model: str) -> None:
    """As their cards say."""
    query, document = prompts_for(model)
    assert query.startswith("Instruct: ")
    assert "\nQuery:" in query
    assert document == ""


def test_passages_are_embedded_anew_when_their_prompts_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of what they are embedded as, which shapes every document."""
    before = pipeline_name(PlainTextConverter())
    monkeypatch.setattr(assemble, "EMBEDDED_AS", "otherwise")
    assert pipeline_name(PlainTextConverter()) != before


def test_a_changed_prompt_needs_another_name() -> None:
    """Where a prompt of passages changes, EMBEDDED_AS must, too; where a family is added, this list grows."""
    of_passages = [(family, prompts.document) for family, prompts in table._FAMILIES if prompts.document]
    assert (table.EMBEDDED_AS, of_passages) == (
        "embed-2",
        [
            (r"(multilingual-)?e5-(small|base|large)(-.*)?", "passage: "),
            (r"nomic-embed-text(-v[\d.]+(-moe)?)?", "search_document: "),
            (r"embeddinggemma(-300m)?|gemini-embedding-2(-.*)?", "title: none | text: "),
        ],
    )
