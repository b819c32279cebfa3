"""The gateway, over real HTTP: nothing is believed that it has not signed and does not say again when it is asked, and nothing twice."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import making
import midtrans_stand_in
import pytest
import sqlalchemy as sa
from desk_hands import Hands
from hypothesis import given, settings
from hypothesis import strategies as st
from midtrans_stand_in import KEY, StandIn
from scan_gate import PHONE
from starlette.testclient import TestClient

from storefront import app, charges, database, makers, order_parts, orders, payments, products, tables
from storefront.media import Store
from storefront.settings import Settings

NOTIFY = "/bayar/midtrans/notifikasi"


@pytest.fixture
def gateway() -> Iterator[StandIn]:
    with midtrans_stand_in.running() as stand_in:
        yield stand_in


@dataclass
class Till:
    """A village that is paid through the gateway: its clerk's browser, an order, and the gateway."""

    hands: Hands
    gateway: StandIn
    order: orders.Order

    @property
    def part(self) -> order_parts.Part:
        with database.reading(self.hands.engine) as connection:
            return orders.get(connection, self.hands.village_id, self.order.id).parts[0]

    @property
    def page(self) -> str:
        return f"/pesanan/{self.order.token}"

    def pay(self, *ways: str) -> httpx2.Response:
        return self.hands.post("/".join([self.page, "bayar", str(self.part.id), *ways]))

    def tell(self, notice: dict[str, Any] | bytes) -> int:
        raw = notice if isinstance(notice, bytes) else midtrans_stand_in.body(notice)
        return self.hands.browser.post(NOTIFY, content=raw, headers={"Content-Type": "application/json"}).status_code

    def charges(self) -> list[str]:
        with database.reading(self.hands.engine) as connection:
            return [one.state for one in charges.of_parts(connection, self.hands.village_id, [self.part.id]).get(self.part.id, [])]

    def history(self) -> list[str]:
        with database.reading(self.hands.engine) as connection:
            return [event.state for event in order_parts.history(connection, self.hands.village_id, self.order.id)]

    def everything(self) -> list[Any]:
        """Every row that money could change."""
        with database.reading(self.hands.engine) as connection:
            found = (tables.order_part, tables.order_event, tables.charge, tables.notice, tables.product)
            return [connection.execute(sa.select(table).order_by(table.c.id)).all() for table in found]


@pytest.fixture
def till(engine: sa.Engine, database_url: str, store: Store, tmp_path: Path, gateway: StandIn) -> Iterator[Till]:
    clock = [making.NOW]
    chosen = Settings(data=tmp_path, database_url=database_url, public_url="http://testserver", secret="s" * 40, midtrans_url=gateway.url)
    with database.writing(engine) as connection:
        village_id = making.village(connection)
        maker_id = making.maker(connection, village_id)
        product = making.product(connection, village_id, maker_id, stock=5)
        who = making.member(connection, village_id)
    built = app.build(chosen, engine, store, clock=lambda: clock[0])
    with TestClient(built, follow_redirects=False, headers={"user-agent": PHONE}) as browser:
        hands = Hands(browser, engine, store, who, product, clock)
        hands.sign_in(who)
        assert hands.post(f"/desk/umkm/{maker_id}/bayar/midtrans", merchant="G123456789", server_key=KEY).status_code == 303
        with database.writing(engine) as connection:
            order = making.order(connection, village_id, {product.id: 2}, payment="midtrans")
        yield Till(hands, gateway, order)


# ---- setting up ----------------------------------------------------------------------------------------------------------------


def test_the_key_is_tried_before_it_is_kept_and_nowhere_readable_after(till: Till) -> None:
    assert till.gateway.asked == ["status"]
    page = till.hands.get(f"/desk/umkm/{till.hands.product.maker_id}/bayar").text
    assert "G123456789" in page
    assert "/bayar/midtrans/notifikasi" in page
    with database.reading(till.hands.engine) as connection:
        kept = str(connection.execute(sa.text("SELECT payments FROM maker")).scalar_one())
    for place in (page, kept, till.hands.get(till.page).text):
        assert KEY not in place


@pytest.mark.parametrize("key", ["SB-Mid-client-abcdefghijklmnop", "Mid-server-somebody-elses-key", ""])
def test_a_wrong_key_gets_a_sentence_and_is_not_kept(till: Till, key: str) -> None:
    answer = till.hands.post("/desk/desa/bayar/midtrans", merchant="G123456789", server_key=key)
    assert answer.status_code == 422
    assert "Server Key" in answer.text
    assert "Mid-server-somebody" not in answer.text
    with database.reading(till.hands.engine) as connection:
        assert connection.execute(sa.select(tables.village.c.payments)).scalar_one() == {}


def test_a_gateway_that_does_not_answer_keeps_no_key(till: Till) -> None:
    till.gateway.faults = ["500"]
    answer = till.hands.post("/desk/desa/bayar/midtrans", merchant="G123456789", server_key=KEY)
    assert answer.status_code == 422
    assert "tidak menjawab" in answer.text


def test_the_villages_gateway_serves_makers_who_have_none(till: Till) -> None:
    hands = till.hands
    with database.writing(hands.engine) as connection:
        makers.change(connection, hands.village_id, hands.product.maker_id, payments={})
        assert payments.offered(makers.payments_of(connection, hands.village_id, [hands.product.maker_id])) == ("cash",)
    assert hands.post("/desk/desa/bayar/midtrans", merchant="G123456789", server_key=KEY).status_code == 303
    till.pay()
    assert till.tell(till.gateway.becomes("settlement")) == 200
    assert till.part.paid_at == making.NOW


def test_a_key_sealed_for_one_village_opens_nothing_in_another(till: Till) -> None:
    with database.writing(till.hands.engine) as connection:
        stolen = makers.get(connection, till.hands.village_id, till.hands.product.maker_id).payments
        other = making.village(connection, name="Sumberejo")
        thief = making.maker(connection, other, payments=stolen)
        goods = making.product(connection, other, thief)
        order = making.order(connection, other, {goods.id: 1}, payment="midtrans")
    before = len(till.gateway.asked)
    answer = till.hands.post(f"/desa/sumberejo/pesanan/{order.token}/bayar/{order.parts[0].id}")
    assert answer.status_code == 422
    assert len(till.gateway.asked) == before


# ---- asking for the money ------------------------------------------------------------------------------------------------------


def test_a_buyer_gets_a_code_for_what_is_due_and_a_second_tap_asks_no_second_time(till: Till) -> None:
    assert "Buat kode bayar Rp\u00a030.000" in till.hands.get(till.page).text
    assert [till.pay().status_code for _ in range(3)] == [303, 303, 303]
    assert till.gateway.asked.count("charge 30000") == 1
    page = till.hands.get(till.page).text
    assert 'class="code"' in page
    assert "Buat kode bayar" not in page


def test_many_taps_at_once_ask_once(till: Till) -> None:
    till.gateway.faults = ["slow"]
    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(lambda _: till.pay().status_code, range(6))) == {303}
    assert till.gateway.asked.count("charge 30000") == 1


@pytest.mark.parametrize("fault", ["500", "html", "lost"])
def test_a_gateway_that_fails_is_told_in_a_sentence_and_can_be_asked_again(till: Till, fault: str) -> None:
    till.gateway.faults = [fault]
    answer = till.pay()
    assert answer.status_code == 422
    assert "tidak menjawab" in answer.text
    till.hands.clock[0] += timedelta(minutes=1)
    assert till.pay().status_code == 303
    till.hands.clock[0] -= timedelta(minutes=1)
    assert 'class="code"' in till.hands.get(till.page).text
    assert till.charges() == ["open", "asked"]


def test_a_code_that_has_run_out_is_made_anew_with_another_reference(till: Till) -> None:
    till.pay()
    till.hands.clock[0] += timedelta(hours=2)
    assert "Buat kode bayar" in till.hands.get(till.page).text
    till.pay()
    assert len(till.gateway.payments) == 2


# ---- what it tells -------------------------------------------------------------------------------------------------------------


def test_a_settled_payment_marks_the_part_paid_once_however_often_it_is_told(till: Till) -> None:
    till.pay()
    notice = till.gateway.becomes("settlement")
    assert till.tell(notice) == 200
    after = till.everything()
    till.hands.clock[0] += timedelta(days=2)
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: till.tell(notice), range(8))) == {200}
    assert till.everything() == after
    assert till.history().count("paid") == 1
    assert "Lunas" in till.hands.get(till.page).text


def test_notices_out_of_order_change_nothing_back(till: Till) -> None:
    till.pay()
    pending, expired = till.gateway.becomes("pending"), till.gateway.becomes("expire")
    settled = till.gateway.becomes("settlement")
    assert [till.tell(one) for one in (settled, pending, expired)] == [200, 200, 200]
    assert till.charges() == ["paid"]
    assert till.part.paid_at is not None


def test_a_code_paid_after_it_ran_out_is_paid(till: Till) -> None:
    till.pay()
    assert till.tell(till.gateway.becomes("expire")) == 200
    assert till.charges() == ["over"]
    assert till.tell(till.gateway.becomes("settlement")) == 200
    assert till.part.paid_at is not None


def test_money_that_comes_after_the_order_is_off_is_told_to_the_clerk_and_changes_nothing(till: Till) -> None:
    till.pay()
    with database.writing(till.hands.engine) as connection:
        orders.move(connection, till.hands.village_id, till.part.id, "cancelled", by="wati", at=making.NOW)
    notice = till.gateway.becomes("settlement")
    assert [till.tell(notice) for _ in range(3)] == [200, 200, 200]
    assert (till.part.state, till.part.paid_at, till.charges()) == ("cancelled", None, ["late"])
    assert till.history().count("money_late") == 1
    assert "Uang masuk sesudah pesanan tidak jadi" in till.hands.get(f"/desk/pesanan/{till.order.id}").text
    with database.reading(till.hands.engine) as connection:
        assert products.get(connection, till.hands.village_id, till.hands.product.id).stock == 5


def test_money_that_comes_twice_is_told_to_the_clerk(till: Till) -> None:
    till.pay()
    with database.writing(till.hands.engine) as connection:
        orders.mark_paid(connection, till.hands.village_id, till.part.id, by="maker", at=making.NOW)
    till.tell(till.gateway.becomes("settlement"))
    assert till.charges() == ["twice"]
    assert till.history()[-1] == "money_twice"


def test_another_sum_than_is_due_marks_nothing_paid(till: Till) -> None:
    till.pay()
    reference = next(iter(till.gateway.payments))
    till.gateway.payments[reference]["gross_amount"] = "1.00"
    assert till.tell(till.gateway.becomes("settlement")) == 200
    assert (till.part.paid_at, till.charges()) == (None, ["wrong"])


def test_money_given_back_takes_the_mark_away(till: Till) -> None:
    till.pay()
    till.tell(till.gateway.becomes("settlement"))
    till.tell(till.gateway.becomes("refund"))
    assert (till.part.paid_at, till.charges()) == (None, ["refunded"])
    till.gateway.becomes("settlement")
    till.tell(till.gateway.notice(next(iter(till.gateway.payments))))
    assert till.charges() == ["refunded"]


def test_a_forged_notice_changes_nothing(till: Till) -> None:
    till.pay()
    reference = next(iter(till.gateway.payments))
    signed = till.gateway.notice(reference)
    before = till.everything()
    forged: list[dict[str, Any] | bytes] = [
        {**signed, "signature_key": "0" * 128, "transaction_status": "settlement"},
        {**signed, "gross_amount": "30000"},
        {**signed, "status_code": "201"},
        {**signed, "signature_key": ""},
        {**signed, "signature_key": None},
        {**signed, "order_id": 7},
        {name: value for name, value in signed.items() if name != "signature_key"},
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"order_id": "\\ud800", "status_code": "200", "gross_amount": "1.00", "signature_key": "x"}',
        b"[" * 60_000,
        b"x" * 200_000,
    ]
    assert {till.tell(one) for one in forged} <= {403, 404}
    assert till.tell({**signed, "order_id": "nobody-knows"}) == 404
    assert till.everything() == before


def test_a_signed_notice_is_believed_only_as_far_as_the_gateway_says_the_same(till: Till) -> None:
    """Whoever has seen one notice can send it with another state in it: the signature does not cover the state."""
    till.pay()
    notice = till.gateway.notice(next(iter(till.gateway.payments)), transaction_status="settlement")
    assert till.tell(notice) == 200
    assert (till.part.paid_at, till.charges()) == (None, ["open"])


def test_a_notice_is_asked_for_again_while_the_gateway_cannot_be_asked(till: Till) -> None:
    till.pay()
    notice = till.gateway.becomes("settlement")
    before = till.everything()
    till.gateway.faults = ["500", "html"]
    assert [till.tell(notice), till.tell(notice)] == [503, 503]
    assert till.everything() == before
    assert till.tell(notice) == 200


def test_a_notice_of_another_village_is_none_here(till: Till) -> None:
    till.pay()
    with database.writing(till.hands.engine) as connection:
        making.village(connection, name="Sumberejo")
    raw = midtrans_stand_in.body(till.gateway.becomes("settlement"))
    assert till.hands.browser.post("/desa/sumberejo" + NOTIFY, content=raw).status_code == 404
    assert till.part.paid_at is None
    assert till.hands.browser.post("/desa/wonorejo" + NOTIFY, content=raw).status_code == 200
    assert till.hands.browser.post("/desa/wonorejo/bayar/cash/notifikasi", content=raw).status_code == 403
    assert till.hands.browser.post("/desa/wonorejo/bayar/nobody/notifikasi", content=raw).status_code == 404


def test_whoever_waits_for_a_notice_may_ask(till: Till) -> None:
    till.pay()
    till.gateway.becomes("settlement")
    assert till.pay("periksa").status_code == 303
    assert till.part.paid_at is not None


def test_the_clerk_may_ask_too_and_sees_how_it_stands(till: Till) -> None:
    till.pay()
    till.gateway.becomes("settlement")
    page = f"/desk/pesanan/{till.order.id}"
    assert "menunggu dibayar" in till.hands.get(page).text
    assert till.hands.post(f"{page}/bagian/{till.part.id}/tagihan").status_code == 303
    assert re.search(r"oleh Midtrans", till.hands.get(page).text)


def test_nobody_makes_us_ask_without_end(till: Till) -> None:
    answers = [till.pay("periksa").status_code for _ in range(14)]
    assert answers[-1] == 429


@given(
    raw=st.binary(max_size=300)
    | st.dictionaries(st.sampled_from(["order_id", "status_code", "gross_amount", "signature_key"]), st.text(max_size=20)).map(
        midtrans_stand_in.body
    )
)
@settings(max_examples=200, deadline=None)
def test_no_bytes_pass_for_a_notice(raw: bytes) -> None:
    midtrans = payments.gateway("midtrans")
    assert midtrans is not None
    with pytest.raises(payments.Forged):
        midtrans.verify(raw, {"merchant": "G1", "server_key": KEY})
