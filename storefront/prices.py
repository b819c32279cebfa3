"""Rupiah as people type it: `15000`, `15.000`, `Rp15.000,-`, `15rb`, `15k`; kept as a whole number."""

import re

from storefront.problems import Problem

LONGEST = 40  # characters; no price has more, and no number of so many is ever worked out
MOST = 100_000_000  # what one product of a village may cost; more is a slip of the finger
_SHAPE = re.compile(r"(?:rp\.?)?\s*(\d{1,3}(?:\.\d{3})+|\d+)\s*(?:,-|,00)?\s*(rb|ribu|k|jt|juta)?\.?", re.IGNORECASE)
FREE = ("0", "gratis", "free")
_TIMES = {"rb": 1_000, "ribu": 1_000, "k": 1_000, "jt": 1_000_000, "juta": 1_000_000}


class BadPrice(Problem):
    """The text is no price; `key` says why."""


def read(text: str) -> int:
    """The price in whole rupiah. Raises BadPrice for nothing, zero, cents, words and sums beyond MOST."""
    if not text.strip():
        raise BadPrice("price.empty")
    found = _SHAPE.fullmatch(text.strip().replace("\u00a0", " ")[: LONGEST + 1])
    if not found or len(text.strip()) > LONGEST:
        raise BadPrice("price.wrong", typed=text.strip()[:40])
    amount = int(found[1].replace(".", "")) * _TIMES.get((found[2] or "").lower(), 1)
    if amount == 0:
        raise BadPrice("price.zero")
    if amount > MOST:
        raise BadPrice("price.too_high", typed=text.strip()[:40])
    return amount


def read_fee(text: str) -> int:
    """A cost that may be nothing: `0` and `gratis` besides what read() takes. Raises BadPrice."""
    return 0 if text.strip().lower() in FREE else read(text)
