"""Settings of the server, from the environment or `.env`."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from app.models.base import KINDS, Kind
from database.settings import Settings as CollectionSettings


class Settings(CollectionSettings):
    """Where the server listens, who may call it, and which language models it asks."""

    answer_with: Annotated[tuple[Kind, ...], NoDecode] = Field(
        default=KINDS,
        description="The models that are tried, in this order, separated by commas",
    )
    openai_base_url: str | None = Field(
        default=None,
        description="Address of an OpenAI-compatible server, such as http://localhost:8001/v1; without one, "
        "none is asked",
    )
    openai_api_key: SecretStr | None = Field(default=None, description="Key of that server, if it wants one")
    openai_model: str | None = Field(
        default=None, description="The model that it answers with; without one, the first that it lists"
    )
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
    sources_in_text: bool = Field(
        default=True,
        description="Whether answers to clients of Ollama and OpenAI end with a list of their sources",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("http://localhost:4200",),
        description="Web pages' origins that may call the server, separated by commas",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged: DEBUG, INFO, WARNING or ERROR"
    )

    @field_validator("answer_with", mode="before")
    @classmethod
    def _kinds(cls, value: object) -> object:
        """Checked here, so that the error shows all of the value."""
        if not isinstance(value, str):
            return value
        kinds = tuple(part.strip().lower() for part in value.split(",") if part.strip())
        if not kinds or len(set(kinds)) < len(kinds) or not set(kinds) <= set(KINDS):
            raise ValueError(f"It must name one or more of {', '.join(KINDS)}, each once")
        return kinds

    @field_validator("openai_base_url", "openai_model", mode="before")
    @classmethod
    def _stripped(cls, value: object) -> object:
        """An empty variable is how compose files say that there is none."""
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator("openai_base_url")
    @classmethod
    def _base(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("It must be an address such as http://localhost:8001/v1")
        if parts.username is not None:
            raise ValueError("It must not hold a name or a password: the key goes into OPENAI_API_KEY")
        _ = parts.port  # raises ValueError where it isn't one
        return value.rstrip("/")

    @field_validator("openai_api_key", mode="before")
    @classmethod
    def _key(cls, value: object) -> object:
        """It is sent in a header, which takes no other characters."""
        if not isinstance(value, str):
            return value
        key = value.strip()
        if not key.isascii() or not key.isprintable():
            raise ValueError("It must be letters, digits and signs of ASCII, on one line")
        return key or None

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
