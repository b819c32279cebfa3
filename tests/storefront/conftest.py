"""The desk as a clerk's browser sees it: the whole program, a village with goods, and somebody who is signed in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands
from scan_gate import PHONE, Gate
from starlette.testclient import TestClient

from storefront import app, database
from storefront.media import Store
from storefront.settings import Settings


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "media")


@pytest.fixture
def hands(engine: sa.Engine, database_url: str, store: Store, tmp_path: Path) -> Iterator[Hands]:
    """The operator of a village with one product with a photo, signed in."""
    clock = [making.NOW]
    settings = Settings(data=tmp_path, database_url=database_url, media=store.folder, public_url="http://testserver", secret="s" * 40)
    with database.writing(engine) as connection:
        village_id = making.village(connection)
        maker_id = making.maker(connection, village_id)
        photo = making.photo(connection, store, village_id)
        product = making.product(connection, village_id, maker_id, photo_ids=[photo.id])
        who = making.member(connection, village_id)
    whole = app.build(settings, engine, store, clock=lambda: clock[0])
    with TestClient(whole, follow_redirects=False, headers={"user-agent": PHONE}) as browser:
        sitting = Hands(browser, engine, store, who, product, clock)
        sitting.sign_in(who)
        yield sitting


@pytest.fixture
def open_gate(engine: sa.Engine, tmp_path: Path) -> Iterator[Callable[..., Gate]]:
    opened: list[Gate] = []

    def open_one(**given: Any) -> Gate:
        opened.append(Gate(engine, tmp_path, **given))
        return opened[-1]

    yield open_one
    for gate in opened:
        gate.close()


@pytest.fixture
def gate(open_gate: Callable[..., Gate]) -> Gate:
    return open_gate()
