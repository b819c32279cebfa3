"""A Facebook Page: pictures are brought unseen, then one small call puts words and pictures onto the Page, or into its own calendar."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from promo import graph, graph_health, meta_login
from promo.graph import Graph
from promo.networks import (
    Absent,
    Access,
    CannotTell,
    Failure,
    Field,
    Found,
    Health,
    Held,
    Limits,
    Offer,
    Outgoing,
    Sent,
    Unfit,
    mentions,
    unfit,
)

TITLE = "Facebook"
FIELDS = (
    Field("page_id", has_hint=True),
    Field("token", kind="secret"),
    Field("app_secret", kind="secret", is_required=False),
    Field("hand_over", kind="choice", default="no", has_hint=True, options=("no", "yes")),
    Field("first_comment", is_required=False, has_hint=True),
)
FORMATS = ("portrait", "square", "landscape")
# 63,206 characters and 4 MB (error 1366046) as other publishers found them; Meta's own lists lag, hence the long settle.
LIMITS = Limits(text=63_206, pictures=10, picture_bytes=4 * 1024 * 1024, timeout=30.0, settle=900.0)
SCOPES = ("pages_show_list", "pages_manage_posts", "pages_read_engagement")
# Meta's own tools say 10 minutes to 30 days, older texts 6 months: what is inside all of them, with time for the pictures to arrive.
_SOONEST, _LATEST = timedelta(minutes=15), timedelta(days=28)
_EARLIER = timedelta(minutes=5)  # the two clocks need not agree
_PAGES = 30  # Meta may give fewer rows than it is asked for
_POST = "post:"  # before the id of an unpublished post, the last of a draft in two phases
# The names that are left since June 2026; one unknown name makes the whole call fail.
_INSIGHTS = {"post_total_media_view_unique": "reach", "post_media_view": "views", "post_clicks": "clicks"}


def check(caption: str, pictures: int) -> list[Unfit]:
    """What the network would refuse, known without asking it."""
    return unfit(LIMITS, caption, len(caption), pictures)


def app_of(secrets: Mapping[str, str]) -> str:
    """The app for which Meta counts this account's calls."""
    return graph.app_of(secrets)


def calls_left(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> int:
    """One upload a picture, and in two phases the post itself, unseen."""
    return len(outgoing.pictures) + _is_two_phase(access) - len(draft)


def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:
    """Bring the next picture as an unpublished photo; without it the post does not go out at all."""
    if len(draft) == len(outgoing.pictures):
        form = {**_post(outgoing, draft), "published": False, "unpublished_content_type": "DRAFT"}
        return (*draft, _POST + _id(_page(access, "feed", form)))
    picture = outgoing.pictures[len(draft)]
    form = {"published": False, "alt_text_custom": picture.alt or None, "temporary": True if _wants_calendar(access) else None}
    return (*draft, _id(_page(access, "photos", form, {"source": ("picture.jpg", picture.data, "image/jpeg")})))


def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:
    """The post itself, or the word that the unseen one may be seen."""
    ours = _draft_id(draft)
    if ours:
        Graph(access).request(ours, post_args={"is_published": True})
        return Sent(ours, f"https://www.facebook.com/{ours}")
    remote_id = _id(_page(access, "feed", _post(outgoing, draft)))
    return Sent(remote_id, f"https://www.facebook.com/{remote_id}")


def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Held | Absent | CannotTell:
    """Ask for the unseen post by its id, or look for our own link in all that was published, or is kept, since shortly before the call."""
    ours = _draft_id(draft)
    if ours:
        seen = _seen(access, ours)
        if not isinstance(seen, Absent):
            return seen if isinstance(seen, Found) else Absent(is_proof=True)
    found = _listed(access, "published_posts", outgoing, {"since": str(int((since - _EARLIER).timestamp()))})
    if found is not None and not isinstance(found, CannotTell):
        return Found(str(found["id"]), found.get("permalink_url"))
    kept = _listed(access, "scheduled_posts", outgoing, {}) if _wants_calendar(access) else None
    if kept is not None and not isinstance(kept, CannotTell):
        return Held(str(kept["id"]))
    return CannotTell() if found or kept else Absent(draft_is_gone=bool(ours))


# ---- the Page's own calendar ---------------------------------------------------------------------------------------------------------


def keeps(access: Access, wait: timedelta) -> bool:
    """Does this account want it, and does the network take a post that is due in so long?"""
    return _wants_calendar(access) and _SOONEST <= wait <= _LATEST


def hand_over(access: Access, outgoing: Outgoing, draft: Sequence[str], at: datetime) -> Held:
    """The one call that puts the post into the Page's calendar."""
    when = {"published": False, "unpublished_content_type": "SCHEDULED", "scheduled_publish_time": int(at.timestamp())}
    return Held(_id(_page(access, "feed", {**_post(outgoing, draft), **when})))


def held(access: Access, remote_id: str) -> Found | Held | Absent:
    """What has become of it."""
    return _seen(access, remote_id)


def move(access: Access, remote_id: str, at: datetime) -> None:
    """Another time there; the same call again changes nothing more."""
    Graph(access).request(remote_id, post_args={"scheduled_publish_time": int(at.timestamp())})


def take_back(access: Access, remote_id: str) -> None:
    """Out of the calendar again; what is gone already is fine."""
    try:
        Graph(access).request(remote_id, method="DELETE")
    except Failure as failure:
        if not _is_not_there(failure):
            raise


# ---- afterwards ------------------------------------------------------------------------------------------------------------------------


def comment(access: Access, outgoing: Outgoing, remote_id: str) -> str | None:
    """The account's first comment, {link} being the post's own link."""
    words = access.fields.get("first_comment", "").strip()
    if not words:
        return None
    message = words.replace("{link}", outgoing.link_url or "").strip()
    return _id(Graph(access).request(f"{remote_id}/comments", post_args={"message": message}))


def metrics(access: Access, remote_id: str) -> Mapping[str, int | None]:
    """Likes, comments and shares from the post, the rest from its insights; small Pages get none of those (Meta wants 100 likes)."""
    wanted = "reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count),shares"
    post = Graph(access).request(remote_id, args={"fields": wanted})
    shares = post.get("shares")
    told = {
        "likes": _total(post.get("reactions")),
        "comments": _total(post.get("comments")),
        "shares": graph_health.whole(shares.get("count") if isinstance(shares, dict) else 0),  # left out where there are none
    }
    return told | graph_health.insights(Graph(access), remote_id, _INSIGHTS, {"period": "lifetime"})


def health(access: Access) -> Health:
    """Kind, age and rights of the token, and whether it is this Page's own."""
    graph = Graph(access)
    about = graph_health.Login(graph, access)
    scopes = (*SCOPES, *(("pages_manage_engagement",) if access.fields.get("first_comment") else ()))
    found = about.findings(scopes)
    if about.is_alive:
        found += about.page(access.fields["page_id"])
    return Health((*found, *about.version()), about.expires_at)


def can_sign_in(keys: Mapping[str, str]) -> bool:
    """Has this installation an app of its own at Meta?"""
    return meta_login.can_sign_in(keys)


def way_out(
    given: Mapping[str, str],
    keys: Mapping[str, str],
    fields: Mapping[str, str],  # noqa: ARG001 - nothing is typed before it
    redirect: str,
    state: str,
    challenge: str,  # noqa: ARG001 - Meta's dialog for web pages takes none; the app secret stands in for it
) -> tuple[str, dict[str, str]]:
    """Meta's page that asks for all the rights we use, results and first comments included."""
    scopes = (*SCOPES, "pages_manage_engagement", "read_insights")
    return meta_login.way_out(given, keys, scopes, redirect, state), {}


def way_back(
    given: Mapping[str, str],
    keys: Mapping[str, str],
    kept: Mapping[str, str],  # noqa: ARG001
    code: str,
    redirect: str,
    verifier: str,  # noqa: ARG001
) -> list[Offer]:
    """The person's Pages, each with its own token."""
    token = meta_login.token_of_sixty_days(given, keys, code, redirect)
    return meta_login.offers_of_pages(meta_login.pages(given, token, keys["meta_app_secret"]), keys["meta_app_secret"])


def offers(access: Access, keys: Mapping[str, str]) -> list[Offer]:
    """The Pages behind a person's token that was pasted instead of a Page's own."""
    secret = access.secrets.get("app_secret", "")
    token = meta_login.longer(access.given, keys, access.secrets["token"])
    return meta_login.offers_of_pages(meta_login.pages(access.given, token, secret), secret)


# ---- small words ------------------------------------------------------------------------------------------------------------------------


def _wants_calendar(access: Access) -> bool:
    return access.fields.get("hand_over") == "yes"


def _is_two_phase(access: Access) -> bool:
    """Where the installation allows it; a post for the calendar is one call anyhow."""
    return access.given.get("facebook_two_phase") == "yes" and not _wants_calendar(access)


def _draft_id(draft: Sequence[str]) -> str:
    return draft[-1].removeprefix(_POST) if draft and draft[-1].startswith(_POST) else ""


def _post(outgoing: Outgoing, draft: Sequence[str]) -> dict[str, object]:
    """Words and pictures. Lists go as form-encoded JSON: in a JSON body `attached_media` is dropped in silence. An empty message is
    an error (197), an absent one is not."""
    return {"message": outgoing.caption or None, "attached_media": [{"media_fbid": one} for one in draft] or None}


def _page(access: Access, edge: str, form: Mapping[str, object], files: Mapping[str, object] | None = None) -> dict[str, Any]:
    return Graph(access).request(f"{access.fields['page_id']}/{edge}", post_args=form, files=files)


def _seen(access: Access, remote_id: str) -> Found | Held | Absent:
    try:
        post = Graph(access).request(remote_id, args={"fields": "is_published,permalink_url,scheduled_publish_time"})
    except Failure as failure:
        if _is_not_there(failure):
            return Absent()
        raise
    return Found(remote_id, post.get("permalink_url")) if post.get("is_published") else Held(remote_id)


def _is_not_there(failure: Failure) -> bool:
    return (failure.code, failure.subcode) == (100, 33)


def _listed(access: Access, edge: str, outgoing: Outgoing, args: Mapping[str, str]) -> dict[str, Any] | CannotTell | None:
    """The row of a list that carries our link, None when the whole list has none, CannotTell when it is too long to read."""
    after: str | None = None
    for _ in range(_PAGES):
        asked = {"fields": "id,message,created_time,permalink_url", "limit": "100", **args, "after": after}
        answer = Graph(access).request(f"{access.fields['page_id']}/{edge}", args=asked)
        rows = answer.get("data")
        if not isinstance(rows, list):
            raise Failure("unknown", sent="no")
        for row in rows:
            if mentions(row.get("message"), outgoing.marker):
                return dict(row)
        paging = answer.get("paging") or {}
        after = (paging.get("cursors") or {}).get("after")
        if not paging.get("next") or not after:
            return None
    return CannotTell()


def _total(edge: object) -> int | None:
    summary = edge.get("summary") if isinstance(edge, dict) else None
    return graph_health.whole(summary.get("total_count")) if isinstance(summary, dict) else None


def _id(answer: Mapping[str, object]) -> str:
    if not answer.get("id"):
        raise Failure("unknown", sent="maybe", status=200)
    return str(answer["id"])
