"""The pages between wanting and ordering: the cart and the checkout."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from storefront import addresses, areas, carts, checkouts, hours, languages, makers, orders, payments, products, showing, traps, web
from storefront.carts import Cart
from storefront.orders import Order
from storefront.problems import Problem, Problems
from storefront.products import Product
from storefront.showing import Fields, Guest, Visit
from storefront.web import Reading, Writing

router = APIRouter(default_response_class=HTMLResponse)
NEVER = datetime(1970, 1, 2, tzinfo=UTC)  # what a time that cannot be read is taken for: long past, so a sentence is told


# ---- the cart ------------------------------------------------------------------------------------------------------------------


@router.get("/keranjang")
def cart_page(guest: Visit, connection: Reading, baru: str = "") -> Response:
    """What is in the cart, and apart from it what has sold out meanwhile."""
    return _show_cart(guest, connection, fresh=_just_added(connection, guest, baru))


def _just_added(connection: Reading, guest: Guest, number: str) -> Product | None:
    product_id = quantity(number)
    return products.by_id(connection, guest.village_id, [product_id]).get(product_id) if product_id in guest.cart else None


@router.post("/keranjang")
def change_cart(guest: Visit, connection: Reading, fields: Fields) -> Response:
    """The quantities as typed, and the button that was pressed: more, less, fit, remove or order."""
    cart, wrong = read_cart(guest.cart, fields, guest.language)
    if wrong:
        return _show_cart(guest, connection, status=422, wrong=wrong, typed=fields)
    if "fit" in fields:
        cart = _fitted(connection, guest, cart, fields["fit"])
    return guest.go("/pesan" if "order" in fields else "/keranjang", cart=cart)


def read_cart(cart: Cart, fields: Mapping[str, str], language: str) -> tuple[Cart, dict[int, str]]:
    """(the cart after a form of the cart page, {product id: what is wrong with its quantity})."""
    wrong: dict[int, str] = {}
    for product_id in list(cart):
        name = str(product_id)
        typed = fields.get(f"quantity_{name}", str(cart[product_id]))
        step = (fields.get("more") == name) - (fields.get("less") == name)
        if fields.get("remove") == name or (step < 0 and cart[product_id] <= 1 and quantity(typed) <= 1):
            cart = carts.without(cart, product_id)
            continue
        try:
            cart = carts.change(cart, product_id, quantity(typed) + step)
        except Problem as problem:
            wrong[product_id] = languages.say(language, problem.key, **problem.facts)
    return cart, wrong


def _fitted(connection: Reading, guest: Guest, cart: Cart, name: str) -> Cart:
    """The cart with as many of one product as there are."""
    for item in carts.look(connection, guest.village_id, cart).short:
        if str(item.product.id) == name and item.left:
            return carts.change(cart, item.product.id, item.left)
    return cart


def quantity(typed: str) -> int:
    """The quantity in a form's field; 0, which nobody may order, for what is no number."""
    text = typed.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0


def check_stock(product: Product, wanted: int) -> None:
    """Raises Problem when there are fewer than wanted, saying how many there are."""
    if product.is_sold_out:
        raise Problem("cart.sold_out_now", field="quantity")
    if product.stock is not None and product.stock < wanted:
        raise Problem("cart.only_left", field="quantity", left=product.stock)


def _show_cart(
    guest: Guest,
    connection: Reading,
    *,
    status: int = 200,
    fresh: Product | None = None,
    wrong: Mapping[int, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    contents = carts.look(connection, guest.village_id, guest.cart)
    public = _public_names(connection, guest)
    facts: dict[str, Any] = {"contents": contents, "fresh": fresh, "wrong": wrong or {}, "typed": typed or {}, "makers": public}
    return guest.show("cart.html", path="/keranjang", status=status, is_private=True, most=checkouts.QUANTITY_MOST, **facts)


# ---- the checkout --------------------------------------------------------------------------------------------------------------


@router.get("/pesan")
def checkout_page(guest: Visit, connection: Reading) -> Response:
    """The form to order what is in the cart."""
    return _show_checkout(guest, connection, guest.cart, {})


@router.post("/pesan")
def place_order(guest: Visit, connection: Writing, fields: Fields) -> Response:
    """Store the order, then show it; or the form again with everything typed and a sentence for each thing to put right."""
    cart = carts.parse(fields.get("basket", ""))
    try:
        placed = _place(connection, guest, cart, fields)
    except (traps.InDoubt, traps.TooMany) as problem:
        status = 429 if isinstance(problem, traps.TooMany) else 422
        return _show_checkout(guest, connection, cart, fields, status=status, wrong=web.sentences(problem, guest.language))
    except Problems as problems:
        return _show_checkout(guest, connection, cart, fields, status=422, wrong=web.sentences(problems, guest.language))
    except orders.SoldOut as error:
        told = {"cart": [_sentence(short, guest.language) for short in error.shortages]}
        return _show_checkout(guest, connection, guest.cart or cart, fields, status=409, wrong=told)
    return guest.go(addresses.order(placed.token), cart=carts.without(guest.cart, *(line.product_id for line in placed.lines)))


def _place(connection: Writing, guest: Guest, cart: Cart, fields: Mapping[str, str]) -> Order:
    form_key = fields.get("form_key", "")[:64] or showing.new_key()
    known = orders.of_form(connection, guest.village_id, form_key)
    if known is not None:  # a double tap, or a way back and forth: no other order, and nothing to doubt
        return known
    area, _, fee = fields.get("area", "").partition("-")
    wish: dict[str, Any] = {
        "cart": cart,
        "pickup_at": _time(fields.get("pickup_at", ""), guest.visitor.village.zone),
        "payment": fields.get("payment", "cash"),
        "area_id": _whole(area),
        **{name: fields.get(name, "") for name in ("name", "whatsapp", "delivery", "address", "note")},
    }
    checkouts.check(**wish, at=guest.at)  # first: what is wrong with the form is told before any doubt about who sent it
    traps.check(fields, guest.secret, at=guest.at)
    limits, who = guest.request.app.state.order_limits, (guest.address, guest.request.headers.get("user-agent", ""))
    limits.check(*who, {product.maker_id for product in products.by_id(connection, guest.village_id, cart).values()})
    placed = orders.place(
        connection,
        village_id=guest.village_id,
        agreed_idr=_whole(fields.get("total", "")),
        agreed_fee_idr=_whole(fee),
        language=guest.language,
        source=guest.visitor.source,
        form_key=form_key,
        at=guest.at,
        **wish,
    )
    if placed.placed_at == guest.at:  # the same form once more is no other order
        limits.count(*who, {part.maker_id for part in placed.parts})
    return placed


def _offered(connection: Reading, guest: Guest, contents: carts.Contents) -> tuple[str, ...]:
    """The ways to pay that every maker of a cart takes: one order is paid in one way."""
    return payments.offered(makers.payments_of(connection, guest.village_id, {item.product.maker_id for item in contents.items}))


def _whole(text: str) -> int | None:
    """The whole number that a form carries; None for anything else, and for one that no database holds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _time(text: str, zone: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)) if text else None
    except ValueError:
        return NEVER


def _sentence(short: orders.Shortage, language: str) -> str:
    name = languages.pick(short.name, language)
    if not name:
        return languages.say(language, "cart.vanished")
    return languages.say(language, "cart.short" if short.left else "cart.sold_out", name=name, left=short.left, asked=short.asked)


def _show_checkout(
    guest: Guest,
    connection: Reading,
    cart: Cart,
    typed: Mapping[str, str],
    *,
    status: int = 200,
    wrong: Mapping[str, list[str]] | None = None,
) -> Response:
    contents = carts.look(connection, guest.village_id, cart)
    if not contents.items:
        return _show_cart(guest, connection, status=status) if contents.short or status != 200 else guest.go("/keranjang")
    return guest.show(
        "checkout.html",
        path="/pesan",
        status=status,
        is_private=True,
        contents=contents,
        basket=carts.written(contents.cart),
        typed={"form_key": showing.new_key(), "delivery": "pickup", "payment": "cash", **typed},
        drawn=traps.drawn_again(guest.secret, at=guest.at) if typed else traps.drawn(guest.secret, at=guest.at),
        unseen=traps.UNSEEN,
        wrong=wrong or {},
        slots=hours.slots(guest.local, makers.hours_of(connection, guest.village_id, {item.product.maker_id for item in contents.items})),
        areas=areas.listed(connection, guest.village_id),
        payments=[(name, payments.get(name).TITLE) for name in _offered(connection, guest, contents)],
        makers=_public_names(connection, guest),
    )


def _public_names(connection: Reading, guest: Guest) -> dict[int, str]:
    return {maker.id: maker.name for maker in makers.listed(connection, guest.village_id, only_public=True)}
