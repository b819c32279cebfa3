"""Orders at the desk: what came in, and each maker's part brought from a wish to done."""

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from campaigns import links
from campaigns.links import Link
from storefront import (
    addresses,
    areas,
    charges,
    collecting,
    database,
    languages,
    order_parts,
    orders,
    parcels,
    paying,
    payments,
    phones,
    prices,
    proofs,
    web,
    whatsapp,
)
from storefront.desk.frame import Selling, SettingUp, Signed
from storefront.orders import Order
from storefront.problems import Problem
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()

A_PAGE = 30


@router.get("/pesanan")
def listed(request: Request, who: Signed, connection: Reading, keadaan: str = "", sebelum: str = "") -> HTMLResponse:
    """The orders of the village, newest first, or those with a part in one state."""
    state = keadaan if keadaan in order_parts.STATES else None
    found = orders.listed(connection, who.village_id, state=state, limit=A_PAGE + 1, before=forms.whole(sebelum) if sebelum else None)
    return frame.draw(
        request,
        who,
        "orders",
        here="orders",
        orders=found[:A_PAGE],
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        shown=state or "",
        counts=orders.counts(connection, who.village_id),
    )


@router.get("/pesanan/{order_id}")
def look(request: Request, who: Signed, connection: Reading, order_id: int) -> HTMLResponse:
    """One order: who wants what, each maker's part with its next steps, and what happened so far."""
    return _page(request, who, connection, orders.get(connection, who.village_id, order_id))


@router.post("/pesanan/{order_id}/bagian/{part_id}/keadaan")
def move(request: Request, who: Selling, connection: Writing, typed: forms.Typed, at: Now, order_id: int, part_id: int) -> Response:
    """Confirm a part, call it ready, done or off; when somebody else was quicker, say so and show how it stands."""
    order, _ = _found(connection, who, order_id, part_id)
    try:
        orders.move(connection, who.village_id, part_id, typed.text("keadaan"), by=who.login, at=at)
    except order_parts.CannotMove as error:
        return _page(request, who, connection, order, error)
    return frame.go(f"/desk/pesanan/{order_id}", "moved")


@router.post("/pesanan/{order_id}/bagian/{part_id}/pembayaran")
def mark_paid(request: Request, who: Selling, connection: Writing, typed: forms.Typed, at: Now, order_id: int, part_id: int) -> Response:
    """Write down that the money for a part has come, or that this was a mistake."""
    order, _ = _found(connection, who, order_id, part_id)
    try:
        orders.mark_paid(connection, who.village_id, part_id, by=who.login, at=at, is_paid=typed.text("lunas") == "1")
    except order_parts.CannotMove as error:
        return _page(request, who, connection, order, error)
    return frame.go(f"/desk/pesanan/{order_id}", "moved")


@router.post("/pesanan/{order_id}/bagian/{part_id}/ongkir")
def offer_fee(request: Request, who: Selling, connection: Writing, typed: forms.Typed, at: Now, order_id: int, part_id: int) -> Response:
    """Type who brings a parcel and for how much, where the maker has not; the buyer is to agree."""
    order, _ = _found(connection, who, order_id, part_id)
    try:
        fee = prices.read_fee(typed.text("ongkir"))
        parcels.offer(connection, who.village_id, part_id, courier=typed.text("kurir"), fee_idr=fee, by=who.login, at=at)
    except Problem as error:
        return _page(request, who, connection, order, error, failed=part_id, typed=typed.first())
    return frame.go(f"/desk/pesanan/{order_id}", "saved")


@router.get("/pesanan/{order_id}/bagian/{part_id}/bukti/{number}")
def proof(request: Request, who: Signed, connection: Reading, order_id: int, part_id: int, number: int) -> Response:
    """A picture by which the buyer shows that she has transferred."""
    _, part = _found(connection, who, order_id, part_id)
    return web.private_picture(proofs.read(connection, request.app.state.proofs, who.village_id, part.id, number))


@router.post("/pesanan/{order_id}/bagian/{part_id}/tagihan")
def ask_again(request: Request, who: Selling, at: Now, order_id: int, part_id: int) -> Response:
    """Ask the gateway how the charges of a part stand: its notice may not have reached us."""
    desk = paying.desk_of(request)
    with database.reading(desk.engine) as connection:
        order, part = _found(connection, who, order_id, part_id)
        asked = charges.of_parts(connection, who.village_id, [part.id]).get(part.id, [])
    try:
        for charge in asked:
            collecting.look(desk, charge, at=at)
    except Problem as error:
        with database.reading(desk.engine) as connection:
            return _page(request, who, connection, order, error)
    return frame.go(f"/desk/pesanan/{order_id}", "saved")


# ---- the village's courier ---------------------------------------------------------------------------------------------------------


@router.get("/antar")
def courier(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """Where the village's courier goes, and for how much."""
    lines = [f"{one.name}, {f'{one.fee_idr:,}'.replace(',', '.')}" for one in areas.listed(connection, who.village_id)]
    return frame.draw(request, who, "areas", here="orders", written="\n".join(lines))


@router.post("/antar")
def change_courier(request: Request, who: SettingUp, connection: Writing, typed: forms.Typed) -> Response:
    """Let the courier go to these areas, one a line: the name, a comma, the cost."""
    try:
        wanted = [_area(line) for line in typed.text("areas").splitlines() if line.strip()]
        areas.replace(connection, who.village_id, wanted)
    except Problem as error:
        told = web.sentences(error, who.language)
        return frame.draw(request, who, "areas", here="orders", status=422, written=typed.typed("areas"), errors=told)
    return frame.go("/desk/antar", "saved")


def _area(line: str) -> tuple[str, int]:
    name, _, fee = line.rpartition(",")
    try:
        return " ".join(name.split()), prices.read_fee(fee)
    except prices.BadPrice:
        raise Problem("area.line_wrong", field="areas", typed=line.strip()[:60]) from None


# ---- showing an order --------------------------------------------------------------------------------------------------------------


def _found(connection: Reading, who: Staff, order_id: int, part_id: int) -> tuple[Order, order_parts.Part]:
    order = orders.get(connection, who.village_id, order_id)
    for part in order.parts:
        if part.id == part_id:
            return order, part
    raise order_parts.UnknownPart


def _page(
    request: Request,
    who: Staff,
    connection: Reading,
    order: Order,
    error: Problem | None = None,
    *,
    failed: int = 0,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    ids = [part.id for part in order.parts]
    greeting = languages.say(order.language, "desk.order.greeting", name=order.name, village=who.village.name, number=order.code)
    return frame.draw(
        request,
        who,
        "order",
        here="orders",
        status=409 if isinstance(error, order_parts.CannotMove) else 422 if error else 200,
        order=orders.get(connection, who.village_id, order.id),
        proofs=proofs.of_parts(connection, who.village_id, ids),
        charges=charges.of_parts(connection, who.village_id, ids),
        gateways=[name for name in payments.names() if payments.gateway(name)],
        couriers=parcels.COURIERS,
        failed=failed,
        typed={"kurir": "", "ongkir": "", **(typed or {})},
        events=order_parts.history(connection, who.village_id, order.id),
        makers={part.id: part.maker_name for part in order.parts},
        phone="" if order.is_forgotten else phones.shown(order.whatsapp),
        chat=whatsapp.link(order.whatsapp, greeting),
        payment=payments.get(order.payment).TITLE,
        source=_source(connection, who, order),
        buyers_page=addresses.order(order.token),
        errors=web.sentences(error, who.language) if error else {},
    )


def _source(connection: Reading, who: Staff, order: Order) -> Link | None:
    try:
        return links.get(connection, who.village_id, order.link_id) if order.link_id else None
    except links.UnknownLink:
        return None
