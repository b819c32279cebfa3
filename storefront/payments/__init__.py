"""The ways to pay, one file each, found by listing this folder; and the plain values they speak in."""

import functools
import importlib
from collections.abc import Mapping, Sequence
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
    kind: str = "text"  # text | picture
    is_required: bool = True


@dataclass(frozen=True)
class Bill:
    """What is to be paid to one maker: whole rupiah, and how the goods change hands (pickup | send)."""

    code: str
    total_idr: int
    delivery: str
    maker_name: str


@dataclass(frozen=True)
class Instructions:
    """What the buyer does to pay: keys of sentences in assets/languages, in order, and the facts in them."""

    keys: Sequence[str]
    facts: Mapping[str, object] = field(default_factory=dict)


class Payment(Protocol):
    """What each file of this folder offers. It never touches the database, settings or another way to pay."""

    @property
    def TITLE(self) -> str: ...  # noqa: N802

    @property
    def FIELDS(self) -> Sequence[Field]: ...  # noqa: N802

    @staticmethod
    def start(bill: Bill) -> Instructions:
        """What the buyer of this bill does now."""


@functools.cache
def names() -> tuple[str, ...]:
    """The ways to pay there are, by name."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")))


def get(name: str) -> Payment:
    """The way to pay of this name. Raises UnknownPayment, a Problem of the field `payment`."""
    if name not in names():
        raise UnknownPayment(name)
    return cast(Payment, importlib.import_module(f"storefront.payments.{name}"))
