"""Signs at the desk: one link each, its QR code proofed by a decoder before anybody can print it."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from campaigns import links, qrcodes, reports
from campaigns.links import Link
from storefront import attractions, languages, makers, products
from storefront.desk.forms import Form
from storefront.desk.frame import SettingUp, Signed
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Config, Now, Reading, Writing, sentences

router = frame.router()

TITLE_MOST = 120
LEVEL = "H"  # dirt on 3 to 10 % of the code: Q was read 95 to 50 times of 100, H 100 to 85
SCALE = 24  # pixels a module: 1,000 px and more, sharp at the size of a board
KINDS = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}


class NotASign(LookupError):
    """This link is no sign."""


@router.get("/papan")
def listed(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """Every sign with its code, where it leads and how often it was scanned of late."""
    today = who.village.local(at).date()
    return frame.draw(
        request,
        who,
        "signs",
        here="signs",
        signs=sorted(links.listed(connection, who.village_id, kind="qr"), key=lambda link: link.state == "withdrawn"),
        names=_names(connection, who),
        figures=reports.by_link(connection, who.village_id, today - timedelta(days=29), today),
    )


@router.get("/papan/baru")
def new(request: Request, who: SettingUp, connection: Reading) -> HTMLResponse:
    """The empty form."""
    return _form(request, who, connection, {})


@router.post("/papan")
def create(request: Request, who: SettingUp, connection: Writing, typed: forms.Typed, at: Now) -> Response:
    """A new sign with a code of its own."""
    try:
        kind, target_id = _read(connection, who, typed)
    except Problems as error:
        return _form(request, who, connection, {name: typed.text(name) for name in typed.fields}, error)
    made = links.create(
        connection,
        village_id=who.village_id,
        kind="qr",
        title=typed.text("title"),
        target_kind=kind,
        target_id=target_id,
        attraction_id=target_id if kind == "attraction" else None,
        placement=typed.text("placement") or None,
        at=at,
    )
    return frame.go(f"/desk/papan/{made.id}", "sign_made")


@router.get("/papan/{link_id}")
def look(request: Request, who: Signed, connection: Reading, config: Config, link_id: int) -> HTMLResponse:
    """One sign: its code, the files to print, and taking it down."""
    sign = _sign(connection, who, link_id)
    address = links.url(config.public_url, sign.code, upper_url=True)
    return frame.draw(request, who, "sign", here="signs", sign=sign, names=_names(connection, who), printed=address)


@router.get("/papan/{link_id}/kode.{kind}")
def code(who: Signed, connection: Reading, config: Config, link_id: int, kind: str) -> Response:
    """The code as SVG, PNG or PDF; never one that a decoder does not read."""
    sign = _sign(connection, who, link_id)
    if kind not in KINDS:
        raise NotASign
    body = _drawn(links.url(config.public_url, sign.code, upper_url=True), kind)
    return Response(body, media_type=KINDS[kind], headers={"Content-Disposition": f'inline; filename="papan-{sign.code}.{kind}"'})


@router.post("/papan/{link_id}/penarikan")
def withdraw(who: SettingUp, connection: Writing, at: Now, link_id: int) -> Response:
    """Take a sign down for good."""
    links.withdraw(connection, who.village_id, _sign(connection, who, link_id).id, at=at)
    return frame.go("/desk/papan", "withdrawn")


def _drawn(address: str, kind: str) -> bytes:
    if kind == "pdf":
        return qrcodes.pdf(address, LEVEL)
    if kind == "svg":
        return qrcodes.svg(address, LEVEL).encode()
    picture = qrcodes.png(address, LEVEL, SCALE)
    qrcodes.proof(picture, address)
    return picture


def _sign(connection: sa.Connection, who: Staff, link_id: int) -> Link:
    sign = links.get(connection, who.village_id, link_id)
    if sign.kind != "qr":
        raise NotASign
    return sign


# ---- where a sign leads ------------------------------------------------------------------------------------------------------------


def _targets(connection: sa.Connection, who: Staff) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """(group, [(kind:id, name)]) of all that a sign may open."""
    village = who.village_id
    spots = [(f"attraction:{one.id}", languages.pick(one.name, who.language)) for one in attractions.listed(connection, village)]
    people = [(f"maker:{one.id}", one.name) for one in makers.listed(connection, village)]
    goods = [(f"product:{one.id}", languages.pick(one.name, who.language)) for one in products.listed(connection, village)]
    whole = [("village:0", languages.say(who.language, "desk.sign.target_village"))]
    return [("village", whole), ("attractions", spots), ("makers", people), ("products", goods)]


def _names(connection: sa.Connection, who: Staff) -> dict[str, str]:
    """{kind:id: name} for the words under a sign."""
    return {key: name for _, group in _targets(connection, who) for key, name in group}


def _read(connection: sa.Connection, who: Staff, typed: Form) -> tuple[str, int | None]:
    wrong = []
    if not typed.text("title"):
        wrong.append(Problem("form.empty", field="title"))
    wrong += [
        Problem("form.too_long", field=name, most=TITLE_MOST) for name in ("title", "placement") if len(typed.text(name)) > TITLE_MOST
    ]
    if typed.text("target") not in _names(connection, who):
        wrong.append(Problem("form.unknown_choice", field="target"))
    if wrong:
        raise Problems(wrong)
    kind, _, target_id = typed.text("target").partition(":")
    return kind, int(target_id) or None


def _form(request: Request, who: Staff, connection: sa.Connection, values: dict[str, str], error: Problems | None = None) -> HTMLResponse:
    errors = sentences(error, who.language) if error else {}
    groups = _targets(connection, who)
    return frame.draw(request, who, "sign_new", here="signs", status=422 if error else 200, values=values, groups=groups, errors=errors)
