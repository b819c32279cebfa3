"""The law of the desk, walked over its whole route table: nobody without a session, nobody into another village."""

import re
from collections.abc import Iterator

import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands
from fastapi.routing import APIRoute, APIRouter

from campaigns import campaigns, links
from promo import accounts
from storefront import database, desk, reportshares

OPEN = {"/desk/masuk"}  # the sign-in itself


def routes(router: APIRouter = desk.router) -> Iterator[tuple[str, str]]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in sorted(route.methods or ()))
        else:
            yield from routes(route.original_router)


ALL = sorted(routes())
OF_A_NOUN = [(method, path) for method, path in ALL if re.search(r"\{\w+_id\}", path)]


def test_the_desk_has_routes() -> None:
    assert len(ALL) > 35
    assert len(OF_A_NOUN) > 15


def test_every_route_leads_to_the_sign_in_without_a_session(hands: Hands) -> None:
    hands.browser.cookies.clear()
    filled = [(method, re.sub(r"\{\w+\}", "1", path)) for method, path in ALL if path not in OPEN]
    answers = {f"{method} {path}": hands.browser.request(method, path) for method, path in filled}
    strays = {name: answer.status_code for name, answer in answers.items() if answer.status_code != 303}
    assert strays == {}
    assert all(answer.headers["location"].startswith("/desk/masuk?ke=") for answer in answers.values())


def test_a_made_up_cookie_opens_nothing(hands: Hands) -> None:
    hands.browser.cookies.set("gapura_desk", "A" * 43)
    assert hands.get("/desk/produk").status_code == 303


@pytest.fixture
def strangers(hands: Hands) -> dict[str, int]:
    """The ids of another village's nouns, by the name they have in a path."""
    with database.writing(hands.engine) as connection:
        village_id = making.village(connection, name="Sumberejo")
        maker_id = making.maker(connection, village_id)
        product = making.product(connection, village_id, maker_id, name="Rahasia tetangga")
        order = making.order(connection, village_id, {product.id: 1})
        account = accounts_of(connection, village_id)
        post = making.post(connection, village_id, title="Rahasia tetangga")
        sign = making.link(connection, village_id, title="Rahasia tetangga")
        spot = making.attraction(connection, village_id, name="Rahasia tetangga")
        somebody = making.member(connection, village_id, login="tetangga")
        day, name = making.NOW.date(), "Rahasia tetangga"
        group = campaigns.create(connection, village_id=village_id, name=name, since=day, until=day, at=making.NOW)
        share = reportshares.open_for(connection, village_id, name, by="tetangga", at=making.NOW)
    ids = {"maker_id": maker_id, "product_id": product.id, "order_id": order.id, "part_id": order.parts[0].id, "account_id": account}
    ids |= {"campaign_id": group.id, "share_id": share.id}
    return ids | {"post_id": post.id, "target_id": 1, "link_id": sign.id, "attraction_id": spot.id, "staff_id": somebody.id}


def accounts_of(connection: sa.Connection, village_id: int) -> int:
    return making.account(connection, village_id).id


def test_another_villages_nouns_are_not_there_for_us(hands: Hands, strangers: dict[str, int]) -> None:
    leaks = {}
    with database.writing(hands.engine) as connection:
        head = making.member(connection, hands.village_id, login="kades", role="head")
    for method, path in OF_A_NOUN:
        filled = re.sub(r"\{(\w+)\}", lambda found: str(strangers.get(found[1], "svg")), path)
        said = {"keadaan": "confirmed", "stok": "sold_out"} if method == "POST" else None
        answer = hands.browser.request(method, filled, data=said)
        if answer.status_code == 403:  # refused before anything was looked for; whose right it is may look no further either
            hands.sign_in(head)
            answer = hands.browser.request(method, filled, data=said)
            hands.sign_in(hands.who)
        if answer.status_code != 404 or "Rahasia tetangga" in answer.text:
            leaks[f"{method} {filled}"] = answer.status_code
    assert leaks == {}
    for path in ("/desk/unggahan/baru?produk={}", "/desk/unggahan/pratinjau.jpg?poster=foto-penuh&produk={}"):
        assert hands.get(path.format(strangers["product_id"])).status_code == 404


def test_nothing_of_another_village_has_changed_or_is_listed(hands: Hands, strangers: dict[str, int]) -> None:
    for method, path in OF_A_NOUN:
        if method == "POST":
            filled = re.sub(r"\{(\w+)\}", lambda found: str(strangers.get(found[1], "svg")), path)
            hands.browser.post(filled, data={"keadaan": "hidden", "stok": "sold_out", "name_id": "Diubah"})
    for path in (
        "/desk",
        "/desk/produk",
        "/desk/pesanan",
        "/desk/unggahan",
        "/desk/papan",
        "/desk/akun",
        "/desk/umkm",
        "/desk/laporan",
        "/desk/laporan/bulan",
        "/desk/laporan/banding",
        "/desk/laporan/bagikan",
        "/desk/tautan",
        "/desk/kampanye",
        "/desk/wisata",
    ):
        assert "Rahasia tetangga" not in hands.get(path).text
    with database.reading(hands.engine) as connection:
        theirs = links.follow(connection, links.listed(connection, 2)[0].code)
        assert theirs.state == "open"
        assert [account.state for account in accounts.listed(connection, theirs.village_id)] == ["open"]


def test_a_foreign_photo_cannot_be_put_on_our_product(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        theirs = making.photo(connection, hands.store, making.village(connection, name="Sumberejo"), colour="#123456")
    hands.post(
        f"/desk/produk/{hands.product.id}",
        name_id="Keripik",
        price="15000",
        maker=hands.product.maker_id,
        kind="snack",
        stock_state="ready",
        state="live",
        photo=theirs.id,
    )
    assert theirs.sha256 not in hands.get(f"/desk/produk/{hands.product.id}").text


GOOD = {"name_id": "Sirup apel", "price": "20rb", "kind": "drink", "stock_state": "ready", "state": "live"}
RIGHTS = {
    "head": {"allowed": ["/desk/laporan", "/desk/produk", "/desk/unggahan/baru"], "refused": ["/desk/produk/baru", "/desk/papan/baru"]},
    "contributor": {"allowed": ["/desk/produk/baru", "/desk/laporan"], "refused": ["/desk/papan/baru", "/desk/akun/baru/practice"]},
}


@pytest.mark.parametrize("role", RIGHTS)
def test_each_role_sees_what_it_may_and_a_sentence_where_it_may_not(hands: Hands, role: str) -> None:
    hands.as_member(login=role, role=role)
    assert [hands.get(path).status_code for path in RIGHTS[role]["allowed"]] == [200] * len(RIGHTS[role]["allowed"])
    for path in RIGHTS[role]["refused"]:
        answer = hands.get(path)
        assert answer.status_code == 403
        assert "Minta operator desa" in answer.text


def test_a_contributor_drafts_a_product_and_cannot_put_it_on_show(hands: Hands) -> None:
    hands.as_member(login="rangga", role="contributor")
    made = hands.post(
        "/desk/produk", name_id="Sirup apel", price="20rb", maker=hands.product.maker_id, kind="drink", stock_state="ready", state="live"
    )
    assert made.status_code == 303
    page = hands.get(made.headers["location"]).text
    assert "Disimpan sebagai konsep" in page
    assert hands.post(f"/desk/produk/{hands.product.id}", name_id="Diubah").status_code == 403
    assert hands.post(f"/desk/produk/{hands.product.id}/stok", stok="sold_out").status_code == 403
    assert hands.post("/desk/unggahan", produk=hands.product.id).status_code == 403
