"""Prometheus is told what this process has done, if it says the word; nobody else learns that there is anything to tell."""

from collections.abc import Callable
from typing import Any

import httpx2
import making
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from campaigns.clicks import Kind
from campaigns.commits import BOUNDS, Took
from campaigns.visits import Counts
from storefront import metrics, settings

PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"


def samples(text: str) -> dict[tuple[str, str], float]:
    """{(name, its one label's value or ""): value}."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name, next(iter(sample.labels.values()), "")] = sample.value
    return found


def test_the_text_says_every_kind_what_was_spilled_and_how_long_commits_took() -> None:
    took = Took(tuple(range(len(BOUNDS))), 1.5)
    counts = Counts(stored=9, batches=4, spilled=3, replayed=2, lost=1, waiting=1, took=took)
    said = samples(metrics.written(counts, list(range(10, 10 + len(Kind)))).decode())
    assert {kind.name.lower(): said["gapura_scans_total", kind.name.lower()] for kind in Kind} == {
        kind.name.lower(): 10 + kind for kind in Kind
    }
    assert [said["gapura_clicks_total", done] for done in ("stored", "spilled", "replayed", "lost")] == [9, 3, 2, 1]
    assert (said["gapura_spill_waiting", ""], said["gapura_commits_total", ""]) == (1, 4)
    assert said["gapura_commit_seconds_bucket", "+Inf"] == sum(range(len(BOUNDS)))
    assert said["gapura_commit_seconds_sum", ""] == 1.5


def test_only_who_knows_the_word_is_told_and_a_scan_is_among_it(engine: sa.Engine, serve: Callable[..., Any]) -> None:
    with engine.begin() as connection:
        sign = making.link(connection, making.village(connection))
    shop = serve(engine, metrics_token="a word of our own")
    with httpx2.Client(base_url=shop.url) as guest:
        guest.get(f"/Q/{sign.code}", headers={"user-agent": PHONE})
        assert guest.get("/metrics").status_code == 404
        assert guest.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 404
        answer = guest.get("/metrics", headers={"authorization": "Bearer a word of our own"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    said = samples(answer.text)
    assert said["gapura_scans_total", "person"] == 1
    assert said["gapura_clicks_total", "stored"] + said["gapura_clicks_total", "spilled"] == 1


def test_without_a_word_in_the_settings_nobody_is_told(engine: sa.Engine, serve: Callable[..., Any]) -> None:
    assert settings.table()[[row.name for row in settings.table()].index("GAPURA_METRICS_TOKEN")].default == ""
    shop = serve(engine)
    assert httpx2.get(f"{shop.url}/metrics", headers={"authorization": "Bearer none"}).status_code == 404
