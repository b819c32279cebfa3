"""Captions: never two alike, the price and the link always there, within every network's limit, nothing claimed without its number."""

import itertools
import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo import caption_styles, captions
from storefront import languages

LINK = "https://wonorejo.id/Q/7K2M9P"
CRISPS = {
    "title": "Keripik apel",
    "price": "Rp\u00a022.000",
    "unit": "bungkus 100 g",
    "village": "Wonorejo",
    "maker": "Kelompok Ibu Sri",
    "place": "Gerai 3 di pasar desa. Buka 08.00–16.00.",
    "story": "Apel kecil dari kebun sendiri. Diiris dengan kulitnya! Renyah sampai empat bulan.",
    "link": LINK,
    "kind": "snack",
}
HILL = {"title": "Bukit Fajar", "price": "Rp\u00a015.000", "unit": "orang", "hours": "04.00–10.00", "link": LINK, "kind": "attraction"}
FAIR = {
    "title": "Pasar Lereng",
    "date": "5 Desember 2026",
    "place": "Balai desa",
    "village": "Desa Wonorejo",
    "link": LINK,
    "kind": "event",
}
WEAVER = {"title": "Bu Karsih", "village": "Wonorejo", "story": "Menganyam sejak gadis.", "place": "RT 02", "link": LINK, "kind": "maker"}
BARE = {"title": "Keripik apel", "link": LINK}
STYLES = captions.names()
TAGS = ["#DesaWonorejo", "wisata batu", "#WisataBatu", "#UMKMDesa"]


def test_there_is_a_style_for_every_mood() -> None:
    assert {"hangat", "polos", "cerita", "penawaran", "acara"} <= set(STYLES)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("facts", [CRISPS, HILL, FAIR, WEAVER, BARE], ids=["goods", "sight", "event", "maker", "bare"])
def test_every_style_says_title_price_and_link_and_is_clean(style: str, language: str, facts: dict[str, str]) -> None:
    for seed in range(120):
        caption = captions.write(style, facts, language, limit=2_200, hashtags=TAGS, seed=seed)
        assert caption.warnings == ()
        assert facts["title"].lower() in caption.text.lower()
        assert caption.text.count(LINK) == 1
        assert re.search(rf"{LINK}$", caption.text, re.MULTILINE)  # alone at the end of its line: no full stop is taken for a part of it
        assert facts.get("price", "") in caption.text
        assert not re.search(r"[{}]|  |\.\.|[!?]\.|\n\n\n| ,|^\s|\s$|None", caption.text.replace("\u00a0", "_"))


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("style", STYLES)
def test_sixty_posts_about_the_same_thing_are_sixty_different_captions(style: str, language: str) -> None:
    written = [captions.write(style, CRISPS, language, limit=2_200, seed=seed).text for seed in range(60)]
    distinct = len(set(written))
    assert distinct == 60 or (style == "polos" and distinct >= 32)  # plain facts in short lines have fewer faces
    assert all(one.split("\n")[0] != other.split("\n")[0] for one, other in itertools.pairwise(written))


def test_the_same_seed_writes_the_same_words() -> None:
    assert captions.write("hangat", CRISPS, "id", limit=2_200, seed=9) == captions.write("hangat", dict(CRISPS), "id", limit=2_200, seed=9)


@pytest.mark.parametrize("count", [captions.utf16_units, captions.code_points, captions.utf8_bytes])
@given(
    title=st.text(min_size=1, max_size=90),
    story=st.text(max_size=600),
    tags=st.lists(st.text(max_size=20), max_size=40),
    style=st.sampled_from(STYLES),
    language=st.sampled_from(["id", "en", "jv"]),
    limit=st.sampled_from([90, 200, 300, 500, 1_024, 2_200]),
    seed=st.integers(-1_000, 10_000_000),
)
@settings(max_examples=120, deadline=None)
def test_any_words_fit_any_limit_and_keep_price_and_link(
    count: object, title: str, story: str, tags: list[str], style: str, language: str, limit: int, seed: int
) -> None:
    assert callable(count)
    facts = {**CRISPS, "title": title, "story": story}
    caption = captions.write(style, facts, language, limit=limit, hashtags=tags, seed=seed, count=count)
    assert count(caption.text) <= limit
    assert LINK in caption.text
    assert "Rp\u00a022.000 per bungkus" in caption.text
    assert caption.text.count("#") <= captions.MOST_HASHTAGS + title.count("#") + story.count("#")
    for key in caption.warnings:
        assert all(key in languages.words(code) for code in languages.known())


def test_optional_parts_go_first_then_hashtags_and_the_title_last() -> None:
    def at(limit: int) -> captions.Caption:
        return captions.write("hangat", CRISPS, "id", limit=limit, hashtags=TAGS)

    assert "Gerai 3" in at(2_200).text
    assert "Gerai 3" not in at(300).text
    assert "#DesaWonorejo #WisataBatu #UMKMDesa" in at(300).text
    assert at(300).warnings == ("caption.shortened",)
    assert "#" not in at(100).text
    assert "Keripik apel" in at(100).text
    assert at(100).warnings == ("caption.shortened", "caption.hashtags_left_out")
    assert "Rp\u00a022.000" in at(60).text
    assert LINK in at(60).text


def test_when_even_price_and_link_are_too_long_both_stay_and_it_says_so() -> None:
    caption = captions.write("polos", CRISPS, "id", limit=20)
    assert LINK in caption.text
    assert "Rp\u00a022.000" in caption.text
    assert caption.warnings == ("caption.over_limit",)


def test_a_story_is_shortened_by_whole_sentences_before_it_goes() -> None:
    texts = {captions.write("cerita", CRISPS, "id", limit=limit).text for limit in range(120, 420, 4)}
    assert any("kebun sendiri." in text and "Diiris" not in text for text in texts)
    assert not any("Diiris dengan" in text and "kulitnya!" not in text for text in texts)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("claim", ["halal", "BPOM", "P-IRT"])
def test_nothing_is_called_halal_or_registered_without_its_number(style: str, claim: str) -> None:
    facts = {
        **CRISPS,
        "title": f"Keripik apel {claim}",
        "story": f"Renyah dan gurih. Sudah bersertifikat {claim}, aman. Dibuat tiap Senin.",
    }
    for seed in range(40):
        caption = captions.write(style, facts, "id", limit=2_200, hashtags=[f"#Camilan{claim.replace('-', '')}", "#Desa"], seed=seed)
        assert claim.lower() not in caption.text.lower()
        assert claim.replace("-", "").lower() not in caption.text.lower()
        assert caption.warnings == ("caption.claim_without_number",)
        assert "keripik apel" in caption.text.lower()


def test_with_its_number_the_word_may_be_used_and_the_number_is_said() -> None:
    facts = {**CRISPS, "story": "Renyah. Sudah bersertifikat halal.", "halal": "ID35110001234560425", "pirt": "2063579990001-31"}
    caption = captions.write("hangat", facts, "id", limit=2_200, hashtags=["#CamilanHalal"])
    assert "bersertifikat halal" in caption.text
    assert "ID35110001234560425" in caption.text
    assert "2063579990001-31" in caption.text
    assert "#CamilanHalal" in caption.text
    assert caption.warnings == ()


def test_a_halaman_is_a_garden_and_no_claim() -> None:
    facts = {**CRISPS, "story": "Apelnya dari halaman rumah."}
    assert "halaman rumah" in captions.write("hangat", facts, "id", limit=2_200).text


@pytest.mark.parametrize(
    ("price", "unit", "language", "said"),
    [
        ("Rp\u00a025.000", "bungkus", "id", "Rp\u00a025.000 per bungkus"),
        ("Rp\u00a022.000", "bungkus 100 g", "id", "Rp\u00a022.000 per bungkus 100 g"),
        ("Rp\u00a0185.000", "buah, tinggi 30 cm", "id", "Rp\u00a0185.000 per buah (tinggi 30 cm)"),
        ("Rp\u00a095.000", "set 2 buah", "id", "Rp\u00a095.000 per set (2 buah)"),
        ("Rp\u00a058.000", "paket 4 × 250 ml", "id", "Rp\u00a058.000 per paket (4 × 250 ml)"),
        ("Rp\u00a095.000", "set of 2", "en", "Rp\u00a095.000 per set of 2"),
        ("Rp\u00a010.000", "", "id", "Rp\u00a010.000"),
        ("gratis", "orang", "id", "gratis"),
        ("", "bungkus", "id", ""),
    ],
)
def test_a_price_is_said_as_people_say_it(price: str, unit: str, language: str, said: str) -> None:
    assert captions.price_for_people(price, unit, language) == said


def test_an_offer_names_the_old_price_only_when_there_is_one() -> None:
    with_old = {**CRISPS, "offer": "Potongan panen raya", "old_price": "Rp\u00a027.000", "until": "30 November 2026"}
    for seed in range(60):
        assert "biasanya" not in captions.write("penawaran", CRISPS, "id", limit=2_200, seed=seed).text
        offer = captions.write("penawaran", with_old, "id", limit=2_200, seed=seed).text
        assert "biasanya Rp\u00a027.000" in offer
        assert "Potongan panen raya" in offer
        assert "30 November 2026" in offer


def test_a_village_is_called_desa_in_indonesian_and_by_its_name_in_english() -> None:
    for name in ("Wonorejo", "Desa Wonorejo"):
        texts = [captions.write("polos", {**CRISPS, "village": name}, language, limit=2_200).text for language in ("id", "en")]
        assert "Desa Wonorejo" in texts[0]
        assert "Desa Desa" not in texts[0]
        assert "Desa" not in texts[1]
        assert "Wonorejo" in texts[1]


def test_hashtags_are_one_word_each_and_stand_once() -> None:
    words = ["wisata batu", "#WisataBatu", "wisata-batu", "#UMKMDesa", "oleh_oleh khas", "2026", "#", "", "Kopi №1!", "#umkmdesa"]
    assert captions.hashtag_list(words) == ["#WisataBatu", "#UMKMDesa", "#OlehOlehKhas", "#Kopi1"]


def test_a_network_with_few_hashtags_gets_the_first_ones() -> None:
    caption = captions.write("polos", CRISPS, "id", limit=2_200, hashtags=TAGS, most_hashtags=2)
    assert re.findall(r"#\w+", caption.text) == ["#DesaWonorejo", "#WisataBatu"]
    assert caption.warnings == ("caption.hashtags_left_out",)


@pytest.mark.parametrize("style", STYLES)
def test_a_maker_is_a_person_and_not_for_sale(style: str) -> None:
    for seed in range(60):
        text = captions.write(style, WEAVER, "id", limit=2_200, seed=seed).text
        assert not re.search(r"[Hh]arga|meja di rumah|siap dipesan|Tersedia|tempat di tas|daftar belanja", text)


@given(
    posts=st.lists(
        st.tuples(st.sampled_from(STYLES), st.sampled_from(["id", "en", "jv"]), st.integers(0, 10_000)), min_size=12, max_size=12
    )
)
@settings(max_examples=25, deadline=None)
def test_two_posts_of_a_village_never_read_the_same(posts: list[tuple[str, str, int]]) -> None:
    written: list[str] = []
    for number, (style, language, seed) in enumerate(posts):
        facts = {**CRISPS, "link": f"https://wonorejo.id/Q/{number:06}"}
        written.append(captions.write(style, facts, language, limit=2_200, hashtags=TAGS, seed=seed, unlike=written).text)
    bare = [re.sub(r"https://\S+|#\w+", "", text).strip() for text in written]
    assert len(set(bare)) == len(bare)


def test_the_same_wish_a_second_time_opens_otherwise_though_link_and_hashtags_differ() -> None:
    first = captions.write("hangat", CRISPS, "id", limit=2_200, seed=4)
    again = captions.write("hangat", {**CRISPS, "link": "{link}"}, "id", limit=2_200, hashtags=TAGS, seed=4, unlike=[first.text])
    assert again.text.split("\n")[0] != first.text.split("\n")[0]


def test_when_every_opening_is_used_up_the_rest_still_differs() -> None:
    before = [captions.write("polos", WEAVER, "id", limit=2_200, seed=seed).text for seed in range(8)]
    assert captions.write("polos", WEAVER, "id", limit=2_200, seed=0, unlike=before).text not in before


@pytest.mark.parametrize("style", STYLES)
def test_a_javanese_greeting_stands_around_indonesian_words_and_goes_first_when_room_is_short(style: str) -> None:
    over = caption_styles.overlay("jv")
    assert over is not None
    greetings = {text.replace("{village}", "Desa Wonorejo") for text in over.words["greeting"]}
    for seed in range(30):
        text = captions.write(style, CRISPS, "jv", limit=2_200, seed=seed, hashtags=TAGS).text
        assert text.split("\n")[0] in greetings
        assert "Desa Wonorejo" in text or "keripik apel" in text.lower()
        assert any(one in text.split("\n\n") for one in over.words["closing"])
    short = captions.write(style, CRISPS, "jv", limit=150)
    assert not greetings & set(short.text.split("\n"))
    assert "caption.shortened" in short.warnings


def test_an_overlay_says_who_has_read_it_and_a_broken_one_says_where() -> None:
    text = (caption_styles.OVERLAYS / "jv.toml").read_text(encoding="utf-8")
    assert (
        caption_styles.read_overlay("jv.toml", text.replace('reviewed_by = ""', 'reviewed_by = "Mbah Karto"')).reviewed_by == "Mbah Karto"
    )
    for was, becomes, key in (
        ('around = "id"', 'around = "su"', "around"),
        ("closing = [", "ending = [", "words"),
        ("{village}", "{desa}", "words.greeting"),
    ):
        with pytest.raises(caption_styles.BrokenStyle) as caught:
            caption_styles.read_overlay("jv.toml", text.replace(was, becomes))
        assert caught.value.key == key
    assert caption_styles.languages() == ["id", "en", "jv"]
    assert caption_styles.overlay("id") is None
    assert caption_styles.overlay("../polos") is None


def test_a_caption_without_a_link_says_so() -> None:
    caption = captions.write("hangat", {"title": "Keripik apel"}, "id", limit=2_200)
    assert caption.warnings == ("caption.no_link",)
    assert "Keripik apel" in caption.text


def test_facts_cannot_smuggle_in_other_facts() -> None:
    caption = captions.write("polos", {**CRISPS, "title": "{link} {0} {price.__class__}"}, "id", limit=2_200)
    assert "{link} {0} {price.__class__}" in caption.text


def test_lengths_are_counted_as_networks_count() -> None:
    assert [count("aé😀") for count in (captions.code_points, captions.utf16_units, captions.utf8_bytes)] == [3, 4, 7]


def test_an_unknown_style_is_told() -> None:
    with pytest.raises(caption_styles.UnknownStyle):
        captions.write("../../pyproject", CRISPS, "id", limit=2_200)


PLAIN = (caption_styles.FOLDER / "polos.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("was", "becomes", "key", "why"),
    [
        ('"Pesan: {link}"', '"Pesan saja"', "id.call", "{link} is missing"),
        ('"Harga: {price}"', '"Harga: {prize}"', "id.price", "unknown fact {prize}"),
        ("[[id.place]]", "[[id.tempat]]", "id.tempat", "stands in no paragraph"),
        ('paragraphs = ["opening"', 'paragraphs = ["pembuka"', "paragraphs", "unknown part pembuka"),
        ('leave_out = ["marks"', 'leave_out = ["price"', "leave_out", "unknown part price"),
        ('en = "Plain"', "", "title", "a text for each"),
        ("[title]", "[title", "toml", "Expected"),
        ('texts = ["Tanggal: {date}"]', "texts = []", "texts", "a list is wanted"),
    ],
)
def test_a_broken_style_names_its_file_the_place_and_what_is_wrong(was: str, becomes: str, key: str, why: str) -> None:
    assert PLAIN.count(was) >= 1
    with pytest.raises(caption_styles.BrokenStyle) as caught:
        caption_styles.read("polos.toml", PLAIN.replace(was, becomes, 1))
    assert (caught.value.file, caught.value.key) == ("polos.toml", key)
    assert why in caught.value.why


@pytest.mark.parametrize("style", STYLES)
def test_each_style_has_a_name_in_every_language_and_says_no_claim_of_its_own(style: str) -> None:
    tree = tomllib.loads((caption_styles.FOLDER / f"{style}.toml").read_text(encoding="utf-8"))
    assert all(tree["title"][code] and tree["about"][code] for code in languages.known())
    for language in caption_styles.LANGUAGES:
        for part, rows in tree[language].items():
            for row in rows:
                assert part == "marks" or not re.search(r"halal|bpom|p-?irt", " ".join(row["texts"]), re.IGNORECASE)
