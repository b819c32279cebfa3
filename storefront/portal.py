"""Many villages in order: province, regency, district, village, told apart by the ministry's code, since names are not unique."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from storefront import slugs
from storefront.villages import Village

ALL_AT_ONCE = 60  # villages on one page; from there on the front page lists regencies


@dataclass(frozen=True)
class District:
    """A district and its villages by name."""

    name: str
    villages: Sequence[Village]


@dataclass(frozen=True)
class Regency:
    """A regency; `key` is the first four digits of its villages' code, or its name where they have none."""

    key: str
    province: str
    name: str
    districts: Sequence[District]

    @property
    def count(self) -> int:
        return sum(len(district.villages) for district in self.districts)


def regencies(known: Iterable[Village]) -> list[Regency]:
    """The regencies by province and name, each with its districts and their villages."""
    ordered = sorted(known, key=lambda one: (one.province, one.regency, key_of(one), one.district, one.name, one.code10 or "", one.id))
    return [
        Regency(key, province, name, _districts(list(group)))
        for (province, name, key), group in groupby(ordered, key=lambda one: (one.province, one.regency, key_of(one)))
    ]


def key_of(village: Village) -> str:
    """What the regency of a village is called in an address."""
    return village.code10[:4] if village.code10 else slugs.plain(f"{village.regency} {village.province}")


def dotted(code: str) -> str:
    """A village's code as the ministry writes it: 35.14.13.2005."""
    return f"{code[:2]}.{code[2:4]}.{code[4:6]}.{code[6:]}"


def _districts(villages: list[Village]) -> list[District]:
    return [District(name, list(group)) for name, group in groupby(villages, key=lambda one: one.district)]
