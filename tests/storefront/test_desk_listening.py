"""The village's public Instagram profile at the desk: a name, a look, what was seen and when, and plain words when Instagram refuses."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from html import unescape
from pathlib import Path

import instagram_stand_in
import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands
from instagram_stand_in import WAIT, Detour, StandIn
from starlette.testclient import TestClient

from promo import listening
from storefront import app, database
from storefront.media import Store
from storefront.settings import Settings

LOOK = "/desk/akun/instagram/pengamatan"


@pytest.fixture
def instagram() -> Iterator[StandIn]:
    with instagram_stand_in.running() as stand_in:
        yield stand_in


@pytest.fixture
def clerk(engine: sa.Engine, database_url: str, store: Store, tmp_path: Path, instagram: StandIn) -> Iterator[Hands]:
    """An operator whose desk reaches the stand-in instead of Instagram."""
    clock = [making.NOW]
    settings = Settings(data=tmp_path, database_url=database_url, media=store.folder, public_url="http://testserver", secret="s" * 40)
    with database.writing(engine) as connection:
        village_id = making.village(connection)
        product = making.product(connection, village_id, making.maker(connection, village_id))
        who = making.member(connection, village_id)
    look = partial(listening.look, adapter=Detour(instagram.url), sleep=False)
    with TestClient(app.build(settings, engine, store, clock=lambda: clock[0], look=look), follow_redirects=False) as browser:
        sitting = Hands(browser, engine, store, who, product, clock)
        sitting.sign_in(who)
        yield sitting


def page(clerk: Hands) -> str:
    return unescape(clerk.get("/desk/akun").text)


def test_it_is_off_until_a_name_is_given_and_then_shows_posts_and_our_links(clerk: Hands, instagram: StandIn) -> None:
    with database.writing(clerk.engine) as connection:
        ours = making.link(connection, clerk.village_id, title="Keripik apel · Instagram")
        neighbours = making.link(connection, making.village(connection, name="Sumberejo"), title="Milik tetangga")
    instagram.add("AAA1", 1_763_900_000, f"Renyah & manis desa.id/q/{ours.code.lower()} desa.id/q/{neighbours.code}", likes=31, comments=4)
    instagram.add("BBB2", 1_763_910_000, None, likes=-1)
    assert "Lihat sekarang" not in page(clerk)
    assert clerk.post(LOOK).status_code == 303
    assert instagram.asked == []
    assert clerk.post("/desk/akun/instagram", handle="@DesaWonorejo").headers["location"] == "/desk/akun?kabar=saved#instagram"
    assert "Lihat sekarang" in page(clerk)
    clerk.post(LOOK)
    shown = page(clerk)
    for text in ("31 suka", "4 komentar", "Renyah & manis", ours.code, "Keripik apel · Instagram", "https://www.instagram.com/p/AAA1/"):
        assert text in shown
    for text in (
        "Jumlah suka disembunyikan",
        "@desawonorejo, data per 23 Nov 2026 10.00 WIB",
        "Bisa dilihat lagi mulai 30 Nov 2026 10.00 WIB",
    ):
        assert text in shown
    assert "Milik tetangga" not in shown
    assert "Lihat sekarang" not in shown


def test_when_instagram_refuses_it_says_so_and_the_last_look_stays(clerk: Hands, instagram: StandIn) -> None:
    instagram.add("AAA1", 1_763_900_000, "Panen", likes=31)
    clerk.post("/desk/akun/instagram", handle="desawonorejo")
    clerk.post(LOOK)
    clerk.clock[0] += timedelta(days=8)
    clerk.sign_in(clerk.who)
    instagram.refusal = WAIT
    clerk.post(LOOK)
    shown = page(clerk)
    for text in ("Instagram sedang menolak dilihat tanpa masuk", "31 suka", "data per 23 Nov 2026 10.00 WIB", "mulai 8 Des 2026"):
        assert text in shown


def test_pressing_twice_asks_instagram_once(clerk: Hands, instagram: StandIn) -> None:
    clerk.post("/desk/akun/instagram", handle="desawonorejo")
    clerk.post(LOOK)
    asked = len(instagram.asked)
    clerk.post(LOOK)
    assert len(instagram.asked) == asked > 0


def test_what_is_no_name_is_told_and_not_lost(clerk: Hands) -> None:
    answer = clerk.post("/desk/akun/instagram", handle="desa kami <b>")
    assert answer.status_code == 422
    assert "bukan nama profil Instagram" in answer.text
    assert "desa kami &lt;b&gt;" in answer.text


@pytest.mark.parametrize("role", ["head", "contributor"])
def test_only_the_operator_asks_instagram(clerk: Hands, instagram: StandIn, role: str) -> None:
    clerk.post("/desk/akun/instagram", handle="desawonorejo")
    clerk.as_member(login="rangga", role=role)
    assert clerk.post("/desk/akun/instagram", handle="lain").status_code == 403
    assert clerk.post(LOOK).status_code == 403
    assert "Lihat sekarang" not in page(clerk)
    assert instagram.asked == []
