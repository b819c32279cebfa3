"""Midtrans: a QRIS made for one payment, by the gateway's Core API; what it tells is signed, checked by us, and asked back.

Notices: POST JSON whose signature_key is SHA512(order_id + status_code + gross_amount + server key); gross_amount is the very text
("50000.00"). Their official client never looks at it, so no client of theirs is used. Times are on Jakarta's clock.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from promo import wire
from promo.networks import Failure
from storefront import languages
from storefront.payments import Bill, Field, Forged, Instructions, InUse, KeyRefused, Standing, Unreachable
from storefront.problems import Collected, Problem

TITLE = "payment.midtrans.title"
FIELDS = (Field("merchant", most=40), Field("server_key", kind="secret", most=100))
SECRET = "server_key"  # noqa: S105 - the name of the field
EXAMPLE = {"merchant": "G000000000", "server_key": "SB-Mid-server-000000000000000000000000"}
PATIENCE = 10.0  # seconds
_MERCHANT = re.compile(r"[A-Z][0-9]{6,15}")
_KEY = re.compile(r"(SB-)?Mid-server-[A-Za-z0-9_-]{8,80}")
_AMOUNT = re.compile(r"([0-9]{1,13})(\.0{1,2})?")
_STATES = {"pending": "open", "authorize": "open", "settlement": "paid", "capture": "paid"}
_STATES |= {"partial_refund": "paid", "partial_chargeback": "paid"}
_STATES |= dict.fromkeys(("deny", "cancel", "expire", "failure"), "over") | dict.fromkeys(("refund", "chargeback"), "refunded")
_SIGNED = ("order_id", "status_code", "gross_amount", "signature_key")
_ZONE = ZoneInfo("Asia/Jakarta")


def check(given: Mapping[str, str]) -> dict[str, str]:
    """The merchant's id and the server key. Raises Problems."""
    problems = Collected()
    kept = {field.name: given.get(field.name, "").strip() for field in FIELDS}
    for name, form in (("merchant", _MERCHANT), ("server_key", _KEY)):
        with problems.of(name):
            if not form.fullmatch(kept[name]):
                raise Problem(f"payment.midtrans.{name}_wrong")
    problems.stop()
    return kept


def rows(details: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The merchant's id; the key is shown to nobody."""
    return (("payment.midtrans.merchant", details["merchant"]),)


def trial(details: Mapping[str, str]) -> str:  # noqa: ARG001 - the family's shape
    """The key is tried when it is typed in."""
    return ""


def start(bill: Bill) -> Instructions:
    """Let the gateway make a code for this sum; it tells us when the money has come."""
    facts = {"maker": bill.maker_name, "amount": languages.rupiah(bill.total_idr)}
    return Instructions(("payment.midtrans.wait",) if bill.is_open else ("payment.midtrans.how", "payment.midtrans.after"), facts)


def charge(bill: Bill, reference: str, *, url: str) -> Standing:
    """A QRIS for this one bill. Raises Unreachable, KeyRefused, InUse."""
    wish = {"payment_type": "qris", "transaction_details": {"order_id": reference, "gross_amount": bill.total_idr}}
    said = _ask("POST", f"{url}/v2/charge", bill.details, {**wish, "qris": {"acquirer": "gopay"}})
    if said.get("status_code") == "406":
        raise InUse
    if said.get("status_code") not in ("200", "201") or not isinstance(said.get("qr_string"), str):
        raise Unreachable
    return _standing(said, reference)


def standing(reference: str, details: Mapping[str, str], *, url: str) -> Standing | None:
    """How a charge stands; None when Midtrans knows none of this reference. Raises Unreachable, KeyRefused."""
    said = _ask("GET", f"{url}/v2/{reference}/status", details)
    return None if said.get("status_code") == "404" else _standing(said, reference)


def reference_of(raw: bytes) -> str:
    """Which charge a notice says it is about. Raises Forged for what is no notice."""
    return str(_notice(raw)["order_id"])


def verify(raw: bytes, details: Mapping[str, str]) -> str:
    """ "<transaction id>:<state>" of a notice with the right signature, compared in constant time. Raises Forged."""
    said = _notice(raw)
    signed = hashlib.sha512((said["order_id"] + said["status_code"] + said["gross_amount"] + details[SECRET]).encode()).hexdigest()
    if not hmac.compare_digest(signed.encode(), said["signature_key"].lower().encode()):
        raise Forged
    return f"{str(said.get('transaction_id', ''))[:60]}:{str(said.get('transaction_status', ''))[:30]}"


def _notice(raw: bytes) -> dict[str, Any]:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        raise Forged from None
    if not isinstance(said, dict) or any(not isinstance(said.get(name), str) for name in _SIGNED):
        raise Forged
    try:
        "".join(said[name] for name in _SIGNED).encode()
    except UnicodeEncodeError:  # half a pair of surrogates, which JSON may hold and UTF-8 may not
        raise Forged from None
    return said


def _standing(said: Mapping[str, Any], reference: str) -> Standing:
    state = _STATES.get(str(said.get("transaction_status")), "")
    if state == "paid" and said.get("fraud_status", "accept") != "accept":
        state = "open"  # a payment that Midtrans still looks into is no money yet
    amount = _AMOUNT.fullmatch(str(said.get("gross_amount", "")))
    if not state or not amount or said.get("order_id") != reference or said.get("currency", "IDR") != "IDR":
        raise Unreachable
    return Standing(state, int(amount[1]), str(said.get("transaction_id", ""))[:60], said.get("qr_string") or "", _moment(said))


def _moment(said: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(said.get("expiry_time"))).replace(tzinfo=_ZONE)
    except ValueError:
        return None


def _ask(method: str, url: str, details: Mapping[str, str], body: object = None) -> dict[str, Any]:
    """What Midtrans answers; its own "not found" and "known already" as their status_code, whichever way they come."""
    key = base64.b64encode(f"{details[SECRET]}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Accept": "application/json"}
    failed: Failure | None = None
    said: dict[str, Any] = {}
    try:
        said = wire.call(method, url, token=None, timeout=PATIENCE, kind_of=wire.kind_by_status, json=body, headers=headers)
    except Failure as failure:
        failed = failure
    status = str(failed.status) if failed else str(said.get("status_code"))
    if status in ("401", "403"):
        raise KeyRefused(SECRET)  # outside the except: no failure of the call may bring its headers along
    if status in ("404", "406"):
        return {"status_code": status}
    if failed:
        raise Unreachable
    return said
