"""Attractions at the desk: what people come to see, when it is open, what it costs and how everybody comes home safely."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.pictures as pictures
from storefront import attractions, languages, points, prices, web
from storefront.attractions import DAYS, Attraction
from storefront.desk.forms import Form
from storefront.desk.frame import SettingUp, Signed
from storefront.media import Photo
from storefront.problems import Collected, Problem, Problems
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()

LONGEST = {"name": 120, "story": 4_000, "safety": 1_000}
FORM_LANGUAGES = ("id", "en")
FREE = ("", "0", "gratis", "free")


@router.get("/wisata")
def listed(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """The attractions of the village in their order."""
    return frame.draw(request, who, "attractions", here="attractions", attractions=attractions.listed(connection, who.village_id))


@router.get("/wisata/baru")
def new(request: Request, who: SettingUp) -> HTMLResponse:
    """The empty form; most places open at the same hours all week."""
    return _form(request, who, None, {"same": "1"}, (), None)


@router.post("/wisata")
def create(request: Request, who: SettingUp, typed: forms.Typed, upload: pictures.Uploaded, connection: Writing, at: Now) -> Response:
    """A new attraction, or the form again with a sentence for all that is wrong and nothing lost."""
    photo = pictures.chosen(connection, who, typed, upload, alt=_words(typed, "name"), at=at)
    try:
        made = attractions.create(connection, village_id=who.village_id, at=at, **_values(typed, upload, photo))
    except Problems as error:
        return _form(request, who, None, typed.first(), typed.fields.get("facility", ()), photo, error)
    return frame.go(f"/desk/wisata/{made.id}", "saved")


@router.get("/wisata/{attraction_id}")
def edit(request: Request, who: Signed, connection: Reading, attraction_id: int) -> HTMLResponse:
    """The form with the attraction in it."""
    spot = attractions.get(connection, who.village_id, attraction_id)
    return _form(request, who, spot, _sheet(spot), spot.facilities, spot.photo)


@router.post("/wisata/{attraction_id}")
def change(
    request: Request, who: SettingUp, typed: forms.Typed, upload: pictures.Uploaded, connection: Writing, at: Now, attraction_id: int
) -> Response:
    """Change an attraction; tourists see it at once."""
    spot = attractions.get(connection, who.village_id, attraction_id)
    photo = pictures.chosen(connection, who, typed, upload, alt=_words(typed, "name"), at=at)
    try:
        attractions.change(connection, who.village_id, attraction_id, **_values(typed, upload, photo, spot))
    except Problems as error:
        return _form(request, who, spot, typed.first(), typed.fields.get("facility", ()), photo, error)
    return frame.go(f"/desk/wisata/{attraction_id}", "saved")


# ---- reading the form ------------------------------------------------------------------------------------------------------------


def _values(typed: Form, upload: pictures.Upload, photo: Photo | None, was: Attraction | None = None) -> dict[str, Any]:
    """The columns as typed. Raises Problems: all there is to put right, at once."""
    wrong = Collected()
    wrong.problems += [upload.problem] if upload.problem else []
    values: dict[str, Any] = {name: _words(typed, name, getattr(was, name, {})) for name in LONGEST}
    if not values["name"]:
        wrong.problems.append(Problem("attraction.no_name", field="name_id"))
    wrong.problems += [
        Problem("form.too_long", field=f"{name}_{code}", most=most)
        for name, most in LONGEST.items()
        for code in FORM_LANGUAGES
        if len(typed.text(f"{name}_{code}")) > most
    ]
    values["hours"] = _hours(typed, wrong)
    with wrong.of("last_entry"):
        values["last_entry"] = _last_entry(typed.text("last_entry"), values["hours"])
    with wrong.of("ticket"):
        values["ticket_idr"] = 0 if typed.text("ticket").lower() in FREE else prices.read(typed.text("ticket"))
    with wrong.of("point"):
        values["latitude"], values["longitude"] = points.read(typed.text("point")) or (None, None)
    wrong.stop()
    known = [key for key, _ in facilities("id")]
    ticked = set(typed.fields.get("facility", ()))
    return values | {"facilities": [key for key in known if key in ticked], "photo_id": photo.id if photo else None}


def _words(typed: Form, name: str, was: Mapping[str, str] | None = None) -> dict[str, str]:
    """{language: words} as typed; languages that the form does not have are kept."""
    words = dict(was or {}) | {code: typed.text(f"{name}_{code}") for code in FORM_LANGUAGES}
    return {code: text for code, text in words.items() if text}


def _hours(typed: Form, wrong: Collected) -> dict[str, list[str]]:
    """{"mon": ["07:00", "17:00"]}; days that are closed or left empty are not in it, unless they are to be as Monday is."""
    hours: dict[str, list[str]] = {}
    told = len(wrong.problems)
    for day in DAYS:
        if typed.has(f"closed_{day}"):
            continue
        with wrong.of(f"open_{day}"):
            if span := forms.span(typed.text(f"open_{day}"), typed.text(f"close_{day}")):
                hours[day] = span
            elif typed.has("same") and "mon" in hours:
                hours[day] = hours["mon"]
    is_told_closed = all(typed.has(f"closed_{day}") for day in DAYS)
    if not hours and not is_told_closed and len(wrong.problems) == told:
        wrong.problems.append(Problem("attraction.no_hours", field="open_mon"))
    return hours


def _last_entry(text: str, hours: Mapping[str, Sequence[str]]) -> str | None:
    if not text:
        return None
    last = forms.clock(text)
    if hours and last > max(span[1] for span in hours.values()):
        raise Problem("attraction.last_entry_late")
    return last


# ---- showing the form --------------------------------------------------------------------------------------------------------------


def facilities(language: str) -> list[tuple[str, str]]:
    """(key, words) of everything there may be on the spot."""
    keys = [key for key in languages.words(languages.FIRST) if key.startswith("facilities.")]
    return [(key.removeprefix("facilities."), languages.say(language, key)) for key in keys]


def _sheet(spot: Attraction) -> dict[str, str]:
    """An attraction as the form shows it."""
    sheet = {f"{name}_{code}": getattr(spot, name).get(code, "") for name in LONGEST for code in FORM_LANGUAGES}
    for day in DAYS:
        opens, closes = spot.hours.get(day, ("", ""))
        sheet |= {f"open_{day}": opens, f"close_{day}": closes} | ({} if opens else {f"closed_{day}": "1"})
    ticket = f"{spot.ticket_idr:,}".replace(",", ".") if spot.ticket_idr else ""
    return sheet | {"last_entry": spot.last_entry or "", "ticket": ticket, "point": points.shown(spot.latitude, spot.longitude)}


def _form(
    request: Request,
    who: Staff,
    spot: Attraction | None,
    values: Mapping[str, str],
    ticked: Sequence[str],
    photo: Photo | None,
    error: Problems | None = None,
) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "attraction",
        here="attractions",
        status=422 if error else 200,
        spot=spot,
        values=values,
        photo=photo,
        ticked=ticked,
        facilities=facilities(who.language),
        days=DAYS,
        errors=web.sentences(error, who.language) if error else {},
    )
