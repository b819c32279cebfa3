"""Sharing by hand at the desk: files, words, the door to WhatsApp, and "I have shared it"."""

from html import unescape
from urllib.parse import parse_qs, urlsplit

import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands

from promo import posts
from promo.posts import Post
from promo.tables import target as target_table
from storefront import database, whatsapp


@pytest.fixture
def post(hands: Hands) -> Post:
    """A post for a WhatsApp group whose time has come."""
    assert hands.post("/desk/akun/baru/share_kit", title="Grup WhatsApp RT 03").status_code == 303
    with database.reading(hands.engine) as connection:
        account_id = connection.execute(sa.text("SELECT id FROM account")).scalar_one()
    form = {"produk": hands.product.id, "poster": "foto-penuh", "style": "hangat", "language": "id", "seed": "3", "account": account_id}
    hands.post("/desk/unggahan", **form, caption="Keripik apel & dodol {link}", date="2026-11-24", time="07:00")
    with database.writing(hands.engine) as connection:
        connection.execute(sa.update(target_table).values(state="needs_person", reason="by_hand", next_at=None))
        return posts.listed(connection, hands.village_id)[0]


def test_everything_to_share_is_on_the_page(hands: Hands, post: Post) -> None:
    target = post.targets[0]
    page = unescape(hands.get(f"/desk/unggahan/{post.id}").text)
    for text in ("Siap dibagikan", "Grup WhatsApp RT 03", target.caption, f'download="{target.marker}-story.jpg"', "Sudah saya bagikan"):
        assert text in page
    assert "Kami tidak bisa memastikan" not in page
    door = next(part for part in page.split('"') if part.startswith("https://wa.me/"))
    assert parse_qs(urlsplit(door).query) == {"text": [target.caption]}
    assert target.marker in door


def test_who_shared_it_pastes_the_address_back(hands: Hands, post: Post) -> None:
    path = f"/desk/unggahan/{post.id}/sasaran/{post.targets[0].id}/jawaban"
    assert hands.post(path, jawaban="ada", permalink="https://www.tiktok.com/@desa/video/1").headers["location"].endswith("kabar=settled")
    page = hands.get(f"/desk/unggahan/{post.id}").text
    assert "Tayang" in page
    assert 'href="https://www.tiktok.com/@desa/video/1"' in page


def test_it_is_moved_or_cancelled_instead(hands: Hands, post: Post) -> None:
    path = f"/desk/unggahan/{post.id}/sasaran/{post.targets[0].id}"
    assert hands.post(f"{path}/jadwal", date="2026-11-25", time="12:30").headers["location"].endswith("kabar=rescheduled")
    assert hands.post(f"{path}/pembatalan").headers["location"].endswith("kabar=cancelled")


def test_words_that_are_too_long_for_the_door_give_way_to_the_first_line_and_the_link() -> None:
    url = "https://desa.id/q/ABC123"
    long = "Keripik apel\n" + "\N{HOT PEPPER}" * 300 + f"\n{url}"
    assert parse_qs(urlsplit(whatsapp.share(long, url)).query) == {"text": [f"Keripik apel\n{url}"]}
    assert len(whatsapp.share("\N{HOT PEPPER}" * 900, url)) <= whatsapp.MOST


def test_a_caption_is_proposed_that_fits_the_strictest_account(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        making.account(connection, hands.village_id, network="mastodon", title="Mastodon desa")
    page = unescape(hands.get(f"/desk/unggahan/baru?produk={hands.product.id}").text)
    words = page.partition('name="caption"')[2].partition(">")[2].partition("</textarea>")[0].strip()
    assert "{link}" in words
    assert len(words) <= 400
