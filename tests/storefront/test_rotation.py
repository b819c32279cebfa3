"""A change of the secret: what was sealed with the former one is sealed anew by one command, and then the former is needed no more."""

from datetime import UTC, datetime
from pathlib import Path

import making
import pytest
from typer.testing import CliRunner

from promo import accounts
from promo.accounts import Sealer
from storefront import cli, database, settings, tables, tills

OLD, NEW = "the first secret of this village ....", "another secret of this village ......"
runner = CliRunner()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for row in settings.table():
        monkeypatch.delenv(row.name, raising=False)
    engine = database.open_engine(settings.load(tmp_path).database_url)
    database.migrate(engine)
    sealed = tills.sealed("midtrans", {"server_key": "hush-hush"}, Sealer(OLD), 1)
    with database.writing(engine) as connection:
        village_id = making.village(connection)
        assert village_id == 1
        making.account(connection, village_id, sealer=Sealer(OLD), secrets={"token": "hush-hush"}, at=datetime.now(UTC))
        connection.execute(tables.village.update().values(payments={"midtrans": sealed}))
    engine.dispose()
    return tmp_path


def test_one_command_seals_everything_anew(data: Path) -> None:
    (data / settings.FILE).write_text(f"GAPURA_SECRET={NEW}\nGAPURA_SECRET_OLD={OLD}\n", encoding="utf-8")
    ran = runner.invoke(cli.app, ["rotate", "--data", str(data)])
    assert ran.exit_code == 0, ran.output
    engine = database.open_engine(settings.load(data).database_url)
    with database.reading(engine) as connection:
        (account,) = accounts.listed(connection, 1)
        details = tills.of_village(connection, 1)["midtrans"]
    engine.dispose()
    assert accounts.secrets(account, Sealer(NEW)) == {"token": "hush-hush"}
    assert tills.opened("midtrans", details, Sealer(NEW), 1) == {"server_key": "hush-hush"}
    assert "hush-hush" not in ran.output + str(details)


def test_without_the_former_secret_nothing_is_lost_and_it_is_said(data: Path) -> None:
    (data / settings.FILE).write_text(f"GAPURA_SECRET={NEW}\n", encoding="utf-8")
    ran = runner.invoke(cli.app, ["rotate", "--data", str(data)])
    assert ran.exit_code == 0, ran.output
    assert "1" in ran.output.splitlines()[-1]
    engine = database.open_engine(settings.load(data).database_url)
    with database.reading(engine) as connection:
        (account,) = accounts.listed(connection, 1)
    engine.dispose()
    assert account.state == "needs_login"
    assert accounts.secrets(account, Sealer(OLD)) == {"token": "hush-hush"}


def test_a_secret_that_is_too_short_is_refused(data: Path) -> None:
    (data / settings.FILE).write_text("GAPURA_SECRET=short\n", encoding="utf-8")
    assert runner.invoke(cli.app, ["rotate", "--data", str(data)]).exit_code == 1
