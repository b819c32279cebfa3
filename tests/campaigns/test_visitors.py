"""Who came is known for a day, by a salt that all processes share and nobody keeps."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import making
import sqlalchemy as sa

from campaigns import rollups, visitors
from campaigns.tables import salt
from campaigns.visitors import Salts

DAY = date(2026, 11, 23)


def test_the_same_phone_is_the_same_visitor_all_day_and_another_one_elsewhere() -> None:
    secret = b"s" * 32
    one = visitors.identity(secret, 1, "36.68.1.2", "Chrome")
    assert one == visitors.identity(secret, 1, "36.68.1.2", "Chrome")
    others = {
        visitors.identity(secret, 1, "36.68.1.3", "Chrome"),
        visitors.identity(secret, 1, "36.68.1.2", "Safari"),
        visitors.identity(secret, 2, "36.68.1.2", "Chrome"),
        visitors.identity(b"t" * 32, 1, "36.68.1.2", "Chrome"),
    }
    assert len(others | {one}) == 5
    assert all(0 <= number < 2**47 for number in others)


def test_address_and_browser_cannot_be_shifted_into_each_other() -> None:
    secret = b"s" * 32
    assert visitors.identity(secret, 1, "1", "2.3") != visitors.identity(secret, 1, "1\n2", ".3")


def test_several_processes_make_one_salt_of_a_day(engine: sa.Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(lambda _: Salts(engine).of(DAY), range(6)))
    assert len(made) == 1
    assert len(made.pop() or b"") == 32


def test_each_day_has_its_own_salt(engine: sa.Engine) -> None:
    salts = Salts(engine)
    assert salts.of(DAY) != salts.of(DAY + timedelta(days=1))
    assert salts.known(DAY) == salts.of(DAY)


def test_old_salts_do_not_stay_in_memory(engine: sa.Engine) -> None:
    salts = Salts(engine)
    salts.of(DAY)
    salts.of(DAY + timedelta(days=2))
    assert salts.known(DAY) is None


def test_a_closed_day_has_no_salt_any_more(engine: sa.Engine) -> None:
    before = Salts(engine).of(DAY)
    with engine.begin() as connection:
        rollups.close_days(connection, making.NOW + timedelta(days=2))
        kept = set(connection.scalars(sa.select(salt.c.secret)))
    assert Salts(engine).of(DAY) is None
    assert before not in kept


def test_a_database_that_does_not_answer_gives_no_salt_and_no_error() -> None:
    assert Salts(sa.create_engine("sqlite://")).of(DAY) is None
