"""Which embedder the name of a model stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from database.embedders.base import Embedder
from database.embedders.compiling import open_compiled
from database.embedders.sentence_transformers import SentenceTransformersEmbedder

if TYPE_CHECKING:  # the process that embeds needs neither: 20 MB
    from database.settings import Settings

_OLLAMA = "ollama:"
_GEMINI = "gemini:"


def is_remote(model: str) -> bool:
    """Whether it is another program that computes: then it needs no process of its own."""
    return model.startswith((_OLLAMA, _GEMINI))


def open_embedder(settings: Settings) -> Embedder:
    """What EMBEDDING_MODEL names: `ollama:NAME`, `gemini:NAME`, or a model that this machine computes.

    Raises EmbedderUnavailable; a program that is away says so when it is asked.
    """
    model = settings.embedding_model
    if model.startswith(_OLLAMA):
        from database.embedders.ollama import OllamaEmbedder

        return OllamaEmbedder(model.removeprefix(_OLLAMA), settings.ollama_host)
    if model.startswith(_GEMINI):
        from database.embedders.gemini import GeminiEmbedder

        return GeminiEmbedder(model.removeprefix(_GEMINI), settings.google_api_key)
    return open_local(model)


def open_local(model: str) -> Embedder:
    """A model that this machine computes: `bundled`, or the name or folder of one of sentence-transformers.

    Takes seconds. Raises EmbedderUnavailable.
    """
    return open_compiled(model) or SentenceTransformersEmbedder(model)
