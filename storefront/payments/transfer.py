"""Transfer to the maker's bank account, which she or the village office typed in."""

import re
from collections.abc import Mapping

from storefront import languages
from storefront.payments import Bill, Field, Instructions
from storefront.problems import Collected, Problem

TITLE = "payment.transfer.title"
FIELDS = (Field("bank", most=40), Field("number", most=40), Field("name", most=60))
EXAMPLE = {"bank": "Bank Contoh", "number": "0000123456", "name": "Sri Wahyuni"}
TAKES_PROOF = True
_NUMBER = re.compile(r"[0-9]{6,20}")


def check(given: Mapping[str, str]) -> dict[str, str]:
    """Bank, number (digits only) and the name on the account. Raises Problems."""
    problems, kept = Collected(), {}
    for one in FIELDS:
        kept[one.name] = " ".join(given.get(one.name, "").split())
        with problems.of(one.name):
            if not kept[one.name]:
                raise Problem(f"payment.transfer.no_{one.name}")
            if len(kept[one.name]) > one.most:
                raise Problem("form.too_long", most=one.most)
    kept["number"] = re.sub(r"[\s.-]", "", kept["number"])
    with problems.of("number"):
        if kept["number"] and not _NUMBER.fullmatch(kept["number"]):
            raise Problem("payment.transfer.number_wrong")
    problems.stop()
    return kept


def rows(details: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Bank, number and name, as they are to be typed."""
    return tuple((f"payment.transfer.{one.name}", details[one.name]) for one in FIELDS)


def trial(details: Mapping[str, str]) -> str:  # noqa: ARG001 - the family's shape
    """A bank names the owner before the money goes: nothing is to be tried."""
    return ""


def start(bill: Bill) -> Instructions:
    """Transfer the amount with the order's code as the message."""
    facts = {"maker": bill.maker_name, "amount": languages.rupiah(bill.total_idr), "order": bill.code, "name": bill.details["name"]}
    first = ("payment.transfer.send",) if bill.is_open else ()
    return Instructions((*first, "payment.transfer.how", "payment.transfer.after"), facts, rows=rows(bill.details))
