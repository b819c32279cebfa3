"""The way there and back when a person lets us in at a network: a state that only the same session can bring back, once, within minutes,
and what is kept meanwhile, sealed."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo.accounts import CannotUnseal, Sealer
from promo.networks import Finding, Offer
from promo.tables import connecting

LASTS = timedelta(minutes=20)
_PURPOSE = b"gapura door:"


class ClosedDoor(LookupError):
    """Nobody is expected back with this: another session, too late, used already, or never ours."""

    key = "publish.door_closed"


@dataclass(frozen=True)
class Way:
    """Someone who is at a network. `kept` are the PKCE verifier and what the network's file wants back; `offers` what may be chosen;
    `account_id` is the account that is being mended."""

    state: str
    village_id: int
    network: str
    kept: Mapping[str, str] = field(repr=False)
    offers: Sequence[Offer] = field(default=(), repr=False)
    account_id: int | None = None


def new_state(session: str, network: str, secret: str) -> tuple[str, str, str]:
    """(state, PKCE verifier, its S256 challenge); the state is signed for this session and network."""
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return f"{nonce}.{_signature(nonce, session, network, secret)}", verifier, challenge


def open_way(connection: sa.Connection, way: Way, session: str, sealer: Sealer, *, at: datetime) -> None:
    """Remember who left; what others left behind too long ago is forgotten."""
    connection.execute(connecting.delete().where(connecting.c.made_at < at - LASTS))
    connection.execute(connecting.delete().where(connecting.c.id == _id(way.state)))
    told = {"kept": dict(way.kept), "offers": [asdict(offer) for offer in way.offers], "account_id": way.account_id}
    sealed = sealer.seal(json.dumps(told).encode(), _bound(way.village_id, way.network))
    values = {"id": _id(way.state), "village_id": way.village_id, "network": way.network, "held_by": session, "made_at": at}
    connection.execute(connecting.insert().values(**values, sealed=sealed))


def come_back(connection: sa.Connection, state: str, session: str, village_id: int, sealer: Sealer, secret: str, *, at: datetime) -> Way:
    """Whoever left with this state. Raises ClosedDoor."""
    row = connection.execute(sa.select(connecting).where(connecting.c.id == _id(state))).one_or_none()
    nonce, _, signature = state.partition(".")
    if row is None or row.village_id != village_id or row.held_by != session or row.made_at < at - LASTS:
        raise ClosedDoor
    if not hmac.compare_digest(signature.encode(), _signature(nonce, session, row.network, secret).encode()):
        raise ClosedDoor
    try:
        told = json.loads(sealer.open(row.sealed, _bound(village_id, row.network)))
    except CannotUnseal:
        raise ClosedDoor from None
    return Way(state, village_id, row.network, told["kept"], [_offer(one) for one in told["offers"]], told["account_id"])


def close(connection: sa.Connection, state: str) -> bool:
    """This way is over; False if it was already."""
    return connection.execute(connecting.delete().where(connecting.c.id == _id(state))).rowcount == 1


def _offer(told: Mapping[str, object]) -> Offer:
    trouble = told.get("trouble")
    return Offer(**{**told, "trouble": Finding(**trouble) if isinstance(trouble, dict) else None})  # type: ignore[arg-type]


def _id(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _bound(village_id: int, network: str) -> str:
    return f"door:{village_id}:{network}"


def _signature(nonce: str, session: str, network: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), _PURPOSE + f"{nonce}.{session}.{network}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:18]).decode()
