"""Who scans: staff and bursts are kept apart, a shared link shows its own card, and a day token tells phones apart that look alike."""

import random
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import making
import pytest
import sqlalchemy as sa
from scan_gate import PHONE, SECRET, Gate

from campaigns import links, recounts
from campaigns.bursts import MOST
from campaigns.clicks import Kind
from campaigns.tables import unique_day
from storefront import cards, database, daytokens, products, staffmarks

WHATSAPP = "WhatsApp/2.23.20.0 A"


def visitors(gate: Gate) -> int:
    with gate.engine.begin() as connection:
        query = sa.select(sa.func.sum(unique_day.c.visitors)).where(unique_day.c.scope == "village")
        assert recounts.recount(connection) == []
        return int(connection.scalar(query) or 0)


# ---- staff and bursts ----------------------------------------------------------------------------------------------------------------


def test_a_scan_by_our_own_staff_is_kept_apart_and_leads_on_all_the_same(gate: Gate) -> None:
    mark = staffmarks.sign(gate.village, SECRET, at=making.NOW)
    answer = gate.ask(cookie=f"a=b; {staffmarks.COOKIE}={mark}")
    assert (answer.status, answer.headers["location"]) == (302, "/")
    assert "set-cookie" not in answer.headers
    assert gate.kinds() == [Kind.STAFF]
    assert visitors(gate) == 0


def test_staff_of_another_village_are_guests_here(gate: Gate) -> None:
    gate.ask(cookie=f"{staffmarks.COOKIE}={staffmarks.sign(gate.village + 1, SECRET, at=making.NOW)}")
    assert gate.kinds() == [Kind.PERSON]


def test_nobody_can_make_themselves_staff_and_a_mark_ends_with_the_session(gate: Gate) -> None:
    mark = staffmarks.sign(gate.village, SECRET, at=making.NOW)
    for made_up in (
        "",
        ".",
        mark[:-1],
        f"{gate.village + 1}{mark[1:]}",
        "1.2.3",
        "é.é",
        staffmarks.sign(gate.village, "t" * 40, at=making.NOW),
    ):
        assert staffmarks.read(made_up, SECRET, at=making.NOW) is None
    assert staffmarks.read(mark, SECRET, at=making.NOW + timedelta(days=13)) == gate.village
    assert staffmarks.read(mark, SECRET, at=making.NOW + timedelta(days=15)) is None


def test_a_phone_that_scans_without_end_is_kept_apart_and_still_led_on(gate: Gate) -> None:
    for _ in range(MOST):
        gate.ask()
    answer = gate.ask()
    assert (answer.status, answer.headers["location"]) == (302, "/")
    assert gate.kinds() == [Kind.PERSON] * MOST + [Kind.BURST]
    gate.ask(address="36.68.0.2")
    gate.now += timedelta(minutes=1)
    gate.ask()
    assert gate.kinds()[-2:] == [Kind.PERSON] * 2
    assert gate.scan.kinds[Kind.BURST] == 1


# ---- the card of a shared link -------------------------------------------------------------------------------------------------------


def told(answer_body: bytes) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', answer_body.decode()))


@pytest.fixture
def shared(open_gate: Callable[..., Gate]) -> Gate:
    def card(link: Any, target: Any, language: str) -> bytes | None:
        with database.reading(gate.engine) as connection:
            return cards.page(connection, link, target, language, public_url="https://wonorejo.desa.id")

    gate = open_gate(preview=card)
    return gate


def lead_to(gate: Gate, kind: str, target_id: int | None) -> None:
    with gate.engine.begin() as connection:
        made = making.link(connection, gate.village, target_kind=kind, target_id=target_id)
    gate.sign = made


def test_a_shared_product_shows_its_name_its_price_and_its_photo(shared: Gate, store: Any) -> None:
    with shared.engine.begin() as connection:
        photo = making.photo(connection, store, shared.village, width=1600, height=1200)
        seller = making.maker(connection, shared.village)
        product = making.product(
            connection, shared.village, seller, name='Keripik "apel" <b>', photo_ids=[photo.id], story={"id": "Renyah. " * 60}
        )
    lead_to(shared, "product", product.id)
    answer = shared.ask(user_agent=WHATSAPP)
    assert answer.status == 200
    said = told(answer.body)
    assert said["og:title"].startswith("Keripik &#34;apel&#34; &lt;b&gt; · Desa ")
    assert said["og:description"].startswith("Rp 15.000 / bungkus 100 g. Renyah.")
    assert len(said["og:description"]) <= cards.LONGEST
    assert re.fullmatch(rf"https://wonorejo\.desa\.id/gambar/{shared.village}-product-{product.id}-id-[0-9a-f]+\.jpg", said["og:image"])
    assert (said["og:image:width"], said["og:image:height"], said["og:image:alt"]) == ("1200", "630", "Keripik di tampah")
    assert said["og:url"] == f"https://wonorejo.desa.id/Q/{shared.sign.code}"
    assert said["twitter:card"] == "summary_large_image"
    assert f'href="https://wonorejo.desa.id/produk/{product.slug}"' in answer.body.decode()
    assert len(answer.body) < 4_096
    assert shared.kinds() == [Kind.PREVIEW]


@pytest.mark.parametrize("kind", ["attraction", "maker", "village"])
def test_whatever_a_link_leads_to_has_a_card_of_its_own(shared: Gate, kind: str) -> None:
    with shared.engine.begin() as connection:
        place, seller = making.attraction(connection, shared.village, name="Air terjun"), making.maker(connection, shared.village)
    lead_to(shared, kind, {"attraction": place.id, "maker": seller}.get(kind))
    said = told(shared.ask(user_agent="facebookexternalhit/1.1").body)
    names = {"attraction": "Air terjun · Desa Wonorejo", "maker": "Bu Sri · Desa Wonorejo"}
    assert said["og:title"] == names.get(kind, "Desa Wonorejo, Kota Batu: wisata dan oleh-oleh langsung dari warganya")


def test_what_no_guest_may_see_is_not_shown_on_a_card_either(shared: Gate) -> None:
    with shared.engine.begin() as connection:
        seller = making.maker(connection, shared.village, consent_at=None)
        hidden = making.product(connection, shared.village, making.maker(connection, shared.village), name="Rahasia", state="draft")
    for kind, target_id in (("maker", seller), ("product", hidden.id), ("product", 10**9)):
        lead_to(shared, kind, target_id)
        body = shared.ask(user_agent=WHATSAPP).body.decode()
        assert "Desa Wonorejo" in told(body.encode())["og:title"]
        assert "Rahasia" not in body
        assert "Bu Sri" not in body


def test_a_card_speaks_the_language_that_is_asked_for_and_follows_the_links_edits(shared: Gate) -> None:
    with shared.engine.begin() as connection:
        seller = making.maker(connection, shared.village)
        made = products.create(
            connection, village_id=shared.village, maker_id=seller, kind="snack", price_idr=5_000, at=making.NOW, state="live",
            name={"id": "Keripik apel", "en": "Apple chips"}, unit={"id": "bungkus", "en": "pack"},
        )  # fmt: skip
    lead_to(shared, "product", made.id)
    assert told(shared.ask(user_agent=WHATSAPP, accept_language="en-GB").body)["og:title"].startswith("Apple chips")
    assert told(shared.ask(user_agent=WHATSAPP).body)["og:title"].startswith("Keripik apel")
    with shared.engine.begin() as connection:
        links.withdraw(connection, shared.village, shared.sign.id, at=making.NOW)
    shared.wait_for_edits()
    assert told(shared.ask(user_agent=WHATSAPP).body)["og:title"].startswith("Desa Wonorejo")


def test_a_card_that_cannot_be_made_costs_nobody_the_way(open_gate: Callable[..., Gate]) -> None:
    def broken(*_: Any) -> bytes:
        raise OSError

    gate = open_gate(preview=broken)
    assert gate.ask(user_agent=WHATSAPP).status == 302


# ---- the day token -------------------------------------------------------------------------------------------------------------------


def token_of(answer: Any) -> str:
    return next(one for one in answer.cookies if one.startswith(f"{daytokens.COOKIE}="))


def test_a_day_token_ends_at_the_villages_midnight(open_gate: Callable[..., Gate]) -> None:
    gate = open_gate(settings={"day_token": True})
    cookie = token_of(gate.ask())
    assert re.fullmatch(
        rf"{daytokens.COOKIE}=\d+-[0-9a-f]{{16}}; Path=/; Max-Age={14 * 3600}; HttpOnly; SameSite=Lax; Secure", cookie
    )  # it is ten in the morning
    mine = cookie.partition(";")[0]
    assert not any(one.startswith(daytokens.COOKIE) for one in gate.ask(cookie=mine).cookies)
    assert visitors(gate) == 1
    gate.now += timedelta(days=1)
    assert token_of(gate.ask(cookie=mine)).partition(";")[0] != mine
    assert visitors(gate) == 2


def test_without_the_setting_there_is_no_such_cookie_and_none_is_believed(gate: Gate) -> None:
    for token in ("a", "b"):
        answer = gate.ask(cookie=f"{daytokens.COOKIE}=20780-{token * 16}")
        assert all(one.startswith("gapura_from=") for one in answer.cookies)
    assert visitors(gate) == 1


def test_robots_previews_and_staff_get_no_token_and_a_made_up_one_is_not_believed(open_gate: Callable[..., Gate]) -> None:
    gate = open_gate(settings={"day_token": True})
    assert gate.ask(user_agent="curl/8.5.0").cookies == []
    assert gate.ask(method="HEAD").cookies == []
    for made_up in ("", "x", "1-0123456789abcdef", "20780-" + "g" * 16, "20780-" + "a" * 4_000):
        assert token_of(gate.ask(cookie=f"{daytokens.COOKIE}={made_up}"))


def test_who_keeps_no_cookies_is_not_another_visitor_each_time_without_end(open_gate: Callable[..., Gate]) -> None:
    gate = open_gate(settings={"day_token": True})
    for _ in range(MOST + 40):
        gate.ask()
    assert visitors(gate) <= MOST + 1


AGENTS = 66  # what three hundred tourists' phones look like: a few looks are most of them


@pytest.mark.parametrize(("day_token", "share"), [(False, 0.22), (True, 1.0)])
def test_a_coach_park_behind_one_address_is_told_apart_by_tokens_only(
    open_gate: Callable[..., Gate], day_token: bool, share: float
) -> None:
    gate = open_gate(settings={"day_token": day_token})
    chance = random.Random(300)
    looks = [
        PHONE.replace("Android 10", f"Android {number % 9 + 7}").replace("130.0", f"{number // 9 + 120}.0") for number in range(AGENTS)
    ]
    most = chance.choices(looks, [1 / (rank + 9) for rank in range(AGENTS)], k=300 - AGENTS)
    tourists = [{"user_agent": look, "cookie": ""} for look in [*looks, *most]]
    for _ in range(2):
        for tourist in chance.sample(tourists, len(tourists)):
            gate.now += timedelta(seconds=3)
            answer = gate.ask(**{name: value for name, value in tourist.items() if value})
            kept = [one.partition(";")[0] for one in answer.cookies if one.startswith(daytokens.COOKIE)]
            tourist["cookie"] = kept[0] if kept else tourist["cookie"]
    assert visitors(gate) == (len(tourists) if day_token else AGENTS)
    assert visitors(gate) / len(tourists) == pytest.approx(share, abs=0.01)
