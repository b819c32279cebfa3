"""A click: one request for a link, as it is kept. No address, no browser's name, no page it came from."""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, NamedTuple

from campaigns import days


class Kind(IntEnum):
    """Who asked. Only persons are visitors; the rest is kept apart and shown."""

    PERSON = 0
    ROBOT = 1
    PREVIEW = 2  # a messenger that fetches the picture and title of a link somebody shares
    PREFETCH = 3  # a browser that fetches ahead, before anybody has clicked
    HEAD = 4
    STAFF = 5
    BURST = 6  # one phone on one link, again and again within a minute


class Click(NamedTuple):
    """One request for a link, at `at_ms` milliseconds since 1970, UTC.

    `zone` is the village's, `kind`, `app` and `device` are those of robots.py, `visitor` is the day's salted identity (None: not counted as
    a visitor), `language` two letters, `key` random bits that an order remembers.
    """

    at_ms: int
    link_id: int
    village_id: int
    zone: str
    kind: int
    visitor: int | None
    app: int
    device: int
    language: str | None
    key: int
    attraction_id: int | None = None
    campaign_id: int | None = None

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)

    @property
    def day(self) -> int:
        """The village's own day, days since 1970."""
        return days.number(self.at_ms, self.zone)


def to_plain(click: Click) -> list[Any]:
    """A click as a list that JSON can hold."""
    return list(click)


def from_plain(values: list[Any]) -> Click:
    """The click that `to_plain` wrote. Raises TypeError or ValueError for anything else."""
    at_ms, *rest = values
    return Click(int(at_ms), *rest)


# ---- as a row keeps it -----------------------------------------------------------------------------------------------------------

FIRST_SECOND = 1_577_836_800  # 2020 began: seconds since then fit into four bytes, with two bits to spare, until 2037
_A = ord("a")


def pack_moment(at_ms: int, day: int) -> int:
    """The second of a click, and in its last two bits whether the village's day was the one before, the same or the next one of UTC.

    So a village that moves to another zone keeps its old days. SQLite takes four bytes for it; a time and a day apart took eleven.
    """
    second = at_ms // 1000
    return (second - FIRST_SECOND << 2) + day - second // 86_400 + 1


def pack_looks(app: int, device: int, language: str | None) -> int:
    """App, device and the two letters of a language in two bytes."""
    if language is None or len(language) != 2 or not (language.isascii() and language.isalpha() and language.islower()):
        return app * 4 + device
    return (1 + (ord(language[0]) - _A) * 26 + ord(language[1]) - _A) * 32 + app * 4 + device


def unpack_looks(looks: int) -> tuple[int, int, str | None]:
    """(app, device, language) again."""
    letters, rest = divmod(looks, 32)
    language = chr(_A + (letters - 1) // 26) + chr(_A + (letters - 1) % 26) if letters else None
    return rest // 4, rest % 4, language
