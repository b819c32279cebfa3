"""How buyers pay a maker, at the desk: her QRIS or bank account typed in, compared with what she holds in her hand, and only then kept."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from campaigns import qrcodes
from promo import photos
from storefront import addresses, makers, payments, tills, web
from storefront.desk.forms import Form
from storefront.desk.frame import SettingUp, Signed
from storefront.makers import Maker
from storefront.payments import Payment
from storefront.problems import Problem, Problems
from storefront.staff import Staff
from storefront.tills import Till
from storefront.web import Now, Reading, Writing

router = frame.router()


@dataclass(frozen=True)
class Holder:
    """Whose ways to pay these are: a maker's, or the village's for all makers who have none of that kind."""

    maker: Maker | None
    name: str
    till: Till

    @property
    def path(self) -> str:
        return f"/desk/umkm/{self.maker.id}/bayar" if self.maker else "/desk/desa/bayar"

    def keep(self, connection: Writing, who: Staff, till: Till) -> None:
        """Let these be the ways to pay."""
        if self.maker:
            makers.change(connection, who.village_id, self.maker.id, payments=till)
        else:
            tills.change_village(connection, who.village_id, till)


def _holder(connection: Reading, who: Staff, request: Request) -> Holder:
    """Whom the address is about. Raises UnknownMaker."""
    number = request.path_params.get("maker_id")
    if number is None:
        return Holder(None, who.village.name, tills.of_village(connection, who.village_id))
    maker = makers.get(connection, who.village_id, forms.whole(number))
    return Holder(maker, maker.name, maker.payments)


def _key_problem(request: Request, who: SettingUp, typed: forms.Typed, name: str) -> Problem | None:  # noqa: ARG001 - for who may keep it
    """What a gateway has against the key that was typed; stands before the transaction, since asking takes a while."""
    gateway = payments.gateway(name)
    if gateway is None:
        return None
    try:
        details = gateway.check(_as_typed(gateway, typed))
        gateway.standing(f"gapura-{secrets.token_hex(8)}", details, url=web.settings_of(request).gateways[name])
    except Problem as problem:
        return problem
    except Problems:
        return None  # told by who keeps it
    return None


@router.get("/umkm/{maker_id}/bayar")
@router.get("/desa/bayar")
def look(request: Request, who: Signed, connection: Reading) -> HTMLResponse:
    """Each way to pay, and what stands there for this maker, or for the village."""
    return _page(request, who, connection, _holder(connection, who, request))


@router.post("/umkm/{maker_id}/bayar/{name}")
@router.post("/desa/bayar/{name}")
def keep(
    request: Request,
    who: SettingUp,
    typed: forms.Typed,
    refused: Annotated[Problem | None, Depends(_key_problem)],
    connection: Writing,
    name: str,
) -> Response:
    """Check what was typed and show who would be paid; once somebody has compared and agreed, keep it. A gateway's key was tried."""
    holder, payment = _holder(connection, who, request), payments.get(name)
    try:
        details = payment.check(_given(payment, typed))
        if refused:
            raise refused
    except (Problem, Problems) as error:
        return _page(request, who, connection, holder, tried=name, typed=_as_typed(payment, typed), error=error)
    except photos.BadPhoto as error:
        told = Problem(error.key, field="text", **error.facts)
        return _page(request, who, connection, holder, tried=name, typed=_as_typed(payment, typed), error=told)
    if not typed.has("agreed") and payments.gateway(name) is None:
        return _page(request, who, connection, holder, tried=name, typed=details, is_compared=True)
    kept = tills.sealed(name, details, request.app.state.sealer, who.village_id)
    holder.keep(connection, who, {**holder.till, name: kept})
    return frame.go(holder.path, "saved")


@router.post("/umkm/{maker_id}/bayar/{name}/pencabutan")
@router.post("/desa/bayar/{name}/pencabutan")
def remove(request: Request, who: SettingUp, connection: Writing, name: str) -> Response:
    """Offer this way no longer."""
    holder = _holder(connection, who, request)
    holder.keep(connection, who, {other: details for other, details in holder.till.items() if other != name})
    return frame.go(holder.path, "removed")


@router.post("/umkm/{maker_id}/bayar/{name}/uji")
@router.post("/desa/bayar/{name}/uji")
def record_trial(request: Request, who: SettingUp, connection: Writing, typed: forms.Typed, at: Now, name: str) -> Response:
    """Write down that a test payment has come, which lets the amount be filled in; or go back to the code as it is."""
    holder = _holder(connection, who, request)
    details = dict(holder.till.get(name, {}))
    if not details or not payments.get(name).trial(details):
        raise makers.UnknownMaker
    if not typed.has("off") and not typed.has("arrived"):
        return _page(request, who, connection, holder, tried=name, error=Problem("desk.payment.not_arrived", field="arrived"))
    for mark in ("tested_at", "tested_by"):
        details.pop(mark, None)
    if not typed.has("off"):
        details |= {"tested_at": at.isoformat(), "tested_by": who.login}
    holder.keep(connection, who, {**holder.till, name: details})
    return frame.go(holder.path, "saved")


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
    connection: Reading,
    holder: Holder,
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
        holder=holder,
        notices=f"{web.settings_of(request).public_url}{addresses.prefix(connection, who.village_id)}/bayar/{{}}/notifikasi".format,
        is_gateway=lambda name: payments.gateway(name) is not None,
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
