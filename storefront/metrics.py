"""GET /metrics for Prometheus: scans by kind, the log of visits with its spill, the time of commits; for who knows the word alone."""

import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from campaigns.clicks import Kind
from campaigns.commits import BOUNDS
from campaigns.visits import Counts
from storefront import web

router = APIRouter(include_in_schema=False)
CONTENT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """What this process has done since it was started; 404 without the word, as if there were nothing."""
    word = web.settings_of(request).metrics_token.get_secret_value()
    said = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not word or not hmac.compare_digest(said.encode(), word.encode()):
        raise web.NotFound
    return Response(
        written(request.app.state.counts(), request.app.state.scans()), media_type=CONTENT, headers={"Cache-Control": "no-store"}
    )


def written(counts: Counts, kinds: Sequence[int]) -> bytes:
    """The figures in Prometheus' text format; `kinds` are scans answered, by the number of their kind."""
    from prometheus_client import CollectorRegistry, generate_latest  # rarely wanted, and not light

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(lambda: (counts, kinds)))
    return generate_latest(registry)


class _Collector:
    """Turns our own counts into theirs, so that nothing is counted twice and the scan knows nothing of it."""

    def __init__(self, read: Callable[[], tuple[Counts, Sequence[int]]]) -> None:
        self._read = read

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        counts, kinds = self._read()
        scans = CounterMetricFamily("gapura_scans", "Scans and clicks answered, by kind.", labels=["kind"])
        for kind in Kind:
            scans.add_metric([kind.name.lower()], kinds[kind])
        yield scans
        clicks = CounterMetricFamily("gapura_clicks", "Clicks, by what the log did with them.", labels=["done"])
        for done in ("stored", "spilled", "replayed", "lost"):
            clicks.add_metric([done], getattr(counts, done))
        yield clicks
        yield CounterMetricFamily("gapura_commits", "Batches of clicks committed.", value=counts.batches)
        yield GaugeMetricFamily("gapura_spill_waiting", "Clicks that wait in this process's spill file.", value=counts.waiting)
        seconds = HistogramMetricFamily("gapura_commit_seconds", "How long a batch took until it was on disk.")
        seconds.add_metric([], _buckets(counts.took.counts), counts.took.total)
        yield seconds


def _buckets(counts: Sequence[int]) -> list[tuple[str, float]]:
    """Each bound with all that took no longer."""
    total, buckets = 0, []
    for bound, count in zip(BOUNDS, counts, strict=True):
        total += count
        buckets.append(("+Inf" if bound == float("inf") else str(bound), float(total)))
    return buckets
