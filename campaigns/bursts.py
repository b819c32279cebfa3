"""Many clicks of one visitor on one link within a minute: the first ones are a person's, the rest is a game, a script or a broken phone."""

MOST = 30  # clicks of one visitor on one link in a minute that still count: a whole coach of phones that look alike stays below
LARGEST = 50_000  # pairs of visitor and link remembered, about 10 MB; beyond that nobody is suspected until the minute is over
_MINUTE_MS = 60_000


class Bursts:
    """What one process has seen in this minute. Several processes count each for itself, so that together they let more pass."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._minute = 0
        self._seen: dict[tuple[int, int], int] = {}

    def is_too_many(self, visitor: int, link_id: int, at_ms: int) -> bool:
        """Note a click, and say whether it is one too many for this minute."""
        minute = at_ms // _MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._seen.clear()
        pair = visitor, link_id
        count = self._seen.get(pair, 0) + 1
        if count == 1 and len(self._seen) >= LARGEST:
            return False
        self._seen[pair] = count
        return count > self._most
