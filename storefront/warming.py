"""`gapura warm`: walk once through every public page and picture of the running shop, so that no guest is the first to wait for one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx2

_LOC = re.compile(r"<loc>([^<]+)</loc>")
_PICTURE = re.compile(r"(?:/media/[0-9a-f]{64}-\d+\.(?:avif|jpg)|/gambar/[\w-]+\.jpg)")
AGENT = "gapura-warm (robot)"  # counted as nobody
HEADERS = {"User-Agent": AGENT, "Accept-Encoding": "br, gzip", "Accept-Language": "id"}
PATIENCE = 60.0  # seconds for one answer: a picture in AVIF takes a slow machine a while


class NotRunning(Exception):
    """No shop answers there."""


@dataclass(frozen=True)
class Warmed:
    """How many pages and pictures are ready now, and the paths that were not answered well."""

    pages: int
    pictures: int
    failed: tuple[str, ...]


def warm(address: str, public_url: str, *, progress: Callable[[int, int], None] = lambda _done, _of: None) -> Warmed:
    """Ask the shop at `address` (http://host:port) for all of its pages in each language, and each picture on them. Raises NotRunning."""
    pictures: dict[str, None] = {}
    failed: list[str] = []
    with httpx2.Client(base_url=address, headers=HEADERS, timeout=PATIENCE) as client:
        try:
            pages = list(_pages(client, public_url))
        except httpx2.TransportError as error:
            raise NotRunning(address) from error
        for done, path in enumerate(pages):
            progress(done, len(pages))
            answer = client.get(path)
            failed += [path] if answer.status_code != 200 else []
            pictures.update(dict.fromkeys(_PICTURE.findall(answer.text)))
        for done, path in enumerate(pictures):
            progress(len(pages) + done, len(pages) + len(pictures))
            failed += [path] if client.get(path).status_code != 200 else []
    return Warmed(len(pages), len(pictures), tuple(failed))


def _pages(client: httpx2.Client, public_url: str) -> Iterator[str]:
    for found in _LOC.findall(client.get("/sitemap.xml").text):
        path = found.removeprefix(public_url)
        if path.startswith("/sitemap-"):
            yield from (one.removeprefix(public_url) for one in _LOC.findall(client.get(path).text))
        else:
            yield path
