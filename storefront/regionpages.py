"""The months of a province's or a regency's villages as a page and as CSV, under an address that is for reading only."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from storefront import languages, monthpages, regionlinks, regions, villages, web
from storefront.regionlinks import Scope
from storefront.regions import Line, Place
from storefront.reportfiles import harmless
from storefront.web import Now, Reading

router = APIRouter(include_in_schema=False)

ON_A_PAGE = 100
EARLY = 7  # up to this day a month has too little to show, and the one before comes first
FIGURES = ("people", "visitors", "orders", "rupiah")
SORTS = ("name", "villages", "silent", *FIGURES)


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see: a month, a region within what the address opens, a word, silent ones only, in which order."""

    month: date
    province: str
    regency: str
    district: str
    word: str
    is_silent: bool
    sort: str
    page: int

    @property
    def level(self) -> str:
        """Of what there is a row."""
        if self.word or self.is_silent or self.district:
            return "village"
        return "district" if self.regency else "regency" if self.province else "province"

    def query(self, **other: str | int) -> str:
        """The address of the same with something else; what is empty is left out, and another choice begins at its first page."""
        given: dict[str, str | int] = {"bulan": f"{self.month:%Y-%m}", "provinsi": self.province, "kabupaten": self.regency}
        given.update({"kecamatan": self.district, "cari": self.word, "sepi": int(self.is_silent), "urut": self.sort}, **other)
        return "?" + urlencode({name: value for name, value in given.items() if value})


@router.get("/wilayah/{key}")
def page(request: Request, connection: Reading, at: Now, key: str) -> HTMLResponse:
    """The table: a row for each regency, district or village; a hundred villages on a page."""
    scope = _scope(request, key, at)
    asked = _asked(request, scope, at)
    found = _lines(connection, scope, asked)
    language = request.scope.get("gapura.language", languages.FIRST)
    base = ("" if language == languages.FIRST else f"/{language}") + f"/wilayah/{key}"
    begin = (asked.page - 1) * ON_A_PAGE
    return web.page(
        request,
        "desk/region.html",
        language=language,
        headers=monthpages.PRIVATE,
        scope=scope,
        asked=asked,
        base=base,
        lines=found[begin : begin + ON_A_PAGE],
        total=regions.in_all(found),
        count=len(found),
        first=begin + 1,
        pages=max(1, -(-len(found) // ON_A_PAGE)),
        sorts=SORTS,
        figures=FIGURES,
        month=languages.month(language, asked.month),
        earlier=asked.query(bulan=f"{asked.month - timedelta(days=1):%Y-%m}"),
        later=asked.query(bulan=f"{asked.month + timedelta(days=32):%Y-%m}") if _next(asked.month) <= _today(at) else "",
        trail=_trail(scope, asked),
        inner={"province": "provinsi", "regency": "kabupaten", "district": "kecamatan"}.get(asked.level, ""),
        number=partial(languages.number, language),
    )


@router.get("/wilayah/{key}/desa.csv")
def as_csv(request: Request, connection: Reading, at: Now, key: str) -> Response:
    """Every village of what was asked for, as a spreadsheet takes it."""
    scope = _scope(request, key, at)
    asked = _asked(request, scope, at)
    language = request.scope.get("gapura.language", languages.FIRST)
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    heads = ("province", "regency", "district", "village", *FIGURES, "people_before")
    sheet.writerow([languages.say(language, f"region.{name}") for name in heads])
    for line in _lines(connection, scope, asked, level="village"):
        if line.place is not None:
            texts = (line.place.province, line.place.regency, line.place.district, line.place.village)
            sheet.writerow([*(harmless(text) for text in texts), *line.now, line.before.people])
    headers = {**monthpages.PRIVATE, "Content-Disposition": f'attachment; filename="desa-{asked.month:%Y-%m}.csv"'}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


# ---- what is asked for -----------------------------------------------------------------------------------------------------------


def _scope(request: Request, key: str, at: datetime) -> Scope:
    return regionlinks.read(key, web.settings_of(request).secret.get_secret_value(), at=at)


def _asked(request: Request, scope: Scope, at: datetime) -> Asked:
    """The scope's own province and regency stand, whatever the query says."""
    given, today = request.query_params, _today(at)
    usual = today if today.day > EARLY else today.replace(day=1) - timedelta(days=1)
    number = given.get("hal", "")
    return Asked(
        monthpages.month_of(given.get("bulan", ""), today) if given.get("bulan") else usual.replace(day=1),
        scope.province or given.get("provinsi", ""),
        scope.regency or given.get("kabupaten", ""),
        given.get("kecamatan", ""),
        given.get("cari", "").strip()[:60],
        given.get("sepi") == "1",
        given.get("urut", "") if given.get("urut") in SORTS else "",
        int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 5 else 1,
    )


def _lines(connection: sa.Connection, scope: Scope, asked: Asked, *, level: str = "") -> list[Line]:
    of = regions.places(connection, province=scope.province, regency=scope.regency)
    if asked.province != scope.province or asked.regency != scope.regency or asked.district or asked.word:
        of = [one for one in of if _is_meant(one, asked)]
    found = regions.lines(connection, asked.month, of, level or asked.level)
    if asked.is_silent:
        found = [line for line in found if line.silent]
    return _sorted(found, asked.sort)


def _is_meant(one: Place, asked: Asked) -> bool:
    wanted = ((asked.province, one.province), (asked.regency, one.regency), (asked.district, one.district))
    is_there = all(want in ("", name) or want.casefold() == name.casefold() for want, name in wanted)
    return is_there and asked.word.casefold() in one.village.casefold()


def _sorted(found: list[Line], by: str) -> list[Line]:
    if by == "name":
        return sorted(found, key=lambda line: (line.name.casefold(), line.within))
    if by in ("villages", "silent"):
        return sorted(found, key=lambda line: -int(getattr(line, by)))
    if by:
        return sorted(found, key=lambda line: -int(getattr(line.now, by)))
    return sorted(found, key=lambda line: (-line.now.rupiah, -line.now.people, -line.before.people, line.name))


def _trail(scope: Scope, asked: Asked) -> Sequence[tuple[str, str]]:
    """(name, query) of the regions above what is shown, as far as the address opens them."""
    plain: dict[str, str | int] = {"kecamatan": "", "cari": "", "sepi": 0}
    steps = [(scope.name, asked.query(provinsi=scope.province, kabupaten=scope.regency, **plain))]
    if asked.province and not scope.province and not scope.regency:
        steps.append((asked.province, asked.query(kabupaten="", **plain)))
    if asked.regency and not scope.regency:
        steps.append((asked.regency, asked.query(**plain)))
    if asked.district:
        steps.append((asked.district, asked.query()))
    return steps


def _today(at: datetime) -> date:
    return at.astimezone(ZoneInfo(villages.ZONES[0])).date()


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
