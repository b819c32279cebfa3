"""Every setting in one table: name, default, help. `gapura settings` and the README print it; nothing else reads the environment."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

FILE = "gapura.env"


class Settings(BaseSettings):
    """Environment variables GAPURA_<NAME>, or lines GAPURA_<NAME>=value in the file `gapura.env` of the data folder."""

    model_config = SettingsConfigDict(env_prefix="GAPURA_", extra="ignore", validate_default=True)

    data: Path = Field(Path("data"), description="The folder of everything Gapura keeps: gapura.env, the SQLite file, pictures, logs.")
    database_url: str = Field(
        "", description="postgresql://user:password@host/name or sqlite:///path; empty: gapura.db in the data folder."
    )
    media: Path = Field(Path(), description="The folder of photos and finished posters. Empty: media in the data folder.")
    public_url: str = Field("http://127.0.0.1:8000", description="The address of the shop as guests reach it; it is printed into QR codes.")
    secret: SecretStr = Field(
        SecretStr(""), description="32 or more random characters: signs carts, seals tokens; `gapura init` makes one."
    )
    secret_old: SecretStr = Field(
        SecretStr(""), description="Former secrets, with commas: they still open what was sealed with them until `gapura rotate` has run."
    )
    host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 for all.")
    port: int = Field(8000, description="The port to listen on.", ge=1, le=65535)
    trusted_proxies: str = Field("", description="Addresses of your own proxies, with commas; only these are believed about who asks.")
    graph_url: str = Field("https://graph.facebook.com", description="Base URL of Meta's Graph API.")
    graph_version: str = Field("v26.0", description="Version of the Graph API.")
    threads_url: str = Field("https://graph.threads.net", description="Base URL of Meta's Threads API.")
    threads_version: str = Field("v1.0", description="Version of the Threads API.")
    facebook_two_phase: bool = Field(
        False, description="Bring each Facebook post unseen first, then show it by its id: safer; try it on your own Page once."
    )
    meta_url: str = Field("https://www.facebook.com", description="Base URL of the page at which people let us into their Facebook Page.")
    meta_app_id: str = Field("", description="Number of your app at Meta; with it accounts are connected by signing in instead of pasting.")
    meta_app_secret: SecretStr = Field(SecretStr(""), description="The app secret of that app.")
    meta_calls_an_hour: int = Field(
        200, description="Calls an hour that an app at Meta has for each account; all its villages share them, each with a part.", ge=1
    )
    outside_proxy: str = Field(
        "", description="An HTTP proxy elsewhere, through which we look whether networks can fetch our pictures; empty: we look from here."
    )
    midtrans_url: str = Field(
        "https://api.midtrans.com", description="Base URL of Midtrans, the payment gateway; https://api.sandbox.midtrans.com to try it."
    )
    day_token: bool = Field(
        False, description="Give each guest a cookie that ends at the village's midnight: daily visitors become exact instead of at least."
    )
    keep_clicks_days: int = Field(35, description="Days that single clicks are kept; their counts stay for ever.", ge=2, le=400)
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="With a word of your own here /metrics answers Prometheus that sends it as a bearer token; empty: nobody.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("public_url", "graph_url", "threads_url", "meta_url", "midtrans_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _in_the_data_folder(self) -> Self:
        self.database_url = self.database_url or f"sqlite:///{self.data / 'gapura.db'}"
        self.media = self.media if self.media != Path() else self.data / "media"
        return self

    @property
    def gateways(self) -> dict[str, str]:
        """{the name of a gateway in storefront/payments: where it is asked}."""
        return {"midtrans": self.midtrans_url}

    @property
    def secrets(self) -> list[str]:
        """The secret that seals, and those that still open."""
        old = (part.strip() for part in self.secret_old.get_secret_value().split(","))
        return [self.secret.get_secret_value(), *(part for part in old if part)]

    @property
    def network_keys(self) -> dict[str, str]:
        """What this installation is known by at networks where it registered; the values are secret."""
        return {"meta_app_id": self.meta_app_id, "meta_app_secret": self.meta_app_secret.get_secret_value()}

    @property
    def networks(self) -> dict[str, str]:
        """What this installation sets for all accounts of a network."""
        urls = {"graph_url": self.graph_url, "threads_url": self.threads_url, "meta_url": self.meta_url, "public_url": self.public_url}
        versions = {"graph_version": self.graph_version, "threads_version": self.threads_version}
        phases = "yes" if self.facebook_two_phase else "no"
        sample = {"sample_url": f"{self.public_url}/m/percobaan.jpg"}
        given = {"facebook_two_phase": phases, "outside_proxy": self.outside_proxy, "calls_an_hour": str(self.meta_calls_an_hour)}
        return {**urls, **versions, **sample, **given}

    @property
    def proxies(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.trusted_proxies.split(",") if part.strip())


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
        default = "" if isinstance(field.default, SecretStr) or field.default == Path() else str(field.default)
        rows.append(Row(f"GAPURA_{name.upper()}", default, field.description or ""))
    return rows


def load(data: Path | None = None, **given: object) -> Settings:
    """The settings of this process: what is given wins, then the environment, then `gapura.env` in the data folder."""
    folder = data or Path(os.environ.get("GAPURA_DATA", "data"))
    return Settings(_env_file=folder / FILE, data=folder, **given)  # type: ignore[call-arg,arg-type]


def language() -> str:
    """The language of whoever sits at this terminal: Indonesian when the system speaks it, else English."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "id" if spoken.lower().startswith("id") else "en"
