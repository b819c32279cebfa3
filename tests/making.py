"""The one cast of the tests: a village and who lives in it. Each maker of rows has sensible defaults and takes what a test is about."""

import asyncio
import functools
import io
import os
import secrets
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from PIL import Image

from campaigns import links
from campaigns.clicks import Click
from promo import accounts, posts
from storefront import attractions, makers, media, orders, passwords, products, staff, tables, villages
from storefront.staff import Staff

LONG = bool(os.environ.get("GAPURA_TORTURE"))  # set by `make torture`
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday, 10.00 WIB


def village(connection: sa.Connection, *, name: str = "Wonorejo", **given: Any) -> int:
    """A village; its id."""
    place = {"district": "Bumiaji", "regency": "Kota Batu", "province": "Jawa Timur"}
    return villages.create(connection, **{"name": name, "at": NOW, **place, **given}).id


def maker(connection: sa.Connection, village_id: int, *, name: str = "Bu Sri", **given: Any) -> int:
    """A maker whom tourists may see; her id."""
    row = {"kind": "person", "whatsapp": "0812-3456-7890", "consent_at": NOW, "at": NOW}
    return makers.create(connection, village_id=village_id, name=name, **{**row, **given}).id


def product(connection: sa.Connection, village_id: int, maker_id: int, *, name: str = "Keripik apel", **given: Any) -> products.Product:
    """A live product at Rp 15.000 whose stock is not counted."""
    row = {"kind": "snack", "price_idr": 15_000, "unit": {"id": "bungkus 100 g", "en": "100 g pack"}, "state": "live", "at": NOW}
    return products.create(connection, village_id=village_id, maker_id=maker_id, name={"id": name}, **{**row, **given})


def account(connection: sa.Connection, village_id: int, *, title: str = "Akun latihan", **given: Any) -> accounts.Account:
    """An account on the practice network."""
    row = {
        "network": "practice",
        "fields": {},
        "secrets": {"token": "latihan"},
        "sealer": accounts.Sealer("a secret for the tests only"),
        "at": NOW,
    }
    return accounts.connect(connection, village_id=village_id, title=title, **{**row, **given})


def post(connection: sa.Connection, village_id: int, *, title: str = "Keripik apel", **given: Any) -> posts.Post:
    """A post with one picture that goes nowhere yet."""
    row = {"subject_kind": "product", "subject_id": 1, "caption": "Keripik apel", "poster": "full_photo", "alt": "Keripik apel di tampah"}
    row |= {"pictures": {"portrait": "0" * 64}, "language": "id", "made_by": "Sri", "at": NOW}
    return posts.create(connection, village_id=village_id, title=title, **{**row, **given})


class StillClock:
    """A clock that wakes nobody and remembers whom it should: (target, generation, when)."""

    def __init__(self) -> None:
        self.woken: list[tuple[int, int, datetime]] = []

    def at(self, connection: sa.Connection, target_id: int, generation: int, when: datetime, *, now: datetime) -> None:  # noqa: ARG002
        self.woken.append((target_id, generation, when))

    move = at

    def cancel(self, connection: sa.Connection, target_id: int, generation: int) -> None:
        """Nobody was going to be woken."""


def link(connection: sa.Connection, village_id: int, *, title: str = "Papan gerbang timur", **given: Any) -> links.Link:
    """A sign's link that leads to the village."""
    row = {"kind": "qr", "target_kind": "village", "at": NOW}
    return links.create(connection, village_id=village_id, title=title, **{**row, **given})


def click(to: links.Link, *, at: datetime = NOW, **given: Any) -> Click:
    """A person's click on a link, with a key of its own; nobody's in particular."""
    row = {"zone": "Asia/Jakarta", "kind": 0, "visitor": None, "app": 0, "device": 1, "language": "id", "key": secrets.randbits(63)}
    own = {"link_id": to.id, "village_id": to.village_id, "attraction_id": to.attraction_id, "campaign_id": to.campaign_id}
    return Click(at_ms=round(at.timestamp() * 1000), **{**row, **own, **given})


PASSWORD = "kereta senja biru"


@functools.cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)  # a fifth of a second, once for all tests


def member(connection: sa.Connection, village_id: int, *, login: str = "wati", role: str = "operator", language: str = "id") -> Staff:
    """A member of staff whose password is PASSWORD."""
    row = {"login": login, "name": login.title(), "role": role, "language": language, "password_hash": _hashed()}
    query = tables.staff.insert().values(village_id=village_id, state="open", made_at=NOW, **row)
    return staff.get(connection, connection.execute(query.returning(tables.staff.c.id)).scalar_one())


def picture(width: int = 640, height: int = 480, colour: str = "#b5651d", kind: str = "JPEG") -> bytes:
    """The bytes of a plain picture."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind)
    return file.getvalue()


def photo(connection: sa.Connection, store: media.Store, village_id: int, **given: Any) -> media.Photo:
    """A photo of the village."""
    return media.add_photo(connection, store, village_id, picture(**given), alt={"id": "Keripik di tampah"}, at=NOW)


def order(connection: sa.Connection, village_id: int, cart: dict[int, int], *, name: str = "Dewi", **given: Any) -> orders.Order:
    """An order to be picked up."""
    row = {"whatsapp": "0813-1111-2222", "delivery": "pickup", "language": "id", "form_key": secrets.token_hex(8), "at": NOW}
    return orders.place(connection, village_id=village_id, cart=cart, name=name, **{**row, **given})


def attraction(connection: sa.Connection, village_id: int, *, name: str = "Air terjun", **given: Any) -> attractions.Attraction:
    """An attraction that is open every day from seven to five; entry is free."""
    row = {"hours": {day: ["07:00", "17:00"] for day in attractions.DAYS}, "at": NOW}
    return attractions.create(connection, village_id=village_id, name={"id": name}, **{**row, **given})


def awaited(work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives, run in a thread of its own: a browser of the same test process keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


def rounds(short: int, long: int) -> int:
    """How often a loop goes round: short in `make test`, long in `make torture`."""
    return long if LONG else short
