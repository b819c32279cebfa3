"""Where a link leads by season and by language: the first rule that fits leads, without one the link's own target."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple


class Target(NamedTuple):
    """What a link opens; `kind` and `id` are known to whoever made it, `url` belongs to the kind "url"."""

    kind: str
    id: int | None = None
    url: str | None = None


HOME = Target("village")  # where a link leads that has ended


@dataclass(frozen=True)
class Rule:
    """Another target from a day to a day (the village's own, both included, either open) or for guests of one language, or both."""

    target: Target
    since: date | None = None
    until: date | None = None
    language: str | None = None

    def fits(self, day: date, languages: Iterable[str | None]) -> bool:
        """Whether it leads on this day a guest who reads any of these languages."""
        is_then = (self.since is None or self.since <= day) and (self.until is None or day <= self.until)
        return is_then and (self.language is None or self.language in languages)

    @property
    def is_sound(self) -> bool:
        """Whether it says when or to whom, and ends no sooner than it begins."""
        says = self.since or self.until or self.language
        return bool(says) and not (self.since and self.until and self.until < self.since)


def first(rules: Iterable[Rule], day: date, languages: Iterable[str | None]) -> Target | None:
    """The target of the first rule that fits."""
    return next((rule.target for rule in rules if rule.fits(day, languages)), None)


def to_plain(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Rules as JSON can hold them."""
    return [
        {
            "kind": rule.target.kind,
            "id": rule.target.id,
            "url": rule.target.url,
            "since": rule.since.isoformat() if rule.since else None,
            "until": rule.until.isoformat() if rule.until else None,
            "language": rule.language,
        }
        for rule in rules
    ]


def from_plain(rows: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules that `to_plain` wrote."""
    return tuple(Rule(Target(row["kind"], row["id"], row["url"]), _day(row["since"]), _day(row["until"]), row["language"]) for row in rows)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
