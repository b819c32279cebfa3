"""Accounts: sealed secrets, forms from the network's own list, keys that can be changed."""

from datetime import datetime

import making
import pytest
import sqlalchemy as sa

from promo import accounts, networks
from promo.accounts import CannotUnseal, Incomplete, Sealer, UnknownAccount
from promo.tables import account

OLD, NEW = "the first secret of this village", "the second secret of this village"


def connect(connection: sa.Connection, village_id: int, at: datetime, **given: object) -> accounts.Account:
    values = {"network": "practice", "title": "Akun latihan", "fields": {"handle": "desa"}, "secrets": {"token": "hush-hush"}}
    return accounts.connect(connection, village_id=village_id, sealer=Sealer(OLD), at=at, **{**values, **given})


def test_secrets_come_back_only_with_the_secret_and_are_shown_nowhere(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        one = connect(connection, making.village(connection), now)
        stored = connection.execute(sa.select(account)).one()
    assert accounts.secrets(one, Sealer(OLD)) == {"token": "hush-hush"}
    assert one.fields == {"base_url": "http://127.0.0.1:8010", "handle": "desa"}
    assert "hush" not in repr(one) + repr(stored) + repr(Sealer(OLD)) + repr(accounts.access(one, Sealer(OLD), timeout=1))
    with pytest.raises(CannotUnseal) as told:
        accounts.secrets(one, Sealer(NEW))
    assert "hush" not in repr(told.value)


def test_sealed_bytes_open_for_no_other_village_and_not_after_a_change(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        one = connect(connection, making.village(connection), now)
    assert one.sealed is not None
    for sealed, village_id in ((one.sealed, one.village_id + 1), (one.sealed[:-1] + b"x", one.village_id), (b"", one.village_id)):
        with pytest.raises(CannotUnseal):
            Sealer(OLD).open(sealed, f"{village_id}:practice")


def test_a_new_secret_takes_over_without_a_new_login(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        one = connect(connection, making.village(connection), now)
        both = Sealer([NEW, OLD])
        assert accounts.secrets(one, both) == {"token": "hush-hush"}
        assert accounts.reseal(connection, both) == 1
        assert accounts.reseal(connection, both) == 0
        again = accounts.get(connection, one.village_id, one.id)
    assert accounts.secrets(again, Sealer(NEW)) == {"token": "hush-hush"}


def test_what_no_key_opens_asks_for_a_login(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        one = connect(connection, making.village(connection), now)
        assert accounts.reseal(connection, Sealer(NEW)) == 0
        assert accounts.get(connection, one.village_id, one.id).state == "needs_login"


def test_an_empty_field_is_named(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        village_id = making.village(connection)
        with pytest.raises(Incomplete) as told:
            connect(connection, village_id, now, title="  ")
        assert (told.value.field, told.value.key) == ("title", "publish.field_empty")
        with pytest.raises(networks.UnknownNetwork):
            connect(connection, village_id, now, network="friendster")


def test_a_removed_account_keeps_no_secret_and_is_listed_no_more(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        one = connect(connection, making.village(connection), now)
        assert [each.id for each in accounts.listed(connection, one.village_id)] == [one.id]
        accounts.remove(connection, one.village_id, one.id)
        assert accounts.listed(connection, one.village_id) == []
        assert accounts.get(connection, one.village_id, one.id).sealed is None


def test_another_village_sees_and_changes_nothing(engine: sa.Engine, now: datetime) -> None:
    with engine.begin() as connection:
        one = connect(connection, making.village(connection), now)
        other = making.village(connection, name="Sumberejo")
        assert accounts.listed(connection, other) == []
        with pytest.raises(UnknownAccount):
            accounts.get(connection, other, one.id)
        accounts.remove(connection, other, one.id)
        assert accounts.get(connection, one.village_id, one.id).state == "open"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        Sealer("short")
