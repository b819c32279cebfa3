"""A Facebook Page: pictures are brought unseen, then one small call puts words and pictures onto the Page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from promo.graph import Graph
from promo.networks import Absent, Access, CannotTell, Failure, Field, Found, Limits, Outgoing, Sent, Unfit, unfit

TITLE = "Facebook"
FIELDS = (
    Field("page_id"),
    Field("token", kind="secret"),
    Field("app_secret", kind="secret", is_required=False),
)
FORMATS = ("portrait", "square", "landscape")
# 63,206 characters and 4 MB (error 1366046) as other publishers found them; Meta's own lists lag, hence the long settle.
LIMITS = Limits(text=63_206, pictures=10, picture_bytes=4 * 1024 * 1024, timeout=30.0, settle=900.0)
_EARLIER = timedelta(minutes=5)
_PAGES = 5


def check(caption: str, pictures: int) -> list[Unfit]:
    """What the network would refuse, known without asking it."""
    return unfit(LIMITS, caption, len(caption), pictures)


def calls_left(outgoing: Outgoing, draft: Sequence[str]) -> int:
    """One upload a picture."""
    return len(outgoing.pictures) - len(draft)


def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:
    """Bring the next picture as an unpublished photo; without it the post does not go out at all."""
    picture = outgoing.pictures[len(draft)]
    answer = Graph(access).request(
        f"{access.fields['page_id']}/photos",
        post_args={"published": False, "alt_text_custom": picture.alt or None},
        files={"source": ("picture.jpg", picture.data, "image/jpeg")},
    )
    return (*draft, _id(answer))


def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:
    """The post itself. Lists go as form-encoded JSON: in a JSON body `attached_media` is dropped in silence."""
    attached = [{"media_fbid": one} for one in draft] or None
    message = outgoing.caption or None  # an empty message is an error, an absent one is not
    answer = Graph(access).request(f"{access.fields['page_id']}/feed", post_args={"message": message, "attached_media": attached})
    remote_id = _id(answer)
    return Sent(remote_id, f"https://www.facebook.com/{remote_id}")


def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Absent | CannotTell:  # noqa: ARG001
    """Look for our own link in everything the Page published since shortly before the call."""
    wanted = f"/q/{outgoing.marker}".lower()
    after: str | None = None
    for _ in range(_PAGES):
        args = {"fields": "id,message,created_time,permalink_url", "since": str(int((since - _EARLIER).timestamp())), "limit": "100"}
        answer = Graph(access).request(f"{access.fields['page_id']}/published_posts", args={**args, "after": after})
        rows = answer.get("data")
        if not isinstance(rows, list):
            raise Failure("unknown", sent="no")
        for row in rows:
            if wanted in str(row.get("message", "")).lower():
                return Found(str(row["id"]), row.get("permalink_url"))
        paging = answer.get("paging") or {}
        after = (paging.get("cursors") or {}).get("after")
        if not paging.get("next") or not after:
            return Absent()
    return CannotTell()


def _id(answer: dict[str, object]) -> str:
    if not answer.get("id"):
        raise Failure("unknown", sent="maybe", status=200)
    return str(answer["id"])
