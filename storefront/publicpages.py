"""Public pages, each of them one function of the guest: reached through the framework, or past it where that has nothing to add.

The framework looks for the one route among all, and hands each function to a thread because it might wait for a database. What a public
page shows is on the shelf of its village, so it is drawn right here; whatever is out of the ordinary is left to the framework.
"""

import asyncio
import re
from collections.abc import Callable

from fastapi import APIRouter, FastAPI
from fastapi.responses import Response
from starlette.requests import Request
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from storefront import packedpages, showing, web
from storefront.shelves import Shelves
from storefront.showing import Guest, Visit
from storefront.web import Visitor

Draw = Callable[..., Response]  # (guest, **what stands in the braces of its path)


class PublicPages:
    """The public pages by their paths."""

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        self._known: list[tuple[re.Pattern[str], Draw]] = []

    def page(self, path: str) -> Callable[[Draw], Draw]:
        """A decorator: the function draws what is at this path."""

        def keep(draw: Draw) -> Draw:
            def endpoint(guest: Visit) -> Response:
                return draw(guest, **guest.request.path_params)

            self._router.add_api_route(path, endpoint, methods=["GET", "HEAD"], name=draw.__name__)
            return self.also(path, draw)

        return keep

    def also(self, path: str, draw: Draw) -> Draw:
        """Reach a function at this path, of which the framework knows otherwise."""
        self._known.append((compile_path(path)[0], draw))
        return draw

    def find(self, path: str) -> tuple[Draw, dict[str, str]] | None:
        """The function for a path, with what stands in the path."""
        for pattern, draw in self._known:
            if found := pattern.match(path):
                return draw, found.groupdict()
        return None


class Shortcut:
    """The layer before the framework that draws public pages itself, when whoever asks has said at which revision their village is."""

    def __init__(self, framework: FastAPI, pages: PublicPages) -> None:
        self._framework: ASGIApp = framework
        self._state = framework.state
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._draw(scope)
        await (answer or self._framework)(scope, receive, send)

    async def _draw(self, scope: Scope) -> Response | None:
        made = scope.get(packedpages.MADE)
        found = self._pages.find(scope["path"]) if isinstance(made, packedpages.Made) and made.standing.village_id else None
        if found is None or not isinstance(made, packedpages.Made):
            return None
        shelves: Shelves = self._state.shelves
        draw, names = found
        try:
            shelf = await shelves.of(made.standing)
            village, link = shelf.village, None
            if made.came_by:
                link = await asyncio.to_thread(showing.link_of, self._state.engine, village.id, made.came_by)
            request = Request({**scope, "app": self._framework})
            visitor = Visitor(village, scope["gapura.language"], web.prefix(scope), source=None)
            return draw(Guest(request, visitor, showing.cart_of(request, village.id), self._state.clock(), shelf, link), **names)
        except Exception:  # the framework tries again, and knows how to say what is wrong
            return None
