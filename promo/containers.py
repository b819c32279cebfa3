"""Publishing by containers, as Instagram and Threads do it: Meta fetches each picture from our own public address into a container that
nobody sees, and one call shows it. The same container is shown once, however often that call comes.

A draft is the list of what is done: "seen" (our addresses answer), "room" (the day's quota has some), one id a picture of a carousel,
the id of what will be shown, and "ready" once Meta has it all.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from promo import wire
from promo.graph import Graph, kind_of
from promo.networks import Absent, Access, CannotTell, Failure, Found, Outgoing, Picture, Sent, mentions

_SEEN, _ROOM, _READY = "seen", "room", "ready"
CONTAINER = "container:"  # before the id of a post of which only the container is known
_EARLIER = timedelta(minutes=5)
_PAGES, _A_PAGE = 30, 50
_NUMBER = re.compile(r"\b2207\d{3}\b")  # of an error, in a status that is otherwise words
_TRY_SOON = 5.0  # seconds; pictures are mostly ready at the second look


@dataclass(frozen=True)
class Dialect:
    """How one network says it: edges below the account's id, and the names of its fields."""

    host: str
    container: str
    publish: str
    status: str  # field of a container
    quota: str
    posts: str  # edge with what was published
    text: str  # field of a published post with its words
    quota_fields: tuple[str, str]
    one: Callable[[Outgoing, Picture | None], Mapping[str, object]]  # the form of a container of its own
    part: Callable[[Picture], Mapping[str, object]]  # of one picture in a carousel


def calls_left(outgoing: Outgoing, draft: Sequence[str]) -> int:
    """Two looks, one container a picture of a carousel, what will be shown, and a last look at it."""
    return _parts(outgoing) + 4 - len(draft)


def prepare(dialect: Dialect, access: Access, account: str, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:
    """The next of these steps; nobody sees any of them. Raises Failure."""
    if not draft:
        for picture in outgoing.pictures:
            wire.look(picture.url, timeout=min(access.timeout, 15.0), proxy=access.given.get("outside_proxy") or None)
        return (_SEEN,)
    if len(draft) == 1:
        used, most = room(access, dialect, account)
        if most is not None and used >= most:
            raise Failure("quota", sent="no", status=200, code=9, subcode=2_207_042)
        return (*draft, _ROOM)
    graph = Graph(access, dialect.host)
    made = len(draft) - 2
    if made < _parts(outgoing):
        return (*draft, _id(graph.request(f"{account}/{dialect.container}", post_args=dialect.part(outgoing.pictures[made]))))
    if made == _parts(outgoing):
        return (*draft, _id(graph.request(f"{account}/{dialect.container}", post_args=_whole(dialect, outgoing, draft))))
    state, subcode = _state(graph, dialect, draft[-1])
    if state == "IN_PROGRESS":
        raise Failure("not_ready", sent="no", retry_after=_TRY_SOON)
    if state not in ("FINISHED", "PUBLISHED"):
        kind = kind_of(None, subcode)
        raise Failure(kind if kind == "content" else "draft_gone", sent="no", status=200, subcode=subcode)
    return (*draft, _READY)


def publish(dialect: Dialect, access: Access, account: str, draft: Sequence[str]) -> Sent:
    """Show it. What goes wrong with the container itself is settled by asking the container."""
    if len(draft) < 2:
        raise Failure("draft_gone", sent="no")
    graph = Graph(access, dialect.host)
    try:
        remote_id = _id(graph.request(f"{account}/{dialect.publish}", post_args={"creation_id": draft[-2]}))
    except Failure as failure:
        if failure.kind == "draft_gone":
            raise Failure("unknown", sent="maybe", status=failure.status, code=failure.code, subcode=failure.subcode) from None
        raise
    return Sent(remote_id, permalink(dialect, access, remote_id))


def reconcile(
    dialect: Dialect, access: Access, account: str, outgoing: Outgoing, draft: Sequence[str], since: datetime
) -> Found | Absent | CannotTell:
    """The container knows whether it was shown; then the post is found by our own link, never taken for the newest there is."""
    state = _state_or_none(Graph(access, dialect.host), dialect, draft)
    if state == "PUBLISHED":
        found = listed(dialect, access, account, outgoing, since)
        return found if isinstance(found, Found) else Found(CONTAINER + draft[-2])  # it is out; a list shows it later, or never
    if state is not None:
        return Absent(is_proof=True, draft_is_gone=state != "FINISHED")
    return listed(dialect, access, account, outgoing, since) or Absent(draft_is_gone=bool(draft))


def listed(dialect: Dialect, access: Access, account: str, outgoing: Outgoing, since: datetime) -> Found | CannotTell | None:
    """The post with our link among what was published since then; None: it is not there. A story carries no words to be found by."""
    if outgoing.format == "story":
        return CannotTell()
    graph = Graph(access, dialect.host)
    after: str | None = None
    for _ in range(_PAGES):
        args = {"fields": f"id,{dialect.text},permalink,timestamp", "limit": str(_A_PAGE), "after": after}
        answer = graph.request(f"{account}/{dialect.posts}", args={**args, "since": str(int((since - _EARLIER).timestamp()))})
        rows = answer.get("data")
        if not isinstance(rows, list):
            raise Failure("unknown", sent="no")
        for row in rows:
            if mentions(row.get(dialect.text), outgoing.marker):
                return Found(str(row["id"]), row.get("permalink"))
        paging = answer.get("paging") or {}
        after = (paging.get("cursors") or {}).get("after")
        if not paging.get("next") or not after:
            return None
    return CannotTell()


def permalink(dialect: Dialect, access: Access, remote_id: str) -> str | None:
    """Where the post is; a nicety that never changes what happened."""
    try:
        told = Graph(access, dialect.host).request(remote_id, args={"fields": "permalink"}).get("permalink")
    except Failure:
        return None
    return str(told) if told else None


def room(access: Access, dialect: Dialect, account: str) -> tuple[int, int | None]:
    """(posts of the last 24 hours, how many are allowed); Meta's documents disagree about the number, so it is asked."""
    used, config = dialect.quota_fields
    answer = Graph(access, dialect.host).request(f"{account}/{dialect.quota}", args={"fields": f"{used},{config}"})
    row: Mapping[str, Any] = next(iter(answer.get("data") or ()), {})
    most = (row.get(config) or {}).get("quota_total")
    return int(row.get(used) or 0), int(most) if most is not None else None


def _parts(outgoing: Outgoing) -> int:
    return len(outgoing.pictures) if len(outgoing.pictures) > 1 else 0


def _whole(dialect: Dialect, outgoing: Outgoing, draft: Sequence[str]) -> Mapping[str, object]:
    if len(outgoing.pictures) <= 1:
        return dialect.one(outgoing, next(iter(outgoing.pictures), None))
    return {"media_type": "CAROUSEL", "children": ",".join(draft[2:]), dialect.text: outgoing.caption}


def _state_or_none(graph: Graph, dialect: Dialect, draft: Sequence[str]) -> str | None:
    """None: there is no container any more, or there never was one."""
    if len(draft) < 2 or draft[-1] != _READY:
        return None
    try:
        return _state(graph, dialect, draft[-2])[0]
    except Failure as failure:
        if (failure.code, failure.subcode) == (100, 33):
            return None
        raise


def _state(graph: Graph, dialect: Dialect, container: str) -> tuple[str, int | None]:
    answer = graph.request(container, args={"fields": f"{dialect.status},status" if dialect.status != "status" else "status,error_message"})
    number = _NUMBER.search(f"{answer.get('status')} {answer.get('error_message')}")
    return str(answer.get(dialect.status)), int(number[0]) if number else None


def _id(answer: Mapping[str, Any]) -> str:
    if not answer.get("id"):
        raise Failure("unknown", sent="maybe", status=200)
    return str(answer["id"])
