"""Whatever is sent, by whoever, to whichever address: a sentence comes back, never an error of ours, and nothing of another village."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import making
import pytest
from desk_hands import Hands
from fastapi.routing import APIRoute, APIRouter
from starlette.testclient import TestClient

from storefront import areas, database, desk, keys, makers, pages, products
from storefront.products import Choice

TEMPLATES = Path(desk.__file__).parent.parent / "templates"
FIELDS = sorted({name for file in TEMPLATES.rglob("*.html") for name in re.findall(r'name="([a-z_.]+)"', file.read_text(encoding="utf-8"))})
HOSTILE = {
    "nothing": "",
    "nul": "a\x00b",
    "beyond 64 bits": "9" * 30,
    "a number too long to be read": "9" * 4_500,  # Python works out none of more than 4,300 digits
    "below zero": "-1",
    "no number": "NaN",
    "markup": "<svg/onload=alert(1)>{{7*7}}%s%(x)s",
    "half a letter": "\udcff",
    "a long text": "x" * 5_000,
    "other digits": "١٢٣",
    "a way up": "../../../etc/passwd",
    "quotes": "'\"; DROP TABLE village; --",
}


def routes(router: APIRouter) -> Iterator[tuple[str, str]]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in sorted(route.methods or ()))
        else:
            yield from routes(route.original_router)


EVERY = sorted({*routes(pages.router), *routes(desk.router)})
ASKED = ("q", "jenis", "foto", "baru", "keadaan", "sebelum", "kabar", "ke", "produk", "dari", "poster", "motif", "bulan", "hari")
IN_ADDRESSES = ("nul", "beyond 64 bits", "a number too long to be read", "below zero", "half a letter", "a way up", "quotes")
LEFT_OUT = {"/desk/keluar", "/desk/akun/instagram"}  # whoever leaves sees nothing after; the other looks at Instagram itself


@pytest.fixture
def real(hands: Hands) -> dict[str, str]:
    """What stands in an address for a row that is there."""
    with database.writing(hands.engine) as connection:
        village, product = hands.village_id, hands.product
        products.set_options(connection, village, product.id, [Choice({"id": "Besar"}, 20_000)], at=making.NOW)
        option = products.get(connection, village, product.id).options[0]
        areas.replace(connection, village, [("Dusun Krajan", 5_000)])
        order = making.order(connection, village, {option.id: 1}, delivery="send", address="Jalan Melati 5, Surabaya")
        key = keys.sign(makers.get(connection, village, product.maker_id), "s" * 40, at=making.NOW)
        rows = {"link_id": making.link(connection, village).id, "attraction_id": making.attraction(connection, village).id}
        rows |= {"account_id": making.account(connection, village).id, "post_id": making.post(connection, village).id}
    ids = {"product_id": product.id, "maker_id": product.maker_id, "order_id": order.id, "part_id": order.parts[0].id, "staff_id": 1}
    return {name: str(number) for name, number in (ids | rows).items()} | {"slug": product.slug, "token": order.token, "key": key}


def filled(path: str, real: dict[str, str], other: str = "1") -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: real.get(found[1], other), path)


def quoted(text: str) -> str:
    """Every byte of a text as an address or a form carries it, those of no letter too."""
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogateescape"))


def ask(browser: TestClient, method: str, path: str, text: str) -> int:
    """The status of an answer to this text in every field there is: of a form, or of what may stand behind a page's address."""
    if method != "POST":
        return browser.request(method, f"{path}?" + "&".join(f"{name}={quoted(text[:500])}" for name in ASKED)).status_code
    body = "&".join(f"{name}={quoted(text)}" for name in FIELDS)
    return browser.post(path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code


@pytest.fixture
def browser(hands: Hands) -> TestClient:
    """The clerk's browser, to which an error of ours is a page as to any other."""
    return TestClient(hands.browser.app, raise_server_exceptions=False, follow_redirects=False, cookies=hands.browser.cookies)


TURNS = making.rounds(1, len(HOSTILE))  # in one turn every address gets one of the texts, in all of them each


def turned(number: int, turn: int, kinds: Sequence[str]) -> str:
    return kinds[(number + turn) % len(kinds)]


@pytest.mark.parametrize("turn", range(TURNS))
def test_no_text_in_any_field_is_an_error_of_ours(browser: TestClient, real: dict[str, str], turn: int) -> None:
    wrong = {}
    for number, (method, path) in enumerate(EVERY):
        kind = turned(number, turn, list(HOSTILE))
        status = ask(browser, method, filled(path, real), HOSTILE[kind]) if path not in LEFT_OUT else 0
        if status >= 500:
            wrong[f"{method} {path}: {kind}"] = status
    assert wrong == {}


@pytest.mark.parametrize("turn", range(TURNS))
def test_no_text_in_any_address_is_an_error_of_ours(browser: TestClient, real: dict[str, str], turn: int) -> None:
    wrong = {}
    places = [(method, path, name) for method, path in EVERY for name in re.findall(r"\{(\w+)", path)]
    for number, (method, path, name) in enumerate(places):
        kind = turned(number, turn, IN_ADDRESSES)
        there = filled(path, {**real, name: quoted(HOSTILE[kind])})
        status = browser.request(method, there, data={"keadaan": "confirmed"} if method == "POST" else None).status_code
        if status >= 500:
            wrong[f"{method} {path} {name}: {kind}"] = status
    assert wrong == {}
