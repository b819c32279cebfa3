"""The words of a post: a caption that fits every network it goes to as that one counts, unlike those of the village so far."""

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from campaigns import links
from promo import captions, networks, posts
from promo.accounts import Account
from promo.captions import Caption
from storefront import languages, picturing
from storefront.picturing import Thing, subject_of
from storefront.problems import Problem
from storefront.villages import Village

LINK = "{link}"  # stands in the words for the short link that each account's post gets of its own
ROOM = 2_200  # characters of a caption while nobody has said where it goes: what Instagram takes
ALIKE = 60  # so many of the newest posts a new caption must not read like


def suggest(village: Village, product: Thing, style: str, language: str, *, seed: int = 0, on: Iterable[Account] = ()) -> str:
    """A caption in this style with price, village and hashtags, and {link} where the link will be; it fits all accounts it goes `on`."""
    return suggestion(village, product, style, language, seed=seed, on=on).text


def suggestion(
    village: Village,
    product: Thing,
    style: str,
    language: str,
    *,
    seed: int = 0,
    on: Iterable[Account] = (),
    public_url: str = "https://desa.example.id",
    unlike: Collection[str] = (),
) -> Caption:
    """The same with what had to be left out of it, as keys of words for staff. `unlike` are captions it must not read like."""
    subject, spoken = subject_of(product), picturing.WRITTEN_IN.get(language, language)
    known = {
        "title": languages.pick(subject.name, spoken),
        "price": subject.price(spoken),
        "unit": languages.pick(subject.unit, spoken),
        "story": languages.pick(subject.story, spoken),
        "maker": subject.maker,
        "place": languages.pick(subject.place, spoken),
        "hours": languages.pick(subject.hours, spoken),
        "date": languages.pick(subject.date, spoken),
        "village": village.name,
        "link": LINK,
        "kind": subject.sort,
        **subject.marks,
    }
    names = sorted({account.network for account in on})
    tags = min((most for name in names if (most := networks.get(name).LIMITS.hashtags) is not None), default=captions.MOST_HASHTAGS)
    return captions.write(
        style,
        known,
        language,
        limit=0,
        count=lambda text: overrun(in_full(text, public_url), names),
        hashtags=hashtags(village),
        seed=seed,
        most_hashtags=tags,
        unlike=unlike,
    )


def in_full(words: str, public_url: str) -> str:
    """The words with a short link in them, as long as each account's own will be."""
    return words.replace(LINK, links.url(public_url, "0" * links.LENGTH))


def overrun(text: str, names: Iterable[str]) -> int:
    """By how much a caption is longer than the strictest of these networks takes, each by its own counting; 0 or less: it fits."""
    return max((networks.length(name, text) - networks.get(name).LIMITS.text for name in names), default=len(text) - ROOM)


def recent_words(connection: sa.Connection, village_id: int) -> list[str]:
    """The captions of the village's newest posts: the next one should read otherwise."""
    return [post.caption for post in posts.listed(connection, village_id, most=ALIKE)]


def hashtags(village: Village) -> list[str]:
    """Those of the brand, or the village's own name."""
    return list(village.brand.get("hashtags", ())) or [f"Desa {village.name}", village.regency]


def about_words(words: str, chosen: Sequence[Account], public_url: str) -> list[Problem]:
    """What is wrong with a caption, for the accounts it goes to."""
    if not words.strip():
        return [Problem("publish.no_caption", field="caption")]
    found = [] if LINK in words else [Problem("post.no_link", field="caption")]
    sample = in_full(words, public_url)
    told: dict[str, Problem] = {}
    for account in chosen:
        for unfit in networks.get(account.network).check(sample, 1):
            told.setdefault(f"{unfit.key}{unfit.facts}", Problem(unfit.key, field=unfit.field, **unfit.facts))
    return [*found, *told.values()]
