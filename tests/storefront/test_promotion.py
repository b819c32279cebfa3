"""Making a post: link, caption, posters, media and targets, or every sentence that is needed and nothing made."""

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import making
import pytest
import sqlalchemy as sa
from making import NOW, StillClock
from PIL import Image

from campaigns import links
from promo import accounts, posts
from promo.posts import Post
from storefront import database, products, promotion, villages
from storefront.media import Store
from storefront.problems import Problems

TOMORROW = NOW + timedelta(days=1)
POSTER = promotion.looks("id")[0][0]


class Village:
    """A village with a product that has a photo, two accounts, and a clock that remembers."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        self.engine, self.store, self.clock = engine, Store(folder), StillClock()
        with database.writing(engine) as connection:
            village_id = making.village(connection, brand={"hashtags": ["#DesaWonorejo"], "colours": {"primary": "#7a1f3d"}})
            photo = making.photo(connection, self.store, village_id)
            self.product = making.product(connection, village_id, making.maker(connection, village_id), photo_ids=[photo.id])
            self.account_ids = [making.account(connection, village_id, title=title).id for title in ("Satu", "Dua")]
            self.village = villages.get(connection, village_id)

    def promote(self, **given: Any) -> Post:
        row = {"village": self.village, "product": self.product, "poster": POSTER, "language": "id", "made_by": "wati", "clock": self.clock}
        row |= {"words": "Keripik apel Rp 15.000\n{link}", "account_ids": self.account_ids, "due_at": TOMORROW, "at": NOW}
        return promotion.promote(self.engine, self.store, **{**row, "public_url": "https://wonorejo.example", **given})

    def nothing_was_made(self) -> bool:
        with database.reading(self.engine) as connection:
            made = posts.listed(connection, self.village.id) or links.listed(connection, self.village.id, kind="post")
        return not made and not self.clock.woken and not self.store.masters()[1:]


@pytest.fixture
def wonorejo(engine: sa.Engine, tmp_path: Path) -> Village:
    return Village(engine, tmp_path / "media")


def test_each_account_gets_its_own_link_in_its_own_words(wonorejo: Village) -> None:
    post = wonorejo.promote()
    with database.reading(wonorejo.engine) as connection:
        made = {link.id: link for link in links.listed(connection, wonorejo.village.id, kind="post")}
    assert len(made) == len(post.targets) == 2
    for target in post.targets:
        link = made[target.link_id]
        assert target.caption == f"Keripik apel Rp 15.000\nhttps://wonorejo.example/Q/{link.code}"
        assert target.marker == link.code
        assert (link.post_id, link.network, link.target_kind, link.target_id) == (post.id, "practice", "product", wonorejo.product.id)


def test_the_pictures_are_saved_in_every_format_and_are_what_staff_saw(wonorejo: Village) -> None:
    post = wonorejo.promote()
    sizes = {name: Image.open(BytesIO(wonorejo.store.read(sha256))).size for name, sha256 in post.pictures.items()}
    assert sizes == {"square": (1080, 1080), "portrait": (1080, 1350), "story": (1080, 1920)}
    seen = promotion.draw(wonorejo.store, wonorejo.village, wonorejo.product, POSTER, "id", "square")
    assert wonorejo.store.read(post.pictures["square"]) == seen.jpeg
    assert post.targets[0].media == [{"sha256": post.pictures["portrait"], "alt": post.alt}]


def test_the_publisher_is_woken_for_each_target_at_its_time(wonorejo: Village) -> None:
    post = wonorejo.promote()
    assert wonorejo.clock.woken == [(target.id, 0, TOMORROW) for target in post.targets]
    assert [target.state for target in post.targets] == ["scheduled", "scheduled"]


def test_the_words_for_who_cannot_see_name_the_product_and_its_price(wonorejo: Village) -> None:
    assert promotion.alt_text(wonorejo.village, wonorejo.product, "id") == (
        "Keripik apel, Keripik di tampah, Rp\u00a015.000 bungkus 100 g, Bu Sri, Wonorejo"
    )


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"words": "   "}, {"publish.no_caption"}),
        ({"words": "Tanpa tautan"}, {"post.no_link"}),
        ({"words": "x" * 2_200 + "{link}"}, {"publish.caption_too_long"}),
        ({"words": "#tag " * 31 + "{link}"}, {"publish.too_many_hashtags"}),
        ({"account_ids": []}, {"publish.no_account"}),
        ({"account_ids": [999_999]}, {"publish.no_account"}),
        ({"due_at": None}, {"post.no_time"}),
        ({"due_at": NOW - timedelta(minutes=3)}, {"post.past_time"}),
        ({"due_at": NOW + timedelta(days=400)}, {"post.too_far"}),
        ({"words": "", "account_ids": [], "due_at": None}, {"publish.no_caption", "publish.no_account", "post.no_time"}),
    ],
)
def test_what_is_wrong_is_told_at_once_and_nothing_is_made(wonorejo: Village, given: dict[str, Any], keys: set[str]) -> None:
    with pytest.raises(Problems) as told:
        wonorejo.promote(**given)
    assert {problem.key for problem in told.value.problems} == keys
    assert wonorejo.nothing_was_made()


def test_a_post_needs_a_product_that_is_on_show_and_has_a_photo(wonorejo: Village) -> None:
    hidden, bare = replace(wonorejo.product, state="draft"), replace(wonorejo.product, photos=())
    for product, key in ((bare, "post.no_photo"), (hidden, "post.not_live")):
        with pytest.raises(Problems) as told:
            wonorejo.promote(product=product)
        assert [problem.key for problem in told.value.problems] == [key]
    assert wonorejo.nothing_was_made()


def test_a_past_time_is_told_on_the_villages_own_clock(wonorejo: Village) -> None:
    with pytest.raises(Problems) as told:
        wonorejo.promote(village=replace(wonorejo.village, zone="Asia/Makassar"), due_at=datetime(2026, 11, 23, 1, 30, tzinfo=NOW.tzinfo))
    assert told.value.problems[0].facts == {"typed": "23-11-2026 09.30 WITA", "now": "23-11-2026 11.00 WITA"}


def test_an_account_that_was_removed_or_is_anothers_gets_nothing(wonorejo: Village) -> None:
    with database.writing(wonorejo.engine) as connection:
        theirs = making.account(connection, making.village(connection, name="Sumberejo"))
        accounts.remove(connection, wonorejo.village.id, wonorejo.account_ids[0])
    post = wonorejo.promote(account_ids=[*wonorejo.account_ids, theirs.id])
    assert [target.account_id for target in post.targets] == [wonorejo.account_ids[1]]


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_suggested_caption_has_price_village_hashtag_and_room_for_the_link(wonorejo: Village, language: str) -> None:
    for seed in range(4):
        words = promotion.suggest(wonorejo.village, wonorejo.product, "hangat", language, seed=seed)
        assert words.count("{link}") == 1
        for text in ("Rp\u00a015.000", "Wonorejo", "#DesaWonorejo"):
            assert text in words


def test_a_village_without_hashtags_of_its_own_goes_by_its_name(wonorejo: Village) -> None:
    assert "#DesaWonorejo" in promotion.suggest(replace(wonorejo.village, brand={}), wonorejo.product, "polos", "id")


def test_the_brands_colours_reach_the_poster(wonorejo: Village) -> None:
    assert promotion.brand(wonorejo.village).primary == "#7a1f3d"
    plain = replace(wonorejo.village, brand={"colours": {"primary": None}})
    assert promotion.brand(plain).primary != "#7a1f3d"


def test_only_what_can_be_bought_and_has_a_photo_is_offered_for_a_post(wonorejo: Village) -> None:
    with database.writing(wonorejo.engine) as connection:
        making.product(connection, wonorejo.village.id, wonorejo.product.maker_id, name="Tanpa foto")
        assert [product.id for product in promotion.sellable(connection, wonorejo.village.id)] == [wonorejo.product.id]
        products.change(connection, wonorejo.village.id, wonorejo.product.id, stock_state="sold_out", at=NOW)
        assert promotion.sellable(connection, wonorejo.village.id) == []
