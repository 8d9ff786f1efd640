"""Settings of the server, from the environment or `.env`."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from database.settings import Settings as CollectionSettings

OLLAMA_PORT = 11434
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a server binds, a client can't call


class Settings(CollectionSettings):
    """Where the server listens, who may call it, and which language models it asks."""

    ollama_host: str = Field(default=f"http://localhost:{OLLAMA_PORT}", description="Address of Ollama")
    ollama_model: str = Field(
        default="llama3", min_length=1, description="The model that Ollama answers with"
    )
    google_api_key: SecretStr | None = Field(
        default=None, description="Key of the Gemini API; without one, Gemini is not asked"
    )
    gemini_model: str = Field(
        default="gemini-3.5-flash-lite", min_length=1, description="The model that Gemini answers with"
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="Address that the server listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port that the server listens on")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("http://localhost:4200",),
        description="Web pages' origins that may call the server, separated by commas",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged: DEBUG, INFO, WARNING or ERROR"
    )

    @field_validator("ollama_host")
    @classmethod
    def _address(cls, value: str) -> str:
        """Ollama's own forms are taken: `localhost`, `0.0.0.0:11434`, `https://host`."""
        text = value.strip()
        schemeless = "://" not in text
        parts = urlsplit(f"http://{text}" if schemeless else text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("It must be an address such as http://localhost:11434")
        host = _EVERY_ADDRESS.get(parts.hostname, parts.hostname)
        host = f"[{host}]" if ":" in host else host
        port = parts.port or (OLLAMA_PORT if schemeless else None)
        return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"

    @field_validator("google_api_key", mode="before")
    @classmethod
    def _key(cls, value: object) -> object:
        """An empty variable is how compose files say that there is none."""
        return None if isinstance(value, str) and not value.strip() else value

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
