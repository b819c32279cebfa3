"""How a published post is received, as its network tells: read back on a schedule, and what is not told is never taken for nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo import networks
from promo.networks import METRICS, Commented, Counted, Traced
from promo.tables import result, target

# After it went out; the first look writes the first comment and finds the post's address. Meta refreshes most figures once a day.
LOOKS = (
    timedelta(),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    *(timedelta(days=days) for days in (1, 2, 3, 5, 7, 10, 14, 21, 28)),
)
AGAIN = timedelta(hours=1)  # after a look that was not answered
_UNDER_WAY = timedelta(minutes=5)


@dataclass(frozen=True)
class Result:
    """The latest figures of one target; None: the network does not say. `link_id` joins them with clicks, orders and rupiah."""

    target_id: int
    village_id: int
    post_id: int
    account_id: int
    network: str
    link_id: int | None
    published_at: datetime | None
    looks: int
    looked_at: datetime | None
    trouble: str | None
    views: int | None
    reach: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    clicks: int | None

    @property
    def impressions(self) -> int | None:
        """How often it was shown; where only people are told, at least that often."""
        return self.views if self.views is not None else self.reach

    @property
    def engagement(self) -> int | None:
        """Likes, comments, shares and saves together; None when none of them is known."""
        known = [number for number in (self.likes, self.comments, self.shares, self.saves) if number is not None]
        return sum(known) if known else None


_OF_TARGET = ("post_id", "account_id", "network", "link_id", "published_at")
_COLUMNS = [target.c[name] if name in _OF_TARGET else result.c[name] for name in Result.__dataclass_fields__]


def begin(connection: sa.Connection, now: datetime, *, since: datetime | None = None, most: int = 200) -> int:
    """Take up what was published since then, or since the longest ago that is still looked at; how many."""
    told = [name for name in networks.names() if isinstance(networks.get(name), Counted | Commented | Traced)]
    known = sa.select(sa.literal(1)).where(result.c.target_id == target.c.id).exists()
    fresh = sa.select(target.c.id, target.c.village_id, target.c.published_at).where(
        target.c.state == "published",
        target.c.network.in_(told),
        target.c.remote_id.is_not(None),
        target.c.published_at > max(since or now - LOOKS[-1], now - LOOKS[-1]),
        ~known,
    )
    taken = 0
    for row in connection.execute(fresh.limit(most)).all():
        try:
            with connection.begin_nested():
                values = {"target_id": row.id, "village_id": row.village_id, "looks": 0, "next_at": row.published_at}
                connection.execute(result.insert().values(**values))
                taken += 1
        except sa.exc.IntegrityError:  # another worker was faster
            continue
    return taken


def due(connection: sa.Connection, now: datetime, *, most: int = 20) -> list[tuple[int, datetime]]:
    """[(target, when)] of the looks that are due, longest first."""
    query = sa.select(result.c.target_id, result.c.next_at).where(result.c.next_at <= now).order_by(result.c.next_at).limit(most)
    return [(row.target_id, row.next_at) for row in connection.execute(query)]


def claim(connection: sa.Connection, target_id: int, when: datetime, now: datetime) -> bool:
    """Take a look upon oneself; False if another was faster. Who dies over it leaves it to the others in some minutes."""
    held = (result.c.target_id == target_id, result.c.next_at == when)
    return connection.execute(result.update().where(*held).values(next_at=now + _UNDER_WAY)).rowcount == 1


def may_comment(connection: sa.Connection, target_id: int, now: datetime) -> bool:
    """Write down that the one attempt at the first comment is made now; False when it has been made."""
    held = (result.c.target_id == target_id, result.c.commented_at.is_(None))
    return connection.execute(result.update().where(*held).values(commented_at=now)).rowcount == 1


def take_back_comment(connection: sa.Connection, target_id: int) -> None:
    """The attempt certainly reached nobody: it may be made again."""
    connection.execute(result.update().where(result.c.target_id == target_id).values(commented_at=None))


def place(connection: sa.Connection, target_id: int, *, remote_id: str, permalink: str | None) -> None:
    """Where the post is, learned only now; it changes no state."""
    values = {"remote_id": remote_id, **({"permalink": permalink} if permalink else {})}
    connection.execute(target.update().where(target.c.id == target_id, target.c.state == "published").values(**values))


def keep(connection: sa.Connection, target_id: int, told: Mapping[str, int | None], *, published_at: datetime, at: datetime) -> None:
    """What a look was told, and when the next one is. What it was not told stays as it was known before."""
    known = {name: number for name, number in told.items() if name in METRICS and number is not None}
    over = sum(published_at + after <= at for after in LOOKS)
    next_at = published_at + LOOKS[over] if over < len(LOOKS) else None
    values = {"looks": over, "looked_at": at, "trouble": None, "next_at": next_at}
    connection.execute(result.update().where(result.c.target_id == target_id).values(**values, **known))


def stumble(connection: sa.Connection, target_id: int, kind: str, *, published_at: datetime, at: datetime) -> None:
    """A look that was not answered: again in an hour, as long as there are looks to come."""
    next_at = at + AGAIN if at + AGAIN < published_at + LOOKS[-1] else None
    connection.execute(result.update().where(result.c.target_id == target_id).values(trouble=kind, next_at=next_at))


def of_targets(connection: sa.Connection, village_id: int, target_ids: Sequence[int]) -> dict[int, Result]:
    """{target: its figures} for those of the village that were ever asked about."""
    query = sa.select(*_COLUMNS).join(target, target.c.id == result.c.target_id)
    rows = connection.execute(query.where(result.c.village_id == village_id, result.c.target_id.in_(list(target_ids))))
    return {row.target_id: Result(**row._mapping) for row in rows}


def of_links(connection: sa.Connection, village_id: int) -> dict[int, Result]:
    """{link: the figures of the post it stands in}: what a report joins with clicks, orders and rupiah."""
    query = sa.select(*_COLUMNS).join(target, target.c.id == result.c.target_id)
    rows = connection.execute(query.where(result.c.village_id == village_id, target.c.link_id.is_not(None)))
    return {row.link_id: Result(**row._mapping) for row in rows}
