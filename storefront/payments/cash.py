"""Cash: at the stall's counter, or to whoever brings the parcel."""

from storefront.payments import Bill, Field, Instructions

TITLE = "payment.cash.title"
FIELDS: tuple[Field, ...] = ()


def start(bill: Bill) -> Instructions:
    """Pay when the goods change hands; nothing is to be done now."""
    return Instructions((f"payment.cash.{bill.delivery}",), {"maker": bill.maker_name})
