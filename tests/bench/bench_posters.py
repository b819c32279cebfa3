"""Posters against the floor: the decoding, shrinking and encoding of a 12-megapixel phone photo with nothing drawn at all.

Rounds are interleaved in one run, so that a busy machine slows both sides alike; the figures are ratios of CPU time, medians over rounds.
"""

import concurrent.futures
import functools
import gc
import io
import itertools
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PIL import Image

from campaigns import qrcodes
from promo import drawing, fonts, layout, logos, painting, patterns, photos, posters, schema, setting

ROUNDS = 9
TEMPLATE, FORMAT, SIZE = "foto-penuh", "portrait", (1080, 1350)
BRAND = posters.Brand()


@dataclass
class Race:
    """Contenders that take turns; `floor` is what the others are measured by."""

    runners: dict[str, Callable[[int], object]] = field(default_factory=dict)
    first: dict[str, Callable[[int], object]] = field(default_factory=dict)  # what a runner finds done already, not timed
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def run(self, rounds: int = ROUNDS) -> None:
        for number in range(rounds):
            for name, runner in self.runners.items():
                self.first.get(name, lambda _: None)(number)
                gc.collect()
                started = time.process_time()
                runner(number)
                self.seconds.setdefault(name, []).append(time.process_time() - started)

    def ratio(self, name: str) -> float:
        return statistics.median(own / floor for own, floor in zip(self.seconds[name], self.seconds["floor"], strict=True))

    def table(self) -> Iterator[str]:
        for name in self.runners:
            took = statistics.median(self.seconds[name]) * 1_000
            yield f"{name:<34}{took:8.1f} ms CPU {self.ratio(name):6.2f} F"


def phone_photo() -> bytes:
    """4,000 x 3,000 pixels of about 3.5 MB, as phones make them."""
    grain = Image.merge("RGB", [Image.effect_noise((500, 375), 60).resize((4000, 3000), Image.Resampling.BICUBIC) for _ in range(3)])
    fine = Image.effect_noise((4000, 3000), 14).convert("RGB")
    out = io.BytesIO()
    Image.blend(grain, fine, 0.4).save(out, "JPEG", quality=88)
    return out.getvalue()


def floor(jpeg: bytes) -> bytes:
    """What any poster must do: draft decode, crop and shrink, encode."""
    with Image.open(io.BytesIO(jpeg)) as image:
        image.draft("RGB", (1800, 1350))
        box = photos.crop_box(image.size, (0.5, 0.5), SIZE[0] / SIZE[1])
        small = image.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC, box=box)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=posters.QUALITY)
    return out.getvalue()


@functools.cache
def code(number: int) -> qrcodes.Matrix:
    """A link's code is made when the link is made, not when a poster is drawn."""
    return qrcodes.matrix(f"HTTPS://WONOREJO.ID/Q/7K2M{number:02}")


def facts(number: int, photo: bytes | None) -> posters.Facts:
    """A post that is a little different each time, as posts are."""
    return posters.Facts(
        title=f"Keripik apel Manalagi nomor {number}",
        price_text=f"Rp\u00a0{20 + number}.000",
        unit="bungkus 100 g",
        village="Wonorejo",
        kicker="Panen pekan ini",
        body="Diiris dengan kulitnya, digoreng setiap Senin.",
        link_text=f"wonorejo.id/Q/7K2M{number:02}",
        qr=code(number),
        photo=photo,
    )


def forget_all() -> None:
    """Every cache thrown away, as in a process that has just begun."""
    for module in (drawing, fonts, layout, logos, painting, patterns, setting):
        for name in vars(module):
            getattr(getattr(module, name), "cache_clear", lambda: None)()


@pytest.fixture(scope="module")
def race() -> Race:
    phone = phone_photo()
    master = photos.master(phone).jpeg

    def fresh(number: int, photo: bytes, forms: tuple[str, ...] = (FORMAT,)) -> None:
        painting.cropped.cache_clear()
        painting._whole.cache_clear()
        drawing._with_photo.cache_clear()
        given = facts(number, photo)
        for form in forms:
            posters.draw(TEMPLATE, given, BRAND, form)

    def cold(number: int) -> None:
        forget_all()
        fresh(number, phone)

    titles = itertools.count()

    def edit(number: int, scale: float) -> None:
        posters.draw(TEMPLATE, replace(facts(number, master), title=f"Judul baru {next(titles)}"), BRAND, FORMAT, scale=scale)

    race = Race()
    race.runners = {
        "floor": lambda _: floor(phone),
        "one post, from the phone photo": lambda n: fresh(n, phone),
        "the same, cold": cold,
        "one post, from the master": lambda n: fresh(n, master),
        "four formats, from the master": lambda n: fresh(n, master, tuple(posters.FORMATS)),
        "a change of words": lambda n: edit(n, 1.0),
        "a change of words, at 540 px": lambda n: edit(n, 0.5),
        "a photo made a master": lambda _: photos.master(phone),
    }
    for number in range(ROUNDS):
        code(number)
    race.first = {name: runner for name, runner in race.runners.items() if name not in ("floor", "the same, cold", "a photo made a master")}
    race.run()
    print(f"\nF is {statistics.median(race.seconds['floor']) * 1_000:.0f} ms of CPU for a photo of {len(phone) / 1e6:.1f} MB")
    print(*race.table(), sep="\n")
    return race


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("one post, from the phone photo", 1.05),
        ("the same, cold", 1.3),
        ("one post, from the master", 0.65),
        ("four formats, from the master", 1.8),
        ("a change of words", 0.18),
        ("a change of words, at 540 px", 0.07),
    ],
)
def test_posters_keep_to_the_floor(race: Race, name: str, most: float) -> None:
    assert race.ratio(name) <= most


def test_two_threads_do_the_work_of_two() -> None:
    """On an idle machine the second figure nears 2; what is asserted holds on a busy one too: sharing a process costs no work."""
    master = photos.master(phone_photo()).jpeg
    given = [facts(number % ROUNDS, master) for number in range(12)]

    def one(post: posters.Facts) -> None:
        posters.draw(TEMPLATE, post, BRAND, FORMAT)

    walls, works = [], []
    for workers in (1, 2):
        began, worked = time.perf_counter(), time.process_time()
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, given))
        walls.append(time.perf_counter() - began)
        works.append(time.process_time() - worked)
    print(f"\ntwo threads draw {walls[0] / walls[1]:.2f} times as many posters as one, for {works[1] / works[0]:.2f} of the CPU each")
    assert works[1] / works[0] < 1.3


WORKER = """
import io, re, sys
sys.path.insert(0, {here!r})
from PIL import Image
import bench_posters as bench
Image.new("RGB", (8, 8)).save(io.BytesIO(), "JPEG")  # what Pillow loads at its first picture
phone = open({photo!r}, "rb").read()
def peak():  # of this program alone; ru_maxrss remembers whoever started it
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
before = peak()
for number in range(2):
    for form in bench.posters.FORMATS:
        for name in bench.posters.names():
            bench.posters.draw(name, bench.facts(number, phone), bench.BRAND, form)
print((peak() - before) / 1024)
"""


def test_a_worker_that_draws_every_poster_in_every_format_needs_100_megabytes_at_most(tmp_path: Path) -> None:
    photo = tmp_path / "phone.jpg"
    photo.write_bytes(phone_photo())
    code = WORKER.format(here=str(Path(__file__).parent), photo=str(photo))
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=Path(__file__).parent.parent.parent)
    print(f"\na worker takes {float(said.stdout):.0f} MB above import for two rounds of all posters in all formats")
    assert float(said.stdout) <= 100


def test_a_title_is_fitted_in_100_microseconds() -> None:
    chance = random.Random(5)
    words = ["keripik", "apel", "manalagi", "renyah", "khas", "lereng", "arjuno", "kopi", "madu", "hutan", "selai", "tanpa", "pengawet"]
    wish = setting.Wish(schema.Item(src="title", least=40, weight=800, leading=1.04, tracking=-0.025), 120, 4)
    titles = [" ".join(chance.choices(words, k=chance.randint(1, 9))) for _ in range(2_000)]
    setting.stack([(wish, " ".join(words))], (952, 400), "")
    took = []
    for title in titles:
        started = time.process_time()
        setting.stack([(wish, title)], (952, 400), "")
        took.append(time.process_time() - started)
    print(f"\na title is fitted in {statistics.median(took) * 1e6:.0f} us, 95 of 100 in {sorted(took)[1900] * 1e6:.0f} us")
    assert statistics.median(took) <= 100e-6
