"""Letting us in at a network: there, back with what was allowed, and the choice of what to connect; also to mend what was lost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
from promo import accounts, checkups, doors, networks, posts
from promo.doors import ClosedDoor, Way
from promo.networks import Access, Failure, Finding, Network, Offer, SigningIn
from storefront import database, languages, web
from storefront.desk.frame import SettingUp
from storefront.staff import Staff
from storefront.web import Config, Now

router = frame.router()


@router.post("/akun/pergi/{network}")
def leave(request: Request, who: SettingUp, config: Config, typed: forms.Typed, at: Now, network: str) -> Response:
    """Make ready for the way there; the person goes on by a link, since a form may not lead to another site."""
    of = networks.get(network)
    if not isinstance(of, SigningIn) or not of.can_sign_in(config.network_keys):
        raise networks.UnknownNetwork(network)
    session = request.state.session.id_hash
    state, verifier, challenge = doors.new_state(session, network, config.secret.get_secret_value())
    fields = {field.name: typed.text(field.name) or field.default for field in of.FIELDS if field.kind != "secret"}
    try:
        address, kept = of.way_out(config.networks, config.network_keys, fields, _redirect(config.public_url, network), state, challenge)
    except Failure:
        return _sorry(request, who, network, "publish.door_shut")
    way = Way(state, who.village_id, network, {**kept, "verifier": verifier}, account_id=typed.number("akun"))
    with database.writing(request.app.state.engine) as connection:
        doors.open_way(connection, way, session, request.app.state.sealer, at=at)
    return frame.draw(request, who, "account_leave", here="accounts", network=network, title=networks.get(network).TITLE, to=address)


@router.get("/akun/kembali/{network}")
def returned(request: Request, who: SettingUp, network: str, code: str = "", state: str = "", error: str = "") -> Response:
    """Back from the network. Looking changes nothing: a button takes what was brought."""
    if error or not code:
        return _sorry(request, who, network, "publish.door_refused")
    title = networks.get(network).TITLE
    return frame.draw(request, who, "account_back", here="accounts", network=network, title=title, code=code, state=state)


@router.post("/akun/kembali/{network}")
def take(request: Request, who: SettingUp, config: Config, typed: forms.Typed, at: Now, network: str) -> Response:
    """Ask the network what may be chosen, and show it."""
    of, engine = networks.get(network), request.app.state.engine
    try:
        with database.writing(engine) as connection:
            way = _way(connection, request, who, typed.text("state"), at)
            is_ours = way.network == network and "verifier" in way.kept  # without one it was taken already, and waits for the choice
            if not is_ours or not isinstance(of, SigningIn) or not doors.close(connection, way.state):
                raise ClosedDoor
        redirect = _redirect(config.public_url, network)
        offers = of.way_back(config.networks, config.network_keys, way.kept, typed.text("code"), redirect, way.kept["verifier"])
    except ClosedDoor as error:
        return _sorry(request, who, network, error.key)
    except Failure:
        return _sorry(request, who, network, "publish.door_refused")
    if way.account_id is not None:
        offers = _of_account(request, who, way.account_id, offers)
    return _choose(request, who, Way(way.state, way.village_id, network, {}, offers, way.account_id), at)


def _of_account(request: Request, who: Staff, account_id: int, offers: Sequence[Offer]) -> list[Offer]:
    """To mend an account its own Page is chosen: with another one, its history would speak of the wrong place."""
    with database.reading(request.app.state.engine) as connection:
        known = accounts.get(connection, who.village_id, account_id).fields
    return [
        offer
        if offer.trouble or offer.fields.items() <= known.items()
        else replace(offer, trouble=Finding("other_page", "bad", {"name": offer.title}))
        for offer in offers
    ]


def pages_behind(request: Request, who: Staff, network: str, access: Access, at: datetime) -> Response:
    """A person's token was pasted: their Pages, each with its own token, to choose from."""
    config, of = web.settings_of(request), networks.get(network)
    state, _, _ = doors.new_state(request.state.session.id_hash, network, config.secret.get_secret_value())
    try:
        offers = of.offers(access, config.network_keys)  # type: ignore[attr-defined]
    except Failure:
        return _sorry(request, who, network, "publish.door_refused")
    return _choose(request, who, Way(state, who.village_id, network, {}, offers), at)


def _choose(request: Request, who: Staff, way: Way, at: datetime) -> HTMLResponse:
    with database.writing(request.app.state.engine) as connection:
        doors.open_way(connection, way, request.state.session.id_hash, request.app.state.sealer, at=at)
    return _choice(request, who, way)


@router.post("/akun/pilihan")
def choose(request: Request, who: SettingUp, config: Config, typed: forms.Typed, at: Now) -> Response:
    """Connect what was chosen, or give an account that was lost its new key."""
    engine, sealer = request.app.state.engine, request.app.state.sealer
    try:
        with database.reading(engine) as connection:
            way = _way(connection, request, who, typed.text("state"), at)
    except ClosedDoor as error:
        return _sorry(request, who, typed.text("network"), error.key)
    number = typed.number("pilihan")
    if number is None or number >= len(way.offers) or way.offers[number].trouble:
        return _choice(request, who, way, {"pilihan": [languages.say(who.language, "publish.no_choice")]})
    offer = way.offers[number]
    of = networks.get(way.network)
    fields = {field.name: typed.text(field.name) for field in of.FIELDS if field.kind != "secret"} | dict(offer.fields)
    seen = checkups.ask(way.network, Access(fields, offer.secrets, 20.0, config.networks))
    with database.writing(engine) as connection:
        if not doors.close(connection, way.state):
            return _sorry(request, who, way.network, ClosedDoor.key)
        if way.account_id is not None:
            made = accounts.change(connection, who.village_id, way.account_id, sealer=sealer, fields=offer.fields, secrets=offer.secrets)
            posts.wake(connection, who.village_id, made.id, at=at, clock=request.app.state.post_clock)
        else:
            about: dict[str, Any] = {"village_id": who.village_id, "network": way.network, "title": offer.title}
            made = accounts.connect(connection, **about, fields=fields, secrets=offer.secrets, sealer=sealer, at=at)
        checkups.keep(connection, made, seen, at=at, clock=request.app.state.post_clock)
    return frame.go("/desk/akun", "mended" if way.account_id is not None else "connected")


def can_sign_in(request: Request, of: Network) -> bool:
    """Does this network offer it, and has this installation what it takes?"""
    return isinstance(of, SigningIn) and of.can_sign_in(web.settings_of(request).network_keys)


def _way(connection: Any, request: Request, who: Staff, state: str, at: datetime) -> Way:
    session, secret = request.state.session.id_hash, web.settings_of(request).secret.get_secret_value()
    return doors.come_back(connection, state, session, who.village_id, request.app.state.sealer, secret, at=at)


def _redirect(public_url: str, network: str) -> str:
    return f"{public_url}/desk/akun/kembali/{network}"


def _choice(request: Request, who: Staff, way: Way, errors: Mapping[str, Sequence[str]] | None = None) -> HTMLResponse:
    return frame.draw(
        request,
        who,
        "account_choice",
        here="accounts",
        status=422 if errors else 200,
        network=way.network,
        title=networks.get(way.network).TITLE,
        state=way.state,
        offers=[(offer, _why(who, offer)) for offer in way.offers],
        fields=[
            field
            for field in networks.get(way.network).FIELDS
            if field.kind != "secret" and not any(field.name in o.fields for o in way.offers)
        ],
        is_mending=way.account_id is not None,
        errors=errors or {},
    )


def _why(who: Staff, offer: Offer) -> str:
    return languages.say(who.language, f"publish.health.{offer.trouble.key}", **offer.trouble.facts) if offer.trouble else ""


def _sorry(request: Request, who: Staff, network: str, key: str) -> HTMLResponse:
    of = networks.get(network)
    facts = {"network": network, "title": of.TITLE, "sentence": languages.say(who.language, key)}
    return frame.draw(request, who, "account_sorry", here="accounts", status=422, **facts)
