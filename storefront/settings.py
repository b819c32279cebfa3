"""Every setting in one table: name, default, help. `gapura settings` and the README print it; nothing else reads the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment variables GAPURA_<NAME>, or lines NAME=value in the file that GAPURA_FILE names (default: gapura.env here)."""

    model_config = SettingsConfigDict(env_prefix="GAPURA_", extra="ignore", frozen=True)

    database_url: str = Field(
        "sqlite:///data/gapura.db", description="Where the data is: sqlite:///path or postgresql://user:password@host/name."
    )
    public_url: str = Field("http://127.0.0.1:8000", description="The address that is printed into QR codes; no slash at the end.")
    secret: SecretStr = Field(
        SecretStr(""), description="32 or more random characters; signs carts and seals tokens. `gapura init` makes one."
    )
    media: Path = Field(Path("data/media"), description="The folder of the photos and finished posters.")
    host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 for all.")
    port: int = Field(8000, description="The port to listen on.")
    trusted_proxies: str = Field(
        "", description="Addresses of your own proxies, comma-separated; only from these is X-Forwarded-For believed."
    )
    graph_url: str = Field("https://graph.facebook.com", description="Base URL of Meta's Graph API.")
    graph_version: str = Field("v26.0", description="Version of the Graph API.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("public_url", "graph_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")


@dataclass(frozen=True)
class Row:
    """One line of the table of settings."""

    name: str
    default: str
    help: str


def table() -> list[Row]:
    """Every setting as (environment variable, default, help), in the order of the class."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else str(field.default)
        rows.append(Row(f"GAPURA_{name.upper()}", default, field.description or ""))
    return rows


def load(**given: object) -> Settings:
    """The settings of this process: what is given wins, then the environment, then the file."""
    return Settings(_env_file=os.environ.get("GAPURA_FILE", "gapura.env"), **given)  # type: ignore[call-arg,arg-type]
