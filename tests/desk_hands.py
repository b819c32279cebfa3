"""A clerk's browser at the desk, for the tests of what she sees."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
import making
import sqlalchemy as sa
from starlette.testclient import TestClient

from storefront import database, products, staff
from storefront.media import Store
from storefront.staff import Staff

COOKIE = "gapura_desk"


@dataclass
class Hands:
    """A clerk's browser, and behind it what the tests look into."""

    browser: TestClient
    engine: sa.Engine
    store: Store
    who: Staff
    product: products.Product
    clock: list[datetime]

    @property
    def village_id(self) -> int:
        return self.who.village_id

    def get(self, path: str) -> httpx2.Response:
        return self.browser.get(path)

    def post(self, path: str, **fields: Any) -> httpx2.Response:
        return self.browser.post(path, data=fields)

    def as_member(self, **given: Any) -> None:
        """Let somebody else of the village sit down at this browser."""
        with database.writing(self.engine) as connection:
            somebody = making.member(connection, self.village_id, **given)
        self.sign_in(somebody)

    def sign_in(self, who: Staff) -> None:
        with database.writing(self.engine) as connection:
            cookie = staff.open_session(connection, who.id, who.village_id, self.clock[0])
        self.browser.cookies.clear()
        self.browser.cookies.set(COOKIE, cookie)
