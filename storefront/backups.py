"""A backup is one zip file: every row of one moment as lines of JSON, and every picture; it goes back into SQLite or PostgreSQL alike.

Two things are left out on purpose: gapura.env, whose secret opens the keys that the rows hold sealed, and `spill`, clicks that could not
be written for a moment and are in the rows as soon as the database answers again.
"""

import base64
import contextlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from alembic import command

from promo import posts
from storefront import database, proofs, searchentries
from storefront.media import Store
from storefront.settings import Settings

MANIFEST = "gapura.json"
FORMAT = 1
BATCH = 2_000
MADE_ANEW = searchentries.TABLES  # out of the others, when these are back
OURS = tuple(table.name for metadata in database.METADATA for table in metadata.tables.values() if table.name not in MADE_ANEW)
Progress = Callable[[str, int, int], None]  # (what, done, of)


class NotABackup(Exception):
    """The file is not a backup of Gapura, is cut short, or was made by a newer release."""


class NotEmpty(Exception):
    """There is data already where a backup should go; nothing was touched."""


@dataclass(frozen=True)
class Made:
    """What went into a backup, or came out of one: rows by table, and how many pictures."""

    rows: dict[str, int]
    pictures: int
    made_at: datetime


def stores(settings: Settings) -> dict[str, Store]:
    """{the folder's name in a backup: its pictures} of an installation: all that is kept beside the database."""
    return {"media": Store(settings.media), proofs.FOLDER: Store(settings.data / proofs.FOLDER)}


def make(engine: sa.Engine, stores: Mapping[str, Store], file: Path, *, at: datetime, progress: Progress = lambda *_: None) -> Made:
    """Write everything of this moment into `file`, while the shop goes on. The file appears whole or not at all."""
    beside = file.with_name(file.name + ".part")
    beside.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        rows, release = _write_tables(engine, archive, progress)
        # Pictures are added before the rows that name them: those of the moment are all there.
        pictures = sum(_write_pictures(name, store, archive, progress) for name, store in stores.items())
        made = Made(rows, pictures, at)
        manifest = {"format": FORMAT, "release": release, "made_at": at.isoformat(), "rows": rows, "pictures": pictures}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    beside.replace(file)
    return made


def _write_tables(engine: sa.Engine, archive: zipfile.ZipFile, progress: Progress) -> tuple[dict[str, int], str | None]:
    counts: dict[str, int] = {}
    with database.reading(engine) as connection:
        release = database.release_of(connection)
        tables = _tables(connection)
        for place, table in enumerate(tables):
            progress(table.name, place, len(tables))
            with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
                counts[table.name] = _write_rows(connection, table, out)
    return counts, release


def _write_rows(connection: sa.Connection, table: sa.Table, out: IO[bytes]) -> int:
    count = 0
    query = sa.select(*_kept(table)).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=BATCH).execute(query):
        out.write(json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n")
        count += 1
    return count


def _write_pictures(name: str, store: Store, archive: zipfile.ZipFile, progress: Progress) -> int:
    pictures, written = store.masters(), 0
    for place, path in enumerate(pictures):
        progress(name, place, len(pictures))
        with contextlib.suppress(FileNotFoundError):  # a proof whose time was over went meanwhile
            archive.write(path, f"{name}/{path.name}", zipfile.ZIP_STORED)  # JPEG does not deflate
            written += 1
    return written


def restore(engine: sa.Engine, stores: Mapping[str, Store], file: Path, *, at: datetime, progress: Progress = lambda *_: None) -> Made:
    """Put a backup into an empty database and folder, and bring it to this release. Raises NotABackup, NotEmpty.

    What fell due since the backup may have gone out already: the publisher looks for it on the network before it sends.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            _read_tables(engine, archive, manifest, at, progress)
            pictures = sum(_read_pictures(name, store, archive, progress) for name, store in stores.items())
    except (zipfile.BadZipFile, json.JSONDecodeError, KeyError) as error:
        raise NotABackup(str(file)) from error
    return Made(manifest["rows"], pictures, datetime.fromisoformat(manifest["made_at"]))


def _read_pictures(name: str, store: Store, archive: zipfile.ZipFile, progress: Progress) -> int:
    files = [file for file in archive.namelist() if file.startswith(f"{name}/")]
    for place, file in enumerate(files):
        progress(name, place, len(files))
        store.save(archive.read(file))
    return len(files)


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    if manifest["format"] != FORMAT or manifest["release"] not in database.releases():
        raise NotABackup(f"made by another release: {manifest['release']}")
    return manifest


def _read_tables(engine: sa.Engine, archive: zipfile.ZipFile, manifest: dict[str, Any], at: datetime, progress: Progress) -> None:
    """One transaction: a restore that is cut off leaves nothing behind."""
    with database.writing(engine) as connection:
        if sa.inspect(connection).has_table("village") and connection.execute(sa.text("SELECT 1 FROM village")).first():
            raise NotEmpty(str(engine.url.render_as_string(hide_password=True)))
        command.upgrade(database.alembic_config(connection), manifest["release"])
        tables = _tables(connection)
        for place, table in enumerate(tables):
            progress(table.name, place, len(tables))
            with archive.open(f"tables/{table.name}.jsonl") as lines:
                for batch in _batches(table, lines):
                    connection.execute(table.insert(), batch)
        _set_sequences(connection, tables)
        command.upgrade(database.alembic_config(connection), "head")
        searchentries.mend_all(connection)
        posts.doubt(connection, at=at)


def _batches(table: sa.Table, lines: IO[bytes]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append({column.name: _typed(column.type, value) for column, value in zip(_kept(table), json.loads(line), strict=True)})
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _kept(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns that hold something; the others are computed out of these."""
    return [column for column in table.columns if column.computed is None]


def _tables(connection: sa.Connection) -> list[sa.Table]:
    """Our tables as they stand in this database, parents first: an older backup is read by its own columns, not by today's."""
    metadata = sa.MetaData()
    metadata.reflect(connection, only=lambda name, _: name in OURS)
    return metadata.sorted_tables


def _set_sequences(connection: sa.Connection, tables: list[sa.Table]) -> None:
    """PostgreSQL counts ids by itself: it goes on after the highest that came in."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        if "id" in table.columns and isinstance(table.c.id.type, sa.BigInteger):
            highest = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0) + 1).scalar_subquery()
            quoted = connection.dialect.identifier_preparer.quote(table.name)
            connection.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(quoted, "id"), highest, False)))


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
    return value


def _typed(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case sa.DateTime():
            at = datetime.fromisoformat(value)
            return at if getattr(kind, "timezone", False) else at.replace(tzinfo=None)
        case sa.Date():
            return date.fromisoformat(value)
        case sa.LargeBinary():
            return base64.b64decode(value)
        case sa.Boolean():
            return bool(value)
    return value
