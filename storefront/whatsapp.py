"""What a tourist sends a maker on WhatsApp: the words of an order or a question, and the link that opens the chat with them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import product as pairs
from urllib.parse import quote

from storefront import languages
from storefront.orders import Line, Order, Part
from storefront.products import Product
from storefront.villages import Village

MOST = 1_900  # characters of a whole wa.me address; beyond about 2,000 some phones open an empty chat
MAKERS_LANGUAGE = "id"  # the message is for the maker, whoever writes it
_MOSTS = ((120, 500), (60, 160), (40, 60), (16, 20))  # characters of a name and of a free text, tried one after the other


def link(digits: str, text: str) -> str:
    """The address that opens a chat with this number (E.164 digits) and this text in it."""
    return f"https://wa.me/{digits}?text={quote(text, safe='')}"


def share(text: str, url: str) -> str:
    """The address that opens WhatsApp with this text and lets the person choose the chat; of words too long for it the first line
    and `url`."""
    whole = link("", text)
    return whole if len(whole) <= MOST else link("", f"{_short(text.splitlines()[0], _MOSTS[0][0])}\n{url}")


def message(order: Order, part: Part, language: str, order_url: str, *, village: Village, maker_url: str = "") -> str:
    """The words of one maker's part of an order; its link() stays within MOST, and what had to be left out is said in it.

    In Indonesian for the maker, with a line in English when the buyer reads English. `maker_url` is where she answers it.
    """
    shortest = ""
    for (name_most, text_most), kept in _fittings(len(part.lines)):
        links = [_say("link", url=order_url), *([_say("answer", url=maker_url)] if maker_url else [])]
        shortest = _written(order, part, language, links, village, name_most, text_most, kept)
        if len(link(part.maker_whatsapp, shortest)) <= MOST:
            break
    return shortest


def question(product: Product, language: str, url: str, *, village: Village) -> str:
    """The words with which a tourist asks after a product."""
    facts = {"maker": _short(product.maker_name, 60), "product": _named(product.name, 80), "village": village.name}
    unit = _named(product.unit, 40)
    lines = [_say("question" if unit else "question_plain", **facts, price=_rupiah(product.price_idr), unit=unit)]
    return "\n".join([*lines, *_in_english(language), "", url])


def _fittings(lines: int) -> Iterator[tuple[tuple[int, int], int]]:
    """From everything in full to little: first the texts are cut, then lines are left to the order page."""
    for mosts in _MOSTS[:2]:
        yield mosts, lines
    yield from pairs(_MOSTS[1:], range(lines - 1, 0, -1))
    yield _MOSTS[-1], min(lines, 1)


def _written(order: Order, part: Part, language: str, links: list[str], village: Village, name_most: int, text_most: int, kept: int) -> str:
    lines = [
        _say("greeting", maker=_short(part.maker_name, name_most), name=_short(order.name, name_most)),
        _say("order", village=village.name, order=order.code),
        "",
        *(_line(line, name_most) for line in part.lines[:kept]),
    ]
    if kept < len(part.lines):
        lines.append(_say("more", count=len(part.lines) - kept))
    lines += ["", _say("total", total=_rupiah(part.total_idr)), _delivery(order, village, text_most)]
    if order.note:
        lines.append(_say("note", note=_short(order.note, text_most)))
    return "\n".join([*lines, *_in_english(language), "", *links])


def _line(line: Line, most: int) -> str:
    unit = _named(line.unit, most)
    name = _named(line.name, most) + (f" ({unit})" if unit else "")
    return _say("line", quantity=line.quantity, name=name, price=_rupiah(line.price_idr), total=_rupiah(line.total_idr))


def _delivery(order: Order, village: Village, most: int) -> str:
    whither = _short((order.address or "").replace("\n", ", "), most)
    if order.delivery == "send":
        return _say("send", address=whither)
    if order.delivery == "village":
        return _say("village", area=_short(order.area or "", most), address=whither, fee=_rupiah(order.fee_idr))
    return _say("pickup_at", when=_moment(order.pickup_at, village)) if order.pickup_at else _say("pickup")


def _in_english(language: str) -> list[str]:
    return [] if language == MAKERS_LANGUAGE else ["", languages.say(language, "order.message.foreign")]


def _moment(at: datetime, village: Village) -> str:
    return languages.moment(MAKERS_LANGUAGE, at, village.zone)


def _named(words: Mapping[str, str], most: int) -> str:
    return _short(languages.pick(words, MAKERS_LANGUAGE), most)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _rupiah(amount: int) -> str:
    return languages.rupiah(amount).replace(languages.NBSP, " ")  # three characters fewer in the address


def _say(key: str, **facts: object) -> str:
    return languages.say(MAKERS_LANGUAGE, f"order.message.{key}", **facts)
