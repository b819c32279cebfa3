"""Captions: words for a post out of facts, never two alike, with the price and the link, within a network's limit as the network counts."""

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from promo import caption_styles, sentences
from promo.caption_styles import Style, Variants, placeholders

MOST_HASHTAGS = 30  # Instagram's; the others take as many or more
STORY = 320  # characters of somebody's story before "more" is clicked
ESSENTIAL = ("opening", "price", "call")
NOT_SOLD = ("attraction", "event", "maker")  # values of facts["kind"]; everything else is a product
TRIES = 60  # other wordings, until one reads like none before it
NUMBERS = {"halal": "halal", "bpom": "bpom", "p-irt": "pirt", "pirt": "pirt"}
_CLAIM = re.compile(
    r"(?:(?:ber|ter)sertifikat|sertifikasi|certified|dijamin|100\s?%|izin|no\.?)?\s*\b(halal|bpom|p-?irt)\b(?:\s+(?:mui|bpjph|ri|certified)\b)?",
    re.IGNORECASE,
)
_PLACE_WORDS = ("desa ", "kelurahan ", "kampung ", "nagari ", "dusun ", "pekon ", "gampong ")


@dataclass(frozen=True)
class Caption:
    """The words of a post; `warnings` are keys of assets/languages: what was left out and why."""

    text: str
    warnings: tuple[str, ...] = ()


def names() -> list[str]:
    """The styles a caption can be written in."""
    return caption_styles.names()


def utf16_units(text: str) -> int:
    """The length as Telegram, Facebook and JavaScript count it: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def code_points(text: str) -> int:
    """The length as Python counts it; never less than the graphemes that Bluesky counts."""
    return len(text)


def utf8_bytes(text: str) -> int:
    """The length in bytes of UTF-8."""
    return len(text.encode())


def write(
    style: str,
    facts: Mapping[str, str],
    language: str,
    *,
    limit: int,
    hashtags: Sequence[str] = (),
    seed: int = 0,
    count: Callable[[str], int] = code_points,
    most_hashtags: int = MOST_HASHTAGS,
    unlike: Collection[str] = (),
) -> Caption:
    """A caption of at most `limit` as `count` counts; another `seed`, another wording. Raises caption_styles.UnknownStyle.

    `unlike` are captions it must not read like: another wording is taken until neither the words nor the first line is one of theirs.
    `language` may be an overlay such as "jv".

    `facts`: title, price ("Rp 25.000"), unit, village, maker, place, story, quote, hours, date, offer, until, old_price, left, link, kind
    ("attraction", "event", "maker" or a kind of goods), and halal, bpom, pirt: the numbers without which none of the three is claimed.
    Absent is "".
    When room is short the optional parts go first, then hashtags from the last; the price and the link stay.
    """
    before = {_bare(text) for text in unlike}
    openings = {text.partition("\n")[0] for text in before}
    alike = None
    for tried in range(TRIES if before else 1):
        caption = _written(style, facts, language, limit, hashtags, seed + tried, count, most_hashtags)
        bare = _bare(caption.text)
        if bare.partition("\n")[0] not in openings:
            return caption
        if bare not in before and alike is None:
            alike = caption  # all first lines are used up: the whole at least reads otherwise
    return alike or caption


def _bare(text: str) -> str:
    """The words of a caption without its address and hashtags, which differ between posts that read the same."""
    return re.sub(r"\s*(?:https?://\S+|\{link\}|#\w+)", "", text).casefold().strip()


def _written(
    style: str,
    facts: Mapping[str, str],
    language: str,
    limit: int,
    hashtags: Sequence[str],
    seed: int,
    count: Callable[[str], int],
    most_hashtags: int,
) -> Caption:
    chosen = caption_styles.get(style)
    over = caption_styles.overlay(language)
    chosen = over.over(chosen) if over else chosen
    voice = language if language in chosen.parts else caption_styles.LANGUAGES[0]
    known, was_claimed = _known(facts, over.around if over else voice)
    said = _chosen(chosen, voice, known, facts.get("kind", ""), seed)
    wanted = hashtag_list(hashtags)
    honest = [tag for tag in wanted if all(known.get(key) for word, key in NUMBERS.items() if word in tag.casefold())]
    tags = honest[:most_hashtags]
    warnings = ["caption.claim_without_number"] if was_claimed or honest != wanted else []
    warnings += ["caption.hashtags_left_out"] if tags != honest else []
    warnings += [] if known.get("link") else ["caption.no_link"]
    for parts, kept_tags, lost in _ever_shorter(chosen, said, known, tags):
        text = _text(chosen, parts, kept_tags)
        if count(text) <= limit:
            return Caption(text, tuple(dict.fromkeys(warnings + lost)))
    return Caption(text, tuple(dict.fromkeys([*warnings, "caption.over_limit"])))


def hashtag_list(words: Sequence[str]) -> list[str]:
    """`wisata batu`, `#wisata-batu` and `#WisataBatu` as one #WisataBatu; what has no letter is no hashtag."""
    found: dict[str, str] = {}
    for word in words:
        pieces = re.findall(r"\w+", unicodedata.normalize("NFC", word).replace("_", " "))
        tag = "".join(piece[:1].upper() + piece[1:] for piece in pieces)
        if any(letter.isalpha() for letter in tag):
            found.setdefault(tag.casefold(), f"#{tag}")
    return list(found.values())


def price_for_people(price: str, unit: str, language: str) -> str:
    """“Rp 25.000 per bungkus”; what only measures the thing goes into brackets: “Rp 185.000 per buah (tinggi 30 cm)”."""
    if not unit or not any(letter.isdigit() for letter in price):
        return price
    word, sign, rest = unit.partition(",")
    if not sign and language == "id" and (found := re.fullmatch(r"(paket|set|kotak|lusin) (\d.*)", unit)):
        word, rest = found[1], found[2]
    return f"{price} per {word.strip()}" + (f" ({rest.strip()})" if rest.strip() else "")


def _known(facts: Mapping[str, str], language: str) -> tuple[dict[str, str], bool]:
    """The facts that are there, tidied for sentences; and whether a claim without its number was taken out."""
    known = {key: _tidy(value) for key, value in facts.items() if key in caption_styles.FACTS or key == "unit"}
    was_claimed = False
    for key in ("title", "story", "quote", "offer"):
        cleaned = _without_claims(known.get(key, ""), known, whole_sentences=key in ("story", "quote"))
        was_claimed |= cleaned != known.get(key, "")
        known[key] = cleaned
    known["price"] = price_for_people(known.get("price", ""), known.pop("unit", ""), language)
    known["story"] = _beginning(known["story"], STORY)
    known["name"] = _in_a_sentence(known["title"], facts.get("kind", ""), language)
    if village := known.get("village", ""):
        known["village"] = _village(village, language)
    for key in known.keys() - {"story", "quote", "link"}:
        known[key] = known[key].rstrip(".").rstrip()
    return {key: value for key, value in known.items() if value}, was_claimed


def _tidy(text: str) -> str:
    """One line without control characters; no-break spaces stay, they hold prices together."""
    return "".join(
        " " if letter in "\n\r\t" else letter for letter in text if unicodedata.category(letter) != "Cc" or letter in "\n\r\t"
    ).strip(" ")


def _without_claims(text: str, known: Mapping[str, str], *, whole_sentences: bool) -> str:
    def is_proved(found: re.Match[str]) -> bool:
        return bool(known.get(NUMBERS[found[1].lower()]))

    if whole_sentences:
        return " ".join(one for one in sentences.split(text) if all(is_proved(found) for found in _CLAIM.finditer(one)))
    cleaned = _CLAIM.sub(lambda found: found[0] if is_proved(found) else " ", text)
    return text if cleaned == text else re.sub(r"\s{2,}", " ", cleaned).strip(" ,-–(")


def _beginning(text: str, most: int) -> str:
    """As many whole sentences as fit; a first one that is too long by itself is kept whole."""
    kept = ""
    for sentence in sentences.split(text):
        if kept and len(kept) + 1 + len(sentence) > most:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def _in_a_sentence(title: str, kind: str, language: str) -> str:
    """“Keripik apel” is “keripik apel” inside an Indonesian sentence; names of places and names in capitals stay as they are."""
    first, _, rest = title.partition(" ")
    is_plain = language == "id" and kind not in NOT_SOLD and first[1:].islower() and rest and rest == rest.lower()
    return title[:1].lower() + title[1:] if is_plain else title


def _village(name: str, language: str) -> str:
    is_named = name.lower().startswith(_PLACE_WORDS)
    if language == "id":
        return name if is_named else f"Desa {name}"
    return name[5:] if name.lower().startswith("desa ") else name


def _chosen(style: Style, language: str, known: Mapping[str, str], kind: str, seed: int) -> dict[str, str]:
    """One sentence of each part: neighbouring seeds never open alike, and seeds repeat only when every combination was used."""
    kinds = {kind} if kind in NOT_SOLD else {kind, "product"}
    usable = {}
    for paragraph in style.paragraphs:
        for part in paragraph:
            if texts := _usable(style.parts[language][part], known, kinds):
                usable[part] = texts
    total = math.prod(len(texts) for texts in usable.values())
    place = seed * _stride(total) % total
    said = {}
    for part, texts in usable.items():
        place, number = divmod(place, len(texts))
        said[part] = _filled(texts[number], known)
    return said


def _usable(variants: Sequence[Variants], known: Mapping[str, str], kinds: set[str]) -> list[str]:
    """The sentences whose facts are all there; those that say the most of offer, old price and number are not lost among the others."""
    fitting = [text for row in variants if not row.suits or row.suits & kinds for text in row.texts if placeholders(text) <= known.keys()]
    telling = [text for text in fitting if placeholders(text) & {"offer", "old_price"}]
    marks = [text for text in fitting if placeholders(text) & {"halal", "bpom", "pirt"}]
    return [" ".join(marks)] if marks else telling or fitting


def _stride(total: int) -> int:
    """About the golden part of `total` without a common divisor: one step changes every part, all steps meet every combination."""
    step = max(1, round(total * 0.618))
    while math.gcd(step, total) != 1:
        step += 1
    return step


def _filled(text: str, known: Mapping[str, str]) -> str:
    filled = text.format_map(known)
    filled = re.sub(r"([!?…])\.(?=\s|$)", r"\1", filled)
    return filled[:1].upper() + filled[1:] if not text.startswith("{link}") else filled


def _ever_shorter(
    style: Style, said: Mapping[str, str], known: Mapping[str, str], tags: Sequence[str]
) -> Iterator[tuple[dict[str, str], list[str], list[str]]]:
    """The caption as it is, then with less and less: (parts, hashtags, warnings)."""
    parts = dict(said)
    yield parts, list(tags), []
    lost = ["caption.shortened"]
    for part in style.leave_out:
        if part == "story" and part in parts:
            for shorter in _fewer_sentences(parts[part]):
                parts = {**parts, part: shorter}
                yield parts, list(tags), lost
        if part in parts:
            parts = {key: text for key, text in parts.items() if key != part}
            yield parts, list(tags), lost
    for kept in range(len(tags) - 1, -1, -1):
        yield parts, list(tags[:kept]), [*lost, "caption.hashtags_left_out"]
    lost = [*lost, "caption.hashtags_left_out"] if tags else lost
    bare = {part: known[fact] for part, fact in caption_styles.MUST_SAY.items() if part in parts}
    yield bare, [], lost
    for title in _shorter_titles(bare.get("opening", "")):
        yield {**bare, "opening": title}, [], [*lost, "caption.title_shortened"]
    yield {part: text for part, text in bare.items() if part != "opening"}, [], [*lost, "caption.title_shortened"]


def _fewer_sentences(text: str) -> Iterator[str]:
    whole = sentences.split(text)
    for kept in range(len(whole) - 1, 0, -1):
        yield " ".join(whole[:kept])


def _shorter_titles(title: str) -> Iterator[str]:
    words = title.split()
    for kept in range(len(words) - 1, 0, -1):
        yield " ".join(words[:kept]).rstrip(",.;:") + "…"


def _text(style: Style, parts: Mapping[str, str], tags: Sequence[str]) -> str:
    paragraphs = ["\n".join(parts[part] for part in paragraph if part in parts) for paragraph in style.paragraphs]
    return "\n\n".join(text for text in (*paragraphs, " ".join(tags)) if text)
