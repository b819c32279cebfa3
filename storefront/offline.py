"""The shop on the phone's own screen and without signal: manifest, scripts, the card for a hill, and the order that waits."""

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from storefront import attractions, front, hours, languages, makers, media, palettes, scripts, web
from storefront.showing import Visit
from storefront.web import Reading

router = APIRouter(default_response_class=HTMLResponse)
ICONS = (192, 512)
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class UnknownScript(LookupError):
    """No script of today is called that."""


@router.api_route("/sw.js", methods=["GET", "HEAD"])
def service_worker() -> Response:
    """What answers when the signal does not; asked for anew each time, as a phone must be able to lose an old one."""
    return Response(scripts.text("sw.js"), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.api_route("/skrip/{name}", methods=["GET", "HEAD"])
def script(name: str) -> Response:
    """shop.js in one language, under the name that its content gives it."""
    language = next((code for code in front.SHOP_LANGUAGES if name == scripts.name(code)), None)
    if language is None:
        raise UnknownScript(name)
    return Response(scripts.shop(language), media_type="text/javascript", headers=FOREVER)


@router.api_route("/manifest.webmanifest", methods=["GET", "HEAD"])
def manifest(guest: Visit) -> Response:
    """What a phone needs to keep the village's shop among its apps."""
    village, day = guest.visitor.village, palettes.of(guest.visitor.village.brand)[0]
    facts = {
        "name": languages.say(guest.language, "shop.village", name=village.name),
        "short_name": village.name,
        "description": languages.pick(village.brand.get("tagline"), guest.language),
        "lang": guest.language,
        "id": guest.visitor.href("/"),
        "start_url": guest.visitor.href("/"),
        "scope": "/",
        "display": "standalone",
        "background_color": day.paper,
        "theme_color": day.deep,
        "icons": [
            {"src": f"/ikon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for size in ICONS
            for purpose in ("any", "maskable")
        ],
    }
    return JSONResponse(facts, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


@router.api_route("/ikon-{size}.png", methods=["GET", "HEAD"])
def app_icon(size: str) -> Response:
    """The gate as an app's icon."""
    if size not in map(str, ICONS):
        raise media.UnknownPicture(size)
    return FileResponse(web.ASSETS / "style" / "icons" / f"app-{size}.png", media_type="image/png", headers=FOREVER)


@router.api_route("/tanpa-sinyal", methods=["GET", "HEAD"])
def card(guest: Visit, connection: Reading) -> Response:
    """All a guest may need where there is no signal, on one small page: hours, coordinates, phone numbers, what to mind."""
    seen_here = attractions.listed(connection, guest.village_id)
    public = makers.listed(connection, guest.village_id, only_public=True)
    until = hours.turn(seen_here, guest.local)
    return guest.show("offline.html", path="/tanpa-sinyal", until=until, attractions=seen_here, makers=public)


@router.api_route("/pesanan-tersimpan", methods=["GET", "HEAD"])
def waiting_order(guest: Visit) -> Response:
    """What is shown for an order that waits in the phone for a signal."""
    return guest.show("waiting.html", path="/pesanan-tersimpan", script=scripts.name(guest.language))
