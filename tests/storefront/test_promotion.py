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

from campaigns import links, qrcodes
from promo import accounts, caption_styles, captions, networks, photos, posters, posts
from promo.posts import Post
from storefront import attractions, database, makers, picturing, products, promotion, subjects, villages
from storefront.media import Store
from storefront.problems import Problems
from storefront.promotion import Wishes

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


def test_a_picture_on_which_the_price_would_be_cut_keeps_the_post_from_being_made(wonorejo: Village) -> None:
    dear = replace(wonorejo.product, price_idr=999_999_999_999)
    with pytest.raises(Problems) as told:
        wonorejo.promote(product=dear, poster="belah")
    assert [(problem.key, problem.field) for problem in told.value.problems] == [("poster.does_not_fit", "pictures")]
    assert wonorejo.nothing_was_made()
    assert wonorejo.promote(product=dear, poster="bingkai").targets


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
    assert sizes == {"square": (1080, 1080), "portrait": (1080, 1350), "story": (1080, 1920), "landscape": (1200, 630)}
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


def test_a_caption_reads_unlike_those_of_the_village_so_far(wonorejo: Village) -> None:
    before = [promotion.suggest(wonorejo.village, wonorejo.product, "hangat", "id", seed=seed) for seed in (0, 1, 2)]
    wonorejo.promote(words=before[0])
    with database.reading(wonorejo.engine) as connection:
        known = promotion.recent_words(connection, wonorejo.village.id)
    again = promotion.suggestion(wonorejo.village, wonorejo.product, "hangat", "id", seed=0, unlike=known)
    assert again.text.split("\n")[0] != before[0].split("\n")[0]


def test_a_suggestion_fits_the_strictest_network_as_that_one_counts(wonorejo: Village) -> None:
    story = "Gurih 😀 sekali. " * 200
    long = replace(wonorejo.product, story={"id": story}, name={"id": "Keripik 😀 apel " * 5})
    with database.writing(wonorejo.engine) as connection:
        village_id = wonorejo.village.id
        on = [
            making.account(connection, village_id, network=name, title=name, fields={"channel": "@desa"})
            for name in ("telegram", "mastodon", "practice")
        ]
    written = promotion.suggestion(wonorejo.village, long, "cerita", "id", on=on, public_url="https://wonorejo.example")
    assert promotion.about_words(written.text, on, "https://wonorejo.example") == []
    assert "caption.shortened" in written.warnings


@pytest.mark.parametrize("network", networks.names())
def test_every_network_gets_words_that_fit_as_it_counts_with_alt_text(wonorejo: Village, network: str) -> None:
    tags = [f"#Tagar{number}" for number in range(40)]
    village = replace(wonorejo.village, brand={"hashtags": tags})
    with database.reading(wonorejo.engine) as connection:
        on = [replace(accounts.get(connection, village.id, wonorejo.account_ids[0]), network=network)]
    for seed, style in enumerate(captions.names() * 2):
        title, story = "Keripik 👩🏽‍🌾 apel " * (1 + 3 * seed % 5), "Gurih 😀 dan renyah. " * 60
        product = replace(wonorejo.product, name={"id": title.strip()}, story={"id": story})
        for language in caption_styles.languages():
            said = promotion.suggestion(village, product, style, language, seed=seed, on=on, public_url="https://wonorejo.example")
            assert promotion.about_words(said.text, on, "https://wonorejo.example") == []
            assert said.text.count("#") <= (networks.get(network).LIMITS.hashtags or 30)
            assert "Rp\u00a015.000" in said.text
    assert promotion.alt_text(village, product, "jv")


def read_from_a_feed(wonorejo: Village, sha256: str) -> list[str]:
    return qrcodes.read(*photos.grey(photos.in_a_feed(wonorejo.store.read(sha256), 270, 40)))


def test_with_a_code_each_account_gets_a_picture_with_its_own(wonorejo: Village) -> None:
    post = wonorejo.promote(wishes=Wishes(with_code=True))
    assert [read_from_a_feed(wonorejo, target.media[0]["sha256"]) for target in post.targets] == [
        [target.link_url.upper()] for target in post.targets if target.link_url
    ]
    with database.reading(wonorejo.engine) as connection:
        own = next(link for link in links.listed(connection, wonorejo.village.id, kind="post") if link.placement == "poster")
    for name in promotion.FORMATS:
        assert read_from_a_feed(wonorejo, post.pictures[name]) == [links.url("https://wonorejo.example", own.code, upper_url=True)]


def test_a_code_that_a_feed_would_spoil_is_left_out_and_staff_are_told(wonorejo: Village) -> None:
    url = "https://" + "panjang-sekali." * 9 + "desa.id/Q/000000"
    shown = picturing.pictures(
        wonorejo.store, wonorejo.village, [wonorejo.product], POSTER, "id", "square", wishes=Wishes(with_code=True), url=url
    )
    assert not qrcodes.read(*photos.grey(shown[0].drawn.jpeg))
    assert {"poster.code_unreadable", "poster.code_too_dense"} & set(shown[0].drawn.warnings)


def test_an_album_is_cover_items_and_a_closing_picture_with_the_code_and_networks_take_what_they_can(wonorejo: Village) -> None:
    with database.writing(wonorejo.engine) as connection:
        village_id = wonorejo.village.id
        photo = making.photo(connection, wonorejo.store, village_id, colour="#335577")
        more = [making.product(connection, village_id, wonorejo.product.maker_id, name=f"Teh {n}", photo_ids=[photo.id]) for n in range(4)]
        mastodon = making.account(connection, village_id, network="mastodon", title="Mastodon").id
    style = posters.carousels()[0]
    post = wonorejo.promote(
        product=None,
        subjects=[wonorejo.product, *more],
        poster=style,
        wishes=Wishes(is_album=True),
        account_ids=[wonorejo.account_ids[0], mastodon],
    )
    practice, four = sorted(post.targets, key=lambda target: target.network != "practice")
    assert [len(practice.media), len(four.media)] == [7, 4]
    for target in (practice, four):
        assert target.link_url is not None
        assert read_from_a_feed(wonorejo, target.media[-1]["sha256"]) == [target.link_url.upper()]
        assert all(one["alt"] for one in target.media)
    assert "Teh 3" in practice.media[5]["alt"]
    assert {f"portrait {number}" for number in range(2, 8)} <= set(post.pictures)


def test_the_photos_of_one_product_make_an_album_too_and_too_few_or_too_many_are_told(wonorejo: Village) -> None:
    photo = wonorejo.product.photos[0]
    about = [subjects.of_product(replace(wonorejo.product, photos=(photo,) * 3))]
    assert picturing.album_size(about, Wishes(is_album=True)) == 5
    for given in ({"subjects": [wonorejo.product] * 9}, {"product": replace(wonorejo.product, photos=(photo,) * 9)}):
        with pytest.raises(Problems) as told:
            wonorejo.promote(poster=posters.carousels()[0], wishes=Wishes(is_album=True), **given)
        assert [problem.key for problem in told.value.problems] == ["post.album_size"]
    assert picturing.fitting([1, 2, 3, 4, 5], 4) == [1, 2, 3, 5]
    assert picturing.fitting([1, 2, 3], 1) == [1]


def test_a_place_a_maker_and_an_event_are_posts_as_well(wonorejo: Village) -> None:
    with database.writing(wonorejo.engine) as connection:
        village_id = wonorejo.village.id
        photo = making.photo(connection, wonorejo.store, village_id, colour="#227744")
        spot = making.attraction(connection, village_id, photo_id=photo.id, ticket_idr=0)
        found = [
            subjects.of_attraction(attractions.get(connection, village_id, spot.id)),
            subjects.of_maker(makers.get(connection, village_id, wonorejo.product.maker_id)),
            subjects.event("Pasar Lereng", date="5 Desember 2026", place="Balai desa"),
        ]
    for about, said in zip(found, (("Gratis", "07.00–17.00"), ("Bu Sri",), ("5 Desember 2026", "Balai desa")), strict=True):
        words = promotion.suggest(wonorejo.village, about, "polos", "id", seed=1)
        assert all(text in words for text in said)
        post = wonorejo.promote(product=None, subjects=[about], words=words)
        assert (post.subject_kind, post.subject_id) == (about.kind, about.id)
        with database.reading(wonorejo.engine) as connection:
            link = next(one for one in links.listed(connection, wonorejo.village.id, kind="post") if one.post_id == post.id)
        assert link.target_kind == ("village" if about.kind == "event" else about.kind)
        assert all(text in promotion.alt_text(wonorejo.village, about, "id") for text in said)


def test_a_maker_who_has_not_agreed_is_shown_to_nobody(wonorejo: Village) -> None:
    with database.writing(wonorejo.engine) as connection:
        shy = makers.get(connection, wonorejo.village.id, making.maker(connection, wonorejo.village.id, name="Bu Nur", consent_at=None))
    with pytest.raises(Problems) as told:
        wonorejo.promote(product=None, subjects=[subjects.of_maker(shy)])
    assert [problem.key for problem in told.value.problems] == ["post.not_live_maker"]


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ({key: ["07:00", "17:00"] for key in attractions.DAYS}, "07.00–17.00"),
        (
            {key: ["07:00", "17:00"] for key in attractions.DAYS[:5]} | {"sat": ["07:00", "12:00"]},
            "Senin–Jumat 07.00–17.00, Sabtu 07.00–12.00",
        ),
        ({"sun": ["06:00", "10:30"]}, "Minggu 06.00–10.30"),
        ({}, ""),
    ],
)
def test_opening_hours_are_told_in_one_line(hours: dict[str, list[str]], told: str) -> None:
    assert subjects.hours_text(hours, "id") == told


def test_a_poster_says_what_staff_typed_and_wears_the_villages_logo(wonorejo: Village) -> None:
    sha256 = wonorejo.store.save(making.picture(300, 300, "#aa2222", "PNG"))
    village = replace(wonorejo.village, brand={"logo": sha256})
    said = picturing.facts(
        wonorejo.store, village, wonorejo.product, "jv", Wishes(title="Manis!", badge="Baru", with_code=True), "https://a.id/Q/7K2M9P"
    )
    assert (said.title, said.badge, said.link_text, said.language) == ("Manis!", "Baru", "a.id/Q/7K2M9P", "id")
    assert said.logo == wonorejo.store.read(sha256)
    qrcodes.proof(said.qr or (), "HTTPS://A.ID/Q/7K2M9P")
    gone = replace(village, brand={"logo": "0" * 64})
    assert picturing.facts(wonorejo.store, gone, wonorejo.product, "id").logo is None


def test_few_pieces_left_are_told_on_the_poster(wonorejo: Village) -> None:
    few = picturing.facts(wonorejo.store, wonorejo.village, replace(wonorejo.product, stock=3), "id")
    many = picturing.facts(wonorejo.store, wonorejo.village, replace(wonorejo.product, stock=30), "id")
    assert (few.badge, many.badge) == ("Tinggal 3", "")


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
