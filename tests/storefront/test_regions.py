"""A month of many villages in one table, by province, regency and village, that adds up to what each of them counts for itself."""

import json
from datetime import timedelta
from pathlib import Path

import making
import pytest
import sqlalchemy as sa
from making import NOW
from typer.testing import CliRunner

from campaigns import reports, visits
from campaigns.months import Month
from storefront import cli, database, regions

PLACES = [
    ("Wonorejo", "Bumiaji", "Kota Batu", "Jawa Timur"),
    ("Sumberejo", "Bumiaji", "Kota Batu", "Jawa Timur"),
    ("Sumberejo", "Ambulu", "Jember", "Jawa Timur"),
    ("Penglipuran", "Bangli", "Bangli", "Bali"),
]


def many(engine: sa.Engine) -> list[int]:
    """Four villages: the first with 3 guests and an order, the last with 2 guests, one of them last month."""
    with database.writing(engine) as connection:
        ids = [
            making.village(connection, name=name, district=district, regency=regency, province=province)
            for name, district, regency, province in PLACES
        ]
        first, last = (making.link(connection, ids[place]) for place in (0, -1))
        visits.write(connection, [making.click(first, visitor=visitor) for visitor in (1, 2, 3)])
        visits.write(connection, [making.click(last, visitor=1), making.click(last, visitor=2, at=NOW - timedelta(days=30))])
        visits.record(connection, village_id=ids[0], zone="Asia/Jakarta", kind="order", rupiah=15_000, at=NOW)
    return ids


def read(engine: sa.Engine, **named: str) -> list[tuple[str, int, int, Month]]:
    with database.reading(engine) as connection:
        found = regions.rows(connection, NOW.date(), **named)
    return [(row.name, row.villages, row.busy, row.month) for row in found]


def test_each_region_adds_up_its_villages_what_brought_most_first(engine: sa.Engine) -> None:
    many(engine)
    batu, jember, bali = Month(3, 3, 1, 15_000), Month(), Month(1, 1, 0, 0)
    assert read(engine) == [("Jawa Timur", 3, 1, batu), ("Bali", 1, 1, bali)]
    assert read(engine, province="jawa timur") == [("Kota Batu", 2, 1, batu), ("Jember", 1, 0, jember)]
    villages = [("Wonorejo, Bumiaji", 1, 1, batu), ("Sumberejo, Bumiaji", 1, 0, Month())]
    assert read(engine, regency=" Kota Batu ") == villages


def test_the_total_is_what_the_villages_count_for_themselves(engine: sa.Engine) -> None:
    ids = many(engine)
    today = NOW.date()
    with database.reading(engine) as connection:
        total = regions.total(regions.rows(connection, today)).month
        each = [reports.village(connection, one, today.replace(day=1), today) for one in ids]
    assert total == Month(*(sum(getattr(one, name) for one in each) for name in Month._fields))


def test_a_region_that_is_not_there_is_told_with_those_that_are(engine: sa.Engine) -> None:
    many(engine)
    with pytest.raises(regions.UnknownRegion) as told:
        read(engine, province="Jawa Timor")
    assert told.value.known == ["Jawa Timur"]


def test_the_command_line_shows_the_table_the_json_and_what_there_is(tmp_path: Path) -> None:
    engine = database.open_engine(f"sqlite:///{tmp_path / 'gapura.db'}")
    database.migrate(engine)
    many(engine)
    given = ["regions", "--month", "2026-11", "--data", str(tmp_path)]
    shown = CliRunner().invoke(cli.app, given, env={"COLUMNS": "160"})
    assert shown.exit_code == 0
    for said in ("Jawa Timur", "Bali", "Rp\u00a015.000"):
        assert said in shown.stdout
    told = json.loads(CliRunner().invoke(cli.app, [*given, "--province", "Bali", "--json"]).stdout)
    assert told["rows"] == [{"name": "Bangli", "villages": 1, "busy": 1, "people": 1, "visitors": 1, "orders": 0, "rupiah": 0}]
    wrong = CliRunner().invoke(cli.app, [*given, "--regency", "Batu Kota"])
    assert wrong.exit_code == 1
    assert "Kota Batu" in wrong.stderr
    engine.dispose()
