"""Which embedder a name stands for."""

from __future__ import annotations

from pydantic import SecretStr

from database.embedders.base import Embedder
from database.embedders.gemini import GeminiEmbedder
from database.embedders.ollama import OllamaEmbedder
from database.embedders.sentence_transformers import SentenceTransformersEmbedder
from database.settings import OLLAMA_ADDRESS

_OLLAMA = "ollama:"
_GEMINI = "gemini:"


def is_remote(model: str) -> bool:
    """Whether it is another program that computes: then it needs no process of its own."""
    return model.startswith((_OLLAMA, _GEMINI))


def open_embedder(
    model: str, *, ollama_host: str = OLLAMA_ADDRESS, google_api_key: SecretStr | None = None
) -> Embedder:
    """`ollama:NAME`, `gemini:NAME`, `bundled`, or the name or folder of a sentence-transformers model, which
    takes seconds to load.

    Raises EmbedderUnavailable; what is remote and away says so when it is asked.
    """
    if model.startswith(_OLLAMA):
        return OllamaEmbedder(model.removeprefix(_OLLAMA), ollama_host)
    if model.startswith(_GEMINI):
        return GeminiEmbedder(model.removeprefix(_GEMINI), google_api_key)
    return SentenceTransformersEmbedder(model)
