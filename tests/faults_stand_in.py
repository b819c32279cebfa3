"""What goes wrong at a stand-in: written down for the next calls, or by chance with a seed that is told."""

import asyncio
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# before: an error and nothing done; after: done, and an error; drop_*: likewise, with the connection cut instead of an answer;
# slow: done, but the answer comes too late; html: done, and a page of some proxy comes back
KINDS = ("before", "after", "drop_before", "drop_after", "slow", "html")


class Cut(Response):
    """An answer that breaks off: the client sees the connection die."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"512")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


@dataclass
class Faults:
    """`next_ones` are (kind, details) for the next publishing calls; after them each kind comes with its `chance`."""

    next_ones: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    chance: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    slow: float = 1.2
    reads: float = 0.0  # the chance of a look that fails
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._lock = threading.Lock()

    def draw(self) -> tuple[str, dict[str, Any]]:
        """The fault of this call; ("", {}) is none."""
        with self._lock:
            if self.next_ones:
                kind, details = self.next_ones.pop(0)
            else:
                shot, kind, details = self._dice.random(), "", {}
                for name, part in self.chance.items():
                    kind = name if not kind and shot < part else kind
                    shot -= part
            if kind:
                self.told.append(kind)
            return kind, details

    def fails_to_read(self) -> bool:
        """Does this look end in an error?"""
        with self._lock:
            is_lost = self._dice.random() < self.reads
            if is_lost:
                self.told.append("read")
            return is_lost

    async def wait(self, details: Mapping[str, Any]) -> None:
        await asyncio.sleep(details.get("seconds", self.slow))
