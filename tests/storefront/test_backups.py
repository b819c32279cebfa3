"""Backups: one file of one moment, taken while others write, that goes back into either database with every figure the same."""

import threading
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import making
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from campaigns import reports, visits
from promo.clock import DurableClock
from storefront import backups, cli, database, products, proofs, search, searchentries, villages
from storefront.media import Store


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[sa.Engine]:
    """A SQLite file that was never set up: what is restored need not go where it came from."""
    other = database.open_engine(f"sqlite:///{tmp_path / 'other' / 'gapura.db'}")
    yield other
    other.dispose()


def lived_in(engine: sa.Engine) -> int:
    with database.writing(engine) as connection:
        village_id = making.village(connection)
        maker_id = making.maker(connection, village_id)
        for number in range(5):
            making.product(connection, village_id, maker_id, name=f"Keripik {number}")
        for day in range(3):
            at = making.NOW - timedelta(days=day)
            visits.record(connection, village_id=village_id, zone="Asia/Jakarta", kind="order", rupiah=15_000, at=at)
    return village_id


def figures(engine: sa.Engine, village_id: int) -> object:
    today = making.NOW.date()
    with database.reading(engine) as connection:
        return reports.village(connection, village_id, today - timedelta(days=30), today), products.listed(connection, village_id)


def test_what_is_restored_is_what_was_backed_up(engine: sa.Engine, empty: sa.Engine, tmp_path: Path) -> None:
    village_id = lived_in(engine)
    store, other_store = Store(tmp_path / "media"), Store(tmp_path / "other" / "media")
    sha256 = store.save(b"\xff\xd8 a picture")
    made = backups.make(engine, {"media": store}, tmp_path / "backup.zip", at=making.NOW)
    found = backups.restore(empty, {"media": other_store}, tmp_path / "backup.zip", at=making.NOW)
    assert found == made
    assert made.rows["product"] == 5
    assert figures(empty, village_id) == figures(engine, village_id)
    assert other_store.read(sha256) == b"\xff\xd8 a picture"
    assert database.versions(empty)[0] == database.versions(empty)[1]


def test_no_table_is_left_out(engine: sa.Engine, tmp_path: Path) -> None:
    DurableClock(f"sqlite:///{tmp_path / 'clock.db'}").lay()
    clock = set(sa.inspect(database.open_engine(f"sqlite:///{tmp_path / 'clock.db'}")).get_table_names())  # made anew from the targets
    tables = {name for name in sa.inspect(engine).get_table_names() if not name.startswith("fts_")} - clock  # FTS5 keeps its own too
    assert tables == {"alembic_version", *backups.OURS, *backups.MADE_ANEW}


def test_what_is_restored_can_be_searched_at_once_though_the_index_was_left_out(
    engine: sa.Engine, empty: sa.Engine, tmp_path: Path
) -> None:
    village_id = lived_in(engine)
    backups.make(engine, {"media": Store(tmp_path / "media")}, tmp_path / "backup.zip", at=making.NOW)
    backups.restore(empty, {"media": Store(tmp_path / "media2")}, tmp_path / "backup.zip", at=making.NOW)
    with database.reading(empty) as connection:
        assert searchentries.behind(connection) == []
        assert search.is_indexed(connection, village_id)
        assert search.find(connection, village_id, "kripik").count == 5


def test_the_command_line_saves_proofs_of_transfer_and_puts_them_back_where_nobody_but_the_paid_sees_them(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "backup.zip"
    picture = making.picture(colour="#2f4f2f")
    proof, photo = Store(here / proofs.FOLDER).save(picture), Store(here / "media").save(making.picture())
    for words in (["migrate"], ["backup", str(file)]):
        assert CliRunner().invoke(cli.app, [*words, "--data", str(here)]).exit_code == 0
    assert CliRunner().invoke(cli.app, ["restore", str(file), "--data", str(there)]).exit_code == 0
    assert Store(there / proofs.FOLDER).read(proof) == picture
    assert [path.stem for path in Store(there / "media").masters()] == [photo]


def test_a_backup_of_sqlite_goes_into_this_database_and_counts_on_from_there(engine: sa.Engine, empty: sa.Engine, tmp_path: Path) -> None:
    database.migrate(empty)
    village_id = lived_in(empty)
    backups.make(empty, {"media": Store(tmp_path / "media")}, tmp_path / "backup.zip", at=making.NOW)
    backups.restore(engine, {"media": Store(tmp_path / "media2")}, tmp_path / "backup.zip", at=making.NOW)
    assert figures(engine, village_id) == figures(empty, village_id)
    with database.writing(engine) as connection:
        assert making.village(connection, name="Sumberejo") > village_id


def test_a_backup_is_of_one_moment_while_others_write(engine: sa.Engine, tmp_path: Path) -> None:
    village_id = lived_in(engine)
    with database.reading(engine) as connection:
        before = villages.get(connection, village_id).revision
    stop = threading.Event()

    def sell() -> None:
        while not stop.is_set():
            with database.writing(engine) as connection:
                visits.record(connection, village_id=village_id, zone="Asia/Jakarta", kind="order", rupiah=1_000, at=making.NOW)
                villages.touch(connection, village_id)

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        backups.make(engine, {"media": Store(tmp_path / "media")}, tmp_path / "backup.zip", at=making.NOW)
    finally:
        stop.set()
        seller.join()
    other = database.open_engine(f"sqlite:///{tmp_path / 'restored.db'}")
    backups.restore(other, {"media": Store(tmp_path / "media2")}, tmp_path / "backup.zip", at=making.NOW)
    with database.reading(other) as connection:
        raw = connection.execute(sa.text("SELECT sum(rupiah) FROM outcome")).scalar_one()
        rolled = connection.execute(sa.text("SELECT sum(rupiah) FROM roll_outcome")).scalar_one()
        orders = connection.execute(sa.text("SELECT count(*) FROM outcome WHERE rupiah = 1000")).scalar_one()
        assert raw == rolled
        assert villages.get(connection, village_id).revision - before == orders
    other.dispose()


def test_a_backup_does_not_go_over_what_is_there(engine: sa.Engine, tmp_path: Path) -> None:
    village_id = lived_in(engine)
    backups.make(engine, {"media": Store(tmp_path / "media")}, tmp_path / "backup.zip", at=making.NOW)
    before = figures(engine, village_id)
    with pytest.raises(backups.NotEmpty):
        backups.restore(engine, {"media": Store(tmp_path / "media")}, tmp_path / "backup.zip", at=making.NOW)
    assert figures(engine, village_id) == before


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut short"])
def test_what_is_no_backup_leaves_nothing_behind(empty: sa.Engine, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup.zip").write_bytes(content)
    with pytest.raises(backups.NotABackup):
        backups.restore(empty, {"media": Store(tmp_path / "media")}, tmp_path / "backup.zip", at=making.NOW)
    assert not sa.inspect(empty).has_table("village")


def test_a_backup_cut_in_its_rows_leaves_nothing_behind(engine: sa.Engine, empty: sa.Engine, tmp_path: Path) -> None:
    lived_in(engine)
    whole, cut = tmp_path / "backup.zip", tmp_path / "cut.zip"
    backups.make(engine, {"media": Store(tmp_path / "media")}, whole, at=making.NOW)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(cut, "w") as out:
        for name in source.namelist():
            if name != "tables/product.jsonl":
                out.writestr(name, source.read(name))
    with pytest.raises(backups.NotABackup):
        backups.restore(empty, {"media": Store(tmp_path / "media2")}, cut, at=making.NOW)
    assert not sa.inspect(empty).has_table("village")
