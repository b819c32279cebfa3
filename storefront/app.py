"""The whole web program put together: the scan below the framework, the shop and the desk on it, and what they share."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import sqlalchemy as sa
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from campaigns.links import Link
from campaigns.rules import Target
from campaigns.views import Views
from campaigns.visitors import Salts
from campaigns.visits import Log
from promo import listening
from promo.accounts import Sealer
from promo.clock import DurableClock
from storefront import addresses, cards, care, database, desk, lent, metrics, monthpages, pages, proofs, regionpages, web, weekly
from storefront.front import Guard, Prefixes
from storefront.keptpages import KeptPages
from storefront.media import Store
from storefront.publicpages import Shortcut
from storefront.scan import Scan
from storefront.settings import Settings
from storefront.shelves import Shelves
from storefront.staff import Throttle
from storefront.traps import OrderLimits, Tries


def build(
    settings: Settings,
    engine: sa.Engine,
    store: Store,
    *,
    clock: Callable[[], datetime] = web.wall_clock,
    look: Callable[..., listening.Look] = listening.look,
) -> ASGIApp:
    """The ASGI app of shop and desk. It closes the log of visits when it is told to stop; the engine is the caller's.

    `look` is how the desk looks at the village's public Instagram profile.
    """
    log, views = Log(engine, spill=settings.data / "spill"), Views(engine)

    def weekly_posts(at: datetime) -> None:
        weekly.fill(engine, store, public_url=settings.public_url, clock=app.state.post_clock, at=at)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.post_clock.lay()
        caring = asyncio.create_task(
            care.keep(engine, clock, keep_days=settings.keep_clicks_days, proofs=app.state.proofs, also=weekly_posts)
        )
        yield
        caring.cancel()
        log.close()
        views.close()
        app.state.post_clock.close()

    app = FastAPI(title="Gapura", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.settings, app.state.engine, app.state.store, app.state.clock = settings, engine, store, clock
    app.state.throttle, app.state.look, app.state.shelves = Throttle(), look, Shelves(engine)
    app.state.order_limits, app.state.tries = OrderLimits(), Tries()
    app.state.proofs = Store(settings.data / proofs.FOLDER)
    app.state.sealer = Sealer(settings.secrets)
    app.state.post_clock = DurableClock(settings.database_url)
    app.include_router(pages.router)  # first: a path is held against one route after the other, and guests are who must not wait
    app.include_router(metrics.router)
    app.include_router(desk.router)
    app.include_router(monthpages.router)
    app.include_router(regionpages.router)
    app.include_router(lent.router)
    web.answer_errors(app)

    def locate(link: Link) -> str:
        with database.reading(engine) as connection:
            return addresses.of_link(connection, link)

    def card(link: Link, target: Target, language: str) -> bytes | None:
        with database.reading(engine) as connection:
            return cards.page(connection, link, target, language, public_url=settings.public_url)

    scan = Scan(engine, log, Salts(engine), locate=locate, settings=settings, clock=clock, preview=card)
    app.state.counts, app.state.scans = log.counts, lambda: scan.kinds
    kept = KeptPages(Guard(Prefixes(Shortcut(app, pages.public)), settings.public_url), engine, views, settings=settings, clock=clock)
    return Doors(scan, kept)


class Doors:
    """Sends scans (`/Q/...` in any letter case) past everything else, which costs more than the whole of a scan; the rest goes there."""

    def __init__(self, scan: ASGIApp, rest: ASGIApp) -> None:
        self.scan = scan
        self.rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_scan = scope["type"] == "http" and scope["path"][:3] in ("/Q/", "/q/")
        await (self.scan if is_scan else self.rest)(scope, receive, send)
