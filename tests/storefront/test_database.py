"""The database: both kinds migrate whole, readers cannot write, and the migrations say what the tables say."""

import pytest
import sqlalchemy as sa

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
