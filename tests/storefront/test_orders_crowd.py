"""Two hundred tourists and the last fifty pieces, over real HTTP: fifty are sold, and everyone is told the truth."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx2
import making
import sqlalchemy as sa

from storefront import database, orders, products
from storefront.tables import order_line

TOURISTS, PIECES = 200, 50
AT_ONCE = 32  # as many as a phone mast lets through; the others wait in front of it


class Tourist:
    """A phone with cookies of its own, which puts the product into its cart and opens the checkout."""

    def __init__(self, net: httpx2.Client, number: int) -> None:
        self.net, self.number, self.cookie = net, number, ""
        self.agent = f"Mozilla/5.0 (Linux; Android 13; SM-A{number}) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"

    def ask(self, path: str, form: dict[str, str] | None = None) -> httpx2.Response:
        headers = {"User-Agent": self.agent, "Cookie": self.cookie}
        answer = self.net.post(path, data=form, headers=headers) if form else self.net.get(path, headers=headers)
        self.cookie = answer.headers.get("set-cookie", self.cookie).partition(";")[0]
        return answer

    def fill(self, product: products.Product) -> None:
        self.ask("/keranjang/barang", {"product": product.slug, "quantity": "1"})
        self.form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.ask("/pesan").text))
        self.form |= {"name": f"Tamu {self.number}", "whatsapp": f"0812{self.number:08}", "delivery": "pickup", "payment": "cash"}

    def order(self) -> tuple[int, str]:
        """(status, where it leads or what is said) of the form; every fourth of them taps twice."""
        answers = [self.ask("/pesan", self.form) for _ in range(1 + (self.number % 4 == 0))]
        assert len({(answer.status_code, answer.headers.get("location")) for answer in answers}) == 1
        return answers[0].status_code, answers[0].headers.get("location") or answers[0].text


def test_of_two_hundred_tourists_fifty_get_the_last_fifty_pieces_and_the_others_a_sentence(
    engine: sa.Engine, serve: Callable[..., Any]
) -> None:
    with database.writing(engine) as connection:
        village = making.village(connection)
        product = making.product(connection, village, making.maker(connection, village), stock=PIECES)
    clock = [making.NOW]
    served = serve(engine, clock=lambda: clock[0])
    with httpx2.Client(base_url=served.url, timeout=60, trust_env=False, limits=httpx2.Limits(keepalive_expiry=1)) as net:
        tourists = [Tourist(net, number) for number in range(TOURISTS)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda one: one.fill(product), tourists))
            clock[0] += timedelta(minutes=1)
            told = list(threads.map(Tourist.order, tourists))
        pages = [one.ask(said).text for one, (status, said) in zip(tourists, told, strict=True) if status == 303]
    assert Counter(status for status, _ in told) == {303: PIECES, 409: TOURISTS - PIECES}
    assert len({said for status, said in told if status == 303}) == PIECES
    assert all("Pesanan Anda tersimpan" in page for page in pages)
    assert all("sudah habis, jadi tidak ikut dihitung" in said for status, said in told if status == 409)
    with database.reading(engine) as connection:
        assert products.get(connection, village, product.id).stock == 0
        assert connection.execute(sa.select(sa.func.sum(order_line.c.quantity))).scalar() == PIECES
        assert len(orders.listed(connection, village, limit=TOURISTS)) == PIECES
