"""What models were trained to see before a question and before a passage, as their cards say.

sentence-transformers models can bring prompts of their own, which go before these; Ollama adds none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Names what passages are embedded as. Another name has every document embedded anew: that is needed where a
# prompt below changes that passages have been embedded with.
EMBEDDED_AS = "embed-2"


class Prompts(NamedTuple):
    """Stand directly before the text."""

    query: str = ""
    document: str = ""


NO_PROMPTS = Prompts()

_SEARCHING = "Represent this sentence for searching relevant passages: "
_INSTRUCTION = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:{space}"
)

# By the last part of a name, in lower case, without Ollama's tag: the first that matches.
_FAMILIES: tuple[tuple[str, Prompts], ...] = (
    # https://huggingface.co/intfloat/multilingual-e5-large-instruct
    (r"(multilingual-)?e5-.*instruct", Prompts(_INSTRUCTION.format(space=" "))),
    # https://huggingface.co/intfloat/multilingual-e5-small
    (r"(multilingual-)?e5-(small|base|large)(-.*)?", Prompts("query: ", "passage: ")),
    # https://huggingface.co/BAAI/bge-base-en-v1.5
    (r"bge-(small|base|large)(-en(-v1\.5)?)?", Prompts(_SEARCHING)),
    # https://huggingface.co/mixedbread-ai/mxbai-embed-large-v1
    (r"mxbai-embed-large(-v1)?", Prompts(_SEARCHING)),
    # https://huggingface.co/Snowflake/snowflake-arctic-embed-l-v2.0
    (r"snowflake-arctic-embed(-[ml]-v2\.0|2)", Prompts("query: ")),
    # https://huggingface.co/Snowflake/snowflake-arctic-embed-m-v1.5
    (r"snowflake-arctic-embed(-.*)?", Prompts(_SEARCHING)),
    # https://huggingface.co/nomic-ai/nomic-embed-text-v1.5
    (r"nomic-embed-text(-v[\d.]+(-moe)?)?", Prompts("search_query: ", "search_document: ")),
    # https://huggingface.co/Qwen/Qwen3-Embedding-0.6B
    (r"qwen3-embedding(-[\d.]+b)?", Prompts(_INSTRUCTION.format(space=""))),
    # https://huggingface.co/google/embeddinggemma-300m
    # https://ai.google.dev/gemini-api/docs/embeddings#task-types-embeddings-2
    (
        r"embeddinggemma(-300m)?|gemini-embedding-2(-.*)?",
        Prompts("task: search result | query: ", "title: none | text: "),
    ),
)


def prompts_for(model: str) -> Prompts:
    """By the name or folder of a model, however it is reached; empty ones for models that need none."""
    name = re.split(r"[/\\]", model.rstrip("/\\"))[-1].lower()
    name = re.sub(r"^(ollama|gemini):", "", name).partition(":")[0]
    return next((prompts for family, prompts in _FAMILIES if re.fullmatch(family, name)), NO_PROMPTS)
