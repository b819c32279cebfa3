"""Products: what a maker sells, at what price per unit, and how much of it there is."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storefront import legalmarks, media, searchentries, slugs, villages
from storefront.media import Photo
from storefront.problems import Problem
from storefront.tables import maker, product, product_photo

STATES = ("draft", "live", "hidden")
STOCK_STATES = ("ready", "to_order", "sold_out")
NAME_MOST, STORY_MOST, UNIT_MOST = 120, 4_000, 40
STOCK_MOST = 1_000_000
OPTIONS_MOST = 20
SHARED = ("state", "kind", "maker_id", "stock_state")  # what becomes of a product becomes of its options
SEARCHED = {"name", "kind", "story", "state", "maker_id"}  # by what it is found, and whether


class UnknownProduct(LookupError):
    """No such product in this village."""


@dataclass(frozen=True)
class Product:
    """A product; name, story and unit hold words by language; price in whole rupiah; stock None = not counted.

    `options` are sizes or flavours, of which one is bought instead of the product: products of their own with their own price and stock,
    with `option` as the words for what makes the difference, and otherwise named, pictured and found as the product they are `option_of`.
    """

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
    has_options: bool = False
    option_of: int | None = None
    photos: Sequence[Photo] = field(default=())
    option: Mapping[str, str] = field(default_factory=dict)
    options: Sequence["Product"] = field(default=())

    @property
    def photo(self) -> Photo | None:
        """The first photo: the one on cards and posters."""
        return self.photos[0] if self.photos else None

    @property
    def is_sold_out(self) -> bool:
        if self.has_options:
            return all(option.is_sold_out for option in self.options)
        return self.stock_state == "sold_out" or self.stock == 0

    @property
    def is_for_sale(self) -> bool:
        return self.state == "live" and not self.is_sold_out


_OWN = [name for name in Product.__dataclass_fields__ if name in product.c]
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
    searchentries.renew(connection, village_id, "product", [product_id])
    return get(connection, village_id, product_id)


def change(connection: sa.Connection, village_id: int, product_id: int, *, at: datetime, **values: Any) -> None:
    """Set columns of a product; its options go along where it goes. Raises Problem."""
    _check(values)
    if shared := {name: value for name, value in values.items() if name in SHARED}:
        options = sa.and_(product.c.village_id == village_id, product.c.option_of == product_id, product.c.state != "gone")
        connection.execute(product.update().where(options).values(changed_at=at, **shared))
    connection.execute(
        product.update().where(product.c.village_id == village_id, product.c.id == product_id).values(changed_at=at, **values)
    )
    villages.touch(connection, village_id)
    if SEARCHED & values.keys():
        searchentries.renew(connection, village_id, "product", [product_id])


@dataclass(frozen=True)
class Choice:
    """An option as it was typed: what makes the difference by language, its price, its stock (None = not counted)."""

    name: Mapping[str, str]
    price_idr: int
    stock: int | None = None
    is_sold_out: bool = False


def set_options(connection: sa.Connection, village_id: int, product_id: int, wanted: Sequence[Choice], *, at: datetime) -> None:
    """Let a product be bought in these options, in this order; those of the same name stay the same. Raises Problem.

    The product's own price is then the least of theirs. What is no longer an option stays in the orders it is in.
    """
    check_options(wanted)
    base = get(connection, village_id, product_id)
    known = {option.option.get("id"): option for option in base.options}
    row: dict[str, Any] = {"village_id": village_id, "option_of": product_id, "changed_at": at, "state": base.state, "kind": base.kind}
    row |= {"maker_id": base.maker_id, "story": {}, "unit": {}, "marks": {}}
    mine = sa.and_(product.c.village_id == village_id, product.c.option_of == product_id)
    connection.execute(product.update().where(mine).values(state="gone", changed_at=at))
    for choice in wanted:
        own = {"name": dict(choice.name), "price_idr": choice.price_idr, "stock": choice.stock}
        own["stock_state"] = "sold_out" if choice.is_sold_out else "ready"
        was = known.get(choice.name.get("id"))
        if was:
            connection.execute(product.update().where(mine, product.c.id == was.id).values(**row, **own))
        else:
            connection.execute(product.insert().values(**row, **own, slug=f"{base.slug}--{secrets.token_hex(4)}", made_at=at))
    values: dict[str, Any] = {"has_options": bool(wanted)}
    if wanted:
        values |= {"price_idr": min(choice.price_idr for choice in wanted), "stock": None}
    connection.execute(product.update().where(product.c.village_id == village_id, product.c.id == product_id).values(**values))
    villages.touch(connection, village_id)


def chosen(base: Product, option_id: int | None) -> Product:
    """What is bought of a product: itself, or the option that was picked. Raises Problem when one is to be picked first."""
    if not base.has_options:
        return base
    for option in base.options:
        if option.id == option_id:
            return option
    raise Problem("cart.pick_option", field="option")


def check_options(wanted: Sequence[Choice]) -> None:
    """Raises Problem for options that cannot stand together."""
    if len(wanted) > OPTIONS_MOST:
        raise Problem("product.many_options", field="options", most=OPTIONS_MOST)
    if len({choice.name.get("id") for choice in wanted}) < len(wanted):
        raise Problem("product.option_twice", field="options")
    for choice in wanted:
        _check({"name": choice.name, "price_idr": choice.price_idr, "stock": choice.stock})


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
    return _one(connection, village_id, sa.and_(product.c.slug == slug, product.c.option_of.is_(None)))


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
    query = _query(village_id).where(product.c.state.in_(states), product.c.option_of.is_(None))
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
    """The products of these rows, whole: with photos, a product with its options, an option as the product it belongs to is seen."""
    bare = _pictured(connection, village_id, rows)
    above = [found.option_of for found in bare if found.option_of]
    of_base = {found.id: found for found in _read(connection, village_id, product.c.id.in_(above))} if above else {}
    own = [found.id for found in bare if found.has_options]
    options: dict[int, list[Product]] = {}
    for option in _read(connection, village_id, product.c.option_of.in_(own), product.c.state != "gone") if own else []:
        options.setdefault(option.option_of or 0, []).append(option)
    whole = []
    for found in bare:
        if found.option_of:
            whole.append(_as_seen(found, of_base[found.option_of]))
        elif found.has_options:
            whole.append(replace(found, options=tuple(_as_seen(option, found) for option in options.get(found.id, ()))))
        else:
            whole.append(found)
    return whole


def _as_seen(option: Product, base: Product) -> Product:
    words = {code: f"{name}, {option.name.get(code) or option.name.get('id', '')}" for code, name in base.name.items()}
    return replace(option, option=option.name, name=words, slug=base.slug, unit=option.unit, photos=base.photos)


def _read(connection: sa.Connection, village_id: int, *conditions: sa.ColumnElement[bool]) -> list[Product]:
    rows = connection.execute(_query(village_id).where(*conditions).order_by(product.c.id)).all()
    return _pictured(connection, village_id, rows)


def _pictured(connection: sa.Connection, village_id: int, rows: Any) -> list[Product]:
    ids = [row.id for row in rows if not row.option_of]
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
    for mark, number in values.get("marks", {}).items():
        legalmarks.read(mark, number)
    if values.get("stock") is not None and not 0 <= values["stock"] <= STOCK_MOST:
        raise Problem("product.stock_wrong", field="stock", most=STOCK_MOST)
