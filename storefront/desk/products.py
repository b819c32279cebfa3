"""Products at the desk: the list, one form for making and changing, "sold out" in one tap, and what is hidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response

import storefront.desk.forms as forms
import storefront.desk.frame as frame
import storefront.desk.sheets as sheets
from promo import photos
from storefront import languages, legalmarks, makers, media, prices, products, web
from storefront.desk.forms import Form
from storefront.desk.frame import Drafting, Selling, Signed
from storefront.media import Kept
from storefront.problems import Collected, Problem, Problems
from storefront.products import Choice, Product
from storefront.staff import Staff
from storefront.web import Now, Reading, Store, Writing

router = frame.router()

BY_LANGUAGE = {"name": products.NAME_MOST, "unit": products.UNIT_MOST, "story": products.STORY_MOST}
FORM_LANGUAGES = ("id", "en")
SHOWN = {"": ("live", "draft", "hidden"), "live": ("live",), "draft": ("draft",), "hidden": ("hidden",)}
PHOTOS_MOST = 8
GONE = ("habis", "sold out")  # how a line says that an option is sold out


@dataclass(frozen=True)
class Uploads:
    """What was sent as pictures: those that are ones, on disk already, and a sentence for each that is not."""

    kept: Sequence[Kept]
    problems: Sequence[Problem]


def _uploads(typed: forms.Typed, store: Store) -> Uploads:
    """Stands before the transaction in a handler's signature: opening a picture takes up to a second and must hold up nobody."""
    kept, problems = [], []
    for data in typed.files.get("photos", ()):
        try:
            kept.append(media.keep(store, data))
        except photos.BadPhoto as error:
            problems.append(Problem(error.key, field="photos", **error.facts))
    return Uploads(kept, problems)


Uploaded = Annotated[Uploads, Depends(_uploads)]


@router.get("/produk")
def listed(request: Request, who: Signed, connection: Reading, keadaan: str = "") -> HTMLResponse:
    """Every product of the village, or those in one state."""
    found = products.listed(connection, who.village_id, states=SHOWN.get(keadaan, SHOWN[""]))
    return frame.draw(request, who, "products", here="products", products=found, shown=keadaan, filters=tuple(SHOWN))


@router.get("/produk/baru")
def new(request: Request, who: Drafting, connection: Reading) -> HTMLResponse:
    """The empty form; without a maker there is nobody to sell for, so that comes first."""
    return _form(request, who, connection, None, {"state": "live", "stock_state": "ready"}, [])


@router.post("/produk")
def create(request: Request, who: Drafting, typed: forms.Typed, uploads: Uploaded, connection: Writing, at: Now) -> Response:
    """A new product, or the form again with a sentence for all that is wrong and nothing lost."""
    photo_ids = _photo_ids(connection, who, typed, uploads, at)
    try:
        values, options = _values(connection, who, typed, uploads)
        made = products.create(connection, village_id=who.village_id, at=at, photo_ids=photo_ids, **values)
        products.set_options(connection, who.village_id, made.id, options, at=at)
    except (Problem, Problems) as error:
        return _form(request, who, connection, None, typed, photo_ids, error)
    return frame.go(f"/desk/produk/{made.id}", "saved")


@router.get("/produk/{product_id}")
def edit(request: Request, who: Signed, connection: Reading, product_id: int) -> HTMLResponse:
    """The form with the product in it."""
    product = products.get(connection, who.village_id, product_id)
    return _form(request, who, connection, product, _sheet(product), [photo.id for photo in product.photos])


@router.post("/produk/{product_id}")
def change(
    request: Request, who: Drafting, typed: forms.Typed, uploads: Uploaded, connection: Writing, at: Now, product_id: int
) -> Response:
    """Change a product; what is on show already is changed by the operator only."""
    product = _changeable(connection, who, product_id)
    photo_ids = _photo_ids(connection, who, typed, uploads, at)
    try:
        values, options = _values(connection, who, typed, uploads, product)
        products.change(connection, who.village_id, product_id, at=at, **values)
        products.set_options(connection, who.village_id, product_id, options, at=at)
    except (Problem, Problems) as error:
        return _form(request, who, connection, product, typed, photo_ids, error)
    products.set_photos(connection, who.village_id, product_id, photo_ids)
    return frame.go(f"/desk/produk/{product_id}", "saved")


@router.post("/produk/{product_id}/stok")
def set_stock(who: Selling, connection: Writing, typed: forms.Typed, at: Now, product_id: int) -> Response:
    """One tap: sold out, or there again."""
    product = products.get(connection, who.village_id, product_id)
    is_gone = typed.text("stok") == "sold_out"
    stock = None if not is_gone and product.stock == 0 else product.stock
    products.change(connection, who.village_id, product_id, at=at, stock_state="sold_out" if is_gone else "ready", stock=stock)
    return frame.go(_back(typed, f"#p{product_id}"), "sold_out" if is_gone else "in_stock")


@router.post("/produk/{product_id}/keadaan")
def set_state(who: Selling, connection: Writing, typed: forms.Typed, at: Now, product_id: int) -> Response:
    """Show a product to tourists, or hide it."""
    products.get(connection, who.village_id, product_id)
    is_shown = typed.text("keadaan") == "live"
    products.change(connection, who.village_id, product_id, at=at, state="live" if is_shown else "hidden")
    return frame.go(_back(typed, f"#p{product_id}"), "shown" if is_shown else "hidden")


@router.post("/produk/{product_id}/fokus")
def set_focus(who: Drafting, connection: Writing, typed: forms.Typed, product_id: int) -> Response:
    """One tap on a photo: this is what matters in it, so every crop keeps it in sight."""
    product = _changeable(connection, who, product_id)
    if typed.number("fokus_foto") in [photo.id for photo in product.photos]:
        sheets.keep_focus(connection, who.village_id, typed)
    return frame.go(f"/desk/produk/{product_id}#fokus", "saved")


def _back(typed: Form, anchor: str) -> str:
    shown = typed.text("dari")
    return "/desk/produk" + (f"?keadaan={shown}" if shown in SHOWN and shown else "") + anchor


def _changeable(connection: sa.Connection, who: Staff, product_id: int) -> Product:
    product = products.get(connection, who.village_id, product_id)
    if product.state != "draft" and not who.may("live"):
        raise frame.NotAllowed
    return product


# ---- the form --------------------------------------------------------------------------------------------------------------------


def kinds(language: str) -> list[tuple[str, str]]:
    """(key, words) of every kind of goods, by its words."""
    keys = [key for key in languages.words(languages.FIRST) if key.startswith("kinds.")]
    return sorted(((key.removeprefix("kinds."), languages.say(language, key)) for key in keys), key=lambda pair: pair[1].lower())


def _values(
    connection: sa.Connection, who: Staff, typed: Form, uploads: Uploads, was: Product | None = None
) -> tuple[dict[str, Any], list[Choice]]:
    """(the columns, the options) as typed. Raises Problems: all there is to put right, at once."""
    wrong = Collected()
    wrong.problems += uploads.problems
    values: dict[str, Any] = {name: _by_language(typed, name, getattr(was, name, {}), wrong) for name in BY_LANGUAGE}
    if not any(values["name"].values()):
        wrong.problems.append(Problem("product.no_name", field="name_id"))
    options: list[Choice] = []
    with wrong.of("options"):
        options = [_choice(line) for line in typed.text("options").splitlines() if line.strip()]
        products.check_options(options)
    with wrong.of("price"):
        cheapest = min((choice.price_idr for choice in options), default=None)
        values["price_idr"] = cheapest if cheapest and not typed.text("price") else prices.read(typed.text("price"))
    values["marks"] = dict(was.marks) if was else {}
    for mark in legalmarks.MARKS:
        with wrong.of(f"mark_{mark}"):
            values["marks"][mark] = legalmarks.read(mark, typed.text(f"mark_{mark}"))
    values["marks"] = {mark: number for mark, number in values["marks"].items() if number}
    with wrong.of("stock"):
        values["stock"] = _stock(typed.text("stock"))
    choices = {"kind": [key for key, _ in kinds("id")], "stock_state": products.STOCK_STATES, "state": products.STATES}
    for name, known in choices.items():
        with wrong.of(name):
            values[name] = _chosen(typed.text(name), known)
    with wrong.of("maker"):
        values["maker_id"] = int(_chosen(typed.text("maker"), [str(maker.id) for maker in makers.listed(connection, who.village_id)]))
    wrong.stop()
    if not who.may("live"):
        values["state"] = "draft"
    return values, options


def _choice(line: str) -> Choice:
    """An option as a line has it: "Besar / Large, 25.000, 10"."""
    told = Problem("product.option_line_wrong", field="options", typed=line.strip()[:60])
    parts = [part.strip() for part in line.split(",")]
    if not 2 <= len(parts) <= 3 or not parts[0]:
        raise told
    names = dict(zip(FORM_LANGUAGES, (" ".join(name.split()) for name in parts[0].split("/", 1)), strict=False))
    stock = parts[2] if len(parts) == 3 else ""
    try:
        price, is_sold_out = prices.read(parts[1]), stock.lower() in GONE
        return Choice({code: name for code, name in names.items() if name}, price, None if is_sold_out else _stock(stock), is_sold_out)
    except Problem:
        raise told from None


def _line(option: Product) -> str:
    """An option as a line of the form."""
    names = " / ".join(option.option[code] for code in FORM_LANGUAGES if option.option.get(code))
    stock = GONE[0] if option.stock_state == "sold_out" else "" if option.stock is None else str(option.stock)
    return ", ".join([names, f"{option.price_idr:,}".replace(",", "."), *([stock] if stock else [])])


def _by_language(typed: Form, name: str, was: Any, wrong: Collected) -> dict[str, str]:
    words = dict(was)
    for code in FORM_LANGUAGES:
        text = typed.text(f"{name}_{code}")
        if len(text) > BY_LANGUAGE[name]:
            wrong.problems.append(Problem("form.too_long", field=f"{name}_{code}", most=BY_LANGUAGE[name]))
        words[code] = text
    return {code: text for code, text in words.items() if text}


def _stock(text: str) -> int | None:
    if not text:
        return None
    plain = text.replace(".", "")
    if not (plain.isascii() and plain.isdigit()) or int(plain[:9]) > products.STOCK_MOST or len(plain) > 9:
        raise Problem("product.stock_wrong", most=products.STOCK_MOST)
    return int(plain)


def _chosen(text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise Problem("form.empty" if not text else "form.unknown_choice")
    return text


def _photo_ids(connection: sa.Connection, who: Staff, typed: Form, uploads: Uploads, at: Any) -> list[int]:
    """The photos that stay, the chosen one first, then the new ones. Kept even when the rest of the form is wrong."""
    dropped = set(typed.numbers("drop"))
    stay = [number for number in typed.numbers("photo") if number not in dropped]
    alt = {code: typed.text(f"name_{code}")[: products.NAME_MOST] for code in FORM_LANGUAGES if typed.text(f"name_{code}")}
    made = [media.add_kept(connection, who.village_id, kept, alt=alt, at=at).id for kept in uploads.kept]
    first = typed.number("first")
    order = sorted(dict.fromkeys(stay + made), key=lambda number: number != first)
    return order[:PHOTOS_MOST]


def _sheet(product: Product) -> dict[str, str]:
    """A product as the form shows it."""
    sheet = {f"{name}_{code}": getattr(product, name).get(code, "") for name in BY_LANGUAGE for code in FORM_LANGUAGES}
    sheet |= {"options": "\n".join(_line(option) for option in product.options)}
    sheet |= {f"mark_{mark}": product.marks.get(mark, "") for mark in legalmarks.MARKS}
    sheet |= {"price": f"{product.price_idr:,}".replace(",", "."), "stock": "" if product.stock is None else str(product.stock)}
    sheet |= {"kind": product.kind, "stock_state": product.stock_state, "state": product.state, "maker": str(product.maker_id)}
    return sheet


def _form(
    request: Request,
    who: Staff,
    connection: sa.Connection,
    product: Product | None,
    typed: Form | dict[str, str],
    photo_ids: Sequence[int],
    error: Problem | Problems | None = None,
) -> HTMLResponse:
    values = {name: next(iter(given), "") for name, given in typed.fields.items()} if isinstance(typed, Form) else typed
    known = media.by_id(connection, who.village_id, photo_ids)
    return frame.draw(
        request,
        who,
        "product",
        here="products",
        status=422 if error else 200,
        product=product,
        values=values,
        photos=[known[number] for number in photo_ids if number in known],
        marks=legalmarks.MARKS,
        makers=_with_none(who, [(str(maker.id), maker.name) for maker in makers.listed(connection, who.village_id)]),
        kinds=_with_none(who, kinds(who.language)),
        may_save=who.may("draft") and (product is None or product.state == "draft" or who.may("live")),
        errors=web.sentences(_renamed(error), who.language) if error else {},
    )


def _with_none(who: Staff, choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The choices with "choose" before them, unless there is only one: nothing is sold under another's name by oversight."""
    return choices if len(choices) < 2 else [("", languages.say(who.language, "desk.choose")), *choices]


def _renamed(error: Problem | Problems) -> Problem | Problems:
    """A problem that products.py found names its column; the form has a field per language."""
    if isinstance(error, Problem) and error.field in BY_LANGUAGE:
        error.field = f"{error.field}_{FORM_LANGUAGES[0]}"
    return error
