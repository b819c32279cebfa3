"""Founding a real village: its settings file, its database, its row and the first clerk, in one go or not at all."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from storefront import database, passwords, phones, settings, staff, villages
from storefront.problems import Problem

OF_VILLAGE = ("name", "district", "regency", "province", "zone", "whatsapp")
FIELDS = (*OF_VILLAGE, "public_url", "login", "password")
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


class AlreadyFounded(Exception):
    """There is a village in this folder already."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def read(field: str, typed: str) -> str:
    """One answer as it will be kept. Raises Problem with the sentence that says what is wrong with it."""
    text = typed.strip()
    match field:
        case "zone":
            if text.upper() not in ZONES:
                raise Problem("founding.zone", field=field, typed=text)
            return ZONES[text.upper()]
        case "whatsapp":
            return phones.normalise(text)
        case "public_url":
            if not text.startswith(("https://", "http://")) or not text.partition("://")[2]:
                raise Problem("founding.url", field=field, typed=text)
            return text.rstrip("/")
        case "password":
            passwords.check(typed)
            return typed
    if not text:
        raise Problem("founding.empty", field=field)
    return text


def found(data: Path, answers: Mapping[str, str], *, at: datetime) -> Path:
    """Make everything a village needs in the folder `data`; the path of its settings file. Raises AlreadyFounded, Problem.

    `answers` has each of FIELDS as it was typed.
    """
    kept = {field: read(field, answers[field]) for field in FIELDS}
    file = _settings_file(data, kept["public_url"])
    chosen = settings.load(data)
    engine = database.open_engine(chosen.database_url)
    database.migrate(engine)
    with database.writing(engine) as connection:
        if known := villages.listed(connection):
            raise AlreadyFounded(known[0].name)
        made = villages.create(connection, at=at, **{field: kept[field] for field in OF_VILLAGE})
        who = {"login": kept["login"], "name": kept["login"], "password": kept["password"]}
        staff.create(connection, village_id=made.id, role="operator", language="id", at=at, **who)
    engine.dispose()
    return file


def _settings_file(data: Path, public_url: str) -> Path:
    """Written once, readable by its owner only: whoever has the secret can open the sealed tokens."""
    data.mkdir(parents=True, exist_ok=True)
    file = data / settings.FILE
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"GAPURA_SECRET={secrets.token_urlsafe(32)}\nGAPURA_PUBLIC_URL={public_url}\n", encoding="utf-8")
    return file
