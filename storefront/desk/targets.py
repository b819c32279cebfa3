"""Where a link may lead, as a clerk chooses it: a page of the shop from a list, or an address outside that she typed and has looked at."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import sqlalchemy as sa

from campaigns import outside
from campaigns.rules import Target
from storefront import attractions, languages, makers, products
from storefront.desk.forms import Form
from storefront.problems import Problem
from storefront.staff import Staff

OUTSIDE = "url"
Groups = list[tuple[str, Sequence[tuple[str, str]]]]


def offered(connection: sa.Connection, who: Staff) -> Groups:
    """(group, [(kind:id, name)]) of all pages that a link may open."""
    village = who.village_id
    spots = [(f"attraction:{one.id}", languages.pick(one.name, who.language)) for one in attractions.listed(connection, village)]
    people = [(f"maker:{one.id}", one.name) for one in makers.listed(connection, village)]
    goods = [(f"product:{one.id}", languages.pick(one.name, who.language)) for one in products.listed(connection, village)]
    whole = [("village:0", languages.say(who.language, "desk.sign.target_village"))]
    return [("village", whole), ("attractions", spots), ("makers", people), ("products", goods)]


def names(groups: Groups) -> dict[str, str]:
    """{kind:id: name} of these pages."""
    return {key: name for _, group in groups for key, name in group}


def key(target: Target) -> str:
    """A target as a form's list has it."""
    return OUTSIDE if target.kind == OUTSIDE else f"{target.kind}:{target.id or 0}"


def told(target: Target, known: Mapping[str, str], language: str) -> str:
    """The words for a target: the page's name, the host outside, or that it is gone."""
    if target.kind == OUTSIDE:
        return outside.host(target.url or "")
    return known.get(key(target)) or languages.say(language, "desk.sign.gone")


def read(typed: Form, known: Mapping[str, str], public_url: str, *, field: str = "target", url_field: str = "url") -> Target:
    """The target that was chosen. Raises Problem for a page that is not in the list and an address that no link may lead to."""
    chosen = typed.text(field)
    if chosen == OUTSIDE:
        return _outside(typed, public_url, url_field)
    if chosen not in known:
        raise Problem("form.unknown_choice", field=field)
    kind, _, target_id = chosen.partition(":")
    return Target(kind, int(target_id) or None)


def _outside(typed: Form, public_url: str, field: str) -> Target:
    try:
        address = outside.checked(typed.text(field), urlsplit(public_url).hostname or "")
    except outside.BadAddress as error:
        raise Problem(f"desk.link.bad_url.{error.reason}", field=field) from error
    if not typed.has(f"{field}_seen"):
        raise Problem("desk.link.not_seen", field=f"{field}_seen", host=outside.host(address))
    return Target(OUTSIDE, None, address)
