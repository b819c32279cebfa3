"""Posts out of a table at the desk: put it in, look at every row, and make those that are right; the text stays until all of it is."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.planning as planning
import storefront.desk.sheets as sheets
from promo import captions, posts
from storefront import database, languages, posttables, products, promotion, web
from storefront.desk.forms import Form
from storefront.desk.frame import Publishing, Signed
from storefront.posttables import Row
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Config, Now, Reading

router = frame.router()


@router.get("/tabel")
def new(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """Where a table is put in, with an example of this village's own."""
    return _page(request, who, connection, text="", rows=[], key=secrets.token_hex(8))


@router.post("/tabel/pratinjau")
def preview(request: Request, who: Signed, connection: Reading, typed: forms.Typed, at: Now) -> HTMLResponse:
    """Every row with what it would become, or what is wrong with it; nothing is made."""
    text, key = _text(typed), typed.text("kunci") or secrets.token_hex(8)
    try:
        return _page(request, who, connection, text=text, rows=_rows(connection, who, text, at), key=key)
    except Problem as error:
        return _page(request, who, connection, text=text, rows=[], key=key, error=error)


@router.post("/tabel")
def create(request: Request, who: Publishing, typed: forms.Typed, config: Config, at: Now) -> Response:
    """Make the rows that are right, each once however often the form is sent; those that are not stay in the text."""
    engine, text, key = request.app.state.engine, _text(typed), typed.text("kunci")
    try:
        with database.reading(engine) as connection:
            rows = _rows(connection, who, text, at)
    except Problem as error:
        with database.reading(engine) as connection:
            return _page(request, who, connection, text=text, rows=[], key=key, error=error)
    left = [row for row in rows if not row.is_good]
    for row in (row for row in rows if row.is_good):
        told = _made(request, who, typed, row, key, at, config.public_url)
        left += [Row(row.number, row.cells, told)] if told else []
    if not left:
        return frame.go("/desk/kalender?tampil=daftar", "table_made")
    with database.reading(engine) as connection:
        return _page(request, who, connection, text=_only(text, left), rows=sorted(left, key=_number), key=key, made=len(rows) - len(left))


def _number(row: Row) -> int:
    return row.number


def _text(typed: Form) -> str:
    file = next(iter(typed.files.get("berkas", ())), b"")
    return posttables.text_of(file) if file else typed.typed("tabel")


def _only(text: str, rows: list[Row]) -> str:
    """The first row and those that are still to be put right."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join([lines[0], *(lines[row.number - 1] for row in rows if row.number <= len(lines))])


def _rows(connection: sa.Connection, who: Staff, text: str, at: datetime) -> list[Row]:
    goods = products.listed(connection, who.village_id, states=products.STATES)
    return posttables.read(text, who.village, goods, sheets.opened(connection, who.village_id), at)


def _made(request: Request, who: Staff, typed: Form, row: Row, key: str, at: datetime, public_url: str) -> list[Problem]:
    """Make one row; what is wrong with it after all."""
    engine, village = request.app.state.engine, who.village
    assert row.product is not None  # noqa: S101 - a good row has one
    style, look = sheets.one_of(sheets.USUAL_STYLE, captions.names()), promotion.looks(languages.FIRST)[0][0]
    with database.reading(engine) as connection:
        before = promotion.recent_words(connection, who.village_id)
    words = (
        row.words
        or promotion.suggestion(
            village, row.product, style, languages.FIRST, seed=row.number, on=row.accounts, public_url=public_url, unlike=before
        ).text
    )
    try:
        promotion.promote(
            engine,
            web.store_of(request),
            village=village,
            product=row.product,
            poster=look,
            language=languages.FIRST,
            words=words,
            account_ids=[account.id for account in row.accounts],
            due_at=row.due_at,
            at=at,
            made_by=who.login,
            public_url=public_url,
            clock=request.app.state.post_clock,
            sending=planning.sending(who, typed, origin=f"table:{key}:{row.number}:{'|'.join(row.cells.values())}"[:300]),
        )
    except posts.AlreadyMade:
        return []
    except Problems as error:
        return list(error.problems)
    return []


def _page(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    *,
    text: str,
    rows: list[Row],
    key: str,
    made: int = 0,
    error: Problem | None = None,
) -> HTMLResponse:
    goods = promotion.sellable(connection, who.village_id)
    is_wrong = error is not None or made or any(row.problems for row in rows)
    return frame.draw(
        request,
        who,
        "table",
        here="calendar",
        status=422 if is_wrong and request.url.path == "/desk/tabel" and request.method == "POST" else 200,
        text=text,
        rows=[(row, [languages.say(who.language, one.key, **one.facts) for one in row.problems]) for row in rows],
        good=sum(row.is_good for row in rows),
        has_twins=any(one.field == "twins" for row in rows for one in row.problems),
        key=key,
        made=made,
        most=posttables.MOST_ROWS,
        example=[languages.pick(one.name, who.language) for one in goods[:2]] or ["Keripik apel"],
        example_day=f"{who.village.local(request.app.state.clock()):%Y-%m}-28",
        errors=web.sentences(error, who.language) if error else {},
    )
