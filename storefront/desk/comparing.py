"""Two campaigns or two links side by side: which brings more, and whether there is data enough to say so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse

import storefront.desk.frame as frame
from campaigns import campaigns, comparisons, impressions, links, reports
from campaigns.comparisons import Tried, Verdict
from campaigns.reports import Figures
from storefront import languages
from storefront.desk.frame import Signed
from storefront.staff import Staff
from storefront.web import Now, Reading

router = frame.router()


@dataclass(frozen=True)
class Side:
    """One of the two: all that ever happened to it, and how often it was shown where somebody knows."""

    name: str
    figures: Figures
    shown: Tried | None


@dataclass(frozen=True)
class Measure:
    """One way to compare them, and what it says."""

    name: str
    first: Tried
    second: Tried
    verdict: Verdict


@router.get("/laporan/banding")
def compare(request: Request, who: Signed, connection: Reading, at: Now, a: str = "", b: str = "") -> HTMLResponse:
    """Choose two; then orders and product views per click, and clicks per impression where those are known."""
    groups = _choices(connection, who)
    known = {key for _, options in groups for key, _ in options}
    is_asked = a in known and b in known
    sides = [
        _side(connection, who, key, dict(option for _, options in groups for option in options)[key], at) for key in (a, b) if is_asked
    ]
    return frame.draw(
        request,
        who,
        "comparing",
        here="reports",
        groups=groups,
        a=a,
        b=b,
        is_same=is_asked and a == b,
        sides=sides if a != b else [],
        measures=list(_measures(*sides)) if is_asked and a != b else [],
        told=lambda verdict: told(verdict, sides[0].name, sides[1].name, who.language),
    )


def _choices(connection: sa.Connection, who: Staff) -> list[tuple[str, list[tuple[str, str]]]]:
    groups = [(f"campaign:{one.id}", one.name) for one in campaigns.listed(connection, who.village_id)]
    singles = [(f"link:{link.id}", link.title) for link in reversed(links.listed(connection, who.village_id))]
    return [("campaigns", groups), ("links", singles)]


def _side(connection: sa.Connection, who: Staff, key: str, name: str, at: Now) -> Side:
    """All days of it: a comparison wants every case there is."""
    kind, _, number = key.partition(":")
    today = who.village.local(at).date()
    own = [
        link for link in links.listed(connection, who.village_id) if (link.campaign_id if kind == "campaign" else link.id) == int(number)
    ]
    first = min((who.village.local(link.made_at).date() for link in own), default=today)
    found = reports.by_link(connection, who.village_id, min(first, today), today)
    return Side(name, sum((found.get(link.id, Figures()) for link in own), Figures()), _shown(connection, who, {link.id for link in own}))


def _shown(connection: sa.Connection, who: Staff, own: set[int]) -> Tried | None:
    read = {link_id: one for link_id, one in impressions.latest(connection, who.village_id).items() if link_id in own}
    if not read:
        return None
    clicks: Mapping[int, int] = reports.clicks_until(connection, who.village_id, read.values(), who.village.zone)
    shown = sum(one.shown for one in read.values())
    return Tried(min(sum(clicks.values()), shown), shown)


def _measures(first: Side, second: Side) -> Iterator[Measure]:
    pairs = [
        ("orders", Tried(first.figures.buyers, first.figures.people), Tried(second.figures.buyers, second.figures.people)),
        ("views", Tried(first.figures.viewers, first.figures.people), Tried(second.figures.viewers, second.figures.people)),
    ]
    if first.shown and second.shown:
        pairs.append(("ctr", first.shown, second.shown))
    for name, one, other in pairs:
        one, other = (Tried(min(side.successes, side.n), side.n) for side in (one, other))
        yield Measure(name, one, other, comparisons.compare(one, other))


def told(verdict: Verdict, first: str, second: str, language: str) -> str:
    """The sentence of a verdict."""
    if verdict.says in ("first", "second"):
        return languages.say(language, "report.compare.first_wins", name=first if verdict.says == "first" else second)
    if verdict.says == "alike":
        return languages.say(language, "report.compare.alike")
    if verdict.more is None:
        return languages.say(language, "report.compare.more_unknown")
    return languages.say(language, "report.compare.more", count=languages.number(language, comparisons.rounded(verdict.more)))
