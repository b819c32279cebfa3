"""A link leads by season and language, to the village once it has ended, and its history says who led it where."""

from datetime import date, timedelta

import making
import pytest
import sqlalchemy as sa

from campaigns import links, rules
from campaigns.rules import HOME, Rule, Target

APPLES, STRAWBERRIES, GUIDE = Target("product", 1), Target("product", 2), Target("url", None, "https://guide.example/en")
JULY, SEPTEMBER = date(2026, 7, 1), date(2026, 9, 30)
SEASON = Rule(STRAWBERRIES, since=JULY, until=SEPTEMBER)
FOREIGN = Rule(GUIDE, language="en")


@pytest.fixture
def link(engine: sa.Engine) -> links.Link:
    with engine.begin() as connection:
        village = making.village(connection)
        made = making.link(connection, village, target_kind=APPLES.kind, target_id=APPLES.id)
        links.set_rules(connection, village, made.id, [SEASON, FOREIGN], by="wati", at=making.NOW)
        return links.follow(connection, made.code)


@pytest.mark.parametrize(
    ("day", "languages", "target"),
    [
        (JULY - timedelta(days=1), ("id", "id"), APPLES),
        (JULY, ("id", "id"), STRAWBERRIES),
        (SEPTEMBER, ("en", "de"), STRAWBERRIES),
        (SEPTEMBER + timedelta(days=1), ("en", "de"), GUIDE),
        (SEPTEMBER + timedelta(days=1), ("id", None), APPLES),
    ],
)
def test_the_first_rule_that_fits_leads(link: links.Link, day: date, languages: tuple[str | None, ...], target: Target) -> None:
    assert link.leads_to(day, languages) == target
    assert target in link.targets


def test_an_ended_link_leads_to_the_village_whatever_its_rules_say(engine: sa.Engine, link: links.Link) -> None:
    with engine.begin() as connection:
        links.set_end(connection, link.village_id, link.id, JULY, by="wati", at=making.NOW)
        ended = links.follow(connection, link.code)
    assert ended.leads_to(JULY, ("id",)) == STRAWBERRIES
    assert ended.leads_to(JULY + timedelta(days=1), ("id",)) == HOME
    assert HOME in ended.targets
    assert HOME not in link.targets


def test_rules_come_back_as_they_were() -> None:
    given = (SEASON, FOREIGN, Rule(HOME, since=JULY, language="zh"))
    assert rules.from_plain(rules.to_plain(given)) == given


@pytest.mark.parametrize("rule", [Rule(APPLES), Rule(APPLES, since=SEPTEMBER, until=JULY)])
def test_a_rule_that_says_nothing_or_ends_before_it_begins_is_not_sound(rule: Rule) -> None:
    assert not rule.is_sound
    assert SEASON.is_sound
    assert FOREIGN.is_sound


def test_the_history_of_a_link_is_kept_the_newest_first_and_names_who_did_it(engine: sa.Engine) -> None:
    day = timedelta(days=1)
    with engine.begin() as connection:
        village = making.village(connection)
        made = making.link(connection, village, by="wati")
        links.retarget(connection, village, made.id, target_kind="product", target_id=1, by="rangga", at=making.NOW + day)
        links.retarget(connection, village, made.id, target_kind="product", target_id=1, by="rangga", at=making.NOW + 2 * day)
        links.set_end(connection, village, made.id, SEPTEMBER, by="wati", at=making.NOW + 3 * day)
        links.withdraw(connection, village, made.id, by="wati", at=making.NOW + 4 * day)
        told = links.history(connection, village, made.id)
        assert links.history(connection, village + 1, made.id) == []
    assert [(change.what, change.by, change.target, change.ends_on) for change in told] == [
        ("withdrawn", "wati", APPLES, SEPTEMBER),
        ("ends", "wati", APPLES, SEPTEMBER),
        ("retargeted", "rangga", APPLES, None),
        ("made", "wati", HOME, None),
    ], "leading it where it leads already is no change"
