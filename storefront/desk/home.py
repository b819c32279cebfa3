"""The first page of the desk: how today goes, what waits for somebody, and what to do first in a new village."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import HTMLResponse

import storefront.desk.frame as frame
from campaigns import links, reports, rhythms
from campaigns.links import Link
from campaigns.rhythms import Silence
from promo import accounts, posts
from promo.accounts import Account
from promo.posts import Post
from promo.targets import Target
from storefront import attractions, languages, makers, orders, products
from storefront.desk.frame import Signed
from storefront.staff import Staff
from storefront.web import Now, Reading

router = frame.router()

NEXT_MOST = 5


@router.get("")
def home(request: Request, who: Signed, connection: Reading, at: Now) -> HTMLResponse:
    """Today's figures, the orders and posts that wait, and the first steps that are still to be taken."""
    today = who.village.local(at).date()
    written = posts.listed(connection, who.village_id)
    held = accounts.listed(connection, who.village_id)
    steps = _first_steps(connection, who, written, held)
    return frame.draw(
        request,
        who,
        "home",
        here="home",
        today=today,
        figures=reports.village(connection, who.village_id, today, today),
        usual=reports.same_weekday_mean(connection, who.village_id, today),
        weekday=languages.weekdays(who.language)[today.weekday()],
        silent=_silent(connection, who, at),
        waiting=orders.listed(connection, who.village_id, state="intent", limit=NEXT_MOST),
        counts=orders.counts(connection, who.village_id),
        loud=[(post, target) for post, target in _targets(written) if target.state in ("needs_person", "rejected", "expired")],
        asked=sum(post.state == "in_review" for post in written),
        lost=[account for account in held if account.state == "needs_login"],
        ending=[
            (account, days) for account in held if account.state == "open" and (days := account.days_left(at)) is not None and days < 15
        ],
        due=sorted(_due(written), key=lambda pair: pair[1].due_at)[:NEXT_MOST],
        steps=steps,
        is_new=sum(is_done for _, _, is_done in steps) < 2 and bool(steps),
    )


def _silent(connection: sa.Connection, who: Staff, at: datetime) -> list[tuple[Link, Silence]]:
    """The signs that are silent when they should not be."""
    alarming = {link_id: one for link_id, one in rhythms.silences(connection, who.village_id, at).items() if one.is_alarming}
    if not alarming:
        return []
    return [(link, alarming[link.id]) for link in links.listed(connection, who.village_id, kind="qr") if link.id in alarming]


def _targets(written: Sequence[Post]) -> list[tuple[Post, Target]]:
    return [(post, target) for post in written for target in post.targets]


def _due(written: Sequence[Post]) -> list[tuple[Post, Target]]:
    return [(post, target) for post, target in _targets(written) if target.is_open and target.state != "draft"]


def _first_steps(connection: sa.Connection, who: Staff, written: Sequence[Post], held: Sequence[Account]) -> list[tuple[str, str, bool]]:
    """(name, where, done?) of what a new village does first; empty once all of it is done."""
    village = who.village
    steps = [
        ("village", "/desk/desa", bool(village.story and village.photo_id)),
        ("attraction", "/desk/wisata/baru", bool(attractions.listed(connection, who.village_id))),
        ("maker", "/desk/umkm/baru", bool(makers.listed(connection, who.village_id))),
        ("product", "/desk/produk/baru", bool(products.listed(connection, who.village_id, states=products.STATES, limit=1))),
        ("sign", "/desk/papan/baru", bool(links.listed(connection, who.village_id, kind="qr"))),
        ("account", "/desk/akun", any(account.state == "open" for account in held)),
        ("post", "/desk/unggahan/baru", bool(written)),
    ]
    return steps if not all(is_done for _, _, is_done in steps) else []
