"""Threads: the same containers as Instagram's at an address of its own, with or without pictures."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from promo import containers, graph, graph_health
from promo.containers import Dialect
from promo.graph import Graph
from promo.networks import Absent, Access, CannotTell, Failure, Field, Finding, Found, Health, Limits, Outgoing, Picture, Sent, Unfit, unfit

TITLE = "Threads"
FIELDS = (
    Field("threads_user_id", has_hint=True),
    Field("token", kind="secret"),
    Field("app_secret", kind="secret", is_required=False),
)
FORMATS = ("portrait", "square", "landscape")
LIMITS = Limits(text=500, pictures=20, picture_bytes=8 * 1024 * 1024, timeout=30.0, settle=900.0, exactly_once="two_phase", fetches=True)
_METRICS = {"views": "views", "likes": "likes", "replies": "comments", "reposts": "shares"}


def check(caption: str, pictures: int) -> list[Unfit]:
    """What the network would refuse, known without asking it."""
    return unfit(LIMITS, caption, length(caption), pictures)


def length(text: str) -> int:
    """Characters as Threads counts them: an emoji is as many as its UTF-8 bytes."""
    return sum(len(letter.encode()) if ord(letter) > 0xFFFF else 1 for letter in text)


def _one(outgoing: Outgoing, picture: Picture | None) -> Mapping[str, object]:
    if picture is None:
        return {"media_type": "TEXT", "text": outgoing.caption}
    return {"media_type": "IMAGE", "image_url": picture.url, "text": outgoing.caption, "alt_text": picture.alt or None}


def _part(picture: Picture) -> Mapping[str, object]:
    return {"media_type": "IMAGE", "image_url": picture.url, "is_carousel_item": True, "alt_text": picture.alt or None}


_DIALECT = Dialect(
    host="threads",
    container="threads",
    publish="threads_publish",
    status="status",
    quota="threads_publishing_limit",
    posts="threads",
    text="text",
    quota_fields=("quota_usage", "config"),
    one=_one,
    part=_part,
)


def app_of(secrets: Mapping[str, str]) -> str:
    """The app for which Meta counts this account's calls."""
    return graph.app_of(secrets, "threads")


def calls_left(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> int:  # noqa: ARG001 - every account takes the same steps
    """A look at our addresses, the day's quota, the containers, and a last look at what will be shown."""
    return containers.calls_left(outgoing, draft)


def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:
    """The next of these steps; nobody sees any of them."""
    return containers.prepare(_DIALECT, access, access.fields["threads_user_id"], outgoing, draft)


def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:  # noqa: ARG001 - the container has it all
    """Show the container."""
    return containers.publish(_DIALECT, access, access.fields["threads_user_id"], draft)


def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Absent | CannotTell:
    """Ask the container, then look for our link in what was published."""
    return containers.reconcile(_DIALECT, access, access.fields["threads_user_id"], outgoing, draft, since)


def trace(access: Access, outgoing: Outgoing, remote_id: str, since: datetime) -> Found | None:
    """Number and address of a post of which only its container was known, or whose address is not known yet."""
    if remote_id.startswith(containers.CONTAINER):
        found = containers.listed(_DIALECT, access, access.fields["threads_user_id"], outgoing, since)
        return found if isinstance(found, Found) else None
    return Found(remote_id, containers.permalink(_DIALECT, access, remote_id))


def metrics(access: Access, remote_id: str) -> Mapping[str, int | None]:
    """Each asked for so that one name Meta has dropped does not cost the others."""
    if remote_id.startswith(containers.CONTAINER):
        return dict.fromkeys(_METRICS.values())
    return graph_health.insights(Graph(access, "threads"), remote_id, _METRICS, {})


def health(access: Access) -> Health:
    """Whether the token is this account's, and how much of the day's quota is left."""
    ours = access.fields["threads_user_id"]
    try:
        me = Graph(access, "threads").request("me", args={"fields": "id,username"})
    except Failure as failure:
        if failure.kind != "account":
            raise
        return Health((Finding("token_dead", "bad", {"number": f"190/{failure.subcode}" if failure.subcode else "190"}),))
    if str(me.get("id")) != ours:
        return Health((Finding("other_account", "bad", {"name": str(me.get("username", ""))}),))
    used, most = containers.room(access, _DIALECT, ours)
    found = Finding("room", "good" if most is None or used < most else "heed", {"used": used, "most": most or "?"})
    return Health((Finding("token_alive"), Finding("account", "good", {"name": str(me.get("username", ""))}), found))
