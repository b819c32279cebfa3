"""QRIS: the text of a merchant's payment code, read and checked, and written again with an amount and every other byte as it was.

Frame: EMVCo merchant-presented TLV, ID(2) LEN(2) VALUE; the last is 63, CRC-16/CCITT-FALSE over everything before its four digits.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from storefront.problems import Problem

LONGEST = 512  # characters; the standard's own limit
AMOUNT_MOST = 10_000_000  # rupiah of one payment, Bank Indonesia's limit
BILL_MOST = 25
_END = re.compile(r"6304[0-9A-F]{4}")
_NMID = re.compile(r"ID[0-9]{13}")
_PRINTABLE = re.compile(r"[ -~]*")
_AMOUNT, _BILLS, _OTHER_LANGUAGE, _FEES = "54", "62", "64", ("55", "56", "57")


class BadQris(Problem):
    """The text is no QRIS code that a maker could be paid by; `key` says which of the reasons it is."""


@dataclass(frozen=True)
class Qris:
    """A merchant's own code: the text exactly as it was, the merchant's name and city, and the national merchant id (NMID)."""

    text: str
    merchant: str
    city: str
    nmid: str


@dataclass(frozen=True)
class Field:
    """One field of the frame, and its text as it stood there."""

    tag: str
    value: str

    def __str__(self) -> str:
        return f"{self.tag}{len(self.value):02}{self.value}"


def read(text: str) -> Qris:
    """The static code of a merchant in rupiah. Raises BadQris for a damaged one, one for a single payment, one that adds a fee."""
    text = text.strip()
    fields = _checked(text)
    value = {field.tag: field.value for field in fields}
    if value.get("01", "11") != "11" or _AMOUNT in value:
        raise BadQris("qris.only_once")
    if any(tag in value for tag in _FEES):
        raise BadQris("qris.fee")
    if value.get("53") != "360" or value.get("58") != "ID":
        raise BadQris("qris.not_rupiah")
    national = {field.tag: field.value for field in _frame(value.get("51", ""))}
    nmid, merchant = national.get("02", ""), value.get("59", "").strip()
    if national.get("00") != "ID.CO.QRIS.WWW" or not _NMID.fullmatch(nmid) or not merchant:
        raise BadQris("qris.nameless")
    return Qris(text, merchant, value.get("60", "").strip(), nmid)


def with_amount(text: str, rupiah: int, order_code: str = "") -> str:
    """The same code for one payment of so many rupiah, with the order's code in field 62/01: every other byte is kept.

    Only for a code that read() takes: a fee (55-57) is neither written nor passed on. Raises BadQris.
    """
    read(text)
    if not 0 < rupiah <= AMOUNT_MOST:
        raise BadQris("qris.amount", most=AMOUNT_MOST)
    fields = [Field("01", "12") if field.tag == "01" else field for field in _checked(text.strip())[:-1]]
    if fields[1].tag != "01":
        fields.insert(1, Field("01", "12"))
    _put(fields, Field(_AMOUNT, str(rupiah)))
    if order_code:
        _put(fields, Field(_BILLS, _with_bill(next((field.value for field in fields if field.tag == _BILLS), ""), order_code)))
    written = "".join(str(field) for field in fields) + "6304"
    return written + crc(written)


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE as four capital hexadecimal digits; "123456789" gives 29B1."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def _put(fields: list[Field], new: Field) -> None:
    """In the place of the field of this tag, else before the first higher one: the order of all others is their maker's."""
    for place, field in enumerate(fields):
        if field.tag == new.tag:
            fields[place] = new
            return
    place = next((place for place, field in enumerate(fields) if field.tag > new.tag), len(fields))
    fields.insert(place, new)


def _with_bill(bills: str, order_code: str) -> str:
    inner = [field for field in _frame(bills) if field.tag != "01"]
    written = str(Field("01", order_code)) + "".join(str(field) for field in inner)
    if len(order_code) > BILL_MOST or len(written) > 99 or not _PRINTABLE.fullmatch(order_code):
        raise BadQris("qris.no_room")
    return written


def _checked(text: str) -> list[Field]:
    if not text.startswith("000201") or len(text) > LONGEST:
        raise BadQris("qris.no_qris")
    if not _END.fullmatch(text[-8:]) or crc(text[:-4]) != text[-4:]:
        raise BadQris("qris.damaged")
    fields = list(_frame(text))
    tags = [field.tag for field in fields]
    is_plain = all(_PRINTABLE.fullmatch(field.value) for field in fields if field.tag != _OTHER_LANGUAGE)
    if tags[-1] != "63" or len(set(tags)) < len(tags) or not is_plain:
        raise BadQris("qris.damaged")
    return fields


def _frame(text: str) -> Iterator[Field]:
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if not (len(head) == 4 and head.isascii() and head.isdigit()):
            raise BadQris("qris.damaged")
        end = at + 4 + int(head[2:])
        if end > len(text):
            raise BadQris("qris.damaged")
        yield Field(head[:2], text[at + 4 : end])
        at = end
