"""Campaigns at the desk: a name, days, and the links of signs and posts that belong to it; and what they brought together."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from campaigns import campaigns, links, reports
from campaigns.campaigns import Campaign
from storefront.desk.forms import Form
from storefront.desk.frame import Publishing, Signed
from storefront.desk.links import check_text, forms_day
from storefront.problems import Collected, Problem, Problems
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing, sentences

router = frame.router()


@router.get("/kampanye")
def listed(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """Every campaign with what it brought in its days."""
    found = campaigns.listed(connection, who.village_id)
    rows = [(one, reports.by_campaign(connection, who.village_id, one.since, one.until).get(one.id, reports.Figures())) for one in found]
    return frame.draw(request, who, "campaigns", here="campaigns", rows=rows, today=who.village.local(at).date())


@router.get("/kampanye/baru")
def new(request: Request, who: Publishing, connection: Reading, at: Now) -> HTMLResponse:
    """The empty form."""
    today = who.village.local(at).date()
    return _form(request, who, connection, None, {"since": today.isoformat()}, set())


@router.post("/kampanye")
def create(request: Request, who: Publishing, connection: Writing, typed: forms.Typed, at: Now) -> Response:
    """A new campaign with its links."""
    try:
        name, since, until = _read(typed)
    except Problems as error:
        return _form(request, who, connection, None, typed.first(), set(typed.numbers("link")), error)
    made = campaigns.create(connection, village_id=who.village_id, name=name, since=since, until=until, at=at)
    campaigns.set_links(connection, who.village_id, made.id, typed.numbers("link"), at=at)
    return frame.go(f"/desk/kampanye/{made.id}", "saved")


@router.get("/kampanye/{campaign_id}")
def look(request: Request, who: Signed, connection: Reading, campaign_id: int) -> HTMLResponse:
    """One campaign: its figures, its funnel, and a row for each of its links."""
    one = campaigns.get(connection, who.village_id, campaign_id)
    by_link = reports.by_link(connection, who.village_id, one.since, one.until)
    own = [link for link in links.listed(connection, who.village_id) if link.campaign_id == one.id]
    total = reports.by_campaign(connection, who.village_id, one.since, one.until).get(one.id, reports.Figures())
    rows = sorted(((link, by_link.get(link.id, reports.Figures())) for link in own), key=lambda row: -row[1].people)
    return frame.draw(
        request, who, "campaign", here="campaigns", campaign=one, total=total, rows=rows, funnel=reports.funnel(total), net=total.rupiah
    )


@router.get("/kampanye/{campaign_id}/ubah")
def edit(request: Request, who: Publishing, connection: Reading, campaign_id: int) -> HTMLResponse:
    """The form of a campaign as it is."""
    one = campaigns.get(connection, who.village_id, campaign_id)
    values = {"name": one.name, "since": one.since.isoformat(), "until": one.until.isoformat()}
    own = {link.id for link in links.listed(connection, who.village_id) if link.campaign_id == one.id}
    return _form(request, who, connection, one, values, own)


@router.post("/kampanye/{campaign_id}")
def change(request: Request, who: Publishing, connection: Writing, typed: forms.Typed, at: Now, campaign_id: int) -> Response:
    """Another name, other days, other links."""
    one = campaigns.get(connection, who.village_id, campaign_id)
    try:
        name, since, until = _read(typed)
    except Problems as error:
        return _form(request, who, connection, one, typed.first(), set(typed.numbers("link")), error)
    campaigns.change(connection, who.village_id, one.id, name=name, since=since, until=until, at=at)
    campaigns.set_links(connection, who.village_id, one.id, typed.numbers("link"), at=at)
    return frame.go(f"/desk/kampanye/{one.id}", "saved")


@router.post("/kampanye/{campaign_id}/penghapusan")
def remove(who: Publishing, connection: Writing, at: Now, campaign_id: int) -> Response:
    """Dissolve it; its links and their figures stay."""
    campaigns.remove(connection, who.village_id, campaign_id, at=at)
    return frame.go("/desk/kampanye", "removed")


def _read(typed: Form) -> tuple[str, date, date]:
    problems = Collected()
    since = until = None
    with problems.of("name"):
        check_text(typed.text("name"), is_needed=True)
    with problems.of("since"):
        since = _needed(typed, "since")
    with problems.of("until"):
        until = _needed(typed, "until")
    if since and until and until < since:
        problems.problems.append(Problem("desk.campaign.ends_first", field="until"))
    problems.stop()
    assert since  # noqa: S101 - else it has stopped
    assert until  # noqa: S101
    return typed.text("name"), since, until


def _needed(typed: Form, field: str) -> date:
    found = forms_day(typed, field)
    if found is None:
        raise Problem("form.empty")
    return found


def _form(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    campaign: Campaign | None,
    values: Mapping[str, str],
    chosen: set[int],
    error: Problems | None = None,
) -> HTMLResponse:
    groups: dict[str, list[links.Link]] = {"qr": [], "post": [], "other": []}
    for link in reversed(links.listed(connection, who.village_id)):
        if link.state == "open" or link.id in chosen:
            groups[link.kind if link.kind in groups else "other"].append(link)
    return frame.draw(
        request,
        who,
        "campaign_form",
        here="campaigns",
        status=422 if error else 200,
        campaign=campaign,
        values=values,
        chosen=chosen,
        groups=groups,
        elsewhere={one.id: one.name for one in campaigns.listed(connection, who.village_id)},
        errors=sentences(error, who.language) if error else {},
    )
