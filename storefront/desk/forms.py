"""What a person typed into a form of the desk, kept as it was typed, and the pictures that came with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from storefront.desk.frame import Signed
from storefront.problems import Problem

MOST_FIELDS, MOST_FILES = 200, 10
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[.:]([0-5][0-9])")


@dataclass(frozen=True)
class Form:
    """The fields of a form by name, each with all that was given for it; file names are not kept, nobody needs them."""

    fields: Mapping[str, Sequence[str]]
    files: Mapping[str, Sequence[bytes]]

    def text(self, name: str) -> str:
        """The one value of a field without spaces around it; "" when it was left out."""
        return self.typed(name).strip()

    def typed(self, name: str) -> str:
        """The one value of a field exactly as it was typed."""
        return next(iter(self.fields.get(name, ())), "")

    def numbers(self, name: str) -> list[int]:
        """The whole numbers given for a field; what is none is left out."""
        return [int(value) for value in self.fields.get(name, ()) if value.isascii() and value.isdigit() and len(value) < 19]

    def number(self, name: str) -> int | None:
        return next(iter(self.numbers(name)), None)

    def has(self, name: str) -> bool:
        return name in self.fields

    def first(self) -> dict[str, str]:
        """{field: its one value} as it was typed, for the form that is shown again."""
        return {name: next(iter(given), "") for name, given in self.fields.items()}


NOTHING = Form({}, {})


def whole(text: str) -> int:
    """The number in an address; -1, which nothing has, for what is none or what no database holds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


async def _form_of(request: Request, who: Signed) -> Form:  # noqa: ARG001 - only who is signed in may send us a form
    fields: dict[str, list[str]] = {}
    files: dict[str, list[bytes]] = {}
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as given:
        for name, value in given.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                if data or value.filename:
                    files.setdefault(name, []).append(data)
            else:
                fields.setdefault(name, []).append(value.replace("\x00", "").replace("\r\n", "\n"))
    return Form(fields, files)


Typed = Annotated[Form, Depends(_form_of)]


def moment(day: str, clock: str, zone: str) -> datetime | None:
    """The moment of a date field and a time field on the village's clock; None when nothing was chosen. Raises Problem for nonsense."""
    if not day and not clock:
        return None
    try:
        return datetime.fromisoformat(f"{day}T{clock or '--'}").replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise Problem("desk.time_wrong", field="due_at") from None


def span(opens: str, closes: str) -> list[str]:
    """["07:00", "17:00"] of two times as typed; [] for none. Raises Problem."""
    if not opens and not closes:
        return []
    if not opens or not closes:
        raise Problem("attraction.half_hours")
    both = [clock(opens), clock(closes)]
    if both[0] >= both[1]:
        raise Problem("attraction.hours_backwards", opens=both[0].replace(":", "."), closes=both[1].replace(":", "."))
    return both


def clock(text: str) -> str:
    """`7.00` and `07:00` as 07:00. Raises Problem."""
    if not (found := _CLOCK.fullmatch(text)):
        raise Problem("attraction.clock_wrong", typed=text[:20])
    return f"{int(found[1]):02}:{found[2]}"
