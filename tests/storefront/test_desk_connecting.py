"""Connecting an account as a clerk does it: tried before it is kept, by signing in or by pasting, and told how it stands."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import graph_stand_in
import making
import mastodon_stand_in
import pytest
import sqlalchemy as sa
from desk_hands import Hands
from starlette.testclient import TestClient

from promo import accounts
from promo.accounts import Account, Sealer
from promo.tables import account as account_table
from storefront import app, database
from storefront.media import Store
from storefront.settings import Settings

TOKEN, APP_SECRET = "token-that-must-never-be-seen", "app-secret-that-must-never-be-seen"
SEALER = Sealer("s" * 40)


@pytest.fixture
def page() -> Iterator[graph_stand_in.StandIn]:
    with graph_stand_in.running(app_secret=APP_SECRET) as stand_in:
        stand_in.tell_about(TOKEN)
        yield stand_in


@pytest.fixture
def desk(engine: sa.Engine, database_url: str, tmp_path: Path, page: graph_stand_in.StandIn) -> Iterator[Hands]:
    """The desk of an installation with an app of its own at Meta."""
    given = {"graph_url": page.url, "meta_url": "https://facebook.example", "meta_app_id": "4711", "meta_app_secret": APP_SECRET}
    settings = Settings(data=tmp_path, database_url=database_url, public_url="http://testserver", secret="s" * 40, **given)
    store = Store(tmp_path / "media")
    with database.writing(engine) as connection:
        village_id = making.village(connection)
        maker_id = making.maker(connection, village_id)
        product = making.product(connection, village_id, maker_id)
        who = making.member(connection, village_id)
    clock = [making.NOW]
    with TestClient(app.build(settings, engine, store, clock=lambda: clock[0]), follow_redirects=False) as browser:
        sitting = Hands(browser, engine, store, who, product, clock)
        sitting.sign_in(who)
        yield sitting


def held(desk: Hands) -> list[Account]:
    with database.reading(desk.engine) as connection:
        return accounts.listed(connection, desk.village_id)


def link_out(desk: Hands, network: str, **fields: str) -> dict[str, list[str]]:
    """What the link to the network's own page asks for."""
    text = unescape(desk.post(f"/desk/akun/pergi/{network}", **fields).text)
    (address,) = re.findall(r'href="(https?://[^"]+)" rel="noreferrer"', text)
    return {"": [address.partition("?")[0]], **parse_qs(urlsplit(address).query)}


def hidden(text: str, name: str) -> str:
    return re.findall(f'name="{name}" value="([^"]*)"', text)[0]


def came_back(desk: Hands, page: graph_stand_in.StandIn, network: str = "facebook", **fields: str) -> str:
    """Through Meta and back to the choice; its state."""
    asked = link_out(desk, network, **fields)
    page.codes["a-code"] = asked["redirect_uri"][0]
    back = desk.get(f"/desk/akun/kembali/{network}?code=a-code&state={asked['state'][0]}").text
    answer = desk.post(f"/desk/akun/kembali/{network}", code=hidden(back, "code"), state=hidden(back, "state"))
    assert answer.status_code == 200
    return hidden(answer.text, "state")


def test_a_page_is_connected_by_signing_in_and_choosing_it(desk: Hands, page: graph_stand_in.StandIn) -> None:
    asked = link_out(desk, "facebook")
    assert asked[""] == ["https://facebook.example/v26.0/dialog/oauth"]
    assert asked["client_id"] == ["4711"]
    assert {"pages_show_list", "pages_manage_posts", "pages_read_engagement"} <= set(asked["scope"][0].split(","))
    state = came_back(desk, page)
    assert desk.post("/desk/akun/pilihan", state=state, pilihan="0", hand_over="yes").headers["location"] == "/desk/akun?kabar=connected"
    (account,) = held(desk)
    assert (account.title, account.fields["page_id"], account.fields["hand_over"]) == ("Desa Wonorejo", "1234", "yes")
    assert accounts.secrets(account, SEALER) == {"token": "the-own-token-of-page-1234", "app_secret": APP_SECRET}
    shown = unescape(desk.get("/desk/akun").text)
    assert "Halaman Desa Wonorejo siap." in shown
    assert "Kunci ini tidak punya tanggal habis." in shown


def test_pages_that_cannot_be_chosen_say_why(desk: Hands, page: graph_stand_in.StandIn) -> None:
    asked = link_out(desk, "facebook")
    page.codes["a-code"] = asked["redirect_uri"][0]
    shown = unescape(desk.post("/desk/akun/kembali/facebook", code="a-code", state=asked["state"][0]).text)
    assert "Halaman Tidak dicentang belum dicentang di jendela Facebook" in shown
    assert 'Minta hak "Konten"' in shown
    state = hidden(shown, "state")
    refused = desk.post("/desk/akun/pilihan", state=state, pilihan="1")
    assert (refused.status_code, "Pilih dulu akun" in refused.text) == (422, True)
    assert held(desk) == []


def test_instagram_is_chosen_among_the_accounts_linked_to_pages(desk: Hands, page: graph_stand_in.StandIn) -> None:
    state = came_back(desk, page, "instagram")
    desk.post("/desk/akun/pilihan", state=state, pilihan="0", place="story")
    (account,) = held(desk)
    assert (account.network, account.title, account.fields["ig_user_id"], account.fields["place"]) == (
        "instagram",
        "@desawonorejo",
        "5678",
        "story",
    )


def test_a_state_opens_once_for_the_same_session_and_not_for_long(desk: Hands, page: graph_stand_in.StandIn) -> None:
    asked = link_out(desk, "facebook")
    page.codes["a-code"] = asked["redirect_uri"][0]
    state, way = asked["state"][0], "/desk/akun/kembali/facebook"
    for forged in ("", "nonsense", state + "x", state.partition(".")[0] + "." + "A" * 24):
        assert desk.post(way, code="a-code", state=forged).status_code == 422
    desk.as_member(login="budi")
    assert desk.post(way, code="a-code", state=state).status_code == 422
    desk.sign_in(desk.who)
    assert desk.post(way, code="a-code", state=state).status_code == 422  # the same person, but another session
    asked = link_out(desk, "facebook")
    desk.clock[0] += timedelta(minutes=30)
    assert desk.post(way, code="a-code", state=asked["state"][0]).status_code == 422
    used = link_out(desk, "facebook")["state"][0]
    page.codes["a-code"] = asked["redirect_uri"][0]
    assert [desk.post(way, code="a-code", state=used).status_code for _ in range(2)] == [200, 422]
    assert held(desk) == []


def test_looking_at_the_way_back_changes_nothing_and_a_no_is_told(desk: Hands, page: graph_stand_in.StandIn) -> None:
    asked = link_out(desk, "facebook")
    before = len(page.asked)
    assert desk.get(f"/desk/akun/kembali/facebook?code=a-code&state={asked['state'][0]}").status_code == 200
    refused = desk.get(f"/desk/akun/kembali/facebook?error=access_denied&state={asked['state'][0]}")
    assert (refused.status_code, "tidak memberi izin" in refused.text) == (422, True)
    assert len(page.asked) == before


def test_a_pasted_token_is_tried_first_and_a_dead_one_is_not_kept(desk: Hands, page: graph_stand_in.StandIn) -> None:
    form = {"title": "Halaman", "page_id": "1234", "app_secret": APP_SECRET}
    answer = desk.post("/desk/akun/baru/facebook", **form, token="nonsense")
    assert answer.status_code == 422
    assert "Jaringan menolak kunci ini" in answer.text
    assert 'value="1234"' in answer.text
    assert held(desk) == []
    page.tell_about(TOKEN, scopes=["pages_show_list", "pages_read_engagement"])
    assert "Izin pages_manage_posts belum diberikan" in desk.post("/desk/akun/baru/facebook", **form, token=TOKEN).text
    page.tell_about(TOKEN)
    assert desk.post("/desk/akun/baru/facebook", **form, token=TOKEN).status_code == 303
    assert [account.state for account in held(desk)] == ["open"]
    assert page.every == {}


def test_a_persons_token_leads_to_their_pages(desk: Hands, page: graph_stand_in.StandIn) -> None:
    page.tell_about(TOKEN, type="USER", of="77")
    answer = desk.post("/desk/akun/baru/facebook", title="Halaman", page_id="1234", app_secret=APP_SECRET, token=TOKEN)
    assert "Akun mana di Facebook?" in answer.text
    assert TOKEN not in answer.text
    desk.post("/desk/akun/pilihan", state=hidden(answer.text, "state"), pilihan="0")
    (account,) = held(desk)
    assert accounts.secrets(account, SEALER)["token"] == "the-own-token-of-page-1234"


def test_a_lost_account_is_mended_by_signing_in_again_and_only_with_its_own_page(desk: Hands, page: graph_stand_in.StandIn) -> None:
    with database.writing(desk.engine) as connection:
        fields, secrets = {"page_id": "1234"}, {"token": "dead", "app_secret": APP_SECRET}
        lost = making.account(
            connection, desk.village_id, network="facebook", title="Halaman", fields=fields, secrets=secrets, sealer=SEALER
        )
        accounts.needs_login(connection, desk.village_id, lost.id)
    assert "Masuk lewat Facebook" in desk.get(f"/desk/akun/{lost.id}/masuk").text
    state = came_back(desk, page, akun=str(lost.id))
    assert desk.post("/desk/akun/pilihan", state=state, pilihan="0").headers["location"] == "/desk/akun?kabar=mended"
    (account,) = held(desk)
    assert (account.id, account.state) == (lost.id, "open")
    assert accounts.secrets(account, SEALER)["token"] == "the-own-token-of-page-1234"


def test_a_login_is_looked_at_on_request_and_says_how_it_stands(desk: Hands, page: graph_stand_in.StandIn) -> None:
    desk.post("/desk/akun/baru/facebook", title="Halaman", page_id="1234", app_secret=APP_SECRET, token=TOKEN)
    (account,) = held(desk)
    page.dead = (190, 463)
    assert desk.post(f"/desk/akun/{account.id}/pemeriksaan").status_code == 303
    shown = desk.get("/desk/akun").text
    assert "Perlu masuk lagi" in shown
    assert "190/463" in shown
    assert "Perlu masuk lagi" in desk.get("/desk").text
    page.dead = None
    desk.post(f"/desk/akun/{account.id}/pemeriksaan")
    assert [one.state for one in held(desk)] == ["open"]


def test_the_first_page_warns_before_a_token_ends(desk: Hands) -> None:
    desk.post("/desk/akun/baru/facebook", title="Halaman", page_id="1234", app_secret=APP_SECRET, token=TOKEN)
    (account,) = held(desk)
    assert account.days_left(making.NOW) is None
    with database.writing(desk.engine) as connection:
        connection.execute(account_table.update().values(expires_at=making.NOW + timedelta(days=7, hours=1)))
    assert "Kunci ini habis dalam 7 hari." in desk.get("/desk").text
    desk.clock[0] -= timedelta(days=30)
    desk.sign_in(desk.who)
    assert "Kunci ini habis" not in desk.get("/desk").text


def test_mastodon_is_let_in_with_pkce(desk: Hands) -> None:
    with mastodon_stand_in.running(TOKEN) as server:
        asked = link_out(desk, "mastodon", base_url=server.url)
        assert (asked[""], asked["code_challenge_method"]) == ([f"{server.url}/oauth/authorize"], ["S256"])
        server.codes["a-code"] = asked["code_challenge"][0]
        shown = desk.post("/desk/akun/kembali/mastodon", code="a-code", state=asked["state"][0]).text
        desk.post("/desk/akun/pilihan", state=hidden(shown, "state"), pilihan="0")
        (account,) = held(desk)
        assert (account.title, account.fields["base_url"]) == ("@desa", server.url)
        assert accounts.secrets(account, SEALER) == {"token": TOKEN}


def test_without_an_app_at_meta_the_steps_are_there_and_the_door_is_not(hands: Hands) -> None:
    shown = unescape(hands.get("/desk/akun/baru/facebook").text)
    assert "developers.facebook.com/apps" in shown
    assert "Masuk lewat Facebook" not in shown
    assert hands.post("/desk/akun/pergi/facebook").status_code == 404


@pytest.mark.parametrize("network", ["facebook", "instagram", "threads", "telegram", "mastodon", "bluesky", "share_kit", "practice"])
def test_every_form_opens_and_nothing_secret_is_ever_shown_again(desk: Hands, network: str) -> None:
    assert desk.get(f"/desk/akun/baru/{network}").status_code == 200
    answer = desk.post(f"/desk/akun/baru/{network}", title=" ", token=TOKEN, app_password=TOKEN)
    assert answer.status_code == 422
    assert TOKEN not in answer.text


def test_only_who_sets_up_connects(desk: Hands) -> None:
    desk.as_member(login="budi", role="head")
    for path in ("/desk/akun/pergi/facebook", "/desk/akun/kembali/facebook", "/desk/akun/pilihan", "/desk/akun/1/pemeriksaan"):
        assert desk.post(path).status_code == 403


def test_nothing_of_the_way_is_readable_in_the_database(desk: Hands, page: graph_stand_in.StandIn) -> None:
    came_back(desk, page)
    with database.reading(desk.engine) as connection:
        rows = str(connection.execute(sa.text("SELECT * FROM connecting")).all())
    assert rows
    for secret in ("the-own-token", APP_SECRET, "a-token-of"):
        assert secret not in rows
    assert all(
        "the-own-token" not in call["url"] and "a-token-of" not in call["url"] and APP_SECRET not in call["url"] for call in page.asked
    )
