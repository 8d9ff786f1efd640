"""Settings of the collection, from the environment or `.env`."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from database.errors import SettingError

_OLLAMA_PORT = 11434
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a server binds, a client can't call

# A small model takes half of it for thirty passages on two cores; who asked still finds the answer prompt.
_RERANKER_SECONDS = 2.0


class Settings(BaseSettings):
    """Where the collection lies, and which models find what is in it."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default=Path("data"), description="Folder of the embedded store and the documents' files"
    )
    mongodb_uri: SecretStr | None = Field(
        default=None, description="Address of MongoDB; without one, the embedded store in DATA_DIR is used"
    )
    mongodb_database: str = Field(
        default="search_db",
        pattern=r"^[\w-]{1,63}$",
        description="The database in MongoDB that holds the collection",
    )
    embedding_model: str = Field(
        default="bundled",
        min_length=1,
        description="`bundled`, a sentence-transformers model (name, folder), `ollama:NAME` or `gemini:NAME`",
    )
    reranker_model: str | None = Field(
        default=None,
        description="A sentence-transformers CrossEncoder's name or folder; without one, nothing is reranked",
    )
    reranker_seconds: float = Field(
        default=_RERANKER_SECONDS, gt=0, description="Seconds that a question waits for the reranker, at most"
    )
    ollama_host: str = Field(default=f"http://localhost:{_OLLAMA_PORT}", description="Address of Ollama")
    google_api_key: SecretStr | None = Field(
        default=None, description="Key of the Gemini API; without one, Gemini is not asked"
    )
    intranet_addresses: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(),
        description="Addresses and networks of one's own, separated by commas, whose web pages may be loaded",
    )

    @property
    def place(self) -> str:
        """Where the collection lies, for people to read; without what MONGODB_URI keeps secret."""
        return f"MongoDB: {self.mongodb_database}" if self.mongodb_uri else str(self.data_dir)

    @field_validator("mongodb_uri", "google_api_key", "reranker_model", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        """An empty variable is how compose files say that there is none."""
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("intranet_addresses", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
        except ValueError:
            raise ValueError("Each must be an address or a network, such as 10.1.2.3 or 10.0.0.0/8") from None

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
        port = parts.port or (_OLLAMA_PORT if schemeless else None)
        return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"

    @classmethod
    def load(cls, **values: Any) -> Self:
        """Read the environment. Raises SettingError with the name, the value and what is allowed."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingError("\n".join(cls._sentence(dict(e)) for e in error.errors())) from None

    @classmethod
    def _sentence(cls, error: dict[str, Any]) -> str:
        field = cls.model_fields.get(str(error["loc"][0]))
        secret = field is not None and SecretStr in get_args(field.annotation)
        value = "a value that is kept secret" if secret else f"the value {error['input']!r}"
        name = "_".join(str(part) for part in error["loc"]).upper()
        return f"{name} has {value}. {error['msg']}."
