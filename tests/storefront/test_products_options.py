"""Options of one level, and legal marks: what a product page says is what can be bought, and what can be checked."""

import making
import pytest
import sqlalchemy as sa
from desk_hands import Hands
from hypothesis import given
from hypothesis import strategies as st

from storefront import carts, database, legalmarks, media, orders, products
from storefront.problems import Problem
from storefront.products import Choice

SIZES = [
    Choice({"id": "Kecil", "en": "Small"}, 10_000, 3),
    Choice({"id": "Besar", "en": "Large"}, 25_000),
    Choice({"id": "Raksasa"}, 90_000, 0),
]


@pytest.fixture
def sized(hands: Hands) -> products.Product:
    """The product of the village in three sizes, of which one is sold out."""
    with database.writing(hands.engine) as connection:
        products.set_options(connection, hands.village_id, hands.product.id, SIZES, at=making.NOW)
        return products.get(connection, hands.village_id, hands.product.id)


def by_name(product: products.Product) -> dict[str, products.Product]:
    return {option.option["id"]: option for option in product.options}


def test_an_option_is_bought_with_its_own_price_and_stock_under_the_products_name(hands: Hands, sized: products.Product) -> None:
    small = by_name(sized)["Kecil"]
    with database.writing(hands.engine) as connection:
        order = making.order(connection, hands.village_id, {small.id: 2})
        assert order.total_idr == 20_000
        assert order.lines[0].name["id"] == "Keripik apel, Kecil"
        assert products.by_id(connection, hands.village_id, [small.id])[small.id].stock == 1
        with pytest.raises(orders.SoldOut) as told:
            making.order(connection, hands.village_id, {small.id: 2})
    assert told.value.shortages[0].left == 1


def test_the_product_itself_cannot_be_ordered_once_it_has_options(hands: Hands, sized: products.Product) -> None:
    with database.writing(hands.engine) as connection, pytest.raises(orders.SoldOut):
        making.order(connection, hands.village_id, {sized.id: 1})


def test_a_list_shows_the_product_once_with_the_least_price(hands: Hands, sized: products.Product) -> None:
    with database.reading(hands.engine) as connection:
        shown = products.listed(connection, hands.village_id)
        assert [(one.id, one.price_idr, one.is_sold_out) for one in shown] == [(sized.id, 10_000, False)]
        with pytest.raises(products.UnknownProduct):
            products.by_slug(connection, hands.village_id, f"{sized.slug}--")


def test_a_product_is_sold_out_when_all_its_options_are(hands: Hands, sized: products.Product) -> None:
    with database.writing(hands.engine) as connection:
        for name in ("Kecil", "Besar"):
            products.change(connection, hands.village_id, by_name(sized)[name].id, at=making.NOW, stock_state="sold_out")
        assert products.get(connection, hands.village_id, sized.id).is_sold_out


def test_what_happens_to_the_product_happens_to_its_options(hands: Hands, sized: products.Product) -> None:
    with database.writing(hands.engine) as connection:
        products.change(connection, hands.village_id, sized.id, at=making.NOW, state="hidden")
        with pytest.raises(orders.SoldOut):
            making.order(connection, hands.village_id, {by_name(sized)["Besar"].id: 1})


def test_an_option_that_is_taken_away_stays_in_its_orders_and_can_be_bought_no_more(hands: Hands, sized: products.Product) -> None:
    big = by_name(sized)["Besar"]
    with database.writing(hands.engine) as connection:
        order = making.order(connection, hands.village_id, {big.id: 1})
        products.set_options(connection, hands.village_id, sized.id, SIZES[:1], at=making.NOW)
        assert orders.get(connection, hands.village_id, order.id).lines[0].name["id"] == "Keripik apel, Besar"
        with pytest.raises(orders.SoldOut):
            making.order(connection, hands.village_id, {big.id: 1})
        products.set_options(connection, hands.village_id, sized.id, [], at=making.NOW)
        assert not products.get(connection, hands.village_id, sized.id).has_options
        assert making.order(connection, hands.village_id, {sized.id: 1}).total_idr == 10_000


def test_a_guest_picks_an_option_on_the_page_and_is_asked_when_she_forgot(hands: Hands, sized: products.Product) -> None:
    page = hands.get(f"/produk/{sized.slug}").text
    assert page.count('name="option"') == 3
    assert page.count("disabled") == 1
    forgot = hands.post("/keranjang/barang", product=sized.slug, quantity="1")
    assert forgot.status_code == 422
    assert "Pilih dulu salah satu" in forgot.text
    big = by_name(sized)["Besar"]
    assert hands.post("/keranjang/barang", product=sized.slug, quantity="2", option=big.id).status_code == 303
    assert "Keripik apel, Besar" in hands.get("/keranjang").text
    assert "Rp\u00a050.000" in hands.get("/pesan").text


def test_an_option_of_another_product_is_none_of_this(hands: Hands, sized: products.Product) -> None:
    with database.writing(hands.engine) as connection:
        other = making.product(connection, hands.village_id, hands.product.maker_id, name="Teh")
        products.set_options(connection, hands.village_id, other.id, SIZES[:1], at=making.NOW)
        theirs = products.get(connection, hands.village_id, other.id).options[0].id
    assert hands.post("/keranjang/barang", product=sized.slug, quantity="1", option=theirs).status_code == 422


def form(hands: Hands, **given: object) -> dict[str, object]:
    own = {"name_id": "Keripik apel", "price": "15.000", "maker": hands.product.maker_id, "kind": "snack", "stock_state": "ready"}
    return {**own, "state": "live", **given}


def test_the_desk_types_options_as_lines_and_finds_them_so_again(hands: Hands) -> None:
    path = f"/desk/produk/{hands.product.id}"
    typed = "Kecil / Small, 10.000, 3\nBesar, 25rb\nRaksasa, 90.000, habis"
    assert hands.post(path, **form(hands, options=typed, price="")).status_code == 303
    page = hands.get(path).text
    assert "Kecil / Small, 10.000, 3\nBesar, 25.000\nRaksasa, 90.000, habis" in page
    with database.reading(hands.engine) as connection:
        kept = products.get(connection, hands.village_id, hands.product.id)
    before = {option.option["id"]: option.id for option in kept.options}
    hands.post(path, **form(hands, options="Besar, 30.000\nKecil, 10.000"))
    with database.reading(hands.engine) as connection:
        after = products.get(connection, hands.village_id, hands.product.id)
    assert {name: option.id for name, option in by_name(after).items()} == {name: before[name] for name in ("Kecil", "Besar")}


@pytest.mark.parametrize("line", ["Besar", "Besar, banyak", ", 10.000", "a, 1, 2, 3", "A, 1.000\nA, 2.000", "Besar, 0", "Besar, 1.000, x"])
def test_an_option_that_cannot_be_read_gets_a_sentence_and_nothing_is_lost(hands: Hands, line: str) -> None:
    answer = hands.post(f"/desk/produk/{hands.product.id}", **form(hands, options=line))
    assert answer.status_code == 422
    assert 'id="options-1"' in answer.text
    assert line.splitlines()[0] in answer.text


def test_an_option_cannot_be_reached_as_a_product_of_another_village(hands: Hands, sized: products.Product) -> None:
    with database.writing(hands.engine) as connection:
        other = making.village(connection, name="Sumberejo")
        assert products.by_id(connection, other, [option.id for option in sized.options]) == {}
        with pytest.raises(products.UnknownProduct):
            products.set_options(connection, other, sized.id, [], at=making.NOW)
        assert carts.look(connection, other, {sized.options[0].id: 1}).vanished == 1


# ---- legal marks ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "typed", "kept"),
    [
        ("pirt", "P-IRT 206351401012328", "2063514010123-28"),
        ("pirt", "206 3514 0101 23-28", "2063514010123-28"),
        ("pirt", "2063514010123-28", "2063514010123-28"),
        ("bpom", "md 867013001234", "MD 867013001234"),
        ("bpom", "BPOM RI MD867013001234", "MD 867013001234"),
        ("halal", "id-35110000123450421", "ID35110000123450421"),
        ("nib", "1234567890123", "1234567890123"),
        ("nib", "", ""),
    ],
)
def test_a_number_of_the_right_form_is_kept_as_labels_write_it(mark: str, typed: str, kept: str) -> None:
    assert legalmarks.read(mark, typed) == kept


@pytest.mark.parametrize(
    ("mark", "typed"),
    [
        *[("pirt", number) for number in ("906351401012328", "200351401012328", "20635140101232", "halal")],
        *[("bpom", number) for number in ("MD 123", "867013001234", "MD 8670130012345678")],
        *[("halal", number) for number in ("ya", "35110000123450421", "ID123")],
        *[("nib", number) for number in ("123456789012", "١٢٣٤٥٦٧٨٩٠١٢٣")],
        ("sni", "1"),
    ],
)
def test_a_mark_without_a_number_of_its_form_is_refused(mark: str, typed: str) -> None:
    with pytest.raises(Problem):
        legalmarks.read(mark, typed)


@given(mark=st.sampled_from(legalmarks.MARKS), text=st.text(max_size=80))
def test_what_is_kept_of_any_text_is_kept_the_same_when_read_again(mark: str, text: str) -> None:
    try:
        kept = legalmarks.read(mark, text)
    except Problem:
        return
    assert legalmarks.read(mark, kept) == kept


def test_the_page_shows_marks_with_their_number_only(hands: Hands) -> None:
    path = f"/desk/produk/{hands.product.id}"
    wrong = hands.post(path, **form(hands, mark_halal="sudah halal kok"))
    assert wrong.status_code == 422
    assert "sudah halal kok" in wrong.text
    shop = hands.get(f"/produk/{hands.product.slug}").text
    assert "Belum bernomor izin edar" in shop
    assert hands.post(path, **form(hands, mark_halal="id 35110000123450421", mark_nib="")).status_code == 303
    shop = hands.get(f"/produk/{hands.product.slug}").text
    assert "ID35110000123450421" in shop
    assert "NIB" not in shop


def test_the_database_takes_no_mark_without_a_number(hands: Hands, engine: sa.Engine) -> None:
    with database.writing(engine) as connection, pytest.raises(Problem):
        products.change(connection, hands.village_id, hands.product.id, at=making.NOW, marks={"halal": "ya"})


# ---- the focal point -----------------------------------------------------------------------------------------------------------


def test_one_tap_on_a_photo_says_what_matters_in_it(hands: Hands) -> None:
    photo = hands.product.photos[0]
    path = f"/desk/produk/{hands.product.id}"
    tap = {"fokus_foto": photo.id, "fokus_w": "280", "fokus_h": "210", "fokus.x": "28", "fokus.y": "189"}
    assert hands.post(f"{path}/fokus", **tap).status_code == 303
    with database.reading(hands.engine) as connection:
        assert products.get(connection, hands.village_id, hands.product.id).photos[0].focus == (0.1, 0.9)
    assert 'cx="10%" cy="90%"' in hands.get(path).text


def test_a_photo_that_is_not_on_this_product_is_left_alone(hands: Hands) -> None:
    with database.writing(hands.engine) as connection:
        other = making.photo(connection, hands.store, hands.village_id, colour="#224466")
    tap = {"fokus_foto": other.id, "fokus_kiri": "1", "fokus_atas": "1"}
    hands.post(f"/desk/produk/{hands.product.id}/fokus", **tap)
    with database.reading(hands.engine) as connection:
        assert media.get(connection, hands.village_id, other.id).focus == other.focus
