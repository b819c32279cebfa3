"""Makers at the desk: who sells here, how buyers reach them, and that they agreed to be shown."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from storefront import addresses, keys, languages, makers, phones, web, whatsapp
from storefront.attractions import DAYS
from storefront.desk.forms import Form
from storefront.desk.frame import Selling, SettingUp, Signed
from storefront.makers import Maker
from storefront.problems import Collected, Problem, Problems
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()

LONGEST = {"name": 80, "place": 200, "story": 2_000}
FORM_LANGUAGES = ("id", "en")


@router.get("/umkm")
def listed(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """The makers of the village by name."""
    found = makers.listed(connection, who.village_id)
    return frame.draw(request, who, "makers", here="makers", makers=found, shown=phones.shown)


@router.get("/umkm/baru")
def new(request: Request, who: SettingUp) -> HTMLResponse:
    """The empty form."""
    return _form(request, who, None, {"kind": "person"})


@router.post("/umkm")
def create(request: Request, who: SettingUp, typed: forms.Typed, connection: Writing, at: Now) -> Response:
    """A new maker."""
    try:
        values = _values(typed, None, at)
        makers.create(connection, village_id=who.village_id, at=at, **values)
    except (Problem, Problems) as error:
        return _form(request, who, None, _typed(typed), error)
    return frame.go("/desk/umkm", "saved")


@router.get("/umkm/{maker_id}")
def edit(request: Request, who: Signed, connection: Reading, maker_id: int) -> HTMLResponse:
    """The form with the maker in it."""
    maker = makers.get(connection, who.village_id, maker_id)
    return _form(request, who, maker, _sheet(maker))


@router.post("/umkm/{maker_id}")
def change(request: Request, who: SettingUp, typed: forms.Typed, connection: Writing, at: Now, maker_id: int) -> Response:
    """Change a maker; taking the consent back hides her at once."""
    maker = makers.get(connection, who.village_id, maker_id)
    try:
        makers.change(connection, who.village_id, maker_id, **_values(typed, maker, at))
    except (Problem, Problems) as error:
        return _form(request, who, maker, _typed(typed), error)
    return frame.go("/desk/umkm", "saved")


def _values(typed: Form, was: Maker | None, at: Any) -> dict[str, Any]:
    wrong = Collected()
    values: dict[str, Any] = {"name": typed.text("name"), "kind": typed.text("kind"), "whatsapp": typed.text("whatsapp")}
    if not values["name"]:
        wrong.problems.append(Problem("maker.no_name", field="name"))
    if values["kind"] not in makers.KINDS:
        wrong.problems.append(Problem("form.unknown_choice", field="kind"))
    with wrong.of("whatsapp"):
        phones.normalise(values["whatsapp"])
    for name in ("place", "story"):
        words = dict(getattr(was, name, {})) | {code: typed.text(f"{name}_{code}") for code in FORM_LANGUAGES}
        values[name] = {code: text for code, text in words.items() if text}
    for field, most in LONGEST.items():
        for name in (field, *(f"{field}_{code}" for code in FORM_LANGUAGES)):
            if len(typed.text(name)) > most:
                wrong.problems.append(Problem("form.too_long", field=name, most=most))
    with wrong.of("opens"):
        there = forms.span(typed.text("opens"), typed.text("closes"))
        values["hours"] = {day: there for day in DAYS if there and not typed.has(f"closed_{day}")}
    wrong.stop()
    agreed_at = was.consent_at if was and was.consent_at else at
    return {**values, "consent_at": agreed_at if typed.has("consent") else None}


def _typed(typed: Form) -> dict[str, str]:
    return {name: next(iter(given), "") for name, given in typed.fields.items()}


def _sheet(maker: Maker) -> dict[str, str]:
    sheet = {f"{name}_{code}": getattr(maker, name).get(code, "") for name in ("place", "story") for code in FORM_LANGUAGES}
    if maker.hours:
        opens, closes = next(iter(maker.hours.values()))
        sheet |= {"opens": opens, "closes": closes} | {f"closed_{day}": "1" for day in DAYS if day not in maker.hours}
    return (
        sheet
        | {"name": maker.name, "kind": maker.kind, "whatsapp": phones.shown(maker.whatsapp)}
        | ({"consent": "1"} if maker.consent_at else {})
    )


@router.post("/umkm/{maker_id}/tautan/pencabutan")
def revoke_keys(who: SettingUp, connection: Writing, maker_id: int) -> Response:
    """All links that were sent to this maker let nobody in any more."""
    makers.revoke_keys(connection, who.village_id, makers.get(connection, who.village_id, maker_id).id)
    return frame.go(f"/desk/umkm/{maker_id}", "withdrawn")


@router.get("/umkm/{maker_id}/tautan")
def send_key(request: Request, who: Selling, connection: Reading, at: Now, maker_id: int) -> Response:
    """A new key for this maker, handed to WhatsApp for her."""
    maker = makers.get(connection, who.village_id, maker_id)
    config = web.settings_of(request)
    key = keys.sign(maker, config.secret.get_secret_value(), at=at)
    url = config.public_url + addresses.prefix(connection, who.village_id) + addresses.seller(key)
    facts = {"maker": maker.name, "village": who.village.name, "days": keys.KEPT.days, "url": url}
    return RedirectResponse(whatsapp.link(maker.whatsapp, languages.say(languages.FIRST, "seller.invitation", **facts)), 303)


def _form(
    request: Request, who: Staff, maker: Maker | None, values: dict[str, str], error: Problem | Problems | None = None
) -> HTMLResponse:
    errors = web.sentences(error, who.language) if error else {}
    return frame.draw(
        request,
        who,
        "maker",
        here="makers",
        status=422 if error else 200,
        maker=maker,
        values=values,
        kinds=makers.KINDS,
        days=DAYS,
        errors=errors,
    )
