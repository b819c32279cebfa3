"""The practice network: a server of our own with a timeline, to learn and to test with. Like the real ones it knows no repeat-safe key."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from promo.networks import Absent, Access, CannotTell, Failure, Field, Finding, Found, Health, Limits, Outgoing, Sent, Unfit, unfit
from promo.wire import call, kind_by_status

TITLE = "Jaringan Latihan"
FIELDS = (
    Field("base_url", kind="url", default="http://127.0.0.1:8010"),
    Field("handle", default="desa"),
    Field("token", kind="secret", default="latihan"),
)
FORMATS = ("portrait", "square", "story")
LIMITS = Limits(text=2_200, pictures=10, picture_bytes=8 * 1024 * 1024, hashtags=30, timeout=10.0, settle=5.0)
_EARLIER = timedelta(minutes=5)  # the two clocks need not agree


def check(caption: str, pictures: int) -> list[Unfit]:
    """What the network would refuse, known without asking it."""
    return unfit(LIMITS, caption, len(caption), pictures)


def calls_left(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> int:  # noqa: ARG001
    """One upload a picture."""
    return len(outgoing.pictures) - len(draft)


def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:
    """Upload the next picture; nobody sees it yet."""
    picture = outgoing.pictures[len(draft)]
    headers = {"Content-Type": "image/jpeg", "X-Alt": quote(picture.alt)}
    answer = _call(access, "POST", "/api/media", content=picture.data, headers=headers)
    return (*draft, str(answer["id"]))


def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:
    """Put the post on the timeline."""
    body = {"caption": outgoing.caption, "media": list(draft), "marker": outgoing.marker, "account": access.fields["handle"]}
    answer = _call(access, "POST", "/api/posts", json=body)
    return Sent(str(answer["id"]), answer.get("permalink"))


def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Absent | CannotTell:  # noqa: ARG001
    """Look for our marker in what was posted since shortly before the call."""
    params = {"since": (since - _EARLIER).isoformat(), "account": access.fields["handle"]}
    answer = _call(access, "GET", "/api/posts", params=params)
    if not isinstance(answer.get("posts"), list):
        raise Failure("unknown", sent="no")
    for one in answer["posts"]:
        if one.get("marker") == outgoing.marker:
            return Found(str(one["id"]), one.get("permalink"))
    return Absent()


def metrics(access: Access, remote_id: str) -> Mapping[str, int | None]:
    """How often it was shown, and how many pressed the heart."""
    answer = _call(access, "GET", f"/api/posts/{quote(remote_id, safe='')}")
    return {name: answer[name] if isinstance(answer.get(name), int) else None for name in ("views", "likes")}


def health(access: Access) -> Health:
    """Whether the practice network knows the token."""
    try:
        _call(access, "GET", "/api/posts", params={"account": access.fields["handle"]})
    except Failure as failure:
        if failure.kind != "account":
            raise
        return Health((Finding("token_dead", "bad", {"number": str(failure.status)}),))
    return Health((Finding("token_alive"), Finding("account", "good", {"name": access.fields["handle"]})))


def _call(access: Access, method: str, path: str, **what: Any) -> dict[str, Any]:
    url = access.fields["base_url"].rstrip("/") + path
    return call(method, url, token=access.secrets["token"], timeout=access.timeout, kind_of=kind_by_status, **what)
