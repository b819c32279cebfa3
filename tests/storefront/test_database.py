"""The database: both kinds migrate whole, readers cannot write, and the migrations say what the tables say."""

import making
import pytest
import sqlalchemy as sa
from alembic import command

from campaigns import recounts, visits
from campaigns.clicks import Kind
from storefront import database


def test_the_migrations_make_every_table_and_column_of_the_houses(engine: sa.Engine) -> None:
    found = sa.inspect(engine)
    for metadata in database.METADATA:
        for table in metadata.tables.values():
            assert {column.name for column in table.columns} == {column["name"] for column in found.get_columns(table.name)}, table.name
            assert {index.name for index in table.indexes} <= {index["name"] for index in found.get_indexes(table.name)}, table.name


def test_migrating_twice_changes_nothing(engine: sa.Engine) -> None:
    database.migrate(engine)
    at, wanted = database.versions(engine)
    assert at == wanted


def test_a_reading_connection_cannot_write(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.DBAPIError), database.reading(engine) as connection:
        connection.execute(sa.text("DELETE FROM village"))


def test_a_transaction_that_raises_leaves_nothing(engine: sa.Engine) -> None:
    statement = "INSERT INTO worker (id, seen_at) VALUES (:id, '2026-11-23 00:00:00')"
    with pytest.raises(sa.exc.IntegrityError), database.writing(engine) as connection:
        connection.execute(sa.text(statement), [{"id": "a"}, {"id": "b"}, {"id": "a"}])
    with database.reading(engine) as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM worker")).scalar_one() == 0


def test_hours_counted_by_an_older_release_are_summed_for_their_villages(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for name in ("Wonorejo", "Sumberejo"):
            village = making.village(connection, name=name)
            clicks = [making.click(making.link(connection, village), visitor=visitor) for visitor in (1, 2)]
            visits.write(connection, [*clicks, clicks[0]._replace(kind=Kind.ROBOT, key=5)])
        connection.execute(sa.text("DROP TABLE roll_village_hour"))
        command.stamp(database.alembic_config(connection), "0001", purge=True)
        command.upgrade(database.alembic_config(connection), "0002")
        assert connection.execute(sa.text("SELECT sum(people), count(*) FROM roll_village_hour")).one() == (4, 2)
        assert recounts.recount(connection) == []
        command.stamp(database.alembic_config(connection), "head", purge=True)
