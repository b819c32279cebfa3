"""What a village has to show, kept in memory: read once, never older than its revision, and drawn anew only where something changed."""

import asyncio
from dataclasses import dataclass

import making
import pytest
import sqlalchemy as sa
from markupsafe import Markup

from storefront import attractions, database, makers, products, villages, web
from storefront.revisions import Standing
from storefront.shelves import Shelf, Shelves


@dataclass(frozen=True)
class Goods:
    """A village with crisps of Bu Sri and a bag of Pak Joko, and its shelves."""

    engine: sa.Engine
    shelves: Shelves
    village: int
    crisps: int
    bag: int

    def read(self) -> Shelf:
        with database.reading(self.engine) as connection:
            return self.shelves.fill(connection, self.village)

    def draw(self) -> None:
        shelf = self.read()
        for product in shelf.goods:
            shelf.drawn["", product.id, "h3"] = (Markup("drawn"), {})

    def drawn(self) -> set[int]:
        return {key[1] for key in self.read().drawn}


@pytest.fixture
def goods(engine: sa.Engine) -> Goods:
    with database.writing(engine) as connection:
        village = making.village(connection)
        sri, joko = making.maker(connection, village), making.maker(connection, village, name="Pak Joko", whatsapp="081233334444")
        crisps = making.product(connection, village, sri, stock=5)
        bag = making.product(connection, village, joko, name="Tas bambu", kind="weaving")
        making.attraction(connection, village)
    return Goods(engine, Shelves(engine), village, crisps.id, bag.id)


def test_a_shelf_holds_what_the_nouns_say_and_refuses_what_is_not_on_show(goods: Goods) -> None:
    with database.writing(goods.engine) as connection:
        products.change(connection, goods.village, goods.bag, at=making.NOW, state="hidden")
        joko = makers.by_slug(connection, goods.village, "pak-joko")
        makers.change(connection, goods.village, joko.id, consent_at=None)
    shelf = goods.read()
    assert [product.id for product in shelf.goods] == [goods.crisps]
    assert shelf.kinds == ["snack"]
    assert shelf.product("keripik-apel").id == goods.crisps
    assert shelf.maker("bu-sri").name == "Bu Sri"
    assert shelf.attraction("air-terjun").slug == "air-terjun"
    with pytest.raises(products.UnknownProduct):
        shelf.product("tas-bambu")
    with pytest.raises(makers.UnknownMaker):
        shelf.maker("pak-joko")
    with pytest.raises(attractions.UnknownAttraction):
        shelf.attraction("bukit")


def test_an_order_has_only_the_card_of_what_was_ordered_drawn_anew(goods: Goods) -> None:
    goods.draw()
    assert goods.drawn() == {goods.crisps, goods.bag}
    with database.writing(goods.engine) as connection:
        assert products.take(connection, goods.village, goods.crisps, 2)
    assert goods.drawn() == {goods.bag}


def test_a_maker_who_takes_her_consent_back_is_on_no_card_that_was_drawn(goods: Goods) -> None:
    goods.draw()
    with database.writing(goods.engine) as connection:
        makers.change(connection, goods.village, makers.by_slug(connection, goods.village, "pak-joko").id, consent_at=None)
    assert goods.drawn() == {goods.crisps}


def test_what_changed_since_is_read_anew_and_what_did_not_is_not(goods: Goods) -> None:
    async def both() -> tuple[Shelf, Shelf, Shelf]:
        with database.reading(goods.engine) as connection:
            revision = villages.get(connection, goods.village).revision
        standing = Standing(goods.village, "Asia/Jakarta", revision)
        first, again = await goods.shelves.of(standing), await goods.shelves.of(standing)
        with database.writing(goods.engine) as connection:
            products.change(connection, goods.village, goods.bag, at=making.NOW, price_idr=99_000)
        return first, again, await goods.shelves.of(Standing(goods.village, "Asia/Jakarta", revision + 1))

    first, again, later = making.awaited(both())
    assert first is again
    assert (first.product("tas-bambu").price_idr, later.product("tas-bambu").price_idr) == (15_000, 99_000)


def test_of_many_who_ask_at_once_one_reads(goods: Goods) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.extend([statement] if "FROM product " in statement else [])

    sa.event.listen(goods.engine, "before_cursor_execute", note)

    async def many() -> list[Shelf]:
        return await asyncio.gather(*(goods.shelves.of(Standing(goods.village, "Asia/Jakarta", -1)) for _ in range(20)))

    shelves = making.awaited(many())
    assert len({id(shelf) for shelf in shelves}) == 1
    assert len(asked) == 1


def test_a_browser_is_told_to_run_nothing_but_what_we_wrote_down() -> None:
    inline = web.Inline()
    drawn = inline.style(Markup("p{margin:0}")) + inline.script(Markup("go()"))
    policy = inline.policy(f"<p><script>evil()</script></p>{drawn}")
    script = policy.partition("script-src")[2].partition(";")[0]
    assert drawn == "<style>p{margin:0}</style><script>go()</script>"
    assert script.count("sha256-") == 1
    assert "connect-src 'self'" in policy
