"""Requests made up from a description of the shop's and the desk's forms, over real HTTP: none of them is an error of ours."""

from collections.abc import Callable
from typing import Any

import making
import requests
import schemathesis
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storefront import database, staff

WORDS: dict[str, Any] = {"type": "string", "maxLength": 40}
NUMBER: dict[str, Any] = {"anyOf": [{"type": "integer"}, WORDS]}
FORMS: dict[str, dict[str, Any]] = {  # {method and path: its fields}
    "post /keranjang/barang": {"product": {"enum": ["keripik-apel", "x"]}, "quantity": NUMBER, "option": NUMBER},
    "post /keranjang": {"quantity_1": NUMBER, "more": NUMBER, "less": NUMBER, "remove": NUMBER, "fit": NUMBER, "order": WORDS},
    "post /pesan": {
        **dict.fromkeys(("name", "whatsapp", "address", "note", "form_key", "drawn", "area", "total"), WORDS),
        "basket": {"anyOf": [{"enum": ["1x1", "1x2.2x99"]}, WORDS]},
        "delivery": {"enum": ["pickup", "village", "send", ""]},
        "payment": {"anyOf": [{"enum": ["cash", "qris", "transfer", "midtrans"]}, WORDS]},
        "pickup_at": {"anyOf": [{"type": "string", "format": "date-time"}, WORDS]},
    },
    "post /bayar/midtrans/notifikasi": dict.fromkeys(("order_id", "status_code", "gross_amount", "signature_key"), WORDS),
    "get /produk": {"jenis": WORDS},
    "get /cari": {"q": WORDS},
    "get /produk/keripik-apel": {"foto": NUMBER},
    "get /desk/pesanan": {"keadaan": WORDS, "sebelum": NUMBER},
    "get /desk/produk": {"keadaan": WORDS},
    "post /desk/produk/1": {
        **dict.fromkeys(("name_id", "unit_id", "story_id", "options", "mark_halal", "mark_pirt", "name_en"), WORDS),
        **dict.fromkeys(("price", "stock", "maker", "photo", "first", "drop"), NUMBER),
        **{"kind": {"enum": ["snack", ""]}, "stock_state": {"enum": ["ready", "x"]}, "state": {"enum": ["live", "draft", "x"]}},
    },
    "post /desk/produk/1/fokus": dict.fromkeys(("fokus_foto", "fokus_w", "fokus_h", "fokus.x", "fokus.y", "fokus_kiri"), NUMBER),
    "post /desk/umkm/1": dict.fromkeys(("name", "whatsapp", "kind", "opens", "closes", "place_id", "story_id"), WORDS),
    "post /desk/umkm/1/bayar/qris": {"text": WORDS},
    "post /desk/umkm/1/bayar/transfer": {"bank": WORDS, "number": NUMBER, "name": WORDS, "agreed": WORDS},
    "post /desk/antar": {"areas": WORDS},
    "post /desk/pesanan/1/bagian/1/ongkir": {"kurir": WORDS, "ongkir": NUMBER},
    "post /desk/pesanan/1/bagian/1/keadaan": {"keadaan": {"anyOf": [{"enum": ["confirmed", "ready", "cancelled"]}, WORDS]}},
}


def description() -> dict[str, Any]:
    """The forms as an OpenAPI document."""
    paths: dict[str, Any] = {}
    for way, fields in FORMS.items():
        method, path = way.split()
        told: dict[str, Any] = {"responses": {"default": {"description": "a page"}}}
        if method == "get":
            told["parameters"] = [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()]
        else:
            form = {"schema": {"type": "object", "properties": fields, "additionalProperties": WORDS}}
            told["requestBody"] = {"content": {"application/x-www-form-urlencoded": form}}
        paths.setdefault(path, {})[method] = told
    return {"openapi": "3.1.0", "info": {"title": "Gapura", "version": "1"}, "paths": paths}


def test_no_request_that_fits_or_hardly_fits_a_form_is_an_error_of_ours(engine: sa.Engine, serve: Callable[..., Any]) -> None:
    with database.writing(engine) as connection:
        village = making.village(connection)
        product = making.product(connection, village, making.maker(connection, village))
        making.order(connection, village, {product.id: 1}, delivery="send", address="Jalan Melati 5, Surabaya")
        cookie = staff.open_session(connection, making.member(connection, village).id, village, making.NOW)
    served = serve(engine, clock=lambda: making.NOW)
    operations = [found.ok() for found in schemathesis.openapi.from_dict(description()).get_all_operations()]
    assert len(operations) == len(FORMS)
    session = requests.Session()
    session.trust_env = False
    session.cookies.set("gapura_desk", cookie)

    @given(data=st.data())
    @settings(max_examples=making.rounds(30, 5_000), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def ask(data: st.DataObject) -> None:
        case = data.draw(data.draw(st.sampled_from(operations)).as_strategy())
        answer = case.call(base_url=served.url, session=session, allow_redirects=False, timeout=30)
        assert answer.status_code < 500, case.as_curl_command()

    ask()
    session.close()
