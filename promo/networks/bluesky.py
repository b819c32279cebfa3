"""Bluesky: a post is a record under a key of our own, so that sending it twice can never make two."""

import hashlib
import json
import re
import threading
import time
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from promo.networks import Absent, Access, CannotTell, Failure, Field, Finding, Found, Health, Limits, Outgoing, Sent, Unfit, unfit
from promo.wire import call, kind_by_status

TITLE = "Bluesky"
FIELDS = (
    Field("handle", has_hint=True),
    Field("app_password", kind="secret"),
    Field("base_url", kind="url", default="https://bsky.social"),
)
FORMATS = ("portrait", "square", "landscape")
# 300 graphemes, four pictures below 1,000,000 bytes (the lexicon of app.bsky.feed.post and app.bsky.embed.images).
LIMITS = Limits(text=300, pictures=4, picture_bytes=1_000_000, timeout=30.0, settle=0.0, exactly_once="key")
_POSTS = "app.bsky.feed.post"
_NAMES = {  # XRPC names its errors; these come with status 400
    "ExpiredToken": "account",
    "InvalidToken": "account",
    "AccountTakedown": "account",
    "AuthenticationRequired": "account",
    "RateLimitExceeded": "rate",
    "InvalidSwap": "duplicate",
    "BlobNotFound": "draft_gone",
    "RecordNotFound": "not_ready",
}
_LINK = re.compile(r"https?://[^\s<>\"]+")
_TAG = re.compile(r"(?<!\w)#(\w+)")
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"  # of a record key that sorts by time (TID)
_FIRST_KEY, _KEYS_SPAN = 1_672_531_200_000_000, 94_608_000_000_000  # microseconds: of 2023, and three years
_SESSION_LASTS = 1_200.0  # seconds; the network's own lasts two hours, and making many is limited to 300 a day
_sessions: dict[str, tuple[float, str, str]] = {}  # never on disk
_lock = threading.Lock()


def check(caption: str, pictures: int) -> list[Unfit]:
    """What the network would refuse, known without asking it."""
    return unfit(LIMITS, caption, length(caption), pictures)


def length(text: str) -> int:
    """Letters as a reader sees them; where joined emojis make one sign this counts more, never less."""
    return sum(unicodedata.category(letter) not in ("Mn", "Me") for letter in text)


def calls_left(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> int:  # noqa: ARG001
    """One upload a picture."""
    return len(outgoing.pictures) - len(draft)


def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:
    """Bring the next picture; it belongs to no post yet, and the network forgets it if it never does."""
    picture = outgoing.pictures[len(draft)]
    said = _xrpc(access, "POST", "com.atproto.repo.uploadBlob", content=picture.data, headers={"Content-Type": "image/jpeg"})
    if not isinstance(said.get("blob"), dict):
        raise Failure("unknown", sent="maybe", status=200)
    return (*draft, json.dumps(said["blob"]))


def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:
    """Write the record, if there is none under this key: the network compares, so a second call is refused."""
    did, _ = _session(access)
    record: dict[str, Any] = {"$type": _POSTS, "text": outgoing.caption, "facets": facets(outgoing.caption)}
    record["createdAt"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if draft:
        images = [{"image": json.loads(blob), "alt": picture.alt} for blob, picture in zip(draft, outgoing.pictures, strict=True)]
        record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    key = record_key(outgoing.marker)
    said = _xrpc(
        access,
        "POST",
        "com.atproto.repo.putRecord",
        json={"repo": did, "collection": _POSTS, "rkey": key, "record": record, "swapRecord": None},
    )
    if not said.get("uri"):
        raise Failure("unknown", sent="maybe", status=200)
    return Sent(str(said["uri"]), _permalink(access, key))


def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Absent | CannotTell:  # noqa: ARG001
    """Ask for the record by its key."""
    did, _ = _session(access)
    key = record_key(outgoing.marker)
    try:
        said = _xrpc(access, "GET", "com.atproto.repo.getRecord", params={"repo": did, "collection": _POSTS, "rkey": key})
    except Failure as failure:
        if failure.kind == "not_ready":
            return Absent(is_proof=True)
        raise
    return Found(str(said["uri"]), _permalink(access, key))


def metrics(access: Access, remote_id: str) -> Mapping[str, int | None]:
    """What the network counts: it does not say who saw a post."""
    said = _xrpc(access, "GET", "app.bsky.feed.getPosts", params={"uris": remote_id})
    post: Mapping[str, Any] = next(iter(said.get("posts") or ()), {})
    names = {"likes": "likeCount", "comments": "replyCount", "shares": "repostCount"}
    return {ours: post[name] if isinstance(post.get(name), int) else None for ours, name in names.items()}


def health(access: Access) -> Health:
    """Whether the password still opens the account."""
    _forget(access)
    try:
        _session(access)
    except Failure as failure:
        if failure.kind != "account":
            raise
        return Health((Finding("token_dead", "bad", {"number": str(failure.status)}),))
    return Health((Finding("token_alive"), Finding("account", "good", {"name": access.fields["handle"]})))


def facets(text: str) -> list[dict[str, Any]]:
    """Links and hashtags as the network wants them told: by their place in UTF-8 bytes."""
    found = []
    for pattern, kind in ((_LINK, "link"), (_TAG, "tag")):
        for match in pattern.finditer(text):
            shown = match[0].rstrip(".,;:!?)") if kind == "link" else match[0]
            start = len(text[: match.start()].encode())
            feature = {"uri": shown} if kind == "link" else {"tag": match[1]}
            index = {"byteStart": start, "byteEnd": start + len(shown.encode())}
            found.append({"index": index, "features": [{"$type": f"app.bsky.richtext.facet#{kind}", **feature}]})
    return sorted(found, key=lambda facet: facet["index"]["byteStart"])


def record_key(marker: str) -> str:
    """The key of a target's post, the same whenever it is asked for: a TID, whose time is made of the marker."""
    digest = hashlib.sha256(marker.encode()).digest()
    moment = _FIRST_KEY + int.from_bytes(digest[:8]) % _KEYS_SPAN
    number = moment << 10 | int.from_bytes(digest[8:10]) % 1_024
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(12, -1, -1))


def _permalink(access: Access, key: str) -> str:
    return f"https://bsky.app/profile/{access.fields['handle'].removeprefix('@')}/post/{key}"


def _cache_key(access: Access) -> str:
    parts = (access.fields["base_url"], access.fields["handle"], access.secrets["app_password"])
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _forget(access: Access) -> None:
    with _lock:
        _sessions.pop(_cache_key(access), None)


def _session(access: Access) -> tuple[str, str]:
    """(the account's own id, the token of the hour)."""
    with _lock:
        until, did, token = _sessions.get(_cache_key(access), (0.0, "", ""))
    if time.monotonic() < until:
        return did, token
    body = {"identifier": access.fields["handle"].removeprefix("@"), "password": access.secrets["app_password"]}
    url = f"{access.fields['base_url'].rstrip('/')}/xrpc/com.atproto.server.createSession"
    try:
        said = call("POST", url, token=None, timeout=access.timeout, kind_of=kind_by_status, json=body, names=_NAMES)
    except Failure as failure:  # nothing of ours can be seen yet, whatever became of this call
        kind = "account" if failure.kind == "content" else failure.kind
        raise Failure(kind, sent="no", status=failure.status, retry_after=failure.retry_after) from None
    did, token = str(said.get("did", "")), str(said.get("accessJwt", ""))
    with _lock:
        _sessions[_cache_key(access)] = (time.monotonic() + _SESSION_LASTS, did, token)
    return did, token


def _xrpc(access: Access, method: str, name: str, **what: Any) -> dict[str, Any]:
    url = f"{access.fields['base_url'].rstrip('/')}/xrpc/{name}"
    for is_last in (False, True):
        _, token = _session(access)
        try:
            return call(method, url, token=token, timeout=access.timeout, kind_of=kind_by_status, names=_NAMES, **what)
        except Failure as failure:
            if failure.kind != "account" or failure.sent != "no" or is_last:
                raise
            _forget(access)  # the session ended before its time: once more with a new one
    raise AssertionError
