"""The publisher at work: on time, once, and readable afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from promo import posts
from promo.publisher import Publisher
from promo.runs import Pace

JPEG = b"\xff\xd8\xff\xe0" + bytes(2_000) + b"\xff\xd9"
QUICK = Pace(timeout=1.0, settle=1.0, back_off=(0.2, 0.5, 1.0))


@contextmanager
def working(town, pace: Pace = QUICK, **given) -> Iterator[Publisher]:
    publisher = Publisher(town.engine, town.clock.url, lambda sha256: JPEG, town.sealer, pace=pace, poll=0.2, beat=0.5, **given)
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.stop(within=5)


def test_a_post_is_published_on_time_with_its_pictures_words_and_link(town, practice, wait_until) -> None:
    of = town.schedule("ABC123", due_in=1.5, pictures=2)
    with working(town):
        assert practice.posts() == []
        wait_until(lambda: town.target(of.id).state == "published")
    done = town.target(of.id)
    assert timedelta(0) <= done.published_at - of.due_at < timedelta(seconds=3)
    (seen,) = practice.posts()
    assert seen["marker"] == "ABC123"
    assert seen["links"] == ["http://wonorejo.example/Q/ABC123"]
    assert len(seen["pictures"]) == 2
    assert seen["alts"] == ["Keripik apel di atas tampah"] * 2
    assert done.permalink == seen["permalink"]
    assert town.story(of.id) == [("prepare", "done", None), ("prepare", "done", None), ("publish", "done", None)]
