"""Running it: one web process that stops without dropping an answer, with the publisher in it or beside it."""

import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from promo.accounts import Sealer
from promo.publisher import Publisher
from storefront import app, database, logs, reception
from storefront.lent import Lender
from storefront.media import Store
from storefront.settings import Settings

STOP_SECONDS = 20  # how long answers under way may take once we are told to stop


class NoSecret(Exception):
    """GAPURA_SECRET is missing or shorter than 32 characters."""


class PortTaken(Exception):
    """Somebody listens there already."""


class Server(uvicorn.Server):
    """uvicorn, but told to stop it returns to us instead of raising the signal anew: what runs beside it is ended in order."""

    def __init__(self, config: uvicorn.Config, when_up: Callable[[], None]) -> None:
        super().__init__(config)
        self.when_up = when_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.when_up()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(port) from error
    listening.listen(2048)
    listening.set_inheritable(True)
    return listening


def listen_near(host: str, port: int, *, tries: int = 50) -> socket.socket:
    """A socket on this port, or on the next one that is free. Raises PortTaken after `tries`."""
    for candidate in range(port, min(port + tries, 65_536)):
        try:
            return listen(host, candidate)
        except PortTaken:
            continue
    raise PortTaken(port)


def collect_rarely() -> None:
    """Look for garbage less often: each look walks through every answer that waits for its commit, which cost an eighth of the scans.

    What is there already stays, and is never looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def serve(settings: Settings, listening: socket.socket, *, with_publisher: bool, when_up: Callable[[], None] = lambda: None) -> None:
    """Shop and desk on that socket until SIGINT or SIGTERM. Raises NoSecret. The database is migrated already."""
    check_secret(settings)
    logs.set_up(settings.log_level)
    collect_rarely()
    engine, store = database.open_engine(settings.database_url, pool_size=16), Store(settings.media, is_ahead=True)
    publisher = make_publisher(settings) if with_publisher else None
    config = uvicorn.Config(
        app.build(settings, engine, store),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,  # it would hold addresses of people
        server_header=False,
        proxy_headers=False,  # only scan.py believes proxies, and only those in the settings
        lifespan="on",
        timeout_graceful_shutdown=STOP_SECONDS,
        backlog=2048,
    )
    if publisher:
        publisher.start()
    try:
        Server(config, when_up).run([listening])
    finally:
        if publisher:
            publisher.stop()
        engine.dispose()


def make_publisher(settings: Settings) -> Publisher:
    """The publisher on this installation's database and pictures; not started."""
    check_secret(settings)
    engine = database.open_engine(settings.database_url)
    return Publisher(
        engine,
        settings.database_url,
        read_media=Store(settings.media).read,
        sealer=Sealer(settings.secrets),
        given=settings.networks,
        address=Lender(settings.public_url, settings.secret.get_secret_value()),
        told=reception.note,
    )


def publish_until_told_to_stop(settings: Settings) -> None:
    """The publisher alone, in a process of its own: as many on as many hosts as you like, on PostgreSQL."""
    logs.set_up(settings.log_level)
    publisher = make_publisher(settings)
    publisher.start()
    told_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told_to_stop.set())
    told_to_stop.wait()
    publisher.stop()


def check_secret(settings: Settings) -> None:
    if len(settings.secret.get_secret_value()) < 32:
        raise NoSecret
