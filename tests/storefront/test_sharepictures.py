"""The pictures that messengers show: of every kind of page, light, of today, and of nothing that is not public."""

import io
import re
from datetime import datetime
from pathlib import Path

import making
import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient

from storefront import app, database, makers, media, products, settings, villages

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATHS = ("/", "/en/", "/produk/keripik-apel", "/wisata/air-terjun", "/umkm/bu-sri")


@pytest.fixture
def browser(engine: sa.Engine, tmp_path: Path, now: datetime) -> TestClient:
    store = media.Store(tmp_path / "media")
    with database.writing(engine) as connection:
        village = making.village(connection, brand={"tagline": {"id": "Dari lereng"}})
        noise = io.BytesIO()
        Image.effect_noise((2000, 1500), 120).convert("RGB").save(noise, "JPEG", quality=95)
        photo = media.add_photo(connection, store, village, noise.getvalue(), alt={"id": "Kantong"}, at=now)
        villages.change(connection, village, photo_id=photo.id)
        maker = making.maker(connection, village, photo_id=photo.id)
        making.product(connection, village, maker, photo_ids=[photo.id])
        making.attraction(connection, village, photo_id=photo.id)
        making.maker(connection, village, name="Pak Joko", consent_at=None)
    chosen = settings.load(tmp_path / "data", public_url="http://testserver", secret="x" * 40)
    return TestClient(app.build(chosen, engine, store, clock=lambda: now), follow_redirects=False, headers={"accept-language": "id"})


def address(browser: TestClient, path: str) -> str:
    found = re.search(r'property="og:image" content="http://testserver([^"]+)"', browser.get(path).text)
    assert found, path
    return found[1]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_that_is_shared_has_a_light_picture_of_the_right_size(browser: TestClient, path: str) -> None:
    answer = browser.get(address(browser, path))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) < 300_000
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (1200, 630)
        assert not picture.getexif()


def test_a_new_price_is_a_new_picture_and_the_old_address_leads_to_it(browser: TestClient, engine: sa.Engine, tmp_path: Path) -> None:
    before = address(browser, "/produk/keripik-apel")
    old = browser.get(before).content
    with database.writing(engine) as connection:
        products.change(connection, 1, 1, at=making.NOW, price_idr=21_000)
    after = address(browser, "/produk/keripik-apel")
    assert after != before
    assert browser.get(before).headers["location"] == f"http://testserver{after}"
    assert browser.get(after).content != old
    assert len(list((tmp_path / "media" / "shared").glob("1-product-1-id-*.jpg"))) == 1, "what it looked like before is thrown away"


def test_there_is_no_picture_of_what_guests_do_not_see(browser: TestClient, engine: sa.Engine) -> None:
    shown = address(browser, "/produk/keripik-apel")
    with database.writing(engine) as connection:
        products.change(connection, 1, 1, at=making.NOW, state="hidden")
        hidden = next(maker for maker in makers.listed(connection, 1) if maker.consent_at is None)
    for path in (shown, f"/gambar/1-maker-{hidden.id}-id-x.jpg"):
        assert browser.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "name", ["x", "1-product-9-id-x", "9-product-1-id-x", "1-order-1-id-x", "1-product-1-xx-x", "1-product-²-id-x", "1-2"]
)
def test_a_guessed_address_is_a_page_in_words(browser: TestClient, name: str) -> None:
    assert browser.get(f"/gambar/{name}.jpg").status_code == 404


def test_the_card_of_a_shared_link_shows_the_same_picture_as_the_page(browser: TestClient, engine: sa.Engine) -> None:
    with database.writing(engine) as connection:
        link = making.link(connection, 1, target_kind="product", target_id=1)
    card = browser.get(f"/Q/{link.code}", headers={"user-agent": "WhatsApp/2.23.20.0"}).text
    shown = re.search(r'property="og:image" content="http://testserver([^"]+)"', card)
    assert shown
    assert shown[1] == address(browser, "/produk/keripik-apel")
    assert browser.get(shown[1]).headers["content-type"] == "image/jpeg"


def test_one_tap_on_a_photo_makes_the_pages_and_the_pictures_anew(browser: TestClient, engine: sa.Engine) -> None:
    before = address(browser, "/produk/keripik-apel")
    with database.writing(engine) as connection:
        revision = villages.get(connection, 1).revision
        photo = products.get(connection, 1, 1).photos[0]
        media.set_focus(connection, 1, photo.id, (0.1, 0.9))
        assert villages.get(connection, 1).revision == revision + 1
    assert address(browser, "/produk/keripik-apel") != before
