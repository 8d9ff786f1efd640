"""Settings of the collection, from the environment or `.env`."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from database.errors import SettingError


class Settings(BaseSettings):
    """Where the collection lies and which model embeds it."""

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
        description="`bundled`, or the name or folder of a sentence-transformers model",
    )
    intranet_addresses: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(),
        description="Addresses and networks of one's own, separated by commas, whose web pages may be loaded",
    )

    @property
    def place(self) -> str:
        """Where the collection lies, for people to read; without what MONGODB_URI keeps secret."""
        return f"MongoDB: {self.mongodb_database}" if self.mongodb_uri else str(self.data_dir)

    @field_validator("mongodb_uri", mode="before")
    @classmethod
    def _uri(cls, value: object) -> object:
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

    @classmethod
    def load(cls, **values: Any) -> Self:
        """Read the environment. Raises SettingError with the name, the value and what is allowed."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingError("\n".join(_sentence(dict(e)) for e in error.errors())) from None


def _sentence(error: dict[str, Any]) -> str:
    name = "_".join(str(part) for part in error["loc"]).upper()
    return f"{name} has the value {error['input']!r}. {error['msg']}."
