"""Instagram, for professional accounts: Meta fetches the picture from our own address, holds it unseen, and shows it when told to."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from promo import containers, graph, graph_health, meta_login
from promo.containers import Dialect
from promo.graph import Graph
from promo.networks import (
    Absent,
    Access,
    CannotTell,
    Field,
    Finding,
    Found,
    Health,
    Limits,
    Offer,
    Outgoing,
    Picture,
    Sent,
    Unfit,
    unfit,
)

TITLE = "Instagram"
FIELDS = (
    Field("ig_user_id", has_hint=True),
    Field("token", kind="secret"),
    Field("app_secret", kind="secret", is_required=False),
    Field("place", kind="choice", default="feed", options=("feed", "story")),
)
FORMATS = ("portrait", "square", "landscape", "story")
# 2,200 characters, 30 hashtags, JPEG up to 8 MiB, carousels of 2 to 10. A container asked by its id does not lag as lists do.
LIMITS = Limits(
    text=2_200, pictures=10, picture_bytes=8 * 1024 * 1024, hashtags=30, timeout=30.0, settle=900.0, exactly_once="two_phase", fetches=True
)
SCOPES = ("instagram_basic", "instagram_content_publish", "pages_read_engagement")
_METRICS = {"views": "views", "reach": "reach", "likes": "likes", "comments": "comments", "shares": "shares", "saved": "saves"}
_MOST_NAMES = 20  # @mentions (error 2207040)


def check(caption: str, pictures: int) -> list[Unfit]:
    """What the network would refuse, known without asking it."""
    found = unfit(LIMITS, caption, len(caption), pictures)
    if pictures < 1:
        found.append(Unfit("publish.no_picture", "pictures"))
    if sum(word.startswith("@") and len(word) > 1 for word in caption.split()) > _MOST_NAMES:
        found.append(Unfit("publish.too_many_names", "caption", {"most": _MOST_NAMES}))
    return found


def format_of(fields: Mapping[str, str]) -> str:
    """An account may be for stories."""
    return "story" if fields.get("place") == "story" else FORMATS[0]


def _one(outgoing: Outgoing, picture: Picture | None) -> Mapping[str, object]:
    image = picture.url if picture else None
    if outgoing.format == "story":  # neither words nor alt text
        return {"media_type": "STORIES", "image_url": image}
    return {"image_url": image, "caption": outgoing.caption, "alt_text": picture.alt or None if picture else None}


def _part(picture: Picture) -> Mapping[str, object]:
    return {"image_url": picture.url, "is_carousel_item": True, "alt_text": picture.alt or None}


_DIALECT = Dialect(
    host="graph",
    container="media",
    publish="media_publish",
    status="status_code",
    quota="content_publishing_limit",
    posts="media",
    text="caption",
    quota_fields=("quota_usage", "config"),
    one=_one,
    part=_part,
)


def app_of(secrets: Mapping[str, str]) -> str:
    """The app for which Meta counts this account's calls."""
    return graph.app_of(secrets)


def calls_left(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> int:  # noqa: ARG001 - every account takes the same steps
    """A look at our addresses, the day's quota, the containers, and a last look at what will be shown."""
    return containers.calls_left(outgoing, draft)


def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:
    """The next of these steps; nobody sees any of them."""
    return containers.prepare(_DIALECT, access, access.fields["ig_user_id"], outgoing, draft)


def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:  # noqa: ARG001 - the container has it all
    """Show the container."""
    return containers.publish(_DIALECT, access, access.fields["ig_user_id"], draft)


def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Absent | CannotTell:
    """Ask the container, then look for our link in what was published."""
    return containers.reconcile(_DIALECT, access, access.fields["ig_user_id"], outgoing, draft, since)


def trace(access: Access, outgoing: Outgoing, remote_id: str, since: datetime) -> Found | None:
    """Number and address of a post of which only its container was known, or whose address is not known yet."""
    if remote_id.startswith(containers.CONTAINER):
        found = containers.listed(_DIALECT, access, access.fields["ig_user_id"], outgoing, since)
        return found if isinstance(found, Found) else None
    return Found(remote_id, containers.permalink(_DIALECT, access, remote_id))


def metrics(access: Access, remote_id: str) -> Mapping[str, int | None]:
    """Each asked for so that one name Meta has dropped does not cost the others."""
    if remote_id.startswith(containers.CONTAINER):
        return dict.fromkeys(_METRICS.values())
    return graph_health.insights(Graph(access), remote_id, _METRICS, {})


def health(access: Access) -> Health:
    """The token and its rights, whether it may publish on this very account, and how much of the day's quota is left."""
    graph = Graph(access)
    about = graph_health.Login(graph, access)
    found = about.findings(SCOPES)
    if about.is_alive:
        ours = access.fields["ig_user_id"]
        me = graph.request(ours, args={"fields": "id,username"})
        found = (*found, Finding("instagram", "good", {"name": str(me.get("username", ""))}))
        used, most = containers.room(access, _DIALECT, ours)
        found = (*found, Finding("room", "good" if most is None or used < most else "heed", {"used": used, "most": most or "?"}))
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
    """Meta's page that asks for all the rights we use, results included."""
    scopes = (*SCOPES, "pages_show_list", "instagram_manage_insights")
    return meta_login.way_out(given, keys, scopes, redirect, state), {}


def way_back(
    given: Mapping[str, str],
    keys: Mapping[str, str],
    kept: Mapping[str, str],  # noqa: ARG001
    code: str,
    redirect: str,
    verifier: str,  # noqa: ARG001
) -> list[Offer]:
    """The Instagram accounts linked to the person's Pages, each with its Page's token."""
    token = meta_login.token_of_sixty_days(given, keys, code, redirect)
    return meta_login.offers_of_instagram(meta_login.pages(given, token, keys["meta_app_secret"]), keys["meta_app_secret"])
