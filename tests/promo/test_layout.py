"""Whatever a clerk types, every word of a poster stands inside the safe area and on nothing else."""

import random
from itertools import combinations

import making
import pytest

from promo import fonts, layout, templates
from promo.colours import READABLE, Brand, contrast
from promo.layout import Code, Entry, Facts, Fill, Layout, Words

SYLLABLES = (
    "ka",
    "ri",
    "pi",
    "sa",
    "ba",
    "tik",
    "ma",
    "du",
    "nang",
    "ngge",
    "jeng",
    "an",
    "ing",
    "si",
    "per",
    "wa",
    "la",
    "mbah",
    "pang",
    "reng",
)
CODE = tuple(tuple((row * column) % 3 == 0 for column in range(29)) for row in range(29))
NAMES = [*templates.names(), *templates.names("slide")]
EVERY = [(name, format_) for name in NAMES for format_ in templates.FORMATS]


def some_text(chance: random.Random, most: int) -> str:
    words = []
    for _ in range(chance.randint(0, most)):
        word = "".join(chance.choice(SYLLABLES) for _ in range(chance.choice((1, 1, 2, 2, 3, 3, 4, 9))))
        words.append(word.capitalize() if chance.random() < 0.5 else word)
    return " ".join(words)


def some_facts(chance: random.Random) -> Facts:
    price = chance.choice((None, 0, 500, 25_000, 1_250_000))
    return Facts(
        title=some_text(chance, chance.choice((3, 8, 40))),
        price_idr=price,
        price_text=f"Rp\u00a0{price:,}".replace(",", ".") if price else "",
        unit=chance.choice(("", "bungkus", "botol 350 ml", "keranjang anyaman besar isi dua belas")),
        village=chance.choice(("", "Desa Wonorejo", f"Desa {some_text(chance, 6)}")),
        tagline=chance.choice(("", "Bumiaji, Kota Batu")),
        maker=some_text(chance, 5),
        kicker=some_text(chance, 4),
        badge=chance.choice(("", "29 Nov", some_text(chance, 5))),
        body="\n".join(some_text(chance, 20) for _ in range(chance.randint(0, 3))).strip(),
        link_text=chance.choice(("", "gapura.desa.id/Q/7K2M9X")),
        qr=chance.choice((None, CODE)),
        page=chance.choice(("", "10/10")),
        entries=tuple(some_entry(chance) for _ in range(chance.choice((0, 1, 2, 3, 4, 7, 12)))),
    )


def some_entry(chance: random.Random) -> Entry:
    price = chance.choice((None, 0, 500, 1_250_000))
    return Entry(
        title=some_text(chance, chance.choice((2, 4, 30))),
        price_idr=price,
        price_text=f"Rp\u00a0{price:,}".replace(",", ".") if price else "",
        unit=chance.choice(("", "bungkus", "keranjang anyaman besar isi dua belas")),
    )


def meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] - 0.5 and other[0] < one[2] - 0.5 and one[1] < other[3] - 0.5 and other[1] < one[3] - 0.5


def is_sound(arranged: Layout, format_: str) -> None:
    aside, above = templates.SAFE[format_]
    words = [mark for mark in arranged.marks if isinstance(mark, Words)]
    for word in words:
        left, top, right, bottom = word.box
        assert left >= aside - 1, word
        assert right <= arranged.width - aside + 1, word
        assert top >= above - 1, word
        assert bottom <= arranged.height - above + 1, word
    for one, other in combinations(words, 2):
        assert not meet(one.box, other.box), (one, other)
    for code in (mark for mark in arranged.marks if isinstance(mark, Code)):
        assert code.module >= 5
        assert not any(meet(word.box, code.box) for word in words)


@pytest.mark.torture
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(("name", "format_"), EVERY)
def test_no_text_leaves_the_safe_area_or_lies_on_another(name: str, format_: str) -> None:
    chance = random.Random(f"{name}-{format_}")
    template = templates.load(name)
    for _ in range(making.rounds(40, 1_600)):  # 1,600 for each of 17 posters in 4 formats: more than 100,000 titles
        is_sound(layout.arrange(template, some_facts(chance), Brand(), format_), format_)


@pytest.mark.parametrize(("name", "format_"), EVERY)
def test_the_letters_that_are_drawn_stay_inside_the_boxes_that_were_reckoned(name: str, format_: str) -> None:
    chance = random.Random(f"drawn-{name}-{format_}")
    for _ in range(4):
        for word in layout.arrange(templates.load(name), some_facts(chance), Brand(), format_).marks:
            if isinstance(word, Words) and not word.tracking:
                left, top, right, bottom = fonts.face(word.size, word.weight).getbbox(word.text, anchor="ls")
                assert right <= word.width * 1.006 + 2  # whole pixels of hinting
                assert left >= -0.05 * word.size - 1
                assert top >= -0.82 * word.size
                assert bottom <= 0.28 * word.size + 1


@pytest.mark.parametrize(("name", "format_"), EVERY)
def test_the_price_is_on_every_poster_however_long_the_title(name: str, format_: str) -> None:
    facts = Facts(title="Keripik apel " * 90, price_idr=25_000, price_text="Rp\u00a025.000", unit="bungkus", body="Renyah. " * 40, qr=CODE)
    arranged = layout.arrange(templates.load(name), facts, Brand(), format_)
    said = [mark.text for mark in arranged.marks if isinstance(mark, Words)]
    there = [item for layer in templates.load(name).layers for one in (layer, *layer.cell) if format_ in one.box for item in one.items]
    if any(item.src == "price" and not item.drop for item in there):
        assert any("25.000" in text for text in said)
    if any(item.src == "title" for item in there):
        assert {"poster.text_cut", "poster.text_left_out"} & set(arranged.warnings)


@pytest.mark.parametrize("price_idr", [0, None])
def test_a_price_of_nothing_leaves_no_empty_badge(price_idr: int | None) -> None:
    text = "Rp\u00a00" if price_idr == 0 else ""
    for name, format_ in EVERY:
        with_price = layout.arrange(templates.load(name), Facts(title="Madu", price_idr=price_idr, price_text=text), Brand(), format_)
        words = [mark for mark in with_price.marks if isinstance(mark, Words)]
        assert not any("Rp" in mark.text for mark in words)


def test_a_title_of_a_usual_length_is_never_cut() -> None:
    title = "Keripik Apel Manalagi Renyah Khas Lereng Arjuno Isi Dua Belas"  # 62 letters
    for name, format_ in EVERY:
        facts = Facts(title=title, price_idr=25_000, price_text="Rp\u00a025.000", unit="bungkus", village="Desa Wonorejo", qr=CODE)
        arranged = layout.arrange(templates.load(name), facts, Brand(), format_)
        assert "poster.text_cut" not in arranged.warnings, (name, format_)


def test_letters_no_typeface_has_are_skipped_with_a_warning_and_never_drawn_as_boxes() -> None:
    arranged = layout.arrange(templates.load("bingkai"), Facts(title="Madu \U0010fffd hutan"), Brand(), "square")
    assert [mark.text for mark in arranged.marks if isinstance(mark, Words)] == ["Madu hutan"]
    assert arranged.warnings == ("poster.letter_missing",)


SCRIPTS = ("ꦱꦸꦒꦼꦁꦫꦮꦸꦃꦲꦶꦁꦏꦼꦕꦩꦠꦤ꧀ꦧꦸꦩꦶꦲꦗꦶꦱꦏꦏꦕꦸꦏꦸꦥ꧀ꦱꦼꦩꦤ꧀ꦠꦼꦤ꧀", "السَّلَامُ عَلَيْكُمْ وَرَحْمَةُ اللهِ وبركاته", "Enak 😋🍎 sekali 🇮🇩 ꦏꦺꦴꦥꦶ", "ᬑᬁᬲ᭄ᬯᬲ᭄ᬢ᭄ᬬᬲ᭄ᬢᬸ")


@pytest.mark.parametrize("text", SCRIPTS)
@pytest.mark.parametrize("name", NAMES)
def test_texts_of_all_scripts_stay_in_the_safe_area_and_apart(name: str, text: str) -> None:
    for format_ in templates.FORMATS:
        for many in (1, 6):
            facts = Facts(title=text, body=" ".join([text] * many), kicker=text, maker=text, badge=text, village=text, qr=CODE)
            is_sound(layout.arrange(templates.load(name), facts, Brand(), format_), format_)


@pytest.mark.parametrize("text", SCRIPTS)
def test_the_letters_of_every_script_are_drawn_inside_the_line_that_was_reckoned(text: str) -> None:
    size, words = 100, fonts.known(text)
    for part, family in (run for word in words.split(" ") for run in fonts.runs(word)):
        if family is None or not family.colour:
            left, top, right, bottom = fonts.face(size, 800, family).getbbox(part, anchor="ls")
            lift = size * family.lift if family else 0.0
            assert top - lift >= -0.82 * size, part
            assert bottom - lift <= 0.29 * size, part
            assert right - min(0, left) <= fonts.em(part, 800) * size + 6, part


def test_every_text_on_a_plain_ground_is_readable_in_any_brand() -> None:
    chance = random.Random(7)
    for _ in range(30):
        colours = [f"#{chance.randrange(0x1000000):06x}" for _ in range(4)]
        brand = Brand(*colours)
        for name, format_ in EVERY[:: chance.randint(1, 5)]:
            arranged = layout.arrange(templates.load(name), some_facts(chance), brand, format_)
            pills = [mark for mark in arranged.marks if isinstance(mark, Fill) and mark.opacity == 1]
            for word in (mark for mark in arranged.marks if isinstance(mark, Words)):
                under = [pill.colour for pill in pills if _covers(pill.box, word.box)]
                if under:
                    assert contrast(word.colour, under[-1]) >= READABLE


def _covers(box: tuple[int, int, int, int], inner: tuple[float, ...]) -> bool:
    return box[0] <= inner[0] + 1 and box[1] <= inner[1] + 1 and box[2] >= inner[2] - 1 and box[3] >= inner[3] - 1


def test_lines_are_balanced_so_that_no_word_is_left_alone() -> None:
    arranged = layout.arrange(templates.load("foto-penuh"), Facts(title="Kopi Arabika Lereng Arjuno"), Brand(), "portrait")
    assert [mark.text for mark in arranged.marks if isinstance(mark, Words)] == ["Kopi Arabika", "Lereng Arjuno"]


def test_the_same_facts_are_arranged_the_same_way_twice() -> None:
    facts = some_facts(random.Random(3))
    for name, format_ in EVERY:
        template = templates.load(name)
        assert layout.arrange(template, facts, Brand(), format_) == layout.arrange(template, facts, Brand(), format_)


@pytest.mark.parametrize("name", ["foto-penuh", "belah", "baru", "cerita"])
def test_a_long_story_is_told_in_whole_sentences_as_many_as_fit(name: str) -> None:
    first, second = "Apel kecil dari kebun sendiri, diiris dengan kulitnya.", "Digoreng setiap Senin."
    story = " ".join([first, second, *["Satu bungkus kira-kira dari delapan apel."] * 9])
    arranged = layout.arrange(templates.load(name), Facts(title="Keripik apel", body=story), Brand(), "portrait")
    told = " ".join(mark.text for mark in arranged.marks if isinstance(mark, Words))
    assert first in told
    assert "…" not in told
    assert story not in told
    assert arranged.warnings == ()


def test_a_title_of_twelve_lines_is_cut_with_a_word_and_stays_in_its_place() -> None:
    facts = Facts(
        title="\n".join(f"Baris {number} judul" for number in range(1, 13)), price_text="Rp\u00a025.000", price_idr=25_000, qr=CODE
    )
    for name, format_ in EVERY:
        arranged = layout.arrange(templates.load(name), facts, Brand(), format_)
        is_sound(arranged, format_)
        if any(mark.text.endswith("…") for mark in arranged.marks if isinstance(mark, Words)):
            assert {"poster.text_cut", "poster.text_left_out"} & set(arranged.warnings)
