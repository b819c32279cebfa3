"""`gapura recount` and `gapura rejudge`: the counts proved against the raw clicks, and clicks judged anew by hand."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from campaigns import keeping, links, rebuilding, recounts
from campaigns.clicks import Kind
from storefront import database, languages, settings

MOST_SHOWN = 50
KINDS = Literal["person", "robot", "preview", "prefetch", "head", "staff", "burst"]
_console = Console(highlight=False, soft_wrap=True)
_errors = Console(stderr=True, highlight=False, soft_wrap=True)
_Data = Annotated[
    Path | None, typer.Option("--data", help="The folder of everything Gapura keeps; `data` unless said or set by GAPURA_DATA.")
]


def recount(
    data: _Data = None,
    check: Annotated[bool, typer.Option("--check", help="Only look; leave what differs as it is.")] = False,
) -> None:
    """Make every count anew from the raw clicks still kept, and print what differed; nothing should. Ends with 1 if something did."""
    engine = database.open_engine(settings.load(data).database_url)
    if check:
        with database.reading(engine) as connection:
            since = keeping.kept_since(connection)
            found = recounts.recount(connection, since=since)
    else:
        with database.writing(engine) as connection:
            since = keeping.kept_since(connection)
            found = rebuilding.rebuild(connection)
    for one in found[:MOST_SHOWN]:
        _console.print(
            f"{one.table} {' '.join(str(part) for part in one.key)}: {_written(one.rolled)} -> {_written(one.counted)}", markup=False
        )
    outcome = ("looked" if check else "mended") if found else "agreed"
    _console.print(_say(f"recount.{outcome}", count=len(found), since=since or _say("recount.beginning")))
    if found:
        raise typer.Exit(1)


def rejudge(
    code: Annotated[str, typer.Argument(help="The code of the link, like K7Q2XA.")],
    into: Annotated[KINDS, typer.Option(help="What the clicks are.")],
    of: Annotated[KINDS, typer.Option(help="What they were taken for.")] = "robot",
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The village's day, like 2026-11-23; today unless said.")
    ] = None,
    data: _Data = None,
) -> None:
    """Judge the clicks of one kind on a link and day anew, with all their counts, as long as single clicks are kept."""
    engine = database.open_engine(settings.load(data).database_url)
    with database.writing(engine) as connection:
        try:
            link = links.follow(connection, code)
        except links.UnknownLink as error:
            _errors.print(_say("rejudge.unknown", code=code), markup=False)
            raise typer.Exit(1) from error
        on = (day or datetime.now().astimezone()).date()
        seen = rebuilding.clicks_of(connection, link.village_id, link.id, on, most=1_000_000)
        chosen = [one.id for one in seen if one.kind == Kind[of.upper()]]
        count = rebuilding.rejudge(connection, link.village_id, link.id, chosen, Kind[into.upper()])
    _console.print(_say("rejudge.done", count=count, code=link.code, day=on, kind=into))


def _written(counts: tuple[int, ...]) -> str:
    return "/".join(str(count) for count in counts)


def _say(key: str, **facts: object) -> str:
    return languages.say(settings.language(), f"cli.{key}", **facts)
