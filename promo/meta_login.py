"""Letting us in at Meta: where a person is sent, and which Pages and Instagram accounts they come back with, tokens included.

Everything secret travels in bodies and headers; the code that comes back in an address is good once, for minutes, and for our app only.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from promo.graph import Graph
from promo.networks import Access, Failure, Finding, Offer

_CREATE = "CREATE_CONTENT"
_FIELDS = "id,name,access_token,tasks,instagram_business_account{id,username}"


def can_sign_in(keys: Mapping[str, str]) -> bool:
    """Does this installation have an app of its own at Meta?"""
    return bool(keys.get("meta_app_id") and keys.get("meta_app_secret"))


def way_out(given: Mapping[str, str], keys: Mapping[str, str], scopes: Sequence[str], redirect: str, state: str) -> str:
    """The address of Meta's own page that asks the person."""
    asked = {"client_id": keys["meta_app_id"], "redirect_uri": redirect, "state": state, "scope": ",".join(scopes), "response_type": "code"}
    return f"{given['meta_url']}/{given['graph_version']}/dialog/oauth?{urlencode(asked)}"


def token_of_sixty_days(given: Mapping[str, str], keys: Mapping[str, str], code: str, redirect: str) -> str:
    """The code's token, exchanged for a long one: a Page's token taken with that has no end date. Raises Failure."""
    app = {"client_id": keys["meta_app_id"], "client_secret": keys["meta_app_secret"]}
    short = _token(given, {**app, "redirect_uri": redirect, "code": code})
    return longer(given, keys, short)


def longer(given: Mapping[str, str], keys: Mapping[str, str], token: str) -> str:
    """A person's token of an hour for one of sixty days; the same one where we have no app to ask with. Raises Failure."""
    if not can_sign_in(keys):
        return token
    app = {"client_id": keys["meta_app_id"], "client_secret": keys["meta_app_secret"]}
    return _token(given, {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": token})


def pages(given: Mapping[str, str], token: str, app_secret: str) -> list[dict[str, object]]:
    """What `me/accounts` says of the person's Pages; the ones that were not ticked come without a token. Raises Failure."""
    access = Access({}, {"token": token, "app_secret": app_secret}, 20.0, given)
    said = Graph(access).request("me/accounts", args={"fields": _FIELDS, "limit": "100"}).get("data")
    return [row for row in said if isinstance(row, dict)] if isinstance(said, list) else []


def offers_of_pages(rows: Sequence[Mapping[str, object]], app_secret: str) -> list[Offer]:
    """Each Page, or why it cannot be chosen."""
    return [_offer(row, str(row.get("name", "")), {"page_id": str(row["id"])}, app_secret) for row in rows]


def offers_of_instagram(rows: Sequence[Mapping[str, object]], app_secret: str) -> list[Offer]:
    """The Instagram account of each Page; a Page without one is named with the reason."""
    found = []
    for row in rows:
        linked = row.get("instagram_business_account")
        name = str(row.get("name", ""))
        if isinstance(linked, dict):
            found.append(_offer(row, f"@{linked.get('username', '')}", {"ig_user_id": str(linked["id"])}, app_secret))
        else:
            found.append(Offer(name, {}, {}, Finding("no_instagram", "bad", {"name": name})))
    return found


def _offer(row: Mapping[str, object], title: str, fields: Mapping[str, str], app_secret: str) -> Offer:
    token, tasks = row.get("access_token"), row.get("tasks")
    if not token:
        return Offer(title, {}, {}, Finding("page_not_ticked", "bad", {"name": str(row.get("name", ""))}))
    if isinstance(tasks, list) and _CREATE not in tasks:
        return Offer(title, {}, {}, Finding("task_missing", "bad", {"name": str(row.get("name", ""))}))
    return Offer(title, fields, {"token": str(token), "app_secret": app_secret})


def _token(given: Mapping[str, str], form: Mapping[str, str]) -> str:
    said = Graph(Access({}, {}, 20.0, given)).request("oauth/access_token", post_args=dict(form)).get("access_token")
    if not isinstance(said, str):
        raise Failure("unknown", sent="no")
    return said
