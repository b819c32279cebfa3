"""Who ordered is forgotten as the privacy page promises: in time, wholly, and never too early; the figures stay."""

import os
from datetime import timedelta

import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands

from campaigns import reports
from storefront import care, database, forgetting, languages, makers, orders, parcels, proofs
from storefront.media import Store

DAY = timedelta(days=1)
OVER = making.NOW + forgetting.KEPT + DAY
BANK = {"transfer": {"bank": "BRI", "number": "0012345678", "name": "Sri"}}


@pytest.fixture
def proof_store(hands: Hands) -> Store:
    return Store(hands.store.folder.parent / proofs.FOLDER)


def sent_home(hands: Hands) -> orders.Order:
    """An order with everything a buyer can tell about herself, and the picture of her transfer."""
    with database.writing(hands.engine) as connection:
        makers.change(connection, hands.village_id, hands.product.maker_id, payments=BANK)
        told = {"name": "Dewi Lestari", "address": "Jalan Mawar 7, Malang", "note": "Untuk ulang tahun Ibu", "payment": "transfer"}
        order = making.order(connection, hands.village_id, {hands.product.id: 2}, delivery="send", **told)
    files = {"bukti": ("bukti.jpg", making.picture(colour="#2f4f2f"), "image/jpeg")}
    assert hands.browser.post(f"/pesanan/{order.token}/bukti/{order.parts[0].id}", files=files).status_code == 303
    return order


def end(hands: Hands, order: orders.Order, state: str = "done") -> None:
    with database.writing(hands.engine) as connection:
        if state == "done":
            parcels.offer(connection, hands.village_id, order.parts[0].id, courier="JNE", fee_idr=0, by="wati", at=making.NOW)
            orders.move(connection, hands.village_id, order.parts[0].id, "confirmed", by="wati", at=making.NOW)
        orders.move(connection, hands.village_id, order.parts[0].id, state, by="wati", at=making.NOW)


def everything(engine: sa.Engine) -> str:
    with database.reading(engine) as connection:
        tables = [table for metadata in database.METADATA for table in metadata.tables.values()]
        return "\n".join(repr(row) for table in tables for row in connection.execute(sa.select(table)))


def grow_old(store: Store) -> None:
    for path in store.masters():
        os.utime(path, (making.NOW.timestamp(),) * 2)


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_ninety_days_after_an_order_has_ended_nothing_tells_who_ordered_and_the_figures_stay(
    hands: Hands, proof_store: Store, state: str
) -> None:
    order = sent_home(hands)
    end(hands, order, state)
    grow_old(proof_store)
    today = making.NOW.date()
    with database.reading(hands.engine) as connection:
        before = reports.village(connection, hands.village_id, today, today)
    care.once(hands.engine, OVER, proofs=proof_store)
    left = everything(hands.engine)
    for told in ("Dewi", order.whatsapp, "Mawar", "ulang tahun", order.token):
        assert told not in left
    assert proof_store.masters() == []
    with database.reading(hands.engine) as connection:
        found = orders.get(connection, hands.village_id, order.id)
        assert reports.village(connection, hands.village_id, today, today) == before
        assert orders.of_maker(connection, hands.village_id, hands.product.maker_id) == []
    assert (found.code, found.total_idr, [line.quantity for line in found.lines]) == (order.code, 30_000, [2])


def test_an_order_is_not_forgotten_a_day_too_early_nor_while_somebody_may_still_have_to_reach_the_buyer(
    hands: Hands, proof_store: Store
) -> None:
    ended, waiting = sent_home(hands), sent_home(hands)
    end(hands, ended)
    grow_old(proof_store)
    care.once(hands.engine, OVER - 2 * DAY, proofs=proof_store)
    assert everything(hands.engine).count("Dewi Lestari") == 2
    care.once(hands.engine, OVER, proofs=proof_store)
    assert everything(hands.engine).count("Dewi Lestari") == 1
    assert len(proof_store.masters()) == 1
    care.once(hands.engine, making.NOW + forgetting.OPEN_KEPT + DAY, proofs=proof_store)
    assert waiting.whatsapp not in everything(hands.engine)
    assert proof_store.masters() == []


def test_what_happens_to_an_order_later_keeps_it_as_long_again(hands: Hands, proof_store: Store) -> None:
    order = sent_home(hands)
    end(hands, order)
    with database.writing(hands.engine) as connection:
        orders.mark_paid(connection, hands.village_id, order.parts[0].id, by="wati", at=making.NOW + 60 * DAY)
    care.once(hands.engine, OVER, proofs=proof_store)
    assert "Dewi Lestari" in everything(hands.engine)
    care.once(hands.engine, OVER + 60 * DAY, proofs=proof_store)
    assert "Dewi Lestari" not in everything(hands.engine)


def test_a_proof_that_has_just_come_in_waits_for_its_row(engine: sa.Engine, proof_store: Store) -> None:
    proof_store.save(making.picture())
    written_at = proof_store.masters()[0].stat().st_mtime
    with database.reading(engine) as connection:
        soon, late = (making.NOW.fromtimestamp(written_at + hours * 3600, making.NOW.tzinfo) for hours in (1, 25))
        assert forgetting.pictures(connection, proof_store, soon) == 0
        assert forgetting.pictures(connection, proof_store, late) == 1


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_desk_says_that_the_buyer_was_forgotten_and_the_old_page_opens_no_more(hands: Hands, language: str) -> None:
    order = sent_home(hands)
    end(hands, order)
    care.once(hands.engine, OVER)
    hands.as_member(login="budi", language=language)
    page = hands.get(f"/desk/pesanan/{order.id}")
    assert page.status_code == 200
    assert languages.say(language, "desk.order.forgotten") in page.text
    assert "wa.me" not in page.text
    assert order.code in hands.get("/desk/pesanan").text
    assert hands.get(f"/pesanan/{order.token}").status_code == 404
    with database.reading(hands.engine) as connection:
        now = orders.get(connection, hands.village_id, order.id)
    assert "None" not in hands.get(f"/pesanan/{now.token}").text


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_privacy_page_promises_what_is_done(hands: Hands, language: str) -> None:
    promised = hands.get("/privasi" if language == "id" else "/en/privasi").text
    for kept in (forgetting.KEPT, forgetting.OPEN_KEPT):
        assert f"{kept.days} {'hari' if language == 'id' else 'days'}" in promised
