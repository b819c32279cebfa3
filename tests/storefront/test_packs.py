"""Month packs: evenly spread, fair over makers, no two neighbours alike, no two captions the same, and all of it still drafts."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import making
import pytest
import sqlalchemy as sa
from making import NOW

from promo import posters
from storefront import database, drafts, packs, products, subjects, villages
from storefront.media import Store
from storefront.packs import Proposal
from storefront.villages import Village

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)


class Goods:
    """A village with three makers, of whom the first has most of the goods, a place to go and a maker with a story."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        self.engine, self.store = engine, Store(folder)
        with database.writing(engine) as connection:
            village_id = making.village(connection)
            photo = making.photo(connection, self.store, village_id)
            self.makers = [making.maker(connection, village_id, name=name) for name in ("Sri", "Ratih", "Karso")]
            self.products = [
                making.product(connection, village_id, self.makers[owner], name=f"Barang {number}", photo_ids=[photo.id])
                for number, owner in enumerate([0, 0, 0, 0, 0, 1, 1, 2])
            ]
            making.product(connection, village_id, self.makers[2], name="Habis", photo_ids=[photo.id], stock_state="sold_out")
            making.maker(connection, village_id, name="Bu Tutur", story={"id": "Menenun sejak kecil."}, photo_id=photo.id)
            making.attraction(connection, village_id, photo_id=photo.id)
            self.village: Village = villages.get(connection, village_id)

    def propose(self, count: int = 12, **given: object) -> list[Proposal]:
        with database.reading(self.engine) as connection:
            wanted: dict[str, object] = {"first": FIRST, "last": LAST, "count": count, "public_url": "https://a.id", "at": NOW, **given}
            return packs.propose(connection, self.village, **wanted)  # type: ignore[arg-type]


@pytest.fixture
def goods(engine: sa.Engine, tmp_path: Path) -> Goods:
    return Goods(engine, tmp_path / "media")


@pytest.mark.parametrize("count", [1, 4, 12, 31])
def test_a_month_is_filled_evenly_with_posts_that_differ_from_their_neighbours(goods: Goods, count: int) -> None:
    found = goods.propose(count)
    assert len(found) == count
    assert all(FIRST <= one.day <= LAST for one in found)
    gaps = [(other.day - one.day).days for one, other in pairwise(found)]
    assert not gaps or max(gaps) - min(gaps) <= 1
    assert all(one.poster != other.poster and one.words != other.words for one, other in pairwise(found))
    assert all(one.style != other.style for one, other in pairwise(found) if one.about.kind == other.about.kind)
    assert len({one.words for one in found}) == count
    assert all(one.words.count("{link}") == 1 and posters.wants(one.poster) == (0, 0) for one in found)


def test_makers_take_turns_and_places_and_stories_come_in_between(goods: Goods) -> None:
    found = goods.propose(12)
    assert [one.about.kind for one in found].count("product") == 9
    assert {one.about.kind for one in found} == {"product", "attraction", "maker"}
    turns = [one.about.maker for one in found if one.about.kind == "product"]
    assert set(turns[:3]) == {"Sri", "Ratih", "Karso"}
    assert turns[3:5] == turns[:2]
    assert max(Counter(one.about.key for one in found).values()) <= 2
    assert "Habis" not in {one.about.name.get("id") for one in found}


def test_who_had_posts_already_waits(goods: Goods) -> None:
    with database.writing(goods.engine) as connection:
        for product in (goods.products[0], goods.products[1], goods.products[7]):
            making.post(connection, goods.village.id, subject_id=product.id)
        first = packs.fair(connection, goods.village, 4)
    assert first[0].maker == "Ratih"
    assert [one.id for one in first if one.maker == "Sri"] == [goods.products[2].id]


def test_chosen_things_come_in_turn_and_nothing_else(goods: Goods) -> None:
    things = [subjects.of_product(goods.products[number]) for number in (3, 6)]
    found = goods.propose(7, things=things)
    assert [one.about.id for one in found] == [goods.products[3].id, goods.products[6].id] * 3 + [goods.products[3].id]


def test_no_proposal_lies_in_the_past_and_a_month_that_is_over_has_none(goods: Goods) -> None:
    november = goods.propose(20, first=date(2026, 11, 1), last=date(2026, 11, 30))
    assert [one.day for one in november] == [date(2026, 11, 24) + timedelta(days=number) for number in range(7)]
    assert goods.propose(5, first=date(2026, 10, 1), last=date(2026, 10, 31)) == []


def test_a_village_without_goods_gets_none(goods: Goods) -> None:
    with database.writing(goods.engine) as connection:
        village = villages.get(connection, making.village(connection, name="Sumberejo"))
        assert packs.propose(connection, village, first=FIRST, last=LAST, count=5, public_url="https://a.id", at=NOW) == []


def test_occasional_looks_are_kept_for_their_occasion(goods: Goods) -> None:
    seen = {(one.about.kind, one.poster) for one in goods.propose(31)}
    assert ("maker", "pembuat") in seen
    assert not {"acara", "hari-raya", "kata-tamu", "segera-habis", "baru"} & {poster for _, poster in seen}
    with database.writing(goods.engine) as connection:
        products.change(connection, goods.village.id, goods.products[7].id, stock=2, at=NOW)
        few = subjects.of_product(products.get(connection, goods.village.id, goods.products[7].id))
    assert "segera-habis" in {one.poster for one in goods.propose(4, things=[few])}


def test_proposals_are_kept_as_drafts_in_the_order_they_go_out(goods: Goods) -> None:
    found = goods.propose(6)
    with database.writing(goods.engine) as connection:
        on = [making.account(connection, goods.village.id)]
        packs.keep(connection, goods.village, reversed(found), pack="2026-12", on=on, made_by="wati", at=NOW)
        making_own = drafts.keep(
            connection, village_id=goods.village.id, draft_id=None, title="Lain", form={}, due_at=None, at=NOW, made_by="wati"
        )
        kept = drafts.listed(connection, goods.village.id, pack="2026-12")
        everything = drafts.listed(connection, goods.village.id)
    assert [one.form["caption"] for one in kept] == [[one.words] for one in found]
    assert [goods.village.local(one.due_at).date() for one in kept if one.due_at] == [one.day for one in found]
    assert everything[-1].id == making_own
    assert kept[0].form["account"] == [str(on[0].id)]


def test_another_month_does_not_read_like_the_drafts_of_this_one(goods: Goods) -> None:
    found = goods.propose(8)
    with database.writing(goods.engine) as connection:
        packs.keep(connection, goods.village, found, pack="2026-12", on=[], made_by=None, at=NOW)
    again = goods.propose(8)
    assert not {one.words for one in found} & {one.words for one in again}


def test_a_draft_is_bounded_and_of_its_own_village(goods: Goods) -> None:
    with database.writing(goods.engine) as connection:
        other = making.village(connection, name="Sumberejo")
        form = {f"feld {number}": ["x" * 90_000] * 90 for number in range(100)}
        row = {"title": "A", "form": form, "due_at": None, "at": NOW, "made_by": None}
        number = drafts.keep(connection, village_id=goods.village.id, draft_id=None, **row)
        taken_over = drafts.keep(connection, village_id=other, draft_id=number, **row)
        kept = drafts.get(connection, goods.village.id, number)
        assert taken_over != number
        assert len(kept.form) == drafts.MOST_FIELDS
        assert all(len(values) == drafts.MOST_VALUES and len(values[0]) == drafts.MOST_LENGTH for values in kept.form.values())
        drafts.drop(connection, other, number)
        assert drafts.get(connection, goods.village.id, number) == kept
        drafts.drop(connection, goods.village.id, number)
        with pytest.raises(drafts.UnknownDraft):
            drafts.get(connection, goods.village.id, number)
