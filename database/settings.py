"""Settings of the collection, from the environment or `.env`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from database.errors import SettingError


class Settings(BaseSettings):
    """Where the collection lies and which model embeds it."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default=Path("data"), description="Folder of the embedded store and the documents' files"
    )
    embedding_model: str = Field(
        default="bundled",
        min_length=1,
        description="`bundled`, or the name or folder of a sentence-transformers model",
    )

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
