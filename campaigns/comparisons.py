"""Comparisons: whether one version does better than another, or how many more it takes to say; and the intervals of shares.

Sample sizes are for a two-sided test of two proportions at 5 % with 80 % power on Cohen's arcsine scale; no other package is needed.
"""

import math
from dataclasses import dataclass

NORMAL_95 = 1.959963984540054  # the normal distribution's 97.5 % point
POWER_80 = 0.8416212335729143  # its 80 % point
EXPECTED = 5  # of each kind in each version, below which the test's arithmetic does not hold (Cochran)
WORTH = 0.25  # a difference of a quarter is worth knowing; a smaller one would change nothing a village does


@dataclass(frozen=True)
class Tried:
    """Of `n` who could have, `successes` did; never more than n."""

    successes: int
    n: int

    @property
    def share(self) -> float:
        return self.successes / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.successes, self.n)


@dataclass(frozen=True)
class Verdict:
    """`says` is first or second (does better), alike (no difference worth knowing), or more: `more` cases are missing in each version.

    `more` is None where nobody can say how many: nothing has happened yet. `chance` is how often so large a difference comes by chance
    (two-sided p of the pooled two-proportion test).
    """

    says: str
    more: int | None
    chance: float


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, right for small numbers too (Wilson 1927); (0, 1) when nothing was tried."""
    if n <= 0:
        return 0.0, 1.0
    share, squared = successes / n, NORMAL_95**2
    middle = (share + squared / (2 * n)) / (1 + squared / n)
    half = NORMAL_95 * math.sqrt(share * (1 - share) / n + squared / (4 * n * n)) / (1 + squared / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def needed(first: float, second: float) -> int | None:
    """How many cases each version needs for a difference between these two shares to show; None for no difference."""
    distance = 2 * abs(math.asin(math.sqrt(first)) - math.asin(math.sqrt(second)))
    return math.ceil(2 * ((NORMAL_95 + POWER_80) / distance) ** 2) if distance > 1e-9 else None


def compare(first: Tried, second: Tried) -> Verdict:
    """Which of two versions does better. A winner is named only once each has the cases that its difference needs.

    That is later than p < 5 %: there a difference has half of those cases, and half of such findings do not come back.
    """
    chance = _chance(first, second)
    least = min(first.n, second.n)
    both = (first.successes + second.successes) / (first.n + second.n) if first.n + second.n else 0.0
    if not least or not 0 < both < 1:
        return Verdict("more", None, chance)
    enough = math.ceil(EXPECTED / min(both, 1 - both))
    for_any = max(enough, needed(both, min(1.0, both * (1 + WORTH))) or 0)
    for_this = max(enough, needed(first.share, second.share) or for_any)
    if least >= for_this and first.share != second.share:
        return Verdict("first" if first.share > second.share else "second", None, chance)
    if least >= for_any:
        return Verdict("alike", None, chance)
    return Verdict("more", min(for_this, for_any) - least, chance)


def _chance(first: Tried, second: Tried) -> float:
    if not first.n or not second.n:
        return 1.0
    pooled = (first.successes + second.successes) / (first.n + second.n)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / first.n + 1 / second.n))
    return math.erfc(abs(first.share - second.share) / spread / math.sqrt(2)) if spread else 1.0


def rounded(count: int) -> int:
    """About so many: two digits are all that an estimate is worth."""
    step: int = 10 ** max(0, len(str(count)) - 2)
    return -(-count // step) * step
