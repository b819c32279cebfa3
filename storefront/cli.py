"""The command line `gapura`: plain words in, one function called, plain words out."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from campaigns import qrcodes
from promo import accounts
from storefront import (
    backups,
    checks,
    counting,
    database,
    demo,
    figures,
    founding,
    languages,
    picturing,
    posterfiles,
    regional,
    searchentries,
    serving,
    settings,
    tills,
    warming,
)
from storefront.media import Store
from storefront.problems import Problem

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Gapura: a village's shop, its posts and its counts."
)
console = Console(highlight=False, soft_wrap=True)
LANGUAGE = settings.language()

DEFAULTS = {"province": "Jawa Timur", "zone": "WIB", "login": "operator"}  # what most answer to `gapura init`

Data = Annotated[
    Path | None, typer.Option("--data", help="The folder of everything Gapura keeps; `data` unless said or set by GAPURA_DATA.")
]


def say(key: str, **facts: object) -> str:
    return languages.say(LANGUAGE, f"cli.{key}", **facts)


def stop(key: str, **facts: object) -> typer.Exit:
    """Print a sentence where errors go, and end with 1."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(say(key, **facts), markup=False)
    return typer.Exit(1)


@app.command(name="demo")
def demo_(
    data: Annotated[Path, typer.Option(help="The folder the demo keeps everything in.")] = Path("data/demo"),
    port: Annotated[int, typer.Option(help="The port of shop and desk; the next free one when it is taken.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on: 0.0.0.0 lets a phone in the same network in.")] = "0.0.0.0",  # noqa: S104 - the QR is for a phone
) -> None:
    """Start everything with a demo village: shop, desk, publisher and a practice network. No account needed. Ctrl-C stops it."""
    with bars() as progress:
        demo.run(
            data.absolute(),
            port,
            host,
            progress=progress,
            when_up=lambda running: _show(running, progress),
            moved=lambda wanted, taken: console.print(say("port_taken", wanted=wanted, taken=taken)),
        )
    console.print(say("stopped"))


def _show(running: demo.Running, progress: "Bars") -> None:
    progress.stop()
    table = Table(show_header=False, box=None, padding=(0, 2))
    rows = {"shop": running.shop, "desk": running.desk, "sign_in": f"{running.name} / {running.password}", "practice": running.practice}
    for key, value in rows.items():
        table.add_row(say(f"table.{key}"), value)
    console.print()
    typer.echo(qrcodes.terminal(running.phone))  # colours and all, also where rich would write plainly
    console.print(say("scan_me", url=running.phone))
    console.print()
    console.print(table)
    console.print()
    console.print(say("stop_me"))
    sys.stdout.flush()


@app.command()
def init(
    data: Data = None,
    name: Annotated[str | None, typer.Option(help="The name of the village.")] = None,
    district: Annotated[str | None, typer.Option(help="Its district (kecamatan).")] = None,
    regency: Annotated[str | None, typer.Option(help="Its regency or city.")] = None,
    province: Annotated[str | None, typer.Option(help="Its province.")] = None,
    zone: Annotated[str | None, typer.Option(help="WIB, WITA or WIT.")] = None,
    whatsapp: Annotated[str | None, typer.Option(help="The village's WhatsApp number.")] = None,
    public_url: Annotated[str | None, typer.Option(help="The address guests will open; printed into every QR code.")] = None,
    login: Annotated[str | None, typer.Option(help="The first clerk's sign-in name.")] = None,
    password: Annotated[str | None, typer.Option(help="The first clerk's password; asked unseen when left out.")] = None,
) -> None:
    """Found a real village: settings, database, the village and its first clerk. What no flag says is asked."""
    given = {"name": name, "district": district, "regency": regency, "province": province, "zone": zone, "whatsapp": whatsapp}
    given |= {"public_url": public_url, "login": login, "password": password}
    try:
        answers = {field: _ask(field) if value is None else value for field, value in given.items()}
        file = founding.found(data or Path("data"), answers, at=datetime.now(UTC))
    except founding.AlreadyFounded as error:
        raise stop("already_founded", name=error.name) from error
    except Problem as problem:
        _tell(problem)
        raise stop("nothing_made") from problem
    console.print(say("founded", name=answers["name"].strip(), file=file, data=data or Path("data")))


def _ask(field: str) -> str:
    """Ask until the answer can be kept: one slip costs one answer, not all of them."""
    while True:
        typed: str = typer.prompt(
            say(f"ask.{field}"), default=DEFAULTS.get(field, ""), show_default=field in DEFAULTS, hide_input=field == "password"
        )
        try:
            founding.read(field, typed)
        except Problem as problem:
            _tell(problem)
        else:
            return typed


def _tell(problem: Problem) -> None:
    console.print(languages.say(LANGUAGE, problem.key, **problem.facts), markup=False)


@app.command()
def serve(
    data: Data = None,
    publisher: Annotated[bool, typer.Option(help="Run the publisher in this process too; with several web processes run it apart.")] = True,
) -> None:
    """Run shop and desk (and the publisher), until Ctrl-C or SIGTERM."""
    chosen = _ready(data)
    try:
        listening = serving.listen(chosen.host, chosen.port)
        up = lambda: console.print(say("serving", url=chosen.public_url, host=chosen.host, port=chosen.port))  # noqa: E731
        serving.serve(chosen, listening, with_publisher=publisher, when_up=up)
    except serving.PortTaken as error:
        raise stop("port_not_free", port=chosen.port) from error
    except serving.NoSecret as error:
        raise stop("no_secret") from error
    console.print(say("stopped"))


@app.command()
def publisher(data: Data = None) -> None:
    """Run the publisher alone, until Ctrl-C or SIGTERM."""
    try:
        serving.publish_until_told_to_stop(_ready(data))
    except serving.NoSecret as error:
        raise stop("no_secret") from error


def _ready(data: Path | None) -> settings.Settings:
    chosen = settings.load(data)
    engine = database.open_engine(chosen.database_url)
    database.migrate(engine)
    engine.dispose()
    return chosen


@app.command()
def check(data: Data = None) -> None:
    """Look whether everything this installation needs is there, and say what to do where it is not."""
    signs = {"ok": "[green]ok[/]     ", "warning": "[yellow]look[/]   ", "broken": "[red]broken[/] "}
    found = list(checks.all_of(settings.load(data)))
    for one in found:
        console.print(signs[one.state] + languages.say(LANGUAGE, f"check.{one.key}", **one.facts).replace("[", "\\["))
    if any(one.state == "broken" for one in found):
        raise typer.Exit(1)


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to this release: all of it or nothing."""
    engine = database.open_engine(settings.load(data).database_url)
    database.migrate(engine)
    with database.writing(engine) as connection:
        searchentries.mend_all(connection)
    console.print(say("migrated", at=database.versions(engine)[0]))


@app.command()
def warm(data: Data = None) -> None:
    """Walk once through every public page and picture of the running shop, so that no guest is the first to wait for one."""
    chosen = settings.load(data)
    host = "127.0.0.1" if chosen.host in ("0.0.0.0", "::") else chosen.host  # noqa: S104 - listened on, so reached from here
    try:
        with bars() as progress:
            done = warming.warm(f"http://{host}:{chosen.port}", chosen.public_url, progress=lambda at, of: progress("warm", at, of))
    except warming.NotRunning as error:
        raise stop("not_running", address=error) from error
    console.print(say("warmed", pages=done.pages, pictures=done.pictures))
    for path in done.failed:
        console.print(path, markup=False)


@app.command()
def rotate(data: Data = None) -> None:
    """Seal every token anew with GAPURA_SECRET; give the former one as GAPURA_SECRET_OLD for this once."""
    chosen = settings.load(data)
    try:
        serving.check_secret(chosen)
    except serving.NoSecret as error:
        raise stop("no_secret") from error
    with database.writing(database.open_engine(chosen.database_url)) as connection:
        sealer = accounts.Sealer(chosen.secrets)
        changed = accounts.reseal(connection, sealer) + tills.reseal(connection, sealer)
        lost = accounts.count(connection, state="needs_login")
    console.print(say("rotated", count=changed))
    if lost:
        console.print(say("rotated_lost", count=lost))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The zip file to write.")], data: Data = None) -> None:
    """Copy everything of this moment into one file, while the shop goes on."""
    chosen = settings.load(data)
    engine = database.open_engine(chosen.database_url)
    with bars() as progress:
        made = backups.make(engine, backups.stores(chosen), file, at=datetime.now(UTC), progress=progress)
    console.print(say("backed_up", file=file, rows=sum(made.rows.values()), pictures=made.pictures))
    console.print(say("keep_secret", file=chosen.data / settings.FILE))


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="The zip file that `gapura backup` wrote.")], data: Data = None) -> None:
    """Put a backup into an empty installation."""
    chosen = settings.load(data)
    try:
        with bars() as progress:
            engine = database.open_engine(chosen.database_url)
            made = backups.restore(engine, backups.stores(chosen), file, at=datetime.now(UTC), progress=progress)
    except FileNotFoundError as error:
        raise stop("no_such_file", file=file) from error
    except backups.NotABackup as error:
        raise stop("not_a_backup", file=file) from error
    except backups.NotEmpty as error:
        raise stop("not_empty", where=error) from error
    console.print(say("restored", rows=sum(made.rows.values()), pictures=made.pictures, when=made.made_at.strftime("%Y-%m-%d %H:%M UTC")))


@app.command()
def report(
    data: Data = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day, like 2026-11-01; 30 days ago unless said.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; today unless said.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Machine-readable: per link people, robots, visitors, orders, rupiah ...")
    ] = False,
) -> None:
    """The figures of the village and of each sign and post over some days."""
    chosen = settings.load(data)
    engine = database.open_engine(chosen.database_url)
    with database.reading(engine) as connection:
        found = figures.of_installation(connection, datetime.now(UTC), since.date() if since else None, until.date() if until else None)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1, default=str))
        return
    for village in found:
        console.print(_figures_table(village))


def _figures_table(village: dict[str, object]) -> Table:
    table = Table(title=f"{village['name']}: {village['since']} - {village['until']}", title_justify="left")
    columns = ("title", "people", "visitors", "views", "orders", "rupiah", "robots", "previews")
    for column in columns:
        table.add_column(say(f"report.{column}"), justify="left" if column == "title" else "right")
    rows = village["links"]
    assert isinstance(rows, list)  # noqa: S101 - figures.py says so
    unknown, used = languages.say(LANGUAGE, "report.unknown"), [row for row in rows if row["people"] or row["orders"] or row["views"]]
    named = [{**row, "title": row["title"] or unknown} for row in used]
    for row in [{**village, "title": village["name"]}, *named]:
        table.add_row(*(languages.rupiah(row[column]) if column == "rupiah" else str(row[column]) for column in columns))
    return table


app.command()(counting.recount)
app.command()(counting.rejudge)
app.command(name="regions")(regional.show)


@app.command()
def poster(
    product: Annotated[str | None, typer.Argument(help="A product by its slug, number or name; left out with --all.")] = None,
    template: Annotated[list[str] | None, typer.Option(help="A look, a folder of assets/posters; may be said several times.")] = None,
    format_: Annotated[list[str] | None, typer.Option("--format", help="square, portrait, story or landscape; all unless said.")] = None,
    out: Annotated[Path, typer.Option(help="The folder the pictures are written to.")] = Path("posters"),
    all_: Annotated[bool, typer.Option("--all", help="Every product on show; without --template in the first look.")] = False,
    village: Annotated[str | None, typer.Option(help="The slug of the village, where there are several.")] = None,
    language: Annotated[str, typer.Option(help="The language of the words on them.")] = languages.FIRST,
    data: Data = None,
) -> None:
    """Draw posters of a product, or of all, as JPEG files."""
    if (product is None) != all_:
        raise stop("poster.what")
    chosen = settings.load(data)
    engine = database.open_engine(chosen.database_url)
    try:
        with database.reading(engine) as connection:
            place = posterfiles.village(connection, village)
            goods = posterfiles.chosen(connection, place.id, product)
        looks = posterfiles.names("template", template or [], posterfiles.templates())
        looks = looks if template or not all_ else looks[:1]
        formats = posterfiles.names("format", format_ or [], picturing.FORMATS)
        with bars() as progress:
            made = list(posterfiles.draw(Store(chosen.media), place, goods, looks, formats, out, language=language, progress=progress))
    except posterfiles.UnknownChoice as error:
        raise stop(f"poster.no_{error.what}", typed=error.typed, known=", ".join(error.known) or "-") from error
    except OSError as error:
        raise stop("poster.cannot_write", out=out, why=error.strerror or error) from error
    for file, warnings in made:
        for key in warnings:
            console.print(f"{file.name}: {languages.say(LANGUAGE, key)}", markup=False)
    console.print(say("poster.made", count=len(made), out=out))


@app.command(name="settings")
def settings_(
    markdown: Annotated[bool, typer.Option(help="As the table in the README.")] = False,
) -> None:
    """Every setting with its default and what it is for."""
    if markdown:
        typer.echo("| setting | default | what it is for |\n|---|---|---|")
        for row in settings.table():
            typer.echo(f"| `{row.name}` | {f'`{row.default}`' if row.default else ''} | {row.help} |")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("setting", "default", "what it is for"):
        table.add_column(title)
    for row in settings.table():
        table.add_row(row.name, row.default, row.help)
    Console(highlight=False).print(table)


class Bars:
    """Progress bars by name: called with (what, done, of) from whoever works."""

    def __init__(self) -> None:
        self._bars = Progress(TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), console=console)
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, of: int) -> None:
        if what not in self._tasks:
            self._bars.start()
            self._tasks[what] = self._bars.add_task(_title(what), total=of)
        self._bars.update(self._tasks[what], completed=done, total=of)

    def stop(self) -> None:
        for task in self._tasks.values():
            self._bars.update(task, completed=self._bars.tasks[task].total)
        self._bars.stop()


def _title(what: str) -> str:
    try:
        return say(f"progress.{what}")
    except languages.MissingWord:
        return what


@contextmanager
def bars() -> Iterator[Bars]:
    shown = Bars()
    try:
        yield shown
    finally:
        shown.stop()


if __name__ == "__main__":
    app()
