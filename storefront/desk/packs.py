"""Month packs at the desk: choose things or let us choose, look the month over, change what you like, schedule it at one go."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.editor as editor
import storefront.desk.editorpage as editorpage
import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.sheets as sheets
from storefront import database, drafts, languages, packs, promotion, subjects, web
from storefront.desk.forms import Form
from storefront.desk.frame import Publishing, Signed
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Writing

router = frame.router()

MONTHS = 3  # this one and the two after it
USUAL, LEAST = 12, 1


@router.get("/unggahan/paket")
def new(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """Which month, how many, and what about."""
    return _form(request, who, connection, at, {"jumlah": str(USUAL)}, [])


@router.post("/unggahan/paket")
def create(request: Request, who: Signed, typed: forms.Typed, connection: Writing, at: Now, config: Config) -> Response:
    """Fill the month with drafts."""
    month, chosen = typed.text("bulan"), sheets.opened(connection, who.village_id)
    count = typed.number("jumlah") or 0
    try:
        if not packs.MOST >= count >= LEAST:
            raise Problem("post.pack.count_wrong", field="jumlah", most=packs.MOST)
        if month not in dict(_months(who, at)):
            raise Problem("form.unknown_choice", field="bulan")
        first = date.fromisoformat(f"{month}-01")
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        things = [
            subjects.of_product(one) for one in promotion.sellable(connection, who.village_id) if one.id in set(typed.numbers("produk"))
        ]
        found = packs.propose(
            connection, who.village, first=first, last=last, count=count, things=things, on=chosen, public_url=config.public_url, at=at
        )
        if not found:
            raise Problem("post.pack.nothing", field="bulan")
    except Problem as problem:
        return _form(request, who, connection, at, typed.first(), typed.numbers("produk"), problem)
    packs.keep(connection, who.village, found, pack=month, on=chosen, made_by=who.login, at=at)
    return frame.go(f"/desk/unggahan/paket/{month}", "pack_made")


@router.get("/unggahan/paket/{month}")
def look(request: Request, who: Signed, connection: Reading, month: str) -> HTMLResponse:
    """The drafts of a month, day by day."""
    return _pack(request, who, connection, month)


@router.post("/unggahan/paket/{month}/jadwal")
def schedule(request: Request, who: Publishing, month: str, at: Now) -> Response:
    """Schedule every draft of the pack that lacks nothing; the others stay, each with what it needs."""
    engine = request.app.state.engine
    with database.reading(engine) as connection:
        kept = drafts.listed(connection, who.village_id, pack=month)
    told: dict[int, list[str]] = {}
    for one in kept:
        with database.reading(engine) as connection:
            sheet = sheets.read(connection, who, Form(one.form, {}), draft_id=one.id)
        try:
            editor.promoted(request, who, sheet, at)
        except (Problem, Problems) as error:
            told[one.id] = [sentence for sentences in web.sentences(error, who.language).values() for sentence in sentences]
    if not told:
        return frame.go("/desk/unggahan", "pack_scheduled")
    with database.reading(engine) as connection:
        return _pack(request, who, connection, month, told)


def _months(who: Staff, at: datetime) -> list[tuple[str, str]]:
    """[("2026-12", "Desember 2026")]: those that can be filled."""
    day = who.village.local(at).date().replace(day=1)
    found = []
    for _ in range(MONTHS):
        found.append((f"{day:%Y-%m}", languages.month(who.language, day)))
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def _form(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    at: datetime,
    values: Mapping[str, str],
    chosen: list[int],
    error: Problem | None = None,
) -> HTMLResponse:
    months = _months(who, at)
    return frame.draw(
        request,
        who,
        "pack_new",
        here="posts",
        status=422 if error else 200,
        months=months,
        usual=values.get("bulan") or months[1][0],
        values=values,
        chosen=chosen,
        most=packs.MOST,
        products=promotion.sellable(connection, who.village_id),
        errors=web.sentences(error, who.language) if error else {},
    )


def _pack(request: Request, who: Staff, connection: sa.Connection, month: str, told: Mapping[int, list[str]] | None = None) -> HTMLResponse:
    kept = drafts.listed(connection, who.village_id, pack=month)
    if not kept:
        raise web.NotFound
    rows: list[dict[str, Any]] = []
    for one in kept:
        sheet = sheets.read(connection, who, Form(one.form, {}), draft_id=one.id)
        rows.append({"draft": one, "sheet": sheet, "query": editorpage.address_of(sheet), "told": (told or {}).get(one.id, [])})
    return frame.draw(
        request,
        who,
        "pack",
        here="posts",
        status=422 if told else 200,
        month=month,
        called=languages.month(who.language, date.fromisoformat(f"{month}-01")),
        rows=rows,
        done=told is not None,
        looks=dict(promotion.looks(who.language)),
    )
