"""Orders at the desk: what came in, and each maker's part brought from a wish to done."""

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from campaigns import links
from campaigns.links import Link
from storefront import addresses, languages, order_parts, orders, payments, phones, web, whatsapp
from storefront.desk.frame import Selling, Signed
from storefront.orders import Order
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()

A_PAGE = 30


@router.get("/pesanan")
def listed(request: Request, who: Signed, connection: Reading, keadaan: str = "", sebelum: int | None = None) -> HTMLResponse:
    """The orders of the village, newest first, or those with a part in one state."""
    state = keadaan if keadaan in order_parts.STATES else None
    found = orders.listed(connection, who.village_id, state=state, limit=A_PAGE + 1, before=sebelum)
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
    order = orders.get(connection, who.village_id, order_id)
    if part_id not in [part.id for part in order.parts]:
        raise order_parts.UnknownPart
    try:
        orders.move(connection, who.village_id, part_id, typed.text("keadaan"), by=who.login, at=at)
    except order_parts.CannotMove as error:
        return _page(request, who, connection, order, error)
    return frame.go(f"/desk/pesanan/{order_id}", "moved")


@router.post("/pesanan/{order_id}/bagian/{part_id}/pembayaran")
def mark_paid(request: Request, who: Selling, connection: Writing, typed: forms.Typed, at: Now, order_id: int, part_id: int) -> Response:
    """Write down that the money for a part has come, or that this was a mistake."""
    order = orders.get(connection, who.village_id, order_id)
    if part_id not in [part.id for part in order.parts]:
        raise order_parts.UnknownPart
    try:
        orders.mark_paid(connection, who.village_id, part_id, by=who.login, at=at, is_paid=typed.text("lunas") == "1")
    except order_parts.CannotMove as error:
        return _page(request, who, connection, order, error)
    return frame.go(f"/desk/pesanan/{order_id}", "moved")


def _page(request: Request, who: Staff, connection: Reading, order: Order, error: order_parts.CannotMove | None = None) -> HTMLResponse:
    greeting = languages.say(order.language, "desk.order.greeting", name=order.name, village=who.village.name, number=order.code)
    return frame.draw(
        request,
        who,
        "order",
        here="orders",
        status=409 if error else 200,
        order=order,
        events=order_parts.history(connection, who.village_id, order.id),
        makers={part.id: part.maker_name for part in order.parts},
        phone=phones.shown(order.whatsapp),
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
