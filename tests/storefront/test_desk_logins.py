"""A lost login mended at the desk: what waited is told, and it goes out to the practice network after."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import making
import pytest
import uvicorn
from desk_hands import Hands

from promo import accounts, posts
from promo.accounts import Account
from promo.publisher import Publisher
from promo.runs import Pace
from promo.targets import Target
from storefront import database
from storefront.practice.app import make_app

SEALER = accounts.Sealer("s" * 40)  # the secret of the desk that `hands` sits at


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[str]:
    """The practice network on a port of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(tmp_path / "practice"), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def account(hands: Hands, practice: str) -> Account:
    with database.writing(hands.engine) as connection:
        return making.account(connection, hands.village_id, fields={"base_url": practice, "handle": "desa"}, sealer=SEALER)


def target(hands: Hands) -> Target:
    with database.reading(hands.engine) as connection:
        return posts.listed(connection, hands.village_id)[0].targets[0]


def wait_for(hands: Hands, state: str) -> None:
    until = time.monotonic() + 30
    while target(hands).state != state:
        assert time.monotonic() < until, f"still {target(hands).state}"
        time.sleep(0.1)


def test_a_parked_post_goes_out_once_the_new_token_is_typed(hands: Hands, database_url: str, account: Account, practice: str) -> None:
    hands.clock[0] = datetime.now(UTC)
    hands.sign_in(hands.who)
    httpx2.post(
        f"{practice}/misbehave", json={"faults": {"token_dead": 1}, "seconds": 5, "chance": None}, trust_env=False
    ).raise_for_status()
    form: dict[str, Any] = {"poster": "foto-penuh", "style": "hangat", "language": "id", "seed": "3", "caption": "Keripik apel {link}"}
    due = hands.who.village.local(hands.clock[0] + timedelta(seconds=1))
    hands.post("/desk/unggahan", **form, produk=hands.product.id, account=account.id, date=f"{due:%Y-%m-%d}", time=f"{due:%H:%M}")
    pace = Pace(timeout=1.0, settle=2.0, back_off=(0.2, 0.5))
    publisher = Publisher(hands.engine, database_url, hands.store.read, SEALER, pace=pace, poll=0.2, beat=0.5)
    publisher.start()
    try:
        wait_for(hands, "waiting")
        assert "Perlu masuk lagi" in hands.get("/desk").text
        assert "1 unggahan menunggu" in hands.get(f"/desk/akun/{account.id}/masuk").text
        answer = hands.post(f"/desk/akun/{account.id}/masuk", token="baru", title="Linimasa", base_url=practice, handle="desa")
        assert answer.headers["location"] == "/desk/akun?kabar=mended"
        wait_for(hands, "published")
    finally:
        publisher.stop(within=5)
    assert len(httpx2.get(f"{practice}/posts.json", trust_env=False).json()) == 1


def test_a_lost_account_needs_something_new_and_nothing_typed_is_lost(hands: Hands, account: Account) -> None:
    with database.writing(hands.engine) as connection:
        accounts.needs_login(connection, hands.village_id, account.id)
    answer = hands.post(f"/desk/akun/{account.id}/masuk", token=" ", title="Linimasa baru", base_url="http://x", handle="desa.kami")
    assert answer.status_code == 422
    for text in ("Linimasa baru", "desa.kami", "Kunci akun ini tidak berlaku lagi"):
        assert text in answer.text
    assert "Sambungkan lagi" in hands.get("/desk/akun").text


def test_an_account_that_works_is_renamed_and_keeps_its_key(hands: Hands, account: Account) -> None:
    hands.post(f"/desk/akun/{account.id}/masuk", token="", title="Linimasa baru", base_url="http://x", handle="desa.kami")
    with database.reading(hands.engine) as connection:
        now = accounts.get(connection, hands.village_id, account.id)
    assert (now.title, now.fields["handle"], now.state) == ("Linimasa baru", "desa.kami", "open")
    assert accounts.secrets(now, SEALER) == {"token": "latihan"}
    assert "latihan" not in hands.get(f"/desk/akun/{account.id}/masuk").text.replace("Jaringan Latihan", "")


def test_only_the_operator_types_tokens(hands: Hands, account: Account) -> None:
    hands.as_member(login="budi", role="head")
    assert hands.get(f"/desk/akun/{account.id}/masuk").status_code == 403
    assert hands.post(f"/desk/akun/{account.id}/masuk", token="x").status_code == 403
