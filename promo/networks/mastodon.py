"""Mastodon and what speaks its API: each post carries a key against repeats, and is looked for by its link before anything is repeated."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from promo.networks import (
    Absent,
    Access,
    CannotTell,
    Failure,
    Field,
    Finding,
    Found,
    Health,
    Limits,
    Offer,
    Outgoing,
    Sent,
    Unfit,
    mentions,
    unfit,
)
from promo.wire import call, kind_by_status

TITLE = "Mastodon"
FIELDS = (
    Field("base_url", kind="url", default="https://mastodon.social"),
    Field("token", kind="secret"),  # of an application in the account's settings with read:accounts, read:statuses and write
)
FORMATS = ("portrait", "square", "landscape")
# The key is kept for one hour, and GoToSocial ignores it ("currently unused" in its gtsmodel/scheduledstatus.go): so the key alone never
# decides. A look comes first, and the key guards the repeat after it; where it is known to be kept, one look is enough and there is no
# need to let lists settle. 500 characters and 4 pictures hold on every server; some take more.
LIMITS = Limits(text=500, pictures=4, picture_bytes=16 * 1024 * 1024, timeout=30.0, settle=60.0, exactly_once="marker")
_ADDRESS = re.compile(r"https?://\S+")
_FAR = re.compile(r"(@\w+)@[\w.-]+\w")
_ADDRESS_COUNTS = 23  # however long it is
_PROCESSING = "?"  # before the id of a picture that the server still works on
_EARLIER = timedelta(minutes=5)  # the two clocks need not agree
_PAGES, _A_PAGE = 30, 40
_KEY_KEPT = timedelta(minutes=50)  # the server's hour, less what two clocks may differ and a slow call may take
_KEEPS_KEYS = "https://github.com/mastodon/mastodon"
SCOPES = ("read:accounts", "read:statuses", "write:statuses", "write:media")


def check(caption: str, pictures: int) -> list[Unfit]:
    """What the network would refuse, known without asking it."""
    return unfit(LIMITS, caption, length(caption), pictures)


def length(text: str) -> int:
    """Characters as Mastodon counts them: an address is 23, of @name@server the name; never less than its graphemes."""
    return len(_FAR.sub(r"\1", _ADDRESS.sub("x" * _ADDRESS_COUNTS, text)))


def calls_left(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> int:  # noqa: ARG001
    """One upload a picture, and one look at the last while the server still works on it."""
    return len(outgoing.pictures) - len(draft) + _is_processing(draft)


def prepare(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> tuple[str, ...]:
    """Upload the next picture with its words for who cannot see it; nobody sees it yet."""
    if _is_processing(draft):
        number = draft[-1].removeprefix(_PROCESSING)
        if not _call(access, "GET", f"/api/v1/media/{number}").get("url"):
            raise Failure("not_ready", sent="no")
        return (*draft[:-1], number)
    picture = outgoing.pictures[len(draft)]
    files = {"file": ("picture.jpg", picture.data, "image/jpeg")}
    answer = _call(access, "POST", "/api/v2/media", data={"description": picture.alt}, files=files)
    return (*draft, ("" if answer.get("url") else _PROCESSING) + str(answer["id"]))


def publish(access: Access, outgoing: Outgoing, draft: Sequence[str]) -> Sent:
    """Put the post on the timeline. The same post with the same pictures has the same key, so that a repeat is answered with the first."""
    key = hashlib.sha256(" ".join((outgoing.marker, *draft)).encode()).hexdigest()
    body = {"status": outgoing.caption, "media_ids": list(draft), "visibility": "public"}
    try:
        answer = _call(access, "POST", "/api/v1/statuses", json=body, headers={"Idempotency-Key": key})
    except Failure as failure:
        if failure.status == 422 and any(_is_gone(access, number) for number in draft):
            raise Failure("draft_gone", sent="no", status=422) from None  # pictures that wait for long are thrown away
        raise
    return Sent(str(answer["id"]), answer.get("url"))


def reconcile(access: Access, outgoing: Outgoing, draft: Sequence[str], since: datetime) -> Found | Absent | CannotTell:  # noqa: ARG001
    """Look for our own link in everything the account posted since shortly before the call."""
    account = _call(access, "GET", "/api/v1/accounts/verify_credentials").get("id")
    if not account:
        raise Failure("unknown", sent="no")
    params = {"exclude_reblogs": "true", "limit": str(_A_PAGE)}
    for _ in range(_PAGES):
        rows = _call(access, "GET", f"/api/v1/accounts/{account}/statuses", params=params).get("items")
        if not isinstance(rows, list):
            raise Failure("unknown", sent="no")
        for row in rows:
            if mentions(row.get("content"), outgoing.marker):
                return Found(str(row["id"]), row.get("url"))
        if not rows or _moment(rows[-1]["created_at"]) < since - _EARLIER:
            return Absent(is_proof=_keeps_key(access, since))
        params["max_id"] = str(rows[-1]["id"])
    return CannotTell()


def metrics(access: Access, remote_id: str) -> Mapping[str, int | None]:
    """What the server counts: it does not say who saw a post."""
    said = _call(access, "GET", f"/api/v1/statuses/{remote_id}")
    names = {"likes": "favourites_count", "comments": "replies_count", "shares": "reblogs_count"}
    return {ours: said[name] if isinstance(said.get(name), int) else None for ours, name in names.items()}


def health(access: Access) -> Health:
    """Whose token it is, and whether it may write."""
    try:
        me = _call(access, "GET", "/api/v1/accounts/verify_credentials")
    except Failure as failure:
        if failure.kind != "account":
            raise
        return Health((Finding("token_dead", "bad", {"number": str(failure.status)}),))
    found = [Finding("token_alive"), Finding("account", "good", {"name": str(me.get("acct", ""))})]
    try:
        scopes = _call(access, "GET", "/api/v1/apps/verify_credentials").get("scopes")
    except Failure:
        scopes = None  # older servers do not tell
    if isinstance(scopes, list):
        found += [Finding("scope_missing", "bad", {"scope": one}) for one in SCOPES if not {one, one.partition(":")[0]} & set(scopes)]
    return Health(tuple(found))


def can_sign_in(keys: Mapping[str, str]) -> bool:  # noqa: ARG001 - every server lets every program register
    """Always."""
    return True


def way_out(
    given: Mapping[str, str],  # noqa: ARG001
    keys: Mapping[str, str],  # noqa: ARG001
    fields: Mapping[str, str],
    redirect: str,
    state: str,
    challenge: str,
) -> tuple[str, dict[str, str]]:
    """Register with the server that was typed, then its page that asks the person; held to our own browser by PKCE."""
    base, scopes = fields["base_url"].rstrip("/"), " ".join(SCOPES)
    form = {"client_name": "Gapura", "redirect_uris": redirect, "scopes": scopes}
    said = call("POST", f"{base}/api/v1/apps", token=None, timeout=15.0, kind_of=kind_by_status, data=form)
    app = {"client_id": str(said.get("client_id", "")), "client_secret": str(said.get("client_secret", ""))}
    asked = {"client_id": app["client_id"], "redirect_uri": redirect, "response_type": "code", "scope": scopes, "state": state}
    asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return f"{base}/oauth/authorize?{urlencode(asked)}", {**app, "base_url": base}


def way_back(
    given: Mapping[str, str],  # noqa: ARG001
    keys: Mapping[str, str],  # noqa: ARG001
    kept: Mapping[str, str],
    code: str,
    redirect: str,
    verifier: str,
) -> list[Offer]:
    """The one account of whoever signed in there."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
    form |= {"client_id": kept["client_id"], "client_secret": kept["client_secret"], "scope": " ".join(SCOPES)}
    said = call("POST", f"{kept['base_url']}/oauth/token", token=None, timeout=15.0, kind_of=kind_by_status, data=form)
    token = said.get("access_token")
    if not isinstance(token, str):
        raise Failure("unknown", sent="no")
    access = Access({"base_url": kept["base_url"]}, {"token": token}, 15.0)
    me = _call(access, "GET", "/api/v1/accounts/verify_credentials")
    return [Offer(f"@{me.get('acct', '')}", dict(access.fields), dict(access.secrets))]


def _keeps_key(access: Access, since: datetime) -> bool:
    """Mastodon itself does, for an hour; what only speaks its API may not."""
    if datetime.now(UTC) - since > _KEY_KEPT:
        return False
    try:
        return str(_call(access, "GET", "/api/v2/instance").get("source_url", "")).rstrip("/") == _KEEPS_KEYS
    except Failure:
        return False


def _is_processing(draft: Sequence[str]) -> bool:
    return bool(draft) and draft[-1].startswith(_PROCESSING)


def _is_gone(access: Access, number: str) -> bool:
    try:
        _call(access, "GET", f"/api/v1/media/{number}")
    except Failure as failure:
        return failure.status == 404
    return False


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _call(access: Access, method: str, path: str, **what: Any) -> dict[str, Any]:
    url = access.fields["base_url"].rstrip("/") + path
    return call(method, url, token=access.secrets["token"], timeout=access.timeout, kind_of=kind_by_status, **what)
