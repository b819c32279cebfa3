"""The ways to pay, one file each, found by listing this folder; and the plain values they speak in."""

import functools
import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, cast

from storefront.problems import Problem


class UnknownPayment(Problem, LookupError):
    """There is no file of this name in storefront/payments."""

    def __init__(self, name: str) -> None:
        super().__init__("order.payment_unknown", field="payment")
        self.name = name


class Unreachable(Problem):
    """The gateway did not answer, or not in words we know: nothing is known and nothing was changed."""

    def __init__(self) -> None:
        super().__init__("payment.unreachable")


class KeyRefused(Problem):
    """The gateway does not know this key."""

    def __init__(self, field: str) -> None:
        super().__init__("payment.key_refused", field=field)


class Forged(Exception):
    """A notice that the gateway did not sign."""


class InUse(Exception):
    """The gateway knows this reference already."""


@dataclass(frozen=True)
class Field:
    """One line that a maker or clerk fills in before this way to pay can be offered; the words are in assets/languages under payment."""

    name: str
    kind: str = "text"  # text | code: the text in a QR code, typed or read off a picture | secret: kept sealed, never shown again
    most: int = 80


@dataclass(frozen=True)
class Bill:
    """What is to be paid to one maker: whole rupiah, how the goods change hands (pickup | village | send), what she typed in for this way.

    `is_open` while the cost of sending is still to come on top.
    """

    code: str
    total_idr: int
    delivery: str
    maker_name: str
    details: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False


@dataclass(frozen=True)
class Standing:
    """How a charge stands with its gateway: open | paid | over | refunded; the sum, and the code to show and until when, where it says so.

    `number` is the gateway's own for this payment.
    """

    state: str
    amount_idr: int | None
    number: str = ""
    code: str = ""
    ends_at: datetime | None = None


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


class Gateway(Payment, Protocol):
    """A way to pay by which somebody else collects the money and tells us: asked at `url`, believed only when it is asked back."""

    @property
    def SECRET(self) -> str: ...  # noqa: N802 - the name of the field that is kept sealed; the functions below get it opened

    @staticmethod
    def charge(bill: Bill, reference: str, *, url: str) -> Standing:
        """Ask it to collect a bill. Raises Unreachable, KeyRefused, InUse for a reference that it knows."""

    @staticmethod
    def standing(reference: str, details: Mapping[str, str], *, url: str) -> Standing | None:
        """How a charge stands; None for one it does not know. Raises Unreachable, KeyRefused."""

    @staticmethod
    def reference_of(raw: bytes) -> str:
        """Which charge a notice is about, believed no further than that. Raises Forged for what is no notice."""

    @staticmethod
    def verify(raw: bytes, details: Mapping[str, str]) -> str:
        """The name of a notice that the gateway has signed: two of the same name tell the same. Raises Forged."""


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


def is_shown_by_proof(name: str) -> bool:
    """Whether a buyer shows by a picture that she has paid in this way: nobody else can see it at once."""
    return bool(getattr(get(name), "TAKES_PROOF", False))


def gateway(name: str) -> Gateway | None:
    """The way to pay of this name when it is a gateway. Raises UnknownPayment."""
    found = get(name)
    return cast(Gateway, found) if hasattr(found, "SECRET") else None
