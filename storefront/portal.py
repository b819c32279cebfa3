"""Many villages in order: province, regency, district, village, told apart by the ministry's code, since names are not unique."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse

from storefront import front, languages, palettes, search, slugs, villages, web
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


def page(request: Request, connection: sa.Connection, *, key: str, asked: str) -> HTMLResponse:
    """The way to every village, to those of one regency, or to those that fit what was asked for."""
    known = villages.listed(connection)
    in_order = regencies(known)
    chosen = next((regency for regency in in_order if regency.key == key), None)
    here = f"/?kab={chosen.key}" if chosen else "/"
    language = request.scope.get("gapura.language", languages.FIRST)
    prefixes = {code: "" if code == languages.FIRST else f"/{code}" for code in front.SHOP_LANGUAGES}
    return web.page(
        request,
        "shop/portal.html",
        language=language,
        prefix=prefixes[language],
        back=here,
        alternates={code: web.settings_of(request).public_url + prefix + here for code, prefix in prefixes.items()},
        palettes=palettes.of({}),
        regencies=in_order,
        chosen=chosen,
        asked=asked,
        found=search.find_villages(connection, asked) if asked else [],
        is_short=len(known) <= ALL_AT_ONCE,
        dotted=dotted,
    )


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
