"""What a maker sees through her key: her own parts of orders with big buttons, and what she sells; nothing of anybody else."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from storefront import addresses, keys, languages, order_parts, orders, parcels, phones, prices, products, proofs, web, whatsapp
from storefront.makers import Maker
from storefront.order_parts import Part
from storefront.orders import Order
from storefront.problems import Problem
from storefront.showing import Fields, Guest, Visit
from storefront.web import Reading, Writing

router = APIRouter(default_response_class=HTMLResponse)
WAITING = ("intent", "confirmed", "ready")
MOST = 50
SHOWN_AFTER = timedelta(days=3)  # what is over stays in sight so long: a wrong tap is noticed, and thanked for
Number = Annotated[int, Path(ge=0, lt=2**63)]  # what a database can hold
STOCK = ("sold_out", "ready")


@router.get("/penjual/pesanan/{part_id}")
def from_message(guest: Visit, connection: Reading, part_id: Number) -> Response:
    """Where the link in a buyer's message leads: to this part on the phone that holds its maker's key, and nowhere on any other."""
    for key in keys.held(guest.request.cookies.get(keys.cookie(guest.village_id), "")):
        try:
            maker = _maker(guest, connection, key)
            order_parts.owned(connection, guest.village_id, part_id, maker.id)
        except (keys.NoKey, order_parts.UnknownPart):
            continue
        return guest.go(f"{addresses.seller(key)}#p{part_id}")
    return _closed(guest, "other_phone")


@router.get("/penjual/{key}")
def look(guest: Visit, connection: Reading, key: str) -> Response:
    """Her orders, those to be answered first, and her goods. The phone keeps the key."""
    try:
        maker = _maker(guest, connection, key)
    except keys.NoKey:
        return _closed(guest, "closed")
    answer = _page(guest, connection, maker, key)
    held = keys.with_key(guest.request.cookies.get(keys.cookie(guest.village_id), ""), key)
    is_safe = guest.public_url.startswith("https://")
    age = int(keys.KEPT.total_seconds())
    answer.set_cookie(keys.cookie(guest.village_id), held, max_age=age, httponly=True, samesite="lax", secure=is_safe)
    return answer


@router.post("/penjual/{key}/bagian/{part_id}/keadaan")
def move(guest: Visit, connection: Writing, fields: Fields, key: str, part_id: Number) -> Response:
    """She takes an order, has it ready, has handed it over, or cannot fulfil it."""
    maker = _maker(guest, connection, key)
    order_parts.owned(connection, guest.village_id, part_id, maker.id)
    wanted = fields.get("keadaan", "")
    is_sold_out = wanted == "sold_out"
    try:
        moved = orders.move(connection, guest.village_id, part_id, "cancelled" if is_sold_out else wanted, by="maker", at=guest.at)
    except order_parts.CannotMove as error:
        return _page(guest, connection, maker, key, error)
    for line in [line for line in moved.lines if is_sold_out and line.part_id == part_id]:
        products.change(connection, guest.village_id, line.product_id, at=guest.at, stock_state="sold_out")
    return _back(guest, key, f"p{part_id}")


@router.post("/penjual/{key}/bagian/{part_id}/ongkir")
def offer_fee(guest: Visit, connection: Writing, fields: Fields, key: str, part_id: Number) -> Response:
    """She types who brings a parcel and for how much; the buyer is to agree."""
    maker = _maker(guest, connection, key)
    order_parts.owned(connection, guest.village_id, part_id, maker.id)
    try:
        fee = prices.read_fee(fields.get("ongkir", ""))
        parcels.offer(connection, guest.village_id, part_id, courier=fields.get("kurir", ""), fee_idr=fee, by="maker", at=guest.at)
    except Problem as error:
        return _page(guest, connection, maker, key, error, failed=part_id, typed=fields)
    return _back(guest, key, f"p{part_id}")


@router.get("/penjual/{key}/bagian/{part_id}/bukti/{number}")
def proof(guest: Visit, connection: Reading, key: str, part_id: Number, number: Number) -> Response:
    """A buyer's proof of transfer, for the maker who was paid."""
    maker = _maker(guest, connection, key)
    order_parts.owned(connection, guest.village_id, part_id, maker.id)
    return web.private_picture(proofs.read(connection, guest.request.app.state.proofs, guest.village_id, part_id, number))


@router.post("/penjual/{key}/bagian/{part_id}/pembayaran")
def mark_paid(guest: Visit, connection: Writing, fields: Fields, key: str, part_id: Number) -> Response:
    """She has the money; or not, after all."""
    maker = _maker(guest, connection, key)
    order_parts.owned(connection, guest.village_id, part_id, maker.id)
    try:
        orders.mark_paid(connection, guest.village_id, part_id, by="maker", at=guest.at, is_paid=fields.get("lunas") == "1")
    except order_parts.CannotMove as error:
        return _page(guest, connection, maker, key, error)
    return _back(guest, key, f"p{part_id}")


@router.post("/penjual/{key}/barang/{product_id}/stok")
def stock(guest: Visit, connection: Writing, fields: Fields, key: str, product_id: Number) -> Response:
    """One of her goods is sold out, or there again."""
    maker = _maker(guest, connection, key)
    product = products.get(connection, guest.village_id, product_id)
    if product.maker_id != maker.id:
        raise products.UnknownProduct
    state = fields.get("keadaan", "")
    if state in STOCK:
        # A counted stock of none would keep it sold out: she says that there is some, so it is counted no longer.
        more = {"stock": None} if state == "ready" and product.stock == 0 else {}
        products.change(connection, guest.village_id, product.id, at=guest.at, stock_state=state, **more)
    return _back(guest, key, "barang")


def _maker(guest: Guest, connection: Reading, key: str) -> Maker:
    return keys.maker_of(connection, guest.village_id, key, guest.secret, at=guest.at)


def _back(guest: Guest, key: str, anchor: str) -> RedirectResponse:
    return guest.go(f"{addresses.seller(key)}#{anchor}")


def _page(
    guest: Guest,
    connection: Reading,
    maker: Maker,
    key: str,
    error: Problem | None = None,
    *,
    failed: int = 0,
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    found = orders.of_maker(connection, guest.village_id, maker.id, limit=MOST)
    waiting = [(order, part) for order, part in found if part.state in WAITING]
    over = [(order, part) for order, part in found if part.state not in WAITING and guest.at - part.changed_at <= SHOWN_AFTER]
    return guest.show(
        "seller.html",
        path=addresses.seller(key),
        status=422 if failed else 409 if error else 200,
        is_secret=True,
        key=key,
        maker=maker,
        waiting=sorted(waiting, key=lambda pair: (WAITING.index(pair[1].state), -pair[1].id)),
        over=over,
        goods=products.listed(connection, guest.village_id, maker_id=maker.id),
        chat=lambda order, part: _chat(guest, order, part),
        phone=phones.shown,
        proofs=proofs.of_parts(connection, guest.village_id, [part.id for _, part in waiting]),
        couriers=parcels.COURIERS,
        failed=failed,
        typed={"kurir": "", "ongkir": "", **(typed or {})},
        wrong=web.sentences(error, guest.language) if error else {},
    )


def _chat(guest: Guest, order: Order, part: Part) -> str:
    """The address that opens a chat with the buyer, with a greeting that fits how far the order is."""
    key = "seller.hello.fee" if part.is_fee_offered else f"seller.hello.{part.state}"
    facts = {"name": order.name, "maker": part.maker_name, "order": order.code, "village": guest.visitor.village.name}
    facts |= {"courier": part.courier or "", "fee": languages.rupiah(part.fee_idr or 0), "url": guest.url(addresses.order(order.token))}
    return whatsapp.link(order.whatsapp, languages.say(order.language, key, **facts))


def _closed(guest: Guest, why: str) -> HTMLResponse:
    return guest.show("seller_closed.html", path="/", status=403, is_private=True, why=why)
