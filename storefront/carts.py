"""The cart: {product id: quantity} in a signed cookie of the visitor's own; nothing of it is stored until it is ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from itsdangerous import BadSignature, Signer

from storefront import checkouts, orders, products
from storefront.problems import Problem
from storefront.products import Product

KEPT = timedelta(days=30)

Cart = dict[int, int]


@dataclass(frozen=True)
class Item:
    """So many of a product as it is now; `left` says how many there are when that is too few, None when all is well."""

    product: Product
    quantity: int
    left: int | None = None

    @property
    def total_idr(self) -> int:
        return self.quantity * self.product.price_idr


@dataclass(frozen=True)
class Contents:
    """What is in a cart now: `items` can be ordered; `short` cannot, at least not so many; `vanished` counts what no longer exists."""

    items: Sequence[Item]
    short: Sequence[Item]
    vanished: int

    @property
    def total_idr(self) -> int:
        return sum(item.total_idr for item in self.items)

    @property
    def cart(self) -> Cart:
        """The part of the cart that can be ordered."""
        return {item.product.id: item.quantity for item in self.items}


def cookie(village_id: int) -> str:
    """The name of the cookie: each village of an installation has carts of its own."""
    return f"gapura_cart_{village_id}"


def sign(cart: Mapping[int, int], secret: str) -> str:
    """The cookie's text: "<product>x<quantity>.... .<signature>"."""
    return _signer(secret).sign(written(cart)).decode()


def read(text: str, secret: str) -> Cart:
    """The cart in a cookie; empty when there is none or it is not ours."""
    try:
        return parse(_signer(secret).unsign(text).decode())
    except BadSignature:
        return {}


def written(cart: Mapping[int, int]) -> str:
    """A cart as text, "12x2.14x1": also what a checkout form shows and sends back."""
    return ".".join(f"{product_id}x{quantity}" for product_id, quantity in cart.items())


def parse(text: str) -> Cart:
    """The cart in a text of written(); what is not of that shape is left out."""
    cart: Cart = {}
    for pair in text[:2_000].split("."):
        left, _, right = pair.partition("x")
        if left.isascii() and left.isdigit() and right.isascii() and right.isdigit() and len(left) <= 18 and len(right) <= 6:
            cart[int(left)] = int(right)
    return cart


def put(cart: Mapping[int, int], product_id: int, quantity: int) -> Cart:
    """The cart with so many more of a product. Raises Problem when that is no quantity, or the cart is full."""
    checkouts.check_quantity(quantity)
    return change(cart, product_id, cart.get(product_id, 0) + quantity)


def change(cart: Mapping[int, int], product_id: int, quantity: int) -> Cart:
    """The cart with exactly so many of a product. Raises Problem when that is no quantity, or the cart is full."""
    changed = {**cart, product_id: quantity}
    checkouts.check_quantity(quantity)
    if len(changed) > checkouts.LINES_MOST:
        raise Problem("order.too_many_lines", field="quantity", most=checkouts.LINES_MOST)
    return changed


def without(cart: Mapping[int, int], *product_ids: int) -> Cart:
    """The cart without these products."""
    return {product_id: quantity for product_id, quantity in cart.items() if product_id not in product_ids}


def look(connection: sa.Connection, village_id: int, cart: Mapping[int, int]) -> Contents:
    """What is in a cart, with today's names, prices and stock; what cannot be had is kept apart, never dropped."""
    goods = products.by_id(connection, village_id, cart)
    missing = {short.product_id: short.left for short in orders.shortages_of(cart, goods)}
    return Contents(
        items=[Item(goods[number], quantity) for number, quantity in cart.items() if number not in missing],
        short=[Item(goods[number], cart[number], left) for number, left in missing.items() if number in goods],
        vanished=sum(number not in goods for number in missing),
    )


def _signer(secret: str) -> Signer:
    return Signer(secret, salt="gapura.cart")
