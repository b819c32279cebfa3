"""Words: every key in every language, the same facts in them, every key that the code names is there, and how a language is chosen."""

import re
import string
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from storefront import languages

ROOT = Path(__file__).parent.parent.parent
COMPLETE = ("id", "en")
# In templates: say("key"); in Python: say(..., "key") and the keys of problems, which always hold a dot and follow a quote.
IN_TEMPLATES = re.compile(r"""say\(\s*["']([a-z_]+(?:\.[a-z0-9_]+)+)["']""")


def of_one(code: str) -> dict[str, str]:
    """{key: the key it belongs to} of what a language says of one thing only, such as "1 item"; another language may need none."""
    known, everywhere = set(languages.words(code)), set.intersection(*(set(languages.words(one)) for one in COMPLETE))
    return {key: base for key in known - everywhere if key.endswith("_one") and (base := key.removesuffix("_one")) in known}


@pytest.mark.parametrize("code", COMPLETE)
def test_a_complete_language_has_every_word_of_the_first(code: str) -> None:
    assert set(languages.words(code)) - set(of_one(code)) == set(languages.words("id")) - set(of_one("id"))


def facts(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", COMPLETE)
def test_a_translation_uses_the_same_facts(code: str) -> None:
    first = languages.words("id")
    ones = of_one(code)
    wrong = {key for key, text in languages.words(code).items() if key not in ones and facts(text) != facts(first[key])}
    assert not wrong
    assert {key for key, base in ones.items() if not facts(languages.words(code)[key]) <= facts(first[base])} == set()


@pytest.mark.parametrize(
    ("key", "more", "one", "many"),
    [
        ("shop.pieces", {}, "item", "items"),
        ("approval.waiting", {}, "1 post waits for your approval", "2 posts wait for your approval"),
        ("cart.short_here", {"asked": 3}, "but only 1 is left", "but only 2 are left"),
        ("publish.health.token_ends", {}, "in 1 day.", "in 2 days."),
    ],
)
def test_english_speaks_of_one_thing_as_of_one(key: str, more: dict[str, int], one: str, many: str) -> None:
    name = {"cart.short_here": "left", "publish.health.token_ends": "days"}.get(key, "count")
    for number, said in ((1, one), ("1", one), (2, many), (0, many.replace("2", "0"))):
        assert said in languages.say("en", key, **{name: number}, **more)
    assert languages.say("id", key, **{name: 1}, **more) == languages.say("id", key, **{name: 2}, **more).replace("2", "1")


def test_every_word_that_a_template_says_is_there() -> None:
    said = {key for file in (ROOT / "storefront").rglob("*.html") for key in IN_TEMPLATES.findall(file.read_text(encoding="utf-8"))}
    assert said, "no template says anything: the pattern is wrong"
    assert said - set(languages.words("id")) == set()


def test_no_word_is_empty() -> None:
    assert [key for code in languages.known() for key, text in languages.words(code).items() if not text.strip()] == []


def test_an_overlay_says_only_what_the_first_language_says_too_and_takes_the_rest_from_it() -> None:
    first = languages.words("id")
    assert languages.overlays() == ("jv",)
    assert not set(languages.overlays()) & set(languages.known()), "staff and posters choose among complete languages"
    for code in languages.overlays():
        own = {key: text for key, text in languages.words(code).items() if not key.startswith("language.")}
        assert own.keys() <= first.keys()
        assert {key for key in own if not key.startswith(("shop.", "kinds."))} == set(), "greetings and categories only"
        assert all(text.strip() and facts(text) == facts(first[key]) for key, text in own.items())
        assert languages.words(code)["language.needs_review"]
        assert languages.say(code, "checkout.title") == first["checkout.title"]
    assert languages.say("jv", "shop.welcome") == "Sugeng rawuh ing"


def test_an_unknown_key_is_a_mistake_of_ours() -> None:
    with pytest.raises(languages.MissingWord):
        languages.say("en", "shop.there_is_no_such_word")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("en-GB,en;q=0.9", "en"),
        ("in-ID", "id"),  # the old code of Indonesian, from old Android phones
        ("de-DE,de;q=0.9", "en"),  # a guest whose language we lack reads English rather than Indonesian
        ("de-DE,id;q=0.2", "id"),
        ("*", "id"),
        ("", "id"),
        ("en;q=bad", "id"),
    ],
)
def test_the_language_of_a_guest(header: str, code: str) -> None:
    assert languages.choose(header, COMPLETE) == code


def test_money_and_times_are_written_as_people_write_them() -> None:
    at = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
    assert languages.rupiah(15_000) == "Rp\u00a015.000"
    assert languages.day("id", date(2026, 11, 23)) == "23 November 2026"
    assert languages.moment("id", at, "Asia/Jakarta") == "23 Nov 2026 14.05 WIB"
    assert languages.moment("en", at, "Asia/Jayapura") == "23 Nov 2026 16:05 WIT"
