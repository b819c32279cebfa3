"""Making a post, from a product to what will be sent: `promote` is the whole of it; `suggest` and `draw` are what staff see before."""

import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from campaigns import links
from promo import accounts, captions, networks, posters, posts
from promo.accounts import Account
from promo.captions import Caption
from promo.clock import Clock
from promo.colours import Brand
from promo.posters import Drawn, Facts
from promo.posts import Post
from storefront import database, languages, products
from storefront.media import Store
from storefront.problems import Problem, Problems
from storefront.products import Product
from storefront.villages import Village

LINK = "{link}"  # stands in the words for the short link that each account's post gets of its own
LINK_LENGTH = 6  # of a code; the words are measured with a link in them before there is one
FORMATS = ("square", "portrait", "story")  # what staff see side by side
FURTHEST = timedelta(days=366)
ROOM = 2_200  # characters of a caption while nobody has said where it goes: what Instagram takes
GRACE = timedelta(minutes=2)  # a form shows whole minutes: "now", typed a minute ago, is not the past


def promote(
    engine: sa.Engine,
    store: Store,
    *,
    village: Village,
    product: Product,
    poster: str,
    language: str,
    words: str,
    account_ids: Sequence[int],
    due_at: datetime | None,
    at: datetime,
    made_by: str | None,
    public_url: str,
    clock: Clock,
) -> Post:
    """Make a post of a product and schedule it to each account: link, caption, posters, media, targets, in this order.

    `words` hold {link} where the link belongs. Raises Problems: all there is to put right at once; then nothing was made. It takes
    the engine and not a connection: posters are drawn for a quarter of a second, and no transaction may stay open meanwhile.
    """
    with database.reading(engine) as connection:
        chosen = check(connection, village, product, words, account_ids, due_at, at=at, public_url=public_url)
    formats = dict.fromkeys((*FORMATS, *(wanted_format(account) for account in chosen)))
    pictures = {name: store.save(draw(store, village, product, poster, language, name).jpeg) for name in formats}
    title, alt = languages.pick(product.name, language), alt_text(village, product, language)
    with database.writing(engine) as connection:
        post = posts.create(
            connection,
            village_id=village.id,
            subject_kind="product",
            subject_id=product.id,
            title=title,
            caption=words,
            poster=poster,
            pictures=pictures,
            alt=alt,
            language=language,
            made_by=made_by,
            at=at,
        )
        for account in chosen:
            _schedule(connection, post, account, due_at=due_at, at=at, public_url=public_url, clock=clock)
        return posts.get(connection, village.id, post.id)


def _schedule(
    connection: sa.Connection, post: Post, account: Account, *, due_at: datetime | None, at: datetime, public_url: str, clock: Clock
) -> None:
    link = links.create(
        connection,
        village_id=post.village_id,
        kind="post",
        title=f"{post.title} · {account.title}",
        target_kind=post.subject_kind,
        target_id=post.subject_id,
        post_id=post.id,
        network=account.network,
        placement=account.title,
        at=at,
    )
    url = links.url(public_url, link.code)
    posts.schedule(
        connection,
        village_id=post.village_id,
        post_id=post.id,
        account_id=account.id,
        network=account.network,
        format=wanted_format(account),
        caption=post.caption.replace(LINK, url),
        media=[{"sha256": post.pictures[wanted_format(account)], "alt": post.alt}],
        link_id=link.id,
        link_url=url,
        marker=link.code,
        due_at=due_at,
        at=at,
        clock=clock,
    )


# ---- what must be right before anything is made -----------------------------------------------------------------------------------


def check(
    connection: sa.Connection,
    village: Village,
    product: Product,
    words: str,
    account_ids: Sequence[int],
    due_at: datetime | None,
    *,
    at: datetime,
    public_url: str,
) -> list[Account]:
    """The accounts it goes to. Raises Problems with every sentence that staff should read."""
    chosen = [account for account in accounts.listed(connection, village.id) if account.id in set(account_ids) and account.state == "open"]
    found = [*_about_product(product), *_about_words(words, chosen, public_url), *_about_time(village, due_at, at)]
    if not chosen:
        found.append(Problem("publish.no_account", field="accounts"))
    if found:
        raise Problems(found)
    return chosen


def _about_product(product: Product) -> list[Problem]:
    if product.state != "live":
        return [Problem("post.not_live", field="pictures")]
    return [] if product.photo else [Problem("post.no_photo", field="pictures")]


def _about_words(words: str, chosen: Sequence[Account], public_url: str) -> list[Problem]:
    if not words.strip():
        return [Problem("publish.no_caption", field="caption")]
    found = [] if LINK in words else [Problem("post.no_link", field="caption")]
    sample = words.replace(LINK, links.url(public_url, "0" * LINK_LENGTH))
    told: dict[str, Problem] = {}
    for account in chosen:
        for unfit in networks.get(account.network).check(sample, 1):
            told.setdefault(f"{unfit.key}{unfit.facts}", Problem(unfit.key, field=unfit.field, **unfit.facts))
    return [*found, *told.values()]


def _about_time(village: Village, due_at: datetime | None, at: datetime) -> list[Problem]:
    if due_at is None:
        return [Problem("post.no_time", field="date")]
    if due_at < at - GRACE:
        return [Problem("post.past_time", field="date", typed=_clock(village, due_at), now=_clock(village, at))]
    return [Problem("post.too_far", field="date")] if due_at > at + FURTHEST else []


def _clock(village: Village, when: datetime) -> str:
    return f"{village.local(when):%d-%m-%Y %H.%M} {languages.ZONE_NAMES.get(village.zone, '')}".strip()


# ---- what staff see and change ------------------------------------------------------------------------------------------------------


def suggest(village: Village, product: Product, style: str, language: str, *, seed: int = 0, on: Iterable[Account] = ()) -> str:
    """A caption in this style with price, village and hashtags, and {link} where the link will be; it fits all accounts it goes `on`."""
    return suggestion(village, product, style, language, seed=seed, on=on).text


def suggestion(village: Village, product: Product, style: str, language: str, *, seed: int = 0, on: Iterable[Account] = ()) -> Caption:
    """The same with what had to be left out of it, as keys of words for staff."""
    facts = {
        "title": languages.pick(product.name, language),
        "price": languages.rupiah(product.price_idr),
        "unit": languages.pick(product.unit, language),
        "story": languages.pick(product.story, language),
        "maker": product.maker_name,
        "village": village.name,
        "link": LINK,
        "kind": product.kind,
        **product.marks,
    }
    room = min((networks.get(account.network).LIMITS.text for account in on), default=ROOM) - 100  # a link is longer than its placeholder
    return captions.write(style, facts, language, limit=room, hashtags=hashtags(village), seed=seed)


def hashtags(village: Village) -> list[str]:
    """Those of the brand, or the village's own name."""
    return list(village.brand.get("hashtags", ())) or [f"Desa {village.name}", village.regency]


def draw(store: Store, village: Village, product: Product, poster: str, language: str, format: str, *, scale: float = 1.0) -> Drawn:  # noqa: A002
    """The poster of a product in one format; at scale 1 the very picture that is sent."""
    return posters.draw(poster, facts(store, village, product, language), brand(village), format, scale=scale)


def facts(store: Store, village: Village, product: Product, language: str) -> Facts:
    """What a poster says about a product, in one language."""
    return Facts(
        title=languages.pick(product.name, language),
        price_idr=product.price_idr,
        price_text=languages.rupiah(product.price_idr),
        unit=languages.pick(product.unit, language),
        village=village.name,
        tagline=languages.pick(village.brand.get("tagline"), language),
        maker=product.maker_name,
        kicker="",
        badge="",
        body=languages.pick(product.story, language),
        link_text="",
        qr=None,
        photo=store.read(product.photo.sha256) if product.photo else None,
        focus=product.photo.focus if product.photo else (0.5, 0.5),
        logo=None,
    )


def brand(village: Village) -> Brand:
    """The village's colours for posters; what it has not chosen is the house's."""
    given = village.brand.get("colours", {})
    chosen = {role: given[role] for role in ("primary", "dark", "accent", "light") if isinstance(given.get(role), str)}
    pattern = village.brand.get("pattern")
    return Brand(**chosen, **({"pattern": pattern} if isinstance(pattern, str) else {}))


def alt_text(village: Village, product: Product, language: str) -> str:
    """The words for who cannot see the poster."""
    price = f"{languages.rupiah(product.price_idr)} {languages.pick(product.unit, language)}".strip()
    seen = languages.pick(product.photo.alt, language) if product.photo else ""
    name = languages.pick(product.name, language)
    return ", ".join(dict.fromkeys(part for part in (name, seen, price, product.maker_name, village.name) if part))


def wanted_format(account: Account) -> str:
    """The format in which this account's network shows a post best."""
    return networks.get(account.network).FORMATS[0]


def looks(language: str) -> list[tuple[str, str]]:
    """(name, title) of every poster that can be drawn; a template that somebody is still writing keeps nobody from posting."""
    found = []
    for name in posters.names():
        with contextlib.suppress(posters.BrokenTemplate):
            found.append((name, posters.title(name, language)))
    return found


def sellable(connection: sa.Connection, village_id: int) -> list[Product]:
    """The products of which a post can be made: on show, with a photo, not sold out."""
    return [product for product in products.listed(connection, village_id) if product.photo and not product.is_sold_out]
