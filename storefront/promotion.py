"""Making a post, from a product to what will be sent: `promote` is the whole of it; `suggest` and picturing.pictures are seen before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from campaigns import links
from promo import accounts, networks, posts, twins
from promo.accounts import Account
from promo.clock import Clock
from promo.posts import Post
from promo.targets import LATE_HOURS
from promo.twins import Twin
from storefront import database, languages, picturing, products
from storefront.media import Store
from storefront.picturing import Thing, Wishes, alt_text, brand, draw, facts, looks, subject_of
from storefront.problems import Problem, Problems
from storefront.products import Product
from storefront.subjects import Subject
from storefront.villages import Village
from storefront.wording import LINK, about_words, in_full, overrun, recent_words, suggest, suggestion

__all__ = [
    "LINK",
    "Wishes",
    "about_words",
    "alt_text",
    "brand",
    "draw",
    "facts",
    "in_full",
    "looks",
    "overrun",
    "promote",
    "recent_words",
    "sellable",
    "suggest",
    "suggestion",
]

FORMATS = picturing.FORMATS
FURTHEST = timedelta(days=366)
GRACE = timedelta(minutes=2)  # a form shows whole minutes: "now", typed a minute ago, is not the past


@dataclass(frozen=True)
class Sending:
    """How a post goes out: whether it asks the village head first, what happens when its time was missed (targets.LATE), the occurrence,
    row or slot it is made for (once only), and whether it may repeat what was said within a week or stand within an hour of another."""

    asks_first: bool = False
    late_policy: str = "within"
    late_hours: int = LATE_HOURS
    origin: str | None = None
    may_repeat: bool = True


@dataclass(frozen=True)
class _Made:
    """The pictures of one code, drawn and on disk: {format: [(sha256, words for who cannot see it)]} in the order they are shown."""

    url: str
    code: str
    pictures: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def promote(
    engine: sa.Engine,
    store: Store,
    *,
    village: Village,
    product: Thing | None = None,
    subjects: Sequence[Thing] = (),
    poster: str,
    language: str,
    words: str,
    account_ids: Sequence[int],
    due_at: datetime | None,
    at: datetime,
    made_by: str | None,
    public_url: str,
    clock: Clock,
    wishes: Wishes | None = None,
    sending: Sending | None = None,
) -> Post:
    """Make a post of a product, or of `subjects`, and schedule it to each account: link, caption, posters, media, targets, in this order.

    `words` hold {link} where the link belongs. Raises Problems: all there is to put right at once; then nothing was made. It takes
    the engine and not a connection: posters are drawn for a quarter of a second, and no transaction may stay open meanwhile.
    """
    about = [subject_of(thing) for thing in (subjects or ([product] if product else []))]
    wishes, sending = wishes or Wishes(), sending or Sending()
    with database.reading(engine) as connection:
        chosen = check(connection, village, about, words, account_ids, due_at, at=at, public_url=public_url, wishes=wishes)
        shown, *own = [_Made(links.url(public_url, code), code) for code in (links.free_code(connection) for _ in range(1 + len(chosen)))]
    formats = dict.fromkeys((*FORMATS, *(wanted_format(account) for account in chosen)))
    shown = _drawn(store, village, about, poster, language, wishes, shown, formats)
    made = [
        _drawn(store, village, about, poster, language, wishes, one, [wanted_format(account)]) if wishes.has_code else _with(shown, one)
        for account, one in zip(chosen, own, strict=True)
    ]
    with database.writing(engine) as connection:
        post = posts.create(
            connection,
            village_id=village.id,
            subject_kind=about[0].kind,
            subject_id=about[0].id,
            title=wishes.title or languages.pick(about[0].name, language),
            caption=words,
            poster=poster,
            pictures=_by_name(shown),
            alt=alt_text(village, about[0], language, wishes),
            language=language,
            made_by=made_by,
            at=at,
            origin=sending.origin,
        )
        if not sending.may_repeat:  # after it is known not to be made already: nothing is its own twin
            _check_twins(connection, village, words, zip(chosen, made, strict=True), due_at or at)
        if wishes.has_code:  # the code on the pictures that people take from the post's own page
            _link(connection, post, shown.code, placement="poster", at=at)
        for account, one in zip(chosen, made, strict=True):
            _schedule(connection, post, account, one, due_at=due_at, at=at, clock=clock, sending=sending)
        return posts.get(connection, village.id, post.id)


def _drawn(
    store: Store,
    village: Village,
    about: Sequence[Subject],
    poster: str,
    language: str,
    wishes: Wishes,
    one: _Made,
    formats: Iterable[str],
) -> _Made:
    """The pictures with this code, in these formats, saved. Raises Problems, and saves none, where a price would go out cut."""
    shown = {
        name: picturing.pictures(store, village, about, poster, language, name, wishes=wishes, url=one.url)
        for name in dict.fromkeys(formats)
    }
    wrong = dict.fromkeys(picture.drawn.error for pictures in shown.values() for picture in pictures if picture.drawn.error)
    if wrong:
        raise Problems([Problem(key, field="pictures") for key in wrong])
    kept = {name: [(store.save(picture.drawn.jpeg), picture.alt) for picture in pictures] for name, pictures in shown.items()}
    return _Made(one.url, one.code, kept)


def _with(shown: _Made, one: _Made) -> _Made:
    return _Made(one.url, one.code, shown.pictures)


def _by_name(made: _Made) -> dict[str, str]:
    """{format: sha256} as a post keeps it; the pictures of an album after the first are called "portrait 2", "portrait 3" ..."""
    found: dict[str, str] = {}
    for name, pictures in made.pictures.items():
        for place, (sha256, _) in enumerate(pictures, start=1):
            found[name if place == 1 else f"{name} {place}"] = sha256
    return found


def _link(
    connection: sa.Connection, post: Post, code: str, *, network: str | None = None, placement: str, at: datetime, title: str = ""
) -> links.Link:
    return links.create(
        connection,
        village_id=post.village_id,
        kind="post",
        title=title or post.title,
        target_kind="village" if post.subject_id is None else post.subject_kind,
        target_id=post.subject_id,
        post_id=post.id,
        network=network,
        placement=placement,
        code=code,
        at=at,
    )


def _schedule(
    connection: sa.Connection,
    post: Post,
    account: Account,
    made: _Made,
    *,
    due_at: datetime | None,
    at: datetime,
    clock: Clock,
    sending: Sending,
) -> None:
    title = f"{post.title} · {account.title}"
    link = _link(connection, post, made.code, network=account.network, placement=account.title, at=at, title=title)
    pictures = picturing.fitting(made.pictures[wanted_format(account)], networks.get(account.network).LIMITS.pictures)
    posts.schedule(
        connection,
        village_id=post.village_id,
        post_id=post.id,
        account_id=account.id,
        network=account.network,
        format=wanted_format(account),
        caption=post.caption.replace(LINK, made.url),
        media=[{"sha256": sha256, "alt": alt} for sha256, alt in pictures],
        link_id=link.id,
        link_url=made.url,
        marker=link.code,
        due_at=due_at,
        at=at,
        clock=clock,
        stage="in_review" if sending.asks_first else "scheduled",
        late_policy=sending.late_policy,
        late_hours=sending.late_hours,
    )


def _check_twins(connection: sa.Connection, village: Village, words: str, made: Iterable[tuple[Account, _Made]], due_at: datetime) -> None:
    """Raises Problems with one sentence for each post that the new one would repeat, so that staff may think again."""
    told: dict[tuple[str, int], Problem] = {}
    for account, one in made:
        shas = {sha256 for pictures in one.pictures.values() for sha256, _ in pictures}
        for twin in twins.find(connection, village.id, [account.id], caption=words, pictures=shas, due_at=due_at)[:3]:
            told.setdefault((twin.why, twin.target.id), repeats(village, account.title, twin))
    if told:
        raise Problems(list(told.values()))


def repeats(village: Village, account: str, twin: Twin) -> Problem:
    """What staff are told about a post on this account that another would repeat."""
    return Problem(f"twin.{twin.why}", field="twins", account=account, when=_clock(village, twin.target.due_at))


# ---- what must be right before anything is made -----------------------------------------------------------------------------------


def check(
    connection: sa.Connection,
    village: Village,
    about: Sequence[Subject],
    words: str,
    account_ids: Sequence[int],
    due_at: datetime | None,
    *,
    at: datetime,
    public_url: str,
    wishes: Wishes | None = None,
) -> list[Account]:
    """The accounts it goes to. Raises Problems with every sentence that staff should read."""
    chosen = [account for account in accounts.listed(connection, village.id) if account.id in set(account_ids) and account.state == "open"]
    found = [*_about_subjects(about, wishes or Wishes()), *about_words(words, chosen, public_url), *_about_time(village, due_at, at)]
    if not chosen:
        found.append(Problem("publish.no_account", field="accounts"))
    if found:
        raise Problems(found)
    return chosen


def _about_subjects(about: Sequence[Subject], wishes: Wishes) -> list[Problem]:
    if not about or not any(languages.pick(one.name, languages.FIRST) or wishes.title for one in about):
        return [Problem("post.no_subject", field="pictures")]
    if hidden := next((one for one in about if not one.is_shown), None):
        return [Problem(f"post.not_live{'_maker' if hidden.kind == 'maker' else ''}", field="pictures")]
    if any(one.kind == "product" and not one.photo and not wishes.photos for one in about):
        return [Problem("post.no_photo", field="pictures")]
    count = picturing.album_size(about, wishes)
    if wishes.is_album and not picturing.ALBUM_LEAST <= count <= picturing.ALBUM_MOST:
        return [Problem("post.album_size", field="pictures", least=picturing.ALBUM_LEAST, most=picturing.ALBUM_MOST, count=count)]
    return []


def _about_time(village: Village, due_at: datetime | None, at: datetime) -> list[Problem]:
    if due_at is None:
        return [Problem("post.no_time", field="date")]
    if due_at < at - GRACE:
        return [Problem("post.past_time", field="date", typed=_clock(village, due_at), now=_clock(village, at))]
    return [Problem("post.too_far", field="date")] if due_at > at + FURTHEST else []


def _clock(village: Village, when: datetime) -> str:
    return f"{village.local(when):%d-%m-%Y %H.%M} {languages.ZONE_NAMES.get(village.zone, '')}".strip()


def wanted_format(account: Account) -> str:
    """The format in which this account's network shows a post best."""
    return networks.format_of(account.network, account.fields)


def sellable(connection: sa.Connection, village_id: int) -> list[Product]:
    """The products of which a post can be made: on show, with a photo, not sold out."""
    return [product for product in products.listed(connection, village_id) if product.photo and not product.is_sold_out]
