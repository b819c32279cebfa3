"""Founding a real village: its settings file, its database, its row and the first clerk, in one go or not at all."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from storefront import database, passwords, phones, settings, staff, villages
from storefront.problems import Problem

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


class AlreadyFounded(Exception):
    """There is a village in this folder already."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def found(data: Path, *, village: Mapping[str, str], public_url: str, login: str, password: str, at: datetime) -> Path:
    """Make everything a village needs in the folder `data`; the path of its settings file. Raises AlreadyFounded, Problem."""
    row = _checked(village, public_url)
    passwords.check(password, login=login)
    file = _settings_file(data, public_url.strip().rstrip("/"))
    chosen = settings.load(data)
    engine = database.open_engine(chosen.database_url)
    database.migrate(engine)
    with database.writing(engine) as connection:
        if known := villages.listed(connection):
            raise AlreadyFounded(known[0].name)
        made = villages.create(connection, at=at, **row)
        staff.create(connection, village_id=made.id, login=login, name=login, role="operator", password=password, language="id", at=at)
    engine.dispose()
    return file


def _checked(village: Mapping[str, str], public_url: str) -> dict[str, Any]:
    for field in ("name", "district", "regency", "province"):
        if not village[field].strip():
            raise Problem("founding.empty", field=field, what=field)
    if village["zone"].strip().upper() not in ZONES:
        raise Problem("founding.zone", field="zone", typed=village["zone"])
    if not public_url.startswith(("https://", "http://")):
        raise Problem("founding.url", field="public_url", typed=public_url)
    row: dict[str, Any] = {field: village[field].strip() for field in ("name", "district", "regency", "province")}
    return row | {"zone": ZONES[village["zone"].strip().upper()], "whatsapp": phones.normalise(village["whatsapp"])}


def _settings_file(data: Path, public_url: str) -> Path:
    """Written once, readable by its owner only: whoever has the secret can open the sealed tokens."""
    data.mkdir(parents=True, exist_ok=True)
    file = data / settings.FILE
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"GAPURA_SECRET={secrets.token_urlsafe(32)}\nGAPURA_PUBLIC_URL={public_url}\n", encoding="utf-8")
    return file
