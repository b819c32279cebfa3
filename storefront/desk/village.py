"""The village at the desk: its name and story, how it is reached, where it lies, and the colours its pages and posters wear."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.pictures as pictures
from promo import captions, patterns, posters
from promo.posters import Facts
from storefront import languages, media, palettes, phones, points, promotion, villages, web
from storefront.desk.forms import Form
from storefront.desk.frame import SettingUp, Signed
from storefront.media import Photo
from storefront.problems import Collected, Problem, Problems
from storefront.staff import Staff
from storefront.villages import Village
from storefront.web import Now, Reading, Store, Writing

router = frame.router()

PLACE = ("name", "district", "regency", "province")
LONGEST = dict.fromkeys(PLACE, 80) | {"tagline_id": 80, "tagline_en": 80, "story_id": 4_000, "story_en": 4_000, "hashtags": 300}
FORM_LANGUAGES = ("id", "en")
ROLES = tuple(palettes.DEFAULT)
HASHTAGS_MOST = 10
PREVIEW_SCALE = 0.35
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@router.get("/desa")
def edit(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """The form with the village in it."""
    photo = media.by_id(connection, who.village_id, [who.village.photo_id]).get(who.village.photo_id or 0)
    return _form(request, who, _sheet(who.village), photo)


@router.post("/desa")
def change(request: Request, who: SettingUp, typed: forms.Typed, upload: pictures.Uploaded, connection: Writing, at: Now) -> Response:
    """Change the village; its pages and all posters made from now on show it at once."""
    photo = pictures.chosen(connection, who, typed, upload, alt={languages.FIRST: typed.text("name")}, at=at)
    try:
        villages.change(connection, who.village_id, **_values(who.village, typed, upload, photo))
    except Problems as error:
        return _form(request, who, typed.first(), photo, error)
    return frame.go("/desk/desa", "saved")


@router.post("/desa/pratinjau")
def preview(request: Request, who: SettingUp, typed: forms.Typed, upload: pictures.Uploaded, connection: Writing, at: Now) -> HTMLResponse:
    """The form again with the colours that were picked; nothing of the village is changed."""
    photo = pictures.chosen(connection, who, typed, upload, alt={languages.FIRST: typed.text("name")}, at=at)
    return _form(request, who, typed.first(), photo)


@router.get("/desa/pratinjau.jpg")
def picture(request: Request, who: Signed, connection: Reading, store: Store, motif: str = "") -> Response:
    """A poster in the colours of the address, out of the village's own goods: for staff's eyes only."""
    colours = {role: request.query_params[role] for role in ROLES if _COLOUR.fullmatch(request.query_params.get(role, ""))}
    brand = promotion.brand(_dressed(who.village, {"colours": colours, "pattern": motif}))
    sellable = promotion.sellable(connection, who.village_id)
    facts = promotion.facts(store, who.village, sellable[0], who.language) if sellable else _bare(who.village, who.language)
    drawn = posters.draw(promotion.looks(who.language)[0][0], facts, brand, "square", scale=PREVIEW_SCALE)
    return Response(drawn.jpeg, media_type="image/jpeg")


def _dressed(village: Village, brand: Mapping[str, Any]) -> Village:
    return Village(**{**{name: getattr(village, name) for name in Village.__dataclass_fields__}, "brand": brand})


def _bare(village: Village, language: str) -> Facts:
    """What a poster says while there is nothing to sell yet."""
    return Facts(title=village.name, village=village.name, tagline=languages.pick(village.brand.get("tagline"), language))


# ---- reading the form ------------------------------------------------------------------------------------------------------------


def _values(village: Village, typed: Form, upload: pictures.Upload, photo: Photo | None) -> dict[str, Any]:
    """The columns as typed. Raises Problems: all there is to put right, at once."""
    wrong = Collected()
    wrong.problems += [upload.problem] if upload.problem else []
    wrong.problems += [Problem("form.empty", field=name) for name in PLACE if not typed.text(name)]
    wrong.problems += [Problem("form.too_long", field=name, most=most) for name, most in LONGEST.items() if len(typed.text(name)) > most]
    values: dict[str, Any] = {name: typed.text(name) for name in PLACE}
    with wrong.of("whatsapp"):
        values["whatsapp"] = phones.normalise(typed.text("whatsapp")) if typed.text("whatsapp") else None
    with wrong.of("point"):
        values["latitude"], values["longitude"] = points.read(typed.text("point")) or (None, None)
    with wrong.of("zone"):
        values["zone"] = _one_of(typed.text("zone"), villages.ZONES)
    values["story"] = _words(typed, "story", village.story)
    values["brand"] = _brand(village.brand, typed, wrong)
    wrong.stop()
    return values | {"photo_id": photo.id if photo else None}


def _brand(was: Mapping[str, Any], typed: Form, wrong: Collected) -> dict[str, Any]:
    brand = dict(was) | {"tagline": _words(typed, "tagline", was.get("tagline"))}
    for role in ROLES:
        if not _COLOUR.fullmatch(typed.text(role)):
            wrong.problems.append(Problem("village.colour_wrong", field=role, typed=typed.text(role)[:20]))
    brand["colours"] = dict(was.get("colours", {})) | {role: typed.text(role).lower() for role in ROLES}
    brand["hashtags"] = captions.hashtag_list(typed.text("hashtags").replace(",", " ").replace("#", " ").split())
    if len(brand["hashtags"]) > HASHTAGS_MOST:
        wrong.problems.append(Problem("village.many_hashtags", field="hashtags", most=HASHTAGS_MOST))
    with wrong.of("pattern"):
        brand["pattern"] = _one_of(typed.text("pattern"), patterns.MOTIFS)
    return brand


def _words(typed: Form, name: str, was: Mapping[str, str] | None) -> dict[str, str]:
    words = dict(was or {}) | {code: typed.text(f"{name}_{code}") for code in FORM_LANGUAGES}
    return {code: text for code, text in words.items() if text}


def _one_of(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise Problem("form.unknown_choice")
    return text


# ---- showing the form --------------------------------------------------------------------------------------------------------------


def _sheet(village: Village) -> dict[str, str]:
    """The village as the form shows it."""
    sheet = {name: getattr(village, name) for name in (*PLACE, "zone")} | palettes.chosen(village.brand)
    tagline = village.brand.get("tagline") or {}
    for code in FORM_LANGUAGES:
        sheet |= {f"story_{code}": village.story.get(code, ""), f"tagline_{code}": tagline.get(code, "")}
    sheet["whatsapp"] = phones.shown(village.whatsapp) if village.whatsapp else ""
    sheet |= {"point": points.shown(village.latitude, village.longitude), "pattern": village.brand.get("pattern", patterns.MOTIFS[0])}
    return sheet | {"hashtags": " ".join(captions.hashtag_list(village.brand.get("hashtags", ())))}


def _form(request: Request, who: Staff, values: Mapping[str, str], photo: Photo | None, error: Problems | None = None) -> HTMLResponse:
    brand = {"colours": {role: values.get(role, "") for role in ROLES}}
    return frame.draw(
        request,
        who,
        "village",
        here="village",
        status=422 if error else 200,
        values=values,
        photo=photo,
        colours=palettes.chosen(brand),
        judged=palettes.judged(brand),
        palette=palettes.of(brand)[0],
        ratio=lambda number: _ratio(number, who.language),
        zones=[(zone, languages.ZONE_NAMES[zone]) for zone in villages.ZONES],
        motifs=patterns.MOTIFS,
        errors=web.sentences(error, who.language) if error else {},
    )


def _ratio(number: float, language: str) -> str:
    text = f"{int(number * 10) / 10:.1f}"  # cut, never rounded up: 4.49 is not 4.5
    return text if language == "en" else text.replace(".", ",")
