"""One way into the database, SQLite or PostgreSQL: `reading` sees one moment and cannot write, `writing` commits whole or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import campaigns.tables
import promo.tables
import storefront.tables

MIGRATIONS = Path(__file__).parent / "migrations"
METADATA = (campaigns.tables.metadata, promo.tables.metadata, storefront.tables.metadata)
_commits = [0]  # of this process, in `writing`; two at once may count as one, which says "something changed" as well
BUSY_MS = 30_000  # eight writers at once waited 5.0 s at worst; 30 s leaves room for a slow card


def open_engine(url: str, *, pool_size: int = 8) -> sa.Engine:
    """An engine for `sqlite:///path` or `postgresql://...`; SQLite gets WAL, synchronous FULL and our own BEGIN."""
    if url.startswith("sqlite"):
        return _open_sqlite(url, pool_size)
    return sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), pool_size=pool_size, max_overflow=32, pool_pre_ping=True
    )


def _open_sqlite(url: str, pool_size: int) -> sa.Engine:
    path = sa.make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, pool_size=pool_size, max_overflow=32, pool_timeout=60)
    sa.event.listen(engine, "connect", _set_up_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions of its own: a failed migration rolls back whole only if we begin it.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that begins as a reader and then writes fails at once when another wrote between; IMMEDIATE waits instead.
    is_reading = connection.get_execution_options().get("reading", False)
    if connection.info.get("is_reading", False) != is_reading:  # said only when it changes: it makes SQLite prepare every statement again
        connection.exec_driver_sql("PRAGMA query_only=" + ("ON" if is_reading else "OFF"))
        connection.info["is_reading"] = is_reading
    begin = "BEGIN" if is_reading else "BEGIN IMMEDIATE"
    try:
        connection.connection.cursor().execute(begin)  # the driver's own way: SQLAlchemy's takes twice as long, and each request begins
    except sqlite3.Error as error:
        raise sa.exc.DBAPIError.instance(begin, None, error, sqlite3.Error, dialect=connection.dialect) from error


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees one moment and cannot write."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection = connection.execution_options(reading=True)
            with connection.begin():
                yield connection
            return
        with connection.begin():
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction: committed when the block ends, rolled back when it raises."""
    with engine.begin() as connection:
        yield connection
    _commits[0] += 1


def writes() -> int:
    """How often this process has committed: what was read at another count may be old."""
    return _commits[0]


def alembic_config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def migrate(engine: sa.Engine) -> None:
    """Bring the database to this release, in one transaction: all of it or nothing."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(8494)")  # two processes that start at once migrate once
        command.upgrade(alembic_config(connection), "head")


def release_of(connection: sa.Connection) -> str | None:
    """The migration a database is at; None for one that was never set up."""
    return MigrationContext.configure(connection).get_current_revision()


def releases() -> list[str]:
    """Every migration this code knows, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()]


def versions(engine: sa.Engine) -> tuple[str | None, str | None]:
    """(the migration the database is at, the one this code wants)."""
    with reading(engine) as connection:
        return release_of(connection), releases()[0]
