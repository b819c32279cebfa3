"""Time that can be believed: the machine's clock may be set forward by an hour, and then nothing has had an hour to happen in."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

_log = logging.getLogger("gapura.publisher")
_JUMP = 5.0  # seconds by which the clock and the time passed may differ from one look to the next


class Steady:
    """Counts the seconds this process has itself seen pass since it began, or since the clock was last set (or the machine slept)."""

    def __init__(self, now: Callable[[], datetime], passed: Callable[[], float] = time.monotonic) -> None:
        self._now, self._passed = now, passed
        self._lock = threading.Lock()
        self._wall, self._last = now(), passed()
        self._since = self._last

    def seconds(self) -> float:
        """So many are certain. Asked often, a jump is noticed soon."""
        with self._lock:
            wall, last = self._now(), self._passed()
            jump = (wall - self._wall).total_seconds() - (last - self._last)
            if abs(jump) > _JUMP:
                _log.warning("the clock was set by %.0f s: what is under way is given its time anew", jump)
                self._since = last
            self._wall, self._last = wall, last
            return last - self._since
