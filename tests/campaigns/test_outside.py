"""A target outside our shop: https, a named host, nothing hidden; UTM parameters tell its site where a guest came from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import outside

OWN = "wonorejo.id"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://tiket.example/air-terjun?tgl=2026-12-01#jam", "https://tiket.example/air-terjun?tgl=2026-12-01#jam"),
        ("  HTTPS://Tiket.Example/A ", "https://tiket.example/A"),
        ("https://tiket.example", "https://tiket.example"),
        ("https://peta.example:443/batu", "https://peta.example/batu"),
        ("https://wisata.example/kopi hangat".replace(" ", "%20"), "https://wisata.example/kopi%20hangat"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://tiket.example/<script>", "https://tiket.example/%3Cscript%3E"),
    ],
)
def test_an_address_is_kept_as_a_browser_writes_it(typed: str, kept: str) -> None:
    assert outside.checked(typed, OWN) == kept


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("http://tiket.example/", "https"),
        ("javascript:alert(1)", "https"),
        ("//tiket.example/", "https"),
        ("tiket.example", "https"),
        ("", "broken"),
        ("https://tiket.example/\r\nSet-Cookie: a=b", "broken"),
        ("https://tiket.example\\@jahat.example/", "broken"),
        ("https://[::1", "broken"),
        ("https://bank.example@jahat.example/", "secret"),
        ("https://127.0.0.1/", "host"),
        ("https://localhost/", "host"),
        ("https://[::1]/", "host"),
        ("https://printer.local/", "host"),
        ("https://tiket.example:8443/", "host"),
        ("https://2130706433/", "host"),
        ("https:///tiket", "host"),
        ("https://WONOREJO.id/q/K7Q2XY", "own"),
        ("https://tiket.example/" + "a" * 1_000, "long"),
    ],
)
def test_an_address_that_no_link_may_lead_to_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(outside.BadAddress) as refused:
        outside.checked(typed, OWN)
    assert refused.value.reason == reason


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", "https://", "https://a.example", "https://a.example/"]))
def test_whatever_is_typed_what_is_kept_is_https_ascii_and_checked_again_the_same(typed: str, start: str) -> None:
    try:
        kept = outside.checked(start + typed, OWN)
    except outside.BadAddress:
        kept = "https://refused.example/"
    assert kept.startswith("https://")
    assert kept.isascii()
    assert not set(kept) & set('\r\n\t \\"<>')
    assert outside.checked(kept, OWN) == kept


def test_utm_parameters_are_added_and_never_replace_what_is_there() -> None:
    utm = outside.usual_utm("post", "instagram", "Panen Raya 2026", "Keripik apel · Akun desa")
    assert utm == {
        "utm_source": "instagram",
        "utm_medium": "social",
        "utm_campaign": "panen-raya-2026",
        "utm_content": "keripik-apel-akun-desa",
    }
    address = outside.with_utm("https://tiket.example/x?a=1&utm_source=sendiri#jam", utm)
    assert address == (
        "https://tiket.example/x?a=1&utm_source=sendiri&utm_medium=social&utm_campaign=panen-raya-2026&utm_content=keripik-apel-akun-desa#jam"
    )
    assert outside.with_utm("https://tiket.example/x", {}) == "https://tiket.example/x"
