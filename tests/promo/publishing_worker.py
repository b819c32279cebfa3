"""A publisher as a process of its own, for tests that kill it: `publishing_worker.py DATABASE_URL SETTLE [JSON]`.

The JSON may set `given`, what the installation sets for all accounts; `media`, where networks fetch pictures; and `blind`: it never
looks at a network before it sends again, which is the mistake the tests must be able to see.
"""

import json
import signal
import sys
import threading
from types import SimpleNamespace
from typing import Any

from promo import networks
from promo.accounts import Sealer
from promo.networks import Absent
from promo.publisher import Publisher
from promo.runs import Pace
from storefront import database

PICTURE = b"\xff\xd8\xff\xe0" + bytes(2_000) + b"\xff\xd9"


def blind(name: str) -> Any:
    """A network whose posts are always taken for absent."""
    members = {key: value for key, value in vars(networks.get(name)).items() if not key.startswith("_")}
    return SimpleNamespace(**{**members, "reconcile": lambda *_: Absent(is_proof=True)})


if __name__ == "__main__":
    url, settle, *more = sys.argv[1:]
    wish = json.loads(more[0]) if more else {}
    pace = Pace(timeout=wish.get("timeout", 1.0), settle=float(settle), back_off=(0.2, 0.5, 1.0), sendings=12)
    publisher = Publisher(
        database.open_engine(url),
        url,
        lambda _: PICTURE,
        Sealer("a secret that is only for tests, 32+"),
        pace=pace,
        lease=2.0,
        beat=0.4,
        grace=2.0,
        poll=0.2,
        given=wish.get("given"),
        address=(lambda sha256: f"{wish['media']}/{sha256}.jpg") if wish.get("media") else None,
        network_of=blind if wish.get("blind") else networks.get,
    )
    told_to_stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_stop.set())
    publisher.start()
    told_to_stop.wait(1_800)
    publisher.stop(within=2)
