"""One HTTP call to a network: bounded in time, without redirects or proxies from the environment, failures told in kinds and numbers."""

import functools
import logging
import ssl
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from promo.networks import Failure

_LARGEST = 2_000_000  # bytes of an answer we are willing to read
# The client tells every address it calls, and the Bot API has the token in the address.
logging.getLogger("httpx2").addFilter(lambda record: not str(record.msg).startswith("HTTP Request"))


def call(
    method: str,
    url: str,
    *,
    token: str | None,
    timeout: float,
    kind_of: Callable[[int, int | None], str],
    json: object = None,
    data: Mapping[str, object] | None = None,
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object of a 2xx answer, a list as {"items": list}. Anything else raises Failure; `kind_of(status, code)` names its kind,
    or `names`, where a protocol gives its errors names instead of numbers.

    Every call opens a connection of its own: on a kept one that the other side has closed, nobody can tell whether a post was sent.
    The token goes into the Authorization header and nowhere else; None where the address has it. `files` are {field: (name, bytes, type)}.
    """
    sent_headers = {"Connection": "close", **({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
    answer: httpx2.Response | Failure
    try:
        with httpx2.Client(
            verify=_trusted(), timeout=httpx2.Timeout(timeout, connect=min(timeout, 5)), follow_redirects=False, trust_env=False
        ) as client:
            answer = client.request(method, url, json=json, content=content, data=data, files=files, headers=sent_headers, params=params)
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol, httpx2.InvalidURL):
        answer = Failure("network", sent="no")  # the request was never written
    except httpx2.HTTPError:
        answer = Failure("network", sent="maybe")
    if isinstance(answer, Failure):
        raise answer  # only here: inside `except` the client's error, and with it the address, would come along
    return _read(answer, kind_of, names or {})


def look(url: str | None, *, timeout: float, proxy: str | None = None) -> None:
    """Would a network get our picture from this address? Asked as a network does: without following anything, by way of `proxy` from
    outside where there is one. Raises Failure of the kind media_fetch."""
    status = None
    try:
        with httpx2.Client(
            verify=_trusted(),
            timeout=httpx2.Timeout(timeout, connect=min(timeout, 5)),
            follow_redirects=False,
            trust_env=False,
            proxy=proxy,
        ) as client:
            answer = client.head(url or "", headers={"Connection": "close"})
            status = answer.status_code
            if status == 200 and answer.headers.get("content-type", "").partition(";")[0] == "image/jpeg":
                return
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
        status = None
    raise Failure("media_fetch", sent="no", status=status)


@functools.cache
def _trusted() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)  # reading the certificates anew for each call would cost more than the call


def _read(answer: httpx2.Response, kind_of: Callable[[int, int | None], str], names: Mapping[str, str]) -> dict[str, Any]:
    body: object = None
    try:
        body = answer.json() if len(answer.content) <= _LARGEST else None
    except ValueError:
        body = None
    if answer.is_success and isinstance(body, list):
        body = {"items": body}
    said = body if isinstance(body, dict) else None
    if answer.is_success and said is not None:
        return said
    if answer.is_success:
        raise Failure("unknown", sent="maybe", status=answer.status_code)
    error = (said or {}).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    number = code if isinstance(code, int) else None
    # Only a clear refusal in the network's own format proves that nothing was published; a 5xx or a foreign page proves nothing.
    refused = said is not None and 400 <= answer.status_code < 500 and answer.status_code not in (408, 409)
    kind = (names.get(error) if isinstance(error, str) else None) or kind_of(answer.status_code, number)
    sent = "no" if refused and kind != "unknown" else "maybe"
    raise Failure(kind, sent=sent, status=answer.status_code, code=number, retry_after=_seconds(answer.headers.get("Retry-After")))


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None


def kind_by_status(status: int, code: int | None) -> str:  # noqa: ARG001 - networks without codes of their own
    """The kind of a failure where a network speaks plain HTTP."""
    by_status = {400: "content", 401: "account", 403: "account", 404: "content", 409: "duplicate", 413: "content", 415: "content"}
    by_status |= {422: "content", 429: "rate", 451: "policy", 424: "draft_gone"}
    return by_status.get(status, "server" if status >= 500 else "unknown")
