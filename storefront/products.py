"""Products: what a maker sells, at what price per unit, and how much of it there is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storefront import media, slugs, villages
from storefront.media import Photo
from storefront.problems import Problem
from storefront.tables import maker, product, product_photo

STATES = ("draft", "live", "hidden")
STOCK_STATES = ("ready", "to_order", "sold_out")
NAME_MOST, STORY_MOST, UNIT_MOST = 120, 4_000, 40
STOCK_MOST = 1_000_000


class UnknownProduct(LookupError):
    """No such product in this village."""


@dataclass(frozen=True)
class Product:
    """A product; name, story and unit hold words by language; price in whole rupiah; stock None = not counted."""

    id: int
    village_id: int
    maker_id: int
    slug: str
    kind: str
    name: Mapping[str, str]
    story: Mapping[str, str]
    unit: Mapping[str, str]
    price_idr: int
    stock: int | None
    stock_state: str
    marks: Mapping[str, str]
    state: str
    maker_name: str
    maker_slug: str
    photos: Sequence[Photo] = field(default=())

    @property
    def photo(self) -> Photo | None:
        """The first photo: the one on cards and posters."""
        return self.photos[0] if self.photos else None

    @property
    def is_sold_out(self) -> bool:
        return self.stock_state == "sold_out" or self.stock == 0

    @property
    def is_for_sale(self) -> bool:
        return self.state == "live" and not self.is_sold_out


_OWN = [name for name in Product.__dataclass_fields__ if name not in ("maker_name", "maker_slug", "photos")]
_COLUMNS = [*(product.c[name] for name in _OWN), maker.c.name.label("maker_name"), maker.c.slug.label("maker_slug")]


def create(
    connection: sa.Connection,
    *,
    village_id: int,
    maker_id: int,
    name: Mapping[str, str],
    kind: str,
    price_idr: int,
    at: datetime,
    **more: Any,
) -> Product:
    """A new product; `more` may set story, unit, stock, stock_state, marks, state (draft unless said) and photo_ids. Raises Problem."""
    photo_ids = more.pop("photo_ids", [])
    row: dict[str, Any] = {"story": {}, "unit": {}, "stock": None, "stock_state": "ready", "marks": {}, "state": "draft", **more}
    row |= {"name": dict(name), "kind": kind, "price_idr": price_idr, "maker_id": maker_id}
    _check(row)

    def taken(tried: str) -> bool:
        return (
            connection.execute(sa.select(product.c.id).where(product.c.village_id == village_id, product.c.slug == tried)).first()
            is not None
        )

    row.setdefault("slug", slugs.free(name.get("id") or next(iter(name.values())), taken))
    query = product.insert().values(village_id=village_id, made_at=at, changed_at=at, **row)
    product_id = connection.execute(query.returning(product.c.id)).scalar_one()
    set_photos(connection, village_id, product_id, photo_ids)
    return get(connection, village_id, product_id)


def change(connection: sa.Connection, village_id: int, product_id: int, *, at: datetime, **values: Any) -> None:
    """Set columns of a product. Raises Problem."""
    _check(values)
    connection.execute(
        product.update().where(product.c.village_id == village_id, product.c.id == product_id).values(changed_at=at, **values)
    )
    villages.touch(connection, village_id)


def set_photos(connection: sa.Connection, village_id: int, product_id: int, photo_ids: Iterable[int]) -> None:
    """Give a product these photos of its village, in this order, instead of those it has."""
    known = media.by_id(connection, village_id, list(photo_ids))
    connection.execute(product_photo.delete().where(product_photo.c.product_id == product_id))
    rows = [{"product_id": product_id, "position": place, "photo_id": number} for place, number in enumerate(photo_ids) if number in known]
    if rows:
        connection.execute(product_photo.insert(), rows)
    villages.touch(connection, village_id)


def get(connection: sa.Connection, village_id: int, product_id: int) -> Product:
    return _one(connection, village_id, product.c.id == product_id)


def by_slug(connection: sa.Connection, village_id: int, slug: str) -> Product:
    return _one(connection, village_id, product.c.slug == slug)


def by_id(connection: sa.Connection, village_id: int, ids: Iterable[int]) -> dict[int, Product]:
    """{id: product} for those ids that are products of this village, whatever their state."""
    rows = connection.execute(_query(village_id).where(product.c.id.in_(list(ids)))).all()
    return {found.id: found for found in _with_photos(connection, village_id, rows)}


def listed(
    connection: sa.Connection,
    village_id: int,
    *,
    maker_id: int | None = None,
    kind: str | None = None,
    states: Sequence[str] = ("live",),
    limit: int | None = None,
    offset: int = 0,
) -> list[Product]:
    """Products of a village: what can be bought first, then by name of maker and product."""
    query = _query(village_id).where(product.c.state.in_(states))
    if maker_id is not None:
        query = query.where(product.c.maker_id == maker_id)
    if kind is not None:
        query = query.where(product.c.kind == kind)
    is_gone = sa.case((sa.or_(product.c.stock_state == "sold_out", product.c.stock == 0), 1), else_=0)
    rows = connection.execute(query.order_by(is_gone, product.c.id).limit(limit).offset(offset)).all()
    return _with_photos(connection, village_id, rows)


def kinds(connection: sa.Connection, village_id: int) -> list[str]:
    """The kinds of goods that this village has on show."""
    query = sa.select(product.c.kind).where(product.c.village_id == village_id, product.c.state == "live").distinct()
    return sorted(connection.execute(query).scalars())


def hold(connection: sa.Connection, village_id: int, ids: Iterable[int]) -> None:
    """Keep others from changing these products until the transaction ends; by id, so that no two wait for each other."""
    query = sa.select(product.c.id).where(product.c.village_id == village_id, product.c.id.in_(list(ids)))
    connection.execute(query.order_by(product.c.id).with_for_update()).all()


def take(connection: sa.Connection, village_id: int, product_id: int, quantity: int) -> bool:
    """Take pieces out of the stock; False when there are fewer, or it is sold out. Never below zero, whoever else orders now."""
    enough = sa.or_(product.c.stock.is_(None), product.c.stock >= quantity)
    for_sale = sa.and_(product.c.state == "live", product.c.stock_state != "sold_out", enough)
    query = product.update().where(product.c.village_id == village_id, product.c.id == product_id, for_sale)
    is_taken = connection.execute(query.values(stock=product.c.stock - quantity)).rowcount == 1
    if is_taken:
        villages.touch(connection, village_id)
    return is_taken


def give_back(connection: sa.Connection, village_id: int, product_id: int, quantity: int) -> None:
    """Put pieces back that were taken for an order that is cancelled."""
    query = product.update().where(product.c.village_id == village_id, product.c.id == product_id, product.c.stock.is_not(None))
    connection.execute(query.values(stock=product.c.stock + quantity))
    villages.touch(connection, village_id)


def _query(village_id: int) -> sa.Select[Any]:
    return sa.select(*_COLUMNS).join(maker, maker.c.id == product.c.maker_id).where(product.c.village_id == village_id)


def _one(connection: sa.Connection, village_id: int, condition: sa.ColumnElement[bool]) -> Product:
    rows = connection.execute(_query(village_id).where(condition)).all()
    if not rows:
        raise UnknownProduct
    return _with_photos(connection, village_id, rows)[0]


def _with_photos(connection: sa.Connection, village_id: int, rows: Any) -> list[Product]:
    ids = [row.id for row in rows]
    order = (
        sa.select(product_photo).where(product_photo.c.product_id.in_(ids)).order_by(product_photo.c.product_id, product_photo.c.position)
    )
    links = connection.execute(order).all() if ids else []
    photos = media.by_id(connection, village_id, (link.photo_id for link in links))
    of: dict[int, list[Photo]] = {}
    for link in links:
        if link.photo_id in photos:
            of.setdefault(link.product_id, []).append(photos[link.photo_id])
    return [Product(**row._mapping, photos=tuple(of.get(row.id, ()))) for row in rows]


def _check(values: Mapping[str, Any]) -> None:
    if "name" in values and not any(text.strip() for text in values["name"].values()):
        raise Problem("product.no_name", field="name")
    for column, most in (("name", NAME_MOST), ("story", STORY_MOST), ("unit", UNIT_MOST)):
        if any(len(text) > most for text in values.get(column, {}).values()):
            raise Problem("form.too_long", field=column, most=most)
    if "price_idr" in values and values["price_idr"] <= 0:
        raise Problem("price.zero", field="price")
    if values.get("stock") is not None and not 0 <= values["stock"] <= STOCK_MOST:
        raise Problem("product.stock_wrong", field="stock", most=STOCK_MOST)
