"""How the practice network misbehaves when it is told to: the faults that real networks show, each for the next so many calls."""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

FAULTS = (
    "error_before",  # 500, and nothing was published
    "error_after",  # 500, although the post is there
    "drop_before",  # the connection breaks, nothing was published
    "drop_after",  # the connection breaks after the post was taken
    "slow",  # the post is taken at once, the answer comes late
    "late",  # the post is taken late, long after the call
    "full",  # 429: too many posts
    "token_dead",  # 401 on every call
    "lag",  # the list does not show new posts yet
)
_PUBLISHING = ("error_before", "error_after", "drop_before", "drop_after", "slow", "late", "full")


@dataclass
class Mischief:
    """What is still to go wrong. `seconds` is how long slow, late and lag last; `chance` makes faults random on top."""

    seconds: float = 5.0
    left: dict[str, int] = field(default_factory=dict)
    chance: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _random: random.Random = field(default_factory=lambda: random.Random(1), repr=False)  # noqa: S311 - faults, not secrets

    def set(self, faults: Mapping[str, int], *, seconds: float | None = None, chance: Mapping[str, float] | None = None) -> None:
        """From now on: each named fault for so many calls (0 ends it). Raises ValueError for a fault there is not."""
        unknown = (set(faults) | set(chance or {})) - set(FAULTS)
        if unknown or any(count < 0 for count in faults.values()):
            raise ValueError(", ".join(sorted(unknown)) or "a negative number")
        with self._lock:
            self.left = {fault: count for fault, count in {**self.left, **faults}.items() if count}
            self.seconds = self.seconds if seconds is None else max(0.0, min(seconds, 120.0))
            self.chance = dict(self.chance if chance is None else chance)

    def end(self) -> None:
        """Everything is well again."""
        with self._lock:
            self.left, self.chance = {}, {}

    def of_publishing(self) -> str | None:
        """What goes wrong with this publishing call."""
        with self._lock:
            for fault in _PUBLISHING:
                if self._takes(fault):
                    return fault
            drawn = self._random.random()
            for fault, share in self.chance.items():
                drawn -= share
                if drawn < 0:
                    return fault
        return None

    def of_any(self) -> str | None:
        """What goes wrong with any call."""
        with self._lock:
            return "token_dead" if self._takes("token_dead") else None

    def of_listing(self) -> float:
        """How many seconds of the newest posts the list leaves out this time."""
        with self._lock:
            return self.seconds if self._takes("lag") else 0.0

    def _takes(self, fault: str) -> bool:
        count = self.left.get(fault, 0)
        if count > 1:
            self.left[fault] = count - 1
        elif count == 1:
            del self.left[fault]
        return count > 0
