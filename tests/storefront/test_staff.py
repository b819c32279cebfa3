"""Staff: who may come in, how a guesser fares, and how sessions end."""

import dataclasses
from datetime import timedelta

import making
import pytest
import sqlalchemy as sa
from limits import RateLimitItemPerMinute
from making import NOW, PASSWORD

from storefront import database, passwords, staff, tables
from storefront.problems import Problem
from storefront.staff import Staff, Throttle, ThrottledSignIn, WrongSignIn


@pytest.fixture
def wati(engine: sa.Engine) -> Staff:
    with database.writing(engine) as connection:
        return making.member(connection, making.village(connection))


def sign_in(engine: sa.Engine, login: str = "wati", password: str = PASSWORD, **given: object) -> str:
    row = {"address": "10.0.0.1", "throttle": Throttle(), "at": NOW, **given}
    return staff.sign_in(engine, login, password, **row)


def who(engine: sa.Engine, cookie: str, after: timedelta = timedelta(0)) -> Staff | None:
    with database.reading(engine) as connection:
        held = staff.session(connection, cookie, NOW + after)
    return held[0] if held else None


def test_a_member_comes_in_with_login_and_password(engine: sa.Engine, wati: Staff) -> None:
    assert who(engine, sign_in(engine, " WATI ")) == wati


@pytest.mark.usefixtures("wati")
def test_a_password_is_kept_as_argon2id_and_a_session_only_as_a_hash(engine: sa.Engine) -> None:
    cookie = sign_in(engine)
    with database.reading(engine) as connection:
        stored = connection.execute(sa.select(tables.staff.c.password_hash)).scalar_one()
        sessions = connection.execute(sa.select(tables.session.c.id_hash)).scalars().all()
    assert stored.startswith("$argon2id$")
    assert len(cookie) >= 43  # 256 bits
    assert len(sessions) == 1
    assert cookie not in sessions[0]


@pytest.mark.parametrize(("login", "password"), [("wati", "kereta senja merah"), ("nobody", PASSWORD), ("", ""), ("wati", "x" * 10_000)])
@pytest.mark.usefixtures("wati")
def test_a_wrong_pair_gets_the_same_answer_whichever_half_is_wrong(engine: sa.Engine, login: str, password: str) -> None:
    with pytest.raises(WrongSignIn) as told:
        sign_in(engine, login, password)
    assert told.value.key == "staff.wrong_sign_in"
    assert told.value.facts == {}


def test_a_member_who_has_left_does_not_come_in_and_is_out_at_once(engine: sa.Engine, wati: Staff) -> None:
    cookie = sign_in(engine)
    with database.writing(engine) as connection:
        making.member(connection, wati.village_id, login="budi")
        staff.close(connection, wati.village_id, wati.id)
    assert who(engine, cookie) is None
    with pytest.raises(WrongSignIn):
        sign_in(engine)


@pytest.mark.usefixtures("wati")
def test_a_guesser_is_made_to_wait_and_the_owner_elsewhere_is_not(engine: sa.Engine) -> None:
    throttle = Throttle(by_login=RateLimitItemPerMinute(3, 5))
    for _ in range(3):
        with pytest.raises(WrongSignIn):
            sign_in(engine, password="guess guess", address="203.0.113.9", throttle=throttle)
    with pytest.raises(ThrottledSignIn) as told:
        sign_in(engine, address="203.0.113.9", throttle=throttle)
    assert 0 < told.value.seconds <= 300
    assert sign_in(engine, address="10.0.0.1", throttle=throttle)


@pytest.mark.usefixtures("wati")
def test_one_address_cannot_go_through_many_logins(engine: sa.Engine) -> None:
    throttle = Throttle(by_address=RateLimitItemPerMinute(2, 5))
    for login in ("ani", "budi"):
        with pytest.raises(WrongSignIn):
            sign_in(engine, login, throttle=throttle)
    with pytest.raises(ThrottledSignIn):
        sign_in(engine, "citra", throttle=throttle)


@pytest.mark.usefixtures("wati")
def test_the_right_password_forgives_the_wrong_tries_before_it(engine: sa.Engine) -> None:
    throttle = Throttle(by_login=RateLimitItemPerMinute(2, 5))
    for _ in range(3):
        with pytest.raises(WrongSignIn):
            sign_in(engine, password="a slip of the finger", throttle=throttle)
        sign_in(engine, throttle=throttle)
    assert sign_in(engine, throttle=throttle)


def test_a_session_ends_after_twelve_idle_hours(engine: sa.Engine, wati: Staff) -> None:
    cookie = sign_in(engine)
    assert who(engine, cookie, timedelta(hours=11, minutes=59)) == wati
    assert who(engine, cookie, timedelta(hours=12)) is None


def test_a_session_in_use_lasts_fourteen_days_and_not_longer(engine: sa.Engine, wati: Staff) -> None:
    cookie = sign_in(engine)
    for hours in range(0, 14 * 24, 8):
        with database.writing(engine) as connection:
            held = staff.session(connection, cookie, NOW + timedelta(hours=hours))
            assert held
            assert held[0] == wati
            staff.mark_seen(connection, held[1].id_hash, NOW + timedelta(hours=hours))
    assert who(engine, cookie, timedelta(days=14)) is None


def test_signing_out_ends_the_session_on_the_server(engine: sa.Engine, wati: Staff) -> None:
    cookie, other = sign_in(engine), sign_in(engine)
    with database.writing(engine) as connection:
        staff.sign_out(connection, cookie)
    assert who(engine, cookie) is None
    assert who(engine, other) == wati


def test_a_new_password_ends_every_other_session(engine: sa.Engine, wati: Staff) -> None:
    mine, lost = sign_in(engine), sign_in(engine)
    staff.change_password(engine, wati, old=PASSWORD, new="perahu di atas bukit", cookie=mine, throttle=Throttle())
    assert who(engine, mine) == wati
    assert who(engine, lost) is None
    assert sign_in(engine, password="perahu di atas bukit")
    with pytest.raises(WrongSignIn):
        sign_in(engine)


def test_nobody_changes_a_password_without_knowing_the_old_one(engine: sa.Engine, wati: Staff) -> None:
    with pytest.raises(WrongSignIn) as told:
        staff.change_password(engine, wati, old="a guess it is", new="perahu di atas bukit", cookie="", throttle=Throttle())
    assert told.value.field == "old"


def test_one_ends_only_ones_own_sessions(engine: sa.Engine, wati: Staff) -> None:
    with database.writing(engine) as connection:
        other = making.member(connection, wati.village_id, login="rangga")
        theirs = staff.open_session(connection, other.id, other.village_id, NOW)
        held = staff.session(connection, theirs, NOW)
        assert held
        staff.end_session(connection, wati, held[1].id_hash)
    assert who(engine, theirs) == other


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("", "staff.password_short"),
        ("1234567", "staff.password_short"),
        ("12345678", "staff.password_common"),
        ("Bismillah123", "staff.password_common"),
        ("qwertyuiop", "staff.password_common"),
        ("aaaaaaaaaaaa", "staff.password_common"),
        ("operatorwati", "staff.password_common"),
        ("x" * 257, "form.too_long"),
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(password: str, key: str) -> None:
    with pytest.raises(Problem) as told:
        passwords.check(password, login="operatorwati")
    assert told.value.key == key


@pytest.mark.parametrize("password", ["kereta senja biru", "ab1!xyz9", "パスワードは長いです", "kata " * 50])
def test_long_and_unusual_passwords_are_welcome(password: str) -> None:
    passwords.check(password)
    assert passwords.is_right(password, passwords.hashed(password))


def test_a_login_is_given_once(engine: sa.Engine, wati: Staff) -> None:
    row = {"name": "Wati lain", "role": "operator", "password": PASSWORD, "at": NOW}
    with database.writing(engine) as connection, pytest.raises(Problem) as told:
        staff.create(connection, village_id=wati.village_id, login="Wati", **row)
    assert told.value.key == "staff.login_taken"


@pytest.mark.parametrize(
    ("role", "rights"),
    [("operator", {"draft", "live", "sell", "publish", "set_up"}), ("head", {"publish"}), ("contributor", {"draft"}), ("guest", set())],
)
def test_each_role_may_what_the_village_lets_it(role: str, rights: set[str], wati: Staff) -> None:
    member = dataclasses.replace(wati, role=role)
    assert {right for right in ("draft", "live", "sell", "publish", "set_up") if member.may(right)} == rights


def test_the_last_operator_cannot_be_closed(engine: sa.Engine, wati: Staff) -> None:
    with database.writing(engine) as connection:
        making.member(connection, wati.village_id, login="budi", role="head")
        left = making.member(connection, wati.village_id, login="sari")
        staff.close(connection, wati.village_id, left.id)
    with database.writing(engine) as connection, pytest.raises(Problem) as told:
        staff.close(connection, wati.village_id, wati.id)
    assert told.value.key == "staff.last_operator"
    assert who(engine, sign_in(engine)) == wati
