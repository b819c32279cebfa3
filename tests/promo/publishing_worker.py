"""A publisher as a process of its own, for tests that kill it: `publishing_worker.py DATABASE_URL SETTLE`."""

import sys
import time

from promo.accounts import Sealer
from promo.publisher import Publisher
from promo.runs import Pace
from storefront import database

if __name__ == "__main__":
    url, settle = sys.argv[1:]
    pace = Pace(timeout=1.0, settle=float(settle), back_off=(0.2, 0.5, 1.0), sendings=12)
    picture = b"\xff\xd8\xff\xe0" + bytes(2_000) + b"\xff\xd9"
    publisher = Publisher(
        database.open_engine(url),
        url,
        lambda _: picture,
        Sealer("a secret that is only for tests, 32+"),
        pace=pace,
        lease=2.0,
        beat=0.4,
        grace=2.0,
        poll=0.2,
    )
    publisher.start()
    time.sleep(600)
