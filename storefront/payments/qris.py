"""QRIS: the maker's own static code, shown as it is; the buyer types the amount, and the maker says when it has come."""

import contextlib
from collections.abc import Mapping

from storefront import languages, qris
from storefront.payments import Bill, Field, Instructions

TITLE = "payment.qris.title"
FIELDS = (Field("text", kind="code", most=qris.LONGEST),)
EXAMPLE = {  # a merchant that does not exist, of a provider that does not exist: no app pays it
    "text": (
        "00020101021126460013ID.CONTOH.WWW01189360099900000000010303UMI"
        "51440014ID.CO.QRIS.WWW0215ID99990000000010303UMI5204549953033605802ID5911TOKO CONTOH6006CONTOH61050000063047791"
    )
}
TRIAL_IDR = 1_000


def check(given: Mapping[str, str]) -> dict[str, str]:
    """The code with the name and the national id of who is paid by it. Raises qris.BadQris."""
    read = qris.read(given.get("text", ""))
    return {"text": read.text, "merchant": read.merchant, "nmid": read.nmid}


def rows(details: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The name and the NMID: both stand under every QRIS, so that a swapped one is noticed."""
    return (("payment.qris.merchant", details["merchant"]), ("payment.qris.nmid", details["nmid"]))


def trial(details: Mapping[str, str]) -> str:
    """The code with Rp 1.000 in it."""
    return qris.with_amount(details["text"], TRIAL_IDR, "UJI")


def start(bill: Bill) -> Instructions:
    """Scan, compare the name, type the amount. Once a test payment came through, the amount stands in the code when it is final."""
    facts = {"maker": bill.maker_name, "merchant": bill.details["merchant"], "amount": languages.rupiah(bill.total_idr)}
    if bill.total_idr > qris.AMOUNT_MOST:
        return Instructions(("payment.qris.too_much",), facts)
    code = bill.details["text"]
    keys: tuple[str, ...] = ("payment.qris.type", "payment.qris.same_phone")
    if bill.is_open:
        keys = ("payment.qris.send", *keys)
    elif bill.details.get("tested_at"):
        with contextlib.suppress(qris.BadQris):  # its field of bill numbers is full: the code as it is serves as well
            code, keys = (
                qris.with_amount(code, bill.total_idr, bill.code),
                ("payment.qris.filled", "payment.qris.same_phone", "payment.qris.unofficial"),
            )
    return Instructions((*keys, "payment.qris.after"), facts, code, rows(bill.details))
