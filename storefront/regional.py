"""`gapura regions`: a month of every province, regency or village of this installation in one table."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from storefront import database, languages, regionlinks, regions, serving, settings, villages
from storefront.regionlinks import Scope
from storefront.regions import Row

_console = Console(highlight=False, soft_wrap=True)
_errors = Console(stderr=True, highlight=False, soft_wrap=True)
_FIGURES = ("people", "visitors", "orders", "rupiah")
_Data = Annotated[
    Path | None, typer.Option("--data", help="The folder of everything Gapura keeps; `data` unless said or set by GAPURA_DATA.")
]


def show(
    province: Annotated[str, typer.Option(help="A row for each regency of this province.")] = "",
    regency: Annotated[str, typer.Option(help="A row for each village of this regency or city.")] = "",
    month: Annotated[datetime | None, typer.Option(formats=["%Y-%m"], help="Like 2026-11; this month unless said.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    link: Annotated[bool, typer.Option("--link", help="Print an address under which the region reads its table for 90 days.")] = False,
    data: _Data = None,
) -> None:
    """A month of many villages: a row for each province, or for what lies in the one that is named."""
    config = settings.load(data)
    day = (month or datetime.now(UTC).astimezone(ZoneInfo(villages.ZONES[0]))).date().replace(day=1)
    engine = database.open_engine(config.database_url)
    try:
        with database.reading(engine) as connection:
            found = regions.rows(connection, day, province=province, regency=regency)
    except regions.UnknownRegion as error:
        _errors.print(_say("unknown", typed=error.typed, known=", ".join(error.known) or "-"), markup=False)
        raise typer.Exit(1) from error
    if link:
        try:
            serving.check_secret(config)
        except serving.NoSecret as error:
            _errors.print(languages.say(settings.language(), "cli.no_secret"), markup=False)
            raise typer.Exit(1) from error
        until = datetime.now(UTC).date() + regionlinks.KEPT
        key = regionlinks.sign(Scope(province.strip(), regency.strip(), until), config.secret.get_secret_value())
        _console.print(languages.say(settings.language(), "region.link", day=languages.day(settings.language(), until)))
        typer.echo(f"{config.public_url}/wilayah/{key}")
        return
    if as_json:
        rows = [{"name": row.name, "villages": row.villages, "busy": row.busy, **row.month._asdict()} for row in found]
        typer.echo(json.dumps({"month": f"{day:%Y-%m}", "visitors_are": "at least", "rows": rows}, ensure_ascii=False, indent=1))
        return
    within = regency or province
    title = languages.month(settings.language(), day) + (f": {within}" if within else "")
    _console.print(_table(found, title, "village" if regency else "regency" if province else "province"))


def _table(found: list[Row], title: str, of: str) -> Table:
    table = Table(title=title, title_justify="left", show_footer=True)
    total = regions.total(found)
    table.add_column(_say(of), footer=_say("total"))
    for name in ("villages", "busy"):
        table.add_column(_say(name), justify="right", footer=str(getattr(total, name)))
    for name in _FIGURES:
        head = languages.say(settings.language(), f"cli.report.{name}")
        table.add_column(head, justify="right", footer=_written(name, getattr(total.month, name)))
    for row in found:
        figures = (_written(name, getattr(row.month, name)) for name in _FIGURES)
        table.add_row(row.name.replace("[", "\\["), str(row.villages), str(row.busy), *figures)
    return table


def _written(name: str, value: int) -> str:
    return languages.rupiah(value) if name == "rupiah" else languages.number(settings.language(), value)


def _say(key: str, **facts: object) -> str:
    return languages.say(settings.language(), f"cli.regions.{key}", **facts)
