"""Weekly posts at the desk: what comes back on which day, set up and ended; the occurrences themselves stand in the calendar."""

from datetime import datetime

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.sheets as sheets
from promo import caption_styles, captions, recurring
from storefront import database, languages, products, promotion, web, weekly
from storefront.desk.forms import Form
from storefront.desk.frame import Publishing, Signed
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Store, Writing

router = frame.router()


@router.get("/mingguan")
def listed(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """The weekly posts, and the form for another."""
    return _page(request, who, connection, at, {})


@router.post("/mingguan")
def create(request: Request, who: Publishing, typed: forms.Typed, store: Store, config: Config, at: Now) -> Response:
    """Set it up; the next two weeks of it are made at once, so that they can be seen."""
    engine = request.app.state.engine
    try:
        with database.writing(engine) as connection:
            made = recurring.create(connection, village_id=who.village_id, at=at, **_read(connection, who, typed))
    except Problems as error:
        with database.reading(engine) as connection:
            return _page(request, who, connection, at, typed.first(), error, typed.numbers("account"))
    weekly.fill(engine, store, public_url=config.public_url, clock=request.app.state.post_clock, at=at, only=made.id)
    return frame.go("/desk/mingguan", "weekly_made")


@router.post("/mingguan/{recurring_id}/akhir")
def end(who: Publishing, connection: Writing, recurring_id: int) -> Response:
    """It comes no more."""
    recurring.end(connection, who.village_id, recurring_id)
    return frame.go("/desk/mingguan", "weekly_ended")


def _read(connection: sa.Connection, who: Staff, typed: Form) -> dict[str, object]:
    """The values of the form. Raises Problems with all there is to put right."""
    found: list[Problem] = []
    about, clock, weekday = typed.text("tentang"), typed.text("time"), typed.number("hari")
    kind, number = (weekly.TURN, None) if about == weekly.TURN else ("product", int(about) if about.isdigit() else 0)
    if kind == "product" and number not in {one.id for one in products.listed(connection, who.village_id)}:
        found.append(Problem("form.unknown_choice", field="tentang"))
    on = [one.id for one in sheets.opened(connection, who.village_id) if one.id in set(typed.numbers("account"))]
    if not on:
        found.append(Problem("publish.no_account", field="accounts"))
    try:
        datetime.strptime(clock, "%H:%M")
    except ValueError:
        found.append(Problem("desk.time_wrong", field="time"))
    if weekday not in range(7):
        found.append(Problem("form.unknown_choice", field="hari"))
    if found:
        raise Problems(found)
    looks = [name for name, _ in promotion.looks(languages.FIRST)]
    row: dict[str, object] = {
        "subject_kind": kind,
        "subject_id": number,
        "accounts": on,
        "weekday": weekday,
        "clock": clock,
        "zone": who.village.zone,
    }
    row |= {"poster": sheets.one_of(typed.text("poster"), looks), "style": sheets.one_of(typed.text("style"), captions.names())}
    return row | {"language": languages.FIRST, "made_by": who.login}


def _page(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    at: datetime,
    typed: dict[str, str],
    error: Problems | None = None,
    chosen: list[int] | None = None,
) -> HTMLResponse:
    goods = promotion.sellable(connection, who.village_id)
    open_ones = sheets.opened(connection, who.village_id)
    return frame.draw(
        request,
        who,
        "weekly",
        here="calendar",
        status=422 if error else 200,
        weeklies=[(one, weekly.coming(one, at)) for one in recurring.listed(connection, who.village_id)],
        names={one.id: languages.pick(one.name, who.language) for one in products.listed(connection, who.village_id)},
        goods=[(one.id, languages.pick(one.name, who.language)) for one in goods],
        posters=promotion.looks(who.language),
        styles=[(name, languages.pick(caption_styles.get(name).title, who.language)) for name in captions.names()],
        accounts=open_ones,
        chosen=[one.id for one in open_ones] if chosen is None else chosen,
        typed={"poster": "", "hari": "4", "time": "16:00", "tentang": weekly.TURN, "style": sheets.USUAL_STYLE, **typed},
        turn=weekly.TURN,
        zone=languages.ZONE_NAMES.get(who.village.zone, ""),
        errors=web.sentences(error, who.language) if error else {},
    )
