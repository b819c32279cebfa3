"""The ways to pay, one file each, found by listing this folder; and the plain values they speak in."""

import functools
import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from storefront.problems import Problem


class UnknownPayment(Problem):
    """There is no file of this name in storefront/payments."""

    def __init__(self, name: str) -> None:
        super().__init__("order.payment_unknown", field="payment")
        self.name = name


@dataclass(frozen=True)
class Field:
    """One line that a maker or clerk fills in before this way to pay can be offered; the words are in assets/languages under payment."""

    name: str
    kind: str = "text"  # text | code: the text in a QR code, typed or read off a picture
    most: int = 80


@dataclass(frozen=True)
class Bill:
    """What is to be paid to one maker: whole rupiah, how the goods change hands (pickup | send), and what she typed in for this way."""

    code: str
    total_idr: int
    delivery: str
    maker_name: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instructions:
    """What the buyer does to pay: keys of sentences in assets/languages, in order, and the facts in them.

    `code` is the text of a QR code to show, `rows` are pairs of a label's key and a value to read or to type.
    """

    keys: Sequence[str]
    facts: Mapping[str, object] = field(default_factory=dict)
    code: str = ""
    rows: Sequence[tuple[str, str]] = ()


class Payment(Protocol):
    """What each file of this folder offers. It never touches the database, settings or another way to pay."""

    @property
    def TITLE(self) -> str: ...  # noqa: N802

    @property
    def FIELDS(self) -> Sequence[Field]: ...  # noqa: N802

    @property
    def EXAMPLE(self) -> Mapping[str, str]: ...  # noqa: N802 - what a maker of the demo village might type into FIELDS

    @staticmethod
    def check(given: Mapping[str, str]) -> dict[str, str]:
        """What is kept of a form with these FIELDS. Raises Problem or Problems."""

    @staticmethod
    def rows(details: Mapping[str, str]) -> Sequence[tuple[str, str]]:
        """(label's key, value) of what check() kept: who is paid, for a person to compare."""

    @staticmethod
    def trial(details: Mapping[str, str]) -> str:
        """The QR code of a small payment that has to arrive before `tested_at` may be set in the details; "" where nothing is tried."""

    @staticmethod
    def start(bill: Bill) -> Instructions:
        """What the buyer of this bill does now."""


@functools.cache
def names() -> tuple[str, ...]:
    """The ways to pay there are, by name."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")))


def offered(makers: Iterable[Mapping[str, Mapping[str, str]]]) -> tuple[str, ...]:
    """The ways by which all of these makers can be paid, given what each has typed in for which."""
    known = list(makers)
    return tuple(name for name in names() if not get(name).FIELDS or all(name in typed_in for typed_in in known))


def get(name: str) -> Payment:
    """The way to pay of this name. Raises UnknownPayment, a Problem of the field `payment`."""
    if name not in names():
        raise UnknownPayment(name)
    return cast(Payment, importlib.import_module(f"storefront.payments.{name}"))
