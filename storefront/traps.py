"""What a program that fills in forms trips over, and a person does not: a field nobody sees, a form sent in no time, too many orders.

Nobody is refused for good and nothing typed is lost: a form in doubt is shown once more, and a limit says when it ends.
"""

import base64
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from storefront.problems import Problem

UNSEEN = "perihal"  # the name of the field nobody sees; no browser knows what to fill in there
LEAST = timedelta(seconds=2)  # nobody reads and fills in a checkout in less, not even a browser that knows the name
_PURPOSE = b"gapura.form:"


class InDoubt(Problem):
    """Perhaps no person sent this form: to be asked once more."""


class TooMany(Problem):
    """More orders than a visitor makes, or than a maker can read."""


def drawn(secret: str, *, at: datetime) -> str:
    """What a form carries to say when it was drawn: "<seconds>.<signature>"."""
    seconds = str(int(at.timestamp() * 10) / 10)
    return f"{seconds}~{_signature(seconds, secret)}"


def drawn_again(secret: str, *, at: datetime) -> str:
    """What a form carries that is shown once more: it may be sent at once."""
    return drawn(secret, at=at - LEAST)


def check(fields: Mapping[str, str], secret: str, *, at: datetime) -> None:
    """Raises InDoubt for a form that was filled in where nobody sees, sent within two seconds, or not drawn by us."""
    if fields.get(UNSEEN):
        raise InDoubt("order.unseen_field")
    seconds, _, signature = fields.get("drawn", "").partition("~")
    if not hmac.compare_digest(signature.encode(), _signature(seconds, secret).encode()):
        raise InDoubt("order.once_more")
    if at.timestamp() - float(seconds) < LEAST.total_seconds():
        raise InDoubt("order.once_more")


class Tries:
    """Counts in this process what costs us work: pictures taken in, gateways asked. So many by one phone, and by one address."""

    def __init__(self, *, by_visitor: RateLimitItem | None = None, by_address: RateLimitItem | None = None) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._limits = (by_visitor or RateLimitItemPerMinute(12, 10), by_address or RateLimitItemPerMinute(60, 10))

    def count(self, address: str, agent: str) -> None:
        """One more. Raises TooMany."""
        by_visitor, by_address = self._limits
        if not (self._window.hit(by_visitor, "visitor", address, agent) and self._window.hit(by_address, "address", address)):
            raise TooMany("order.many_tries", minutes=by_visitor.get_expiry() // 60)


class OrderLimits:
    """Counts orders in this process: by phone, by address (a whole bus may stand behind one), and by maker."""

    def __init__(
        self,
        *,
        by_visitor: RateLimitItem | None = None,
        by_address: RateLimitItem | None = None,
        by_maker: RateLimitItem | None = None,
    ) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._by_visitor = by_visitor or RateLimitItemPerMinute(10, 10)
        self._by_address = by_address or RateLimitItemPerMinute(60, 10)
        self._by_maker = by_maker or RateLimitItemPerMinute(100, 10)

    def check(self, address: str, agent: str, maker_ids: Iterable[int]) -> None:
        """Raises TooMany when one more order would be too many."""
        for key, limit, names in self._each(address, agent, maker_ids):
            if not self._window.test(limit, *names):
                raise TooMany(key, minutes=limit.get_expiry() // 60)

    def count(self, address: str, agent: str, maker_ids: Iterable[int]) -> None:
        """An order was placed."""
        for _, limit, names in self._each(address, agent, maker_ids):
            self._window.hit(limit, *names)

    def _each(self, address: str, agent: str, maker_ids: Iterable[int]) -> list[tuple[str, RateLimitItem, tuple[str, ...]]]:
        mine = [
            ("order.many_of_yours", self._by_visitor, ("visitor", address, agent)),
            ("order.many_of_yours", self._by_address, ("address", address)),
        ]
        return [*mine, *(("order.many_of_hers", self._by_maker, ("maker", str(maker_id))) for maker_id in maker_ids)]


def _signature(text: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), _PURPOSE + text.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:12]).decode()
