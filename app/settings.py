"""Settings of the server, from the environment or `.env`."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from database.settings import Settings as CollectionSettings


class Settings(CollectionSettings):
    """Where the server listens, who may call it, and which language models it asks."""

    ollama_model: str = Field(
        default="llama3", min_length=1, description="The model that Ollama answers with"
    )
    gemini_model: str = Field(
        default="gemini-3.5-flash-lite", min_length=1, description="The model that Gemini answers with"
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="Address that the server listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port that the server listens on")
    answers_at_once: int = Field(
        default=256,
        ge=1,
        le=10_000,
        description="Answers written at the same time; others wait and see their place",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("http://localhost:4200",),
        description="Web pages' origins that may call the server, separated by commas",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged: DEBUG, INFO, WARNING or ERROR"
    )

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _origins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().rstrip("/").lower() for part in value.split(",") if part.strip())

    @field_validator("allowed_origins")
    @classmethod
    def _whole_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
                raise ValueError("Each must be an origin such as http://localhost:4200")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value
