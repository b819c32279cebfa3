"""The order's page: how it stands, the way to each maker's WhatsApp, and how each is paid. Only for who has its address."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from markupsafe import Markup
from starlette.datastructures import UploadFile

from campaigns import qrcodes
from promo import photos
from storefront import addresses, charges, collecting, database, media, orders, parcels, payments, proofs, web, whatsapp
from storefront.charges import Charge
from storefront.order_parts import CannotMove, Part, UnknownPart
from storefront.orders import Order
from storefront.problems import Problem
from storefront.showing import Fields, Guest, Visit
from storefront.web import Now, Reading, Writing

router = APIRouter(default_response_class=HTMLResponse, max_body_size=photos.MOST_BYTES + 1_000_000)
NOTICE_MOST = 64 * 1024  # bytes of a gateway's notice
OPEN_STATES = ("intent", "confirmed", "ready")


@router.get("/pesanan/{token}")
def order_page(guest: Visit, connection: Reading, token: str) -> Response:
    """How an order stands: only for who has its address, kept by no cache and shown to no robot."""
    return _show(guest, connection, orders.by_token(connection, guest.village_id, token))


@router.post("/pesanan/{token}/whatsapp/{part_id}")
def hand_over(guest: Visit, connection: Writing, token: str, part_id: str) -> Response:
    """Remember that the buyer goes to this maker's WhatsApp, then hand over with her part of the order in words."""
    placed, part = _found(connection, guest, token, part_id)
    digits = _contact(guest)(part)
    if digits is None:
        raise UnknownPart
    orders.hand_over(connection, guest.village_id, part.id, at=guest.at)
    # What a buyer sends opens nothing by itself: only the maker's own phone holds her key.
    answer = guest.url(addresses.seller_part(part.id)) if part.maker_consent_at else ""
    page = guest.url(addresses.order(token))
    text = whatsapp.message(placed, part, placed.language, page, village=guest.visitor.village, maker_url=answer)
    return RedirectResponse(whatsapp.link(digits, text), 303, {"Cache-Control": "no-store"})


@router.post("/pesanan/{token}/ongkir/{part_id}")
def answer_fee(guest: Visit, connection: Writing, fields: Fields, token: str, part_id: str) -> Response:
    """The buyer takes what sending her parcel costs, or calls that part off."""
    placed, part = _found(connection, guest, token, part_id)
    agreed = fields.get("setuju", "")
    try:
        if agreed:
            seen = int(agreed) if agreed.isascii() and agreed.isdigit() and len(agreed) < 18 else -1
            parcels.agree(connection, guest.village_id, part.id, seen, at=guest.at)
        elif "batal" in fields:
            parcels.refuse(connection, guest.village_id, part.id, at=guest.at)
    except Problem as problem:
        return _show(guest, connection, placed, problem)
    return _back(guest, placed, part)


@router.post("/pesanan/{token}/bayar/{part_id}")
def collect(guest: Visit, token: str, part_id: str) -> Response:
    """Have the gateway make a code for this part."""
    return _with_gateway(guest, token, part_id, is_new=True)


@router.post("/pesanan/{token}/bayar/{part_id}/periksa")
def check(guest: Visit, token: str, part_id: str) -> Response:
    """Ask the gateway whether the money has come: its own notice may be late."""
    return _with_gateway(guest, token, part_id, is_new=False)


def _with_gateway(guest: Guest, token: str, part_id: str, *, is_new: bool) -> Response:
    desk = desk_of(guest.request)
    with database.reading(desk.engine) as connection:
        placed, part = _found(connection, guest, token, part_id)
        known = charges.of_parts(connection, guest.village_id, [part.id]).get(part.id, [])
    try:
        _count_try(guest)
        if is_new:
            collecting.start(desk, placed, part, at=guest.at)
        for charge in [] if is_new else known[:2]:
            collecting.look(desk, charge, at=guest.at)
    except Problem as problem:
        with database.reading(desk.engine) as connection:
            return _show(guest, connection, placed, problem)
    return _back(guest, placed, part)


async def _picture(request: Request) -> bytes:
    """The picture in a form, b"" without one."""
    async with request.form(max_files=1, max_fields=5) as form:
        sent = form.get("bukti")
        return await sent.read() if isinstance(sent, UploadFile) else b""


@router.post("/pesanan/{token}/bukti/{part_id}")
def send_proof(guest: Visit, picture: Annotated[bytes, Depends(_picture)], token: str, part_id: str) -> Response:
    """The buyer shows that she has transferred: a picture for the maker and the office. What is paid is said by them."""
    engine = guest.request.app.state.engine
    with database.reading(engine) as connection:
        placed, part = _found(connection, guest, token, part_id)
    try:
        if part.state not in OPEN_STATES or part.paid_at or not _takes_proof(placed, part):
            raise CannotMove(part.state, "proof")
        _count_try(guest)
        sha256 = _kept(guest, picture)
        with database.writing(engine) as connection:
            proofs.add(connection, part, sha256, at=guest.at)
    except Problem as problem:
        with database.reading(engine) as connection:
            return _show(guest, connection, placed, problem)
    return _back(guest, placed, part)


def _kept(guest: Guest, picture: bytes) -> str:
    if not picture:
        raise Problem("proof.none", field="proof")
    store: media.Store = guest.request.app.state.proofs
    try:
        return media.keep(store, picture).sha256
    except photos.BadPhoto as error:
        raise Problem(error.key, field="proof", **error.facts) from None


# ---- what gateways tell --------------------------------------------------------------------------------------------------------


async def _raw(request: Request) -> bytes:
    raw = b""
    async for piece in request.stream():
        raw += piece
        if len(raw) > NOTICE_MOST:
            return b""
    return raw


@router.post("/bayar/{name}/notifikasi")
def hear(request: Request, guest: Visit, raw: Annotated[bytes, Depends(_raw)], name: str, at: Now) -> PlainTextResponse:
    """A gateway's notice. 200 once it is written down, 503 to be told again, 403 and 404 for what is none of theirs or ours."""
    try:
        collecting.hear(desk_of(request), guest.village_id, name, raw, at=at)
    except payments.Forged:
        return PlainTextResponse("403", 403)
    except (charges.UnknownCharge, payments.UnknownPayment, UnknownPart):
        return PlainTextResponse("404", 404)
    except Problem:
        return PlainTextResponse("503", 503)
    return PlainTextResponse("200")


def desk_of(request: Request) -> collecting.Desk:
    """What speaks with gateways for this installation."""
    state = request.app.state
    return collecting.Desk(state.engine, state.sealer, web.settings_of(request).gateways)


# ---- showing -------------------------------------------------------------------------------------------------------------------


def _show(guest: Guest, connection: Reading, placed: Order, problem: Problem | None = None) -> HTMLResponse:
    placed = orders.get(connection, guest.village_id, placed.id)
    ids = [part.id for part in placed.parts]
    asked = charges.of_parts(connection, guest.village_id, ids)
    status = 200 if problem is None else 429 if problem.key == "order.many_tries" else 409 if isinstance(problem, CannotMove) else 422
    return guest.show(
        "order.html",
        path=addresses.order(placed.token),
        status=status,
        is_secret=True,
        order=placed,
        paying={part.id: _instructions(guest, placed, part, asked.get(part.id, ())) for part in placed.parts},
        asked=asked,
        collected=[part.id for part in placed.parts if _is_collected(placed, part)],
        proven=[part.id for part in placed.parts if _takes_proof(placed, part)],
        proofs=proofs.of_parts(connection, guest.village_id, ids),
        contact=_contact(guest),
        local=guest.local,
        qr=_qr,
        wrong=web.sentences(problem, guest.language) if problem else {},
    )


def _instructions(guest: Guest, placed: Order, part: Part, asked: Iterable[Charge]) -> payments.Instructions:
    """How this part is paid; where the maker no longer takes that way, the word to agree with her on another."""
    if placed.payment not in payments.offered([part.maker_payments]):
        return payments.Instructions(("payment.gone",), {"maker": part.maker_name})
    how = payments.get(placed.payment).start(collecting.bill(placed, part))
    for charge in asked:
        is_good = charge.state == "open" and (charge.ends_at is None or guest.at < charge.ends_at)
        if is_good and charge.code and charge.amount_idr == part.due_idr:
            return replace(how, keys=(f"payment.{placed.payment}.scan", f"payment.{placed.payment}.after"), code=charge.code)
    return how


def _is_collected(placed: Order, part: Part) -> bool:
    """Whether a gateway can collect this part now."""
    return (
        placed.payment in part.maker_payments and payments.gateway(placed.payment) is not None and not collecting.bill(placed, part).is_open
    )


def _takes_proof(placed: Order, part: Part) -> bool:
    """Whether the buyer pays this part in a way that only she can show to have been gone."""
    return placed.payment in part.maker_payments and payments.is_shown_by_proof(placed.payment)


def _found(connection: Reading, guest: Guest, token: str, part_id: str) -> tuple[Order, Part]:
    placed = orders.by_token(connection, guest.village_id, token)
    for part in placed.parts:
        if str(part.id) == part_id:
            return placed, part
    raise UnknownPart


def _count_try(guest: Guest) -> None:
    guest.request.app.state.tries.count(guest.address, guest.request.headers.get("user-agent", ""))


def _back(guest: Guest, placed: Order, part: Part) -> RedirectResponse:
    return guest.go(f"{addresses.order(placed.token)}#p{part.id}")


def _qr(text: str) -> Markup:
    """A QR code to stand in the page, as light as the standard allows: screens are clean."""
    return Markup(qrcodes.svg(text, "M"))  # noqa: S704 - numbers and our own letters


def _contact(guest: Guest) -> Any:
    """Whom a buyer writes to: the maker, or the village where she has not agreed that her number is given out."""

    def contact(part: Part) -> str | None:
        return part.maker_whatsapp if part.maker_consent_at else guest.visitor.village.whatsapp

    return contact
