"""Cash: at the stall's counter, or to whoever brings the parcel."""

from collections.abc import Mapping

from storefront.payments import Bill, Field, Instructions

TITLE = "payment.cash.title"
FIELDS: tuple[Field, ...] = ()
EXAMPLE: dict[str, str] = {}


def check(given: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG001 - the family's shape
    """There is nothing to fill in."""
    return {}


def rows(details: Mapping[str, str]) -> tuple[tuple[str, str], ...]:  # noqa: ARG001
    """Nor to show."""
    return ()


def trial(details: Mapping[str, str]) -> str:  # noqa: ARG001
    """Nor to try."""
    return ""


def start(bill: Bill) -> Instructions:
    """Pay when the goods change hands; nothing is to be done now."""
    return Instructions((f"payment.cash.{bill.delivery}",), {"maker": bill.maker_name})
