"""Links: a code that survives being read aloud, leads where staff want it to lead, and belongs to one village."""

import re
from datetime import timedelta

import making
import pytest
import sqlalchemy as sa

from campaigns import links


def test_a_new_link_has_a_code_of_its_own_and_is_open(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        made = [making.link(connection, village, attraction_id=3, placement="gate") for _ in range(20)]
    assert len({link.code for link in made}) == 20
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{6}", link.code) for link in made)
    assert {(link.state, link.village_id, link.attraction_id, link.placement) for link in made} == {("open", village, 3, "gate")}


@pytest.mark.parametrize(("written", "code"), [("ab01xz", "AB01XZ"), (" ABO1XZ ", "AB01XZ"), ("abolil", "AB0111"), ("ABOIXL", "AB01X1")])
def test_a_code_may_be_written_as_people_write(written: str, code: str) -> None:
    assert links.tidy(written) == code


def test_a_link_is_found_by_its_code_in_any_letter_case(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        made = making.link(connection, making.village(connection))
        assert links.follow(connection, made.code) == made
        assert links.follow(connection, made.code.lower()) == made


@pytest.mark.parametrize("code", ["", "UUUUUU", "AB", "' OR 1=1", "\x00", "é" * 500])
def test_a_code_nobody_made_is_unknown(engine: sa.Engine, code: str) -> None:
    with engine.begin() as connection:
        making.link(connection, making.village(connection))
        with pytest.raises(links.UnknownLink) as unknown:
            links.follow(connection, code)
    assert unknown.value.code == code


def test_a_printed_link_can_be_led_elsewhere(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        made = making.link(connection, village)
        links.retarget(connection, village, made.id, target_kind="product", target_id=9, at=making.NOW + timedelta(days=1))
        now = links.follow(connection, made.code)
    assert (now.id, now.target_kind, now.target_id, now.made_at) == (made.id, "product", 9, made.made_at)


def test_a_withdrawn_link_is_still_known_and_says_so(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        made = making.link(connection, village)
        links.withdraw(connection, village, made.id, at=making.NOW)
        assert links.follow(connection, made.code).state == "withdrawn"
        assert [link.id for link in links.listed(connection, village)] == [made.id]


def test_links_are_listed_oldest_first_and_by_kind(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        village = making.village(connection)
        gate, post, stall = (making.link(connection, village, kind=kind) for kind in ("qr", "post", "qr"))
        assert links.listed(connection, village) == [gate, post, stall]
        assert links.listed(connection, village, kind="qr") == [gate, stall]


def test_another_villages_link_is_out_of_reach(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        ours, theirs = making.village(connection), making.village(connection, name="Sumberjo")
        made = making.link(connection, theirs)
        assert links.listed(connection, ours) == []
        with pytest.raises(links.UnknownLink):
            links.get(connection, ours, made.id)
        with pytest.raises(links.UnknownLink):
            links.retarget(connection, ours, made.id, target_kind="village", target_id=None, at=making.NOW)
        with pytest.raises(links.UnknownLink):
            links.withdraw(connection, ours, made.id, at=making.NOW)
        assert links.get(connection, theirs, made.id) == made


def test_an_address_is_upper_case_for_printing_only() -> None:
    assert links.url("https://desa.id", "AB01XZ") == "https://desa.id/Q/AB01XZ"
    assert links.url("https://desa.id", "AB01XZ", upper_url=True) == "HTTPS://DESA.ID/Q/AB01XZ"
