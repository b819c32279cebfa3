"""How buyers pay a maker, at the desk: her QRIS or bank account typed in, compared with what she holds in her hand, and only then kept."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from campaigns import qrcodes
from promo import photos
from storefront import makers, payments, web
from storefront.desk.forms import Form
from storefront.desk.frame import SettingUp, Signed
from storefront.makers import Maker
from storefront.payments import Payment
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.web import Now, Reading, Writing

router = frame.router()


@router.get("/umkm/{maker_id}/bayar")
def look(request: Request, who: Signed, connection: Reading, maker_id: int) -> HTMLResponse:
    """Each way to pay, and what stands there for this maker."""
    return _page(request, who, makers.get(connection, who.village_id, maker_id))


@router.post("/umkm/{maker_id}/bayar/{name}")
def keep(request: Request, who: SettingUp, connection: Writing, typed: forms.Typed, maker_id: int, name: str) -> Response:
    """Check what was typed and show who would be paid; once somebody has compared and agreed, keep it."""
    maker, payment = makers.get(connection, who.village_id, maker_id), payments.get(name)
    try:
        details = payment.check(_given(payment, typed))
    except (Problem, Problems) as error:
        return _page(request, who, maker, tried=name, typed=_as_typed(payment, typed), error=error)
    except photos.BadPhoto as error:
        return _page(
            request, who, maker, tried=name, typed=_as_typed(payment, typed), error=Problem(error.key, field="text", **error.facts)
        )
    if not typed.has("agreed"):
        return _page(request, who, maker, tried=name, typed=details, is_compared=True)
    makers.change(connection, who.village_id, maker_id, payments={**maker.payments, name: details})
    return frame.go(_path(maker), "saved")


@router.post("/umkm/{maker_id}/bayar/{name}/pencabutan")
def remove(who: SettingUp, connection: Writing, maker_id: int, name: str) -> Response:
    """Offer this way no longer."""
    maker = makers.get(connection, who.village_id, maker_id)
    kept = {other: details for other, details in maker.payments.items() if other != name}
    makers.change(connection, who.village_id, maker_id, payments=kept)
    return frame.go(_path(maker), "removed")


@router.post("/umkm/{maker_id}/bayar/{name}/uji")
def record_trial(request: Request, who: SettingUp, connection: Writing, typed: forms.Typed, at: Now, maker_id: int, name: str) -> Response:
    """Write down that a test payment has come, which lets the amount be filled in; or go back to the code as it is."""
    maker = makers.get(connection, who.village_id, maker_id)
    details = dict(maker.payments.get(name, {}))
    if not details or not payments.get(name).trial(details):
        raise makers.UnknownMaker
    if not typed.has("off") and not typed.has("arrived"):
        return _page(request, who, maker, tried=name, error=Problem("desk.payment.not_arrived", field="arrived"))
    for mark in ("tested_at", "tested_by"):
        details.pop(mark, None)
    if not typed.has("off"):
        details |= {"tested_at": at.isoformat(), "tested_by": who.login}
    makers.change(connection, who.village_id, maker_id, payments={**maker.payments, name: details})
    return frame.go(_path(maker), "saved")


def _path(maker: Maker) -> str:
    return f"/desk/umkm/{maker.id}/bayar"


def _as_typed(payment: Payment, typed: Form) -> dict[str, str]:
    return {field.name: typed.text(field.name) for field in payment.FIELDS}


def _given(payment: Payment, typed: Form) -> dict[str, str]:
    """The fields as typed; a code comes off the picture where one was sent. Raises Problem, photos.BadPhoto."""
    given = _as_typed(payment, typed)
    for field in payment.FIELDS:
        for picture in typed.files.get(f"{field.name}_picture", ()):
            if field.kind == "code":
                given[field.name] = _read_off(picture, field.name)
    return given


def _read_off(picture: bytes, field: str) -> str:
    """The one payment code in a photo; other codes beside it, a poster's or a menu's, do not matter."""
    found = set(qrcodes.read(*photos.grey(photos.master(picture).jpeg)))
    codes = {text for text in found if text.startswith("000201")} or found
    if len(codes) != 1:
        raise Problem("qris.two_codes" if codes else "qris.no_code", field=field)
    return codes.pop()


def _page(
    request: Request,
    who: Staff,
    maker: Maker,
    *,
    tried: str = "",
    typed: Mapping[str, str] | None = None,
    is_compared: bool = False,
    error: Problem | Problems | None = None,
) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "maker_payments",
        here="makers",
        status=422 if error else 200,
        maker=maker,
        ways=[(name, payments.get(name)) for name in payments.names() if payments.get(name).FIELDS],
        tried=tried,
        typed=typed or {},
        is_compared=is_compared,
        qr=_qr,
        moment_of=datetime.fromisoformat,
        errors=web.sentences(error, who.language) if error else {},
    )


def _qr(text: str) -> Markup:
    return Markup(qrcodes.svg(text, "M"))  # noqa: S704 - numbers and our own letters
