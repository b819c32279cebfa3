"""What is within reach of an attraction: how far the others are, and how long it is on foot."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from storefront.attractions import Attraction

EARTH = 6_371_000  # metres
WINDING = 1.3  # village paths are that much longer than the straight line
PACE = 70  # metres a minute, on a slope
FURTHEST = 10_000  # metres


@dataclass(frozen=True)
class Near:
    """Another attraction, so many metres away by the path, and so many minutes on foot."""

    attraction: Attraction
    metres: int
    minutes: int


def of(here: Attraction, others: Iterable[Attraction]) -> list[Near]:
    """The other attractions within ten kilometres, the nearest first; none where the map point is not known."""
    found = []
    for other in others:
        if other.id != here.id and (straight := _straight(here, other)) is not None and straight * WINDING <= FURTHEST:
            metres = max(50, round(straight * WINDING / 50) * 50)
            found.append(Near(other, metres, max(1, round(metres / PACE))))
    return sorted(found, key=lambda near: near.metres)


def _straight(one: Attraction, other: Attraction) -> float | None:
    """Metres as the crow flies."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    north = math.radians(other.latitude - one.latitude)
    east = math.radians(other.longitude - one.longitude) * math.cos(math.radians((one.latitude + other.latitude) / 2))
    return EARTH * math.hypot(north, east)
