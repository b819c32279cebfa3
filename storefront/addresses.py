"""Where a link leads: from what it points at to a path of the shop; what is gone leads to the village, never to nothing."""

import sqlalchemy as sa

from campaigns import outside
from campaigns.links import Link
from storefront import attractions, makers, products, villages

LOST = "/tautan-tidak-ditemukan"


def product(slug: str) -> str:
    return f"/produk/{slug}"


def kind(key: str) -> str:
    """The list of one kind of goods."""
    return f"/jenis/{key}"


def maker(slug: str) -> str:
    return f"/umkm/{slug}"


def attraction(slug: str) -> str:
    return f"/wisata/{slug}"


def order(token: str) -> str:
    return f"/pesanan/{token}"


def seller(key: str) -> str:
    return f"/penjual/{key}"


def seller_part(part_id: int) -> str:
    return f"/penjual/pesanan/{part_id}"


def prefix(connection: sa.Connection, village_id: int) -> str:
    """What every path of a village begins with: nothing where it is the only one of the installation."""
    return "" if villages.only(connection) else f"/desa/{villages.get(connection, village_id).slug}"


def of_link(connection: sa.Connection, link: Link) -> str:
    """The path a link leads to, without language: the page of its target, or of the village when the target is gone.

    For a target outside our shop its whole address, with what its site is told about where the guest came from.
    """
    if link.target_kind == "url" and link.url and link.state != "withdrawn":
        return outside.with_utm(link.url, link.utm or {})
    return prefix(connection, link.village_id) + _of_target(connection, link)


def _of_target(connection: sa.Connection, link: Link) -> str:
    if link.state == "withdrawn":
        return LOST
    try:
        match link.target_kind:
            case "product":
                return product(products.get(connection, link.village_id, link.target_id or 0).slug)
            case "maker":
                return maker(makers.get(connection, link.village_id, link.target_id or 0).slug)
            case "attraction":
                return attraction(attractions.get(connection, link.village_id, link.target_id or 0).slug)
    except (products.UnknownProduct, makers.UnknownMaker, attractions.UnknownAttraction):
        return "/"
    return "/"
