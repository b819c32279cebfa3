"""The village at the desk: its name and story, how it is reached, where it lies, and the colours its pages and posters wear."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.pictures as pictures
import storefront.desk.scripts as scripts
from promo import caption_styles, captions, logos, patterns, posters
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
LOGO_SIDE = 768  # pixels: a logo is 200 wide on a poster, three times that in print
SHOWN_LOOKS = 2  # posters beside the colours
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class LogoSent:
    """What came in the field "logo": on disk already, or what is wrong with it; without a new one it is the one the form still has."""

    sha256: str = ""
    png: bytes = b""
    problem: Problem | None = None


def _logo_sent(typed: forms.Typed, store: Store) -> LogoSent:
    """Stands before the transaction: opening a picture must hold up nobody."""
    sha256, png = _kept_logo(store, typed)
    for data in typed.files.get("logo", ()):
        made, warning = logos.cleaned(data, LOGO_SIDE)
        if warning:
            return LogoSent(sha256, png, Problem(warning.replace("poster.logo_", "logo."), field="logo"))
        sha256, png = store.save(made), made
    return LogoSent(sha256, png)


def _kept_logo(store: Store, typed: Form) -> tuple[str, bytes]:
    """The logo of before, unless that was to be dropped; never any other picture of the folder."""
    try:
        png = b"" if typed.has("drop_logo") else store.read(typed.text("logo_sha"))
    except media.UnknownPicture:
        return "", b""
    return (typed.text("logo_sha"), png) if png.startswith(media.PNG) else ("", b"")


Logo = Annotated[LogoSent, Depends(_logo_sent)]


@router.get("/desa")
def edit(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """The form with the village in it."""
    photo = media.by_id(connection, who.village_id, [who.village.photo_id]).get(who.village.photo_id or 0)
    return _form(request, who, _sheet(who.village), photo)


@router.post("/desa")
def change(
    request: Request, who: SettingUp, typed: forms.Typed, upload: pictures.Uploaded, logo: Logo, connection: Writing, at: Now
) -> Response:
    """Change the village; its pages and all posters made from now on show it at once."""
    photo = pictures.chosen(connection, who, typed, upload, alt={languages.FIRST: typed.text("name")}, at=at)
    try:
        villages.change(connection, who.village_id, **_values(who.village, typed, upload, photo, logo))
    except Problems as error:
        return _form(request, who, _typed(typed, logo), photo, error)
    return frame.go("/desk/desa", "saved")


@router.post("/desa/pratinjau")
def preview(
    request: Request, who: SettingUp, typed: forms.Typed, upload: pictures.Uploaded, logo: Logo, connection: Writing, at: Now
) -> HTMLResponse:
    """The form again with the colours that were picked, or with those the logo suggests; nothing of the village is changed."""
    photo = pictures.chosen(connection, who, typed, upload, alt={languages.FIRST: typed.text("name")}, at=at)
    values = _typed(typed, logo)
    wrong = [logo.problem] if logo.problem else []
    if typed.has("usul"):
        kit = logos.proposed(logo.png) if logo.png else None
        values |= {role: getattr(kit, role) for role in ROLES} if kit else {}
        wrong += [] if kit or wrong else [Problem("logo.no_colour" if logo.png else "logo.none", field="logo")]
    return _form(request, who, values, photo, Problems(wrong) if wrong else None)


def _typed(typed: Form, logo: LogoSent) -> dict[str, str]:
    return typed.first() | {"logo_sha": logo.sha256}


@router.get("/desa/pratinjau.jpg")
def picture(request: Request, who: Signed, connection: Reading, store: Store, motif: str = "", logo: str = "", look: int = 0) -> Response:
    """A poster in the colours and with the logo of the address, out of the village's own goods: for staff's eyes only."""
    colours = {role: request.query_params[role] for role in ROLES if _COLOUR.fullmatch(request.query_params.get(role, ""))}
    village = _dressed(who.village, {**who.village.brand, "colours": colours, "pattern": motif, "logo": logo})
    sellable = promotion.sellable(connection, who.village_id)
    facts = promotion.facts(store, village, sellable[0], who.language) if sellable else _bare(village, who.language)
    looks = promotion.looks(who.language)
    drawn = posters.draw(looks[min(max(look, 0), len(looks) - 1)][0], facts, promotion.brand(village), "square", scale=PREVIEW_SCALE)
    return Response(drawn.jpeg, media_type="image/jpeg")


@router.get("/desa/logo-{sha256}.png")
def logo_picture(who: Signed, store: Store, sha256: str) -> Response:  # noqa: ARG001 - for staff only
    """The logo as it is kept."""
    png = store.read(sha256)
    if not png.startswith(media.PNG):
        raise web.NotFound
    return Response(png, media_type="image/png")


def _dressed(village: Village, brand: Mapping[str, Any]) -> Village:
    return Village(**{**{name: getattr(village, name) for name in Village.__dataclass_fields__}, "brand": brand})


def _bare(village: Village, language: str) -> Facts:
    """What a poster says while there is nothing to sell yet."""
    return Facts(title=village.name, village=village.name, tagline=languages.pick(village.brand.get("tagline"), language))


# ---- reading the form ------------------------------------------------------------------------------------------------------------


def _values(village: Village, typed: Form, upload: pictures.Upload, photo: Photo | None, logo: LogoSent) -> dict[str, Any]:
    """The columns as typed. Raises Problems: all there is to put right, at once."""
    wrong = Collected()
    wrong.problems += [problem for problem in (upload.problem, logo.problem) if problem]
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
    if logo.sha256 or typed.has("drop_logo"):
        values["brand"]["logo"] = logo.sha256
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
    if typed.has("tone"):
        with wrong.of("tone"):
            brand["tone"] = _one_of(typed.text("tone"), tuple(captions.names()))
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
    sheet |= {"logo_sha": str(village.brand.get("logo", "")), "tone": str(village.brand.get("tone", ""))}
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
        tones=[(name, languages.pick(caption_styles.get(name).title, who.language)) for name in captions.names()],
        looks=range(SHOWN_LOOKS),
        script=scripts.address("brand-kit"),
        errors=web.sentences(error, who.language) if error else {},
    )


def _ratio(number: float, language: str) -> str:
    text = f"{int(number * 10) / 10:.1f}"  # cut, never rounded up: 4.49 is not 4.5
    return text if language == "en" else text.replace(".", ",")
