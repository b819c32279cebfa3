"""The doctor: what this installation needs to work well, each with what to do about it."""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from promo import fonts, templates
from storefront import database, searchentries
from storefront.settings import Settings

SAFE_SQLITE = (3, 51, 3)  # older ones have the WAL-reset bug: rare, needs two connections checkpointing at one moment
BACKPORTS = {(3, 44): 6, (3, 50): 7}


@dataclass(frozen=True)
class Check:
    """One finding: `state` is ok, warning or broken; `key` names the sentence in assets/languages [check], `facts` fill it."""

    key: str
    state: str
    facts: dict[str, Any] = field(default_factory=dict)


def all_of(settings: Settings) -> Iterator[Check]:
    """Every check in turn; none of them changes anything."""
    yield from _database(settings)
    yield _sqlite_library(settings)
    yield _media(settings)
    yield _disk(settings)
    yield Check("shaping.ok", "ok") if fonts.text_shaping() else Check("shaping.warning", "warning")
    yield _fonts()
    yield _scripts()
    yield from _posters()
    yield _clock()
    yield _public_url(settings)
    yield _secret(settings)


def _database(settings: Settings) -> Iterator[Check]:
    shown = sa.make_url(settings.database_url).render_as_string(hide_password=True)
    path = sa.make_url(settings.database_url).database or ""
    if settings.database_url.startswith("sqlite") and not Path(path).exists():
        yield Check("database_missing", "broken", {"url": shown})
        return
    engine = database.open_engine(settings.database_url)
    try:
        at, wanted = database.versions(engine)
        astray = _unsearched(engine) if at == wanted else 0
    except sa.exc.SQLAlchemyError as error:
        yield Check("database_unreachable", "broken", {"url": shown, "why": type(error).__name__})
        return
    finally:
        engine.dispose()
    yield Check("database", "ok", {"url": shown})
    yield (
        Check("migrations", "ok", {"at": at}) if at == wanted else Check("migrations_behind", "broken", {"at": at or "-", "wanted": wanted})
    )
    yield Check("search.warning", "warning", {"count": astray}) if astray else Check("search.ok", "ok")


def _unsearched(engine: sa.Engine) -> int:
    with database.reading(engine) as connection:
        return searchentries.astray(connection)


def _sqlite_library(settings: Settings) -> Check:
    version = sqlite3.sqlite_version_info
    is_safe = version >= SAFE_SQLITE or version[2] >= BACKPORTS.get(version[:2], 10_000)
    if is_safe or not settings.database_url.startswith("sqlite"):
        return Check("sqlite", "ok", {"version": sqlite3.sqlite_version})
    return Check("sqlite_old", "warning", {"version": sqlite3.sqlite_version})


def _media(settings: Settings) -> Check:
    try:
        settings.media.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.media) as file:
            started = time.perf_counter()
            file.write(b"x" * 65_536)
            file.flush()
            os.fsync(file.fileno())
            took = (time.perf_counter() - started) * 1_000
    except OSError as error:
        return Check("media_broken", "broken", {"folder": settings.media, "why": error.strerror})
    return Check("media", "ok", {"folder": settings.media, "ms": f"{took:.1f}"})


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.media if settings.media.exists() else ".").free / 1e9
    return Check("disk", "ok" if free > 1 else "warning", {"gb": f"{free:.1f}"})


def _scripts() -> Check:
    if missing := fonts.missing():
        return Check("scripts.warning", "warning", {"missing": ", ".join(missing)})
    return Check("scripts.ok", "ok")


def _posters() -> Iterator[Check]:
    yield from (Check("posters.warning", "warning", {"why": str(error)}) for error in templates.broken())
    if not templates.broken():
        yield Check("posters.ok", "ok", {"count": len(templates.names())})


def _fonts() -> Check:
    try:
        fonts.check()
    except OSError:
        return Check("fonts_broken", "broken")
    return Check("fonts", "ok")


def _clock() -> Check:
    """A clock before the day this was written is a dead battery; posts would go out at the wrong time."""
    return Check("clock", "ok" if time.time() > 1_795_000_000 else "broken", {"now": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())})


def _public_url(settings: Settings) -> Check:
    is_local = any(name in settings.public_url for name in ("127.0.0.1", "localhost", "[::1]"))
    if is_local:
        return Check("public_url_local", "warning", {"url": settings.public_url})
    return Check("public_url", "ok" if settings.public_url.startswith("https://") else "warning", {"url": settings.public_url})


def _secret(settings: Settings) -> Check:
    return Check("secret", "ok") if len(settings.secret.get_secret_value()) >= 32 else Check("secret_missing", "broken")
