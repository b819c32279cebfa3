"""Listening: the latest posts of our own public Instagram profile, read without a login, seldom, and without asking anything of anybody.

Off until staff type a handle. Instagram refuses such reading in waves, so every look may end in a `trouble`; then what the last good
look saw stays. No picture is fetched. Facts and limits: instaloader 4.16 and its issues 2304, 2425, 2511, 2568.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa
from requests.adapters import BaseAdapter, HTTPAdapter

from promo.tables import heard, listening

MOST = 12  # posts a look: as many as a profile's page shows
TROUBLES = ("blocked", "unknown_profile", "private", "network", "changed")
# After a look the profile rests: a week when Instagram has been bothered, a little when it was only our own mistake or line.
RESTS: Mapping[str | None, timedelta] = {
    **dict.fromkeys((None, "blocked", "changed"), timedelta(days=7)),
    **dict.fromkeys(("unknown_profile", "private", "network"), timedelta(minutes=10)),
}
_LONGEST = timedelta(minutes=5)  # a look that has not ended by then never will
_TIMEOUT = 20.0  # seconds a request
_HOST = "www.instagram.com"
_REFUSED = (400, 401, 403, 429)
_HANDLE = re.compile(r"[a-z0-9_](?:[a-z0-9._]{0,28}[a-z0-9_])?")
_OUR_LINK = re.compile(r"/q/([0-9a-z]{6})(?![0-9a-z])", re.IGNORECASE)

_log = logging.getLogger("gapura.listening")


class BadHandle(ValueError):
    """This cannot be the name of an Instagram profile; `field` and `key` as for every form."""

    field, key = "handle", "listen.bad_handle"

    def __init__(self) -> None:
        super().__init__(self.key)
        self.facts: dict[str, object] = {}


class TooSoon(Exception):
    """The profile rests until `until`, or somebody is looking at this moment."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


@dataclass(frozen=True)
class HeardPost:
    """A post of our profile as it was seen at `seen_at`; None where Instagram did not say the number."""

    shortcode: str
    at: datetime
    likes: int | None
    comments: int | None
    caption: str
    seen_at: datetime

    @property
    def url(self) -> str:
        return f"https://{_HOST}/p/{self.shortcode}/"

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of short links that stand in the caption, in capitals; whose they are is for the caller to know."""
        return tuple(dict.fromkeys(code.upper() for code in _OUR_LINK.findall(self.caption)))


@dataclass(frozen=True)
class Look:
    """What one look saw, the newest first; with a `trouble` it may be only a part."""

    at: datetime
    posts: tuple[HeardPost, ...]
    trouble: str | None = None


@dataclass(frozen=True)
class Listening:
    """What a village listens to: "" is nothing. `trouble` is how the last look ended, `posts` what the looks so far saw."""

    handle: str = ""
    asked_at: datetime | None = None
    looked_at: datetime | None = None
    trouble: str | None = None
    posts: Sequence[HeardPost] = field(default=())

    def is_looking(self, at: datetime) -> bool:
        """Is a look under way?"""
        is_open = self.asked_at is not None and (self.looked_at is None or self.looked_at < self.asked_at)
        return is_open and self.asked_at is not None and at < self.asked_at + _LONGEST

    def next_at(self, at: datetime) -> datetime:
        """The earliest time of the next look."""
        if self.asked_at is not None and self.is_looking(at):
            return self.asked_at + _LONGEST
        return at if self.looked_at is None else max(at, self.looked_at + RESTS[self.trouble])


# ---- what a village listens to -------------------------------------------------------------------------------------------------------


def tidy(text: str) -> str:
    """The handle from how people write it: @desa, Desa, the address of the profile; "" stays "". Raises BadHandle."""
    name = re.sub(r"^(?:https?://)?(?:www\.)?instagram\.com/", "", text.strip().lower()).removeprefix("@").split("?")[0].rstrip("/")
    if name and not _HANDLE.fullmatch(name):
        raise BadHandle
    return name


def get(connection: sa.Connection, village_id: int) -> Listening:
    """What the village listens to and what it heard, the newest posts first."""
    row = connection.execute(sa.select(listening).where(listening.c.village_id == village_id)).one_or_none()
    if row is None:
        return Listening()
    columns = [heard.c[name] for name in HeardPost.__dataclass_fields__]
    found = connection.execute(sa.select(*columns).where(heard.c.village_id == village_id).order_by(heard.c.at.desc()).limit(MOST))
    return Listening(row.handle, row.asked_at, row.looked_at, row.trouble, tuple(HeardPost(*one) for one in found))


def listen_to(connection: sa.Connection, village_id: int, handle: str) -> None:
    """Another profile, or none with "": what was heard of the old one is forgotten, a week's rest is not. Raises BadHandle."""
    wanted, held = tidy(handle), get(connection, village_id)
    if wanted == held.handle:
        return
    connection.execute(heard.delete().where(heard.c.village_id == village_id))
    values: dict[str, object] = {"handle": wanted}
    if held.trouble is not None and RESTS[held.trouble] < RESTS[None]:
        values |= {"looked_at": None, "asked_at": None, "trouble": None}  # it was about the other name
    if connection.execute(listening.update().where(listening.c.village_id == village_id).values(**values)).rowcount == 0:
        connection.execute(listening.insert().values(village_id=village_id, handle=wanted))


def begin(connection: sa.Connection, village_id: int, at: datetime) -> str:
    """Write down that a look begins; the handle to look at. Raises TooSoon, also for the slower of two; BadHandle when there is none."""
    held = get(connection, village_id)
    if not held.handle:
        raise BadHandle
    if held.next_at(at) > at:
        raise TooSoon(held.next_at(at))
    is_as_read = listening.c.asked_at.is_(None) if held.asked_at is None else listening.c.asked_at == held.asked_at
    where = (listening.c.village_id == village_id, is_as_read)
    if connection.execute(listening.update().where(*where).values(asked_at=at)).rowcount != 1:
        raise TooSoon(at + _LONGEST)
    return held.handle


def keep(connection: sa.Connection, village_id: int, handle: str, seen: Look) -> None:
    """Keep what a look saw. A whole one replaces everything, a part of one only what it saw; nothing when the handle was changed since."""
    where = (listening.c.village_id == village_id, listening.c.handle == handle)
    if connection.execute(listening.update().where(*where).values(looked_at=seen.at, trouble=seen.trouble)).rowcount != 1:
        return
    old = [heard.c.village_id == village_id]
    if seen.trouble is not None:
        old.append(heard.c.shortcode.in_([post.shortcode for post in seen.posts]))
    connection.execute(heard.delete().where(*old))
    rows = [{"village_id": village_id, **{name: getattr(post, name) for name in HeardPost.__dataclass_fields__}} for post in seen.posts]
    if rows:
        connection.execute(heard.insert(), rows)


# ---- the look itself -----------------------------------------------------------------------------------------------------------------


def look(handle: str, *, at: datetime, adapter: BaseAdapter | None = None, sleep: bool = True) -> Look:
    """Read the latest posts of a public profile; never raises. It takes about a minute, so call it where nobody and no transaction waits.

    `adapter` carries the requests to www.instagram.com; `sleep` keeps instaloader's pauses between them.
    """
    found: dict[str, HeardPost] = {}
    door = _Door(adapter or HTTPAdapter(max_retries=0))
    try:
        for post in _posts(handle, door, sleep):
            found[post.shortcode] = HeardPost(
                shortcode=post.shortcode,
                at=post.date_utc.replace(tzinfo=UTC),
                likes=_number(post.likes),
                comments=_number(post.comments),
                caption=post.caption or "",
                seen_at=at,
            )
        trouble = None
    except Exception as error:  # whatever Instagram has changed this time must not break anything of ours
        trouble = _trouble(error, door.status)
        _log.warning("looking at the profile ended as %s: %s, HTTP %s", trouble, type(error).__name__, door.status)
    finally:
        door.close()
    return Look(at, tuple(sorted(found.values(), key=lambda post: post.at, reverse=True)), trouble)


class _Door(BaseAdapter):
    """Lets requests through to Instagram's pages alone, never to its pictures, and remembers the last status: numbers tell, not texts."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner
        self.status: int | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.status = None
        if urlsplit(request.url or "").hostname != _HOST:
            raise requests.exceptions.InvalidURL("only the pages of Instagram are read")
        answer = self._inner.send(request, *args, **kwargs)
        self.status = answer.status_code
        return answer

    def close(self) -> None:
        """Its sessions come and go, each closing its adapters: the inner one can be used again after that."""
        self._inner.close()


def _posts(handle: str, door: BaseAdapter, sleep: bool) -> Iterator[Any]:
    import instaloader  # only who listens pays for it

    class Context(instaloader.InstaloaderContext):
        """Every session it opens goes through our door; its own complaints go nowhere, `quiet` lets some through."""

        def get_anonymous_session(self) -> requests.Session:
            return _through(door, super().get_anonymous_session())

        @contextmanager
        def _graphql_session(self, *args: Any, **kwargs: Any) -> Iterator[requests.Session]:
            with super()._graphql_session(*args, **kwargs) as session:
                yield _through(door, session)

        def error(self, msg: object, repeat_at_end: bool = True) -> None:
            pass

    class Rates(instaloader.RateController):
        """Where instaloader would sleep for minutes inside a call, we rather come another time."""

        def sleep(self, secs: float) -> None:
            raise instaloader.AbortDownloadException(f"asked to wait {secs:.0f} s")

    context = Context(
        sleep=sleep,
        quiet=True,
        max_connection_attempts=1,
        request_timeout=_TIMEOUT,
        rate_controller=Rates,
        fatal_status_codes=[401, 403, 429],
        iphone_support=False,
    )
    try:
        yield from islice(instaloader.Profile.from_username(context, handle).get_posts(), MOST)
    finally:
        context.close()  # type: ignore[no-untyped-call]


def _through(door: BaseAdapter, session: requests.Session) -> requests.Session:
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", door)
    return session


def _trouble(error: Exception, status: int | None) -> str:
    import instaloader

    if isinstance(error, instaloader.LoginRequiredException):
        return "private" if status == 200 else "blocked"  # a page without posts, or the way to the login
    if isinstance(error, instaloader.AbortDownloadException):
        return "blocked"
    if isinstance(error, instaloader.ProfileNotExistsException):
        return "unknown_profile"
    if not isinstance(error, (instaloader.ConnectionException, instaloader.QueryReturnedBadRequestException, requests.RequestException)):
        return "changed"
    if status is None or status >= 500:
        return "network"
    return "blocked" if status in _REFUSED or 300 <= status < 400 else "changed"


def _number(given: object) -> int | None:
    return given if isinstance(given, int) and given >= 0 else None  # -1 is what a hidden count looks like
