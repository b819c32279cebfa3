"""Meta's Graph API through facebook-sdk, with everything put right that its version of 2018 does not do.

Version 3.1.0 puts tokens into URLs, waits for ever, refuses today's API versions, sends lists and booleans as garbage and loses HTTP
status, subcode and headers. So only its class and calling convention are kept: one `request` of our own replaces the transport.
"""

import hashlib
import hmac
import json
import logging
import warnings
from collections.abc import Mapping
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from promo.networks import Access, Failure

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # "invalid escape sequence" in its source: a SyntaxWarning on Python 3.13
    import facebook

_log = logging.getLogger("gapura.graph")
_LARGEST = 2_000_000

# (code, subcode) -> kind; a code alone holds for all its other subcodes. Source: Meta's error-handling guide and Instagram's table of
# error codes (updated 2 June 2026), and the reports of other schedulers. What is not here is "unknown" and is looked after.
KINDS: Mapping[tuple[int, int | None], str] = {
    **{(code, None): "rate" for code in (4, 17, 32, 341, 613, *range(80_001, 80_015))},
    **{(code, None): "account" for code in (3, 10, 102, 190, *range(200, 300))},
    **{(code, None): "content" for code in (100, 197, 324, 352, 36_000, 36_001, 36_002, 36_003, 36_004, 1_609_005, 2_061_006)},
    **{(code, None): "policy" for code in (368, 1_609_008)},
    **{(code, None): "duplicate" for code in (506, 1_366_051)},
    **{(code, None): "server" for code in (1, 2, -1, -2)},
    **{(code, None): "account" for code in (1_404_006, 1_404_078, 1_404_112, 4_854_002)},
    (4, 2_207_051): "policy",
    (9, 2_207_042): "quota",
    (24, 2_207_006): "draft_gone",
    (24, 2_207_008): "draft_gone",
    (25, 2_207_050): "account",
    (100, 33): "not_ready",
    (368, 1_390_008): "rate",
    (9_004, 2_207_052): "media_fetch",
    (9_007, 2_207_027): "not_ready",
}
_MAYBE = ("server", "unknown")  # an answer of these kinds proves nothing about a publishing call
_SEEN_LIVE = (4, 2_207_051)  # "we restrict certain activity" has been seen on posts that were live (Postiz, pull request 1681)


class Graph(facebook.GraphAPI):  # type: ignore[misc]
    """One account's client: token in the header only, bounded in time, no redirects, no proxies, failures in numbers."""

    def __init__(self, access: Access) -> None:
        session = requests.Session()
        session.trust_env = False
        session.headers.update({"Authorization": f"Bearer {access.secrets['token']}", "Connection": "close"})
        super().__init__(access_token=None, timeout=(5, access.timeout), session=session)
        self.version = access.given.get("graph_version", "v26.0")  # the constructor refuses everything newer than 3.1
        self._base = access.given.get("graph_url", "https://graph.facebook.com").rstrip("/")
        self._proof = _proof(access.secrets["token"], access.secrets.get("app_secret", ""))

    def request(
        self,
        path: str,
        args: Mapping[str, object] | None = None,
        post_args: Mapping[str, object] | None = None,
        files: Mapping[str, object] | None = None,
        method: str | None = None,
    ) -> dict[str, Any]:
        """The JSON object of a good answer; everything else is a Failure. `path` comes without the version."""
        query, form = _as_text(args), _as_text(post_args)
        if self._proof:
            (query if post_args is None else form)["appsecret_proof"] = self._proof
        verb = method or ("GET" if post_args is None else "POST")
        try:
            answer = self.session.request(
                verb,
                f"{self._base}/{self.version}/{path}",
                params=query,
                data=form if post_args is not None else None,
                files=files,
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Failure("network", sent="no" if _never_left(error) else "maybe") from None
        finally:
            self.session.close()
        return self._read(answer)

    def _read(self, answer: requests.Response) -> dict[str, Any]:
        served = answer.headers.get("facebook-api-version")
        if served and served != self.version:
            _log.warning("asked Graph %s, served by %s", self.version, served)
        try:
            said = answer.json() if len(answer.content) <= _LARGEST else None
        except ValueError:
            said = None
        if answer.status_code == 200 and isinstance(said, dict) and "error" not in said:
            return said
        error = said.get("error") if isinstance(said, dict) else None
        if not isinstance(error, dict):
            raise Failure("server" if answer.status_code >= 500 else "unknown", sent="maybe", status=answer.status_code)
        raise _refusal(answer, error)


def _refusal(answer: requests.Response, error: Mapping[str, Any]) -> Failure:
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    kind = kind_of(code, subcode)
    if error.get("is_transient") and kind in ("unknown", "content"):
        kind = "server"
    sent = "maybe" if kind in _MAYBE or (code, subcode) == _SEEN_LIVE or answer.status_code >= 500 else "no"
    trace = error.get("fbtrace_id")
    return Failure(
        kind,
        sent=sent,
        status=answer.status_code,
        code=code,
        subcode=subcode,
        trace=str(trace)[:64] if trace else None,
        retry_after=_regain(answer.headers.get("x-business-use-case-usage")),
    )


def kind_of(code: int | None, subcode: int | None) -> str:
    """The kind of an error of the Graph API, by its numbers alone: its texts follow the language of the account."""
    if code is None:
        return "unknown"
    return KINDS.get((code, subcode)) or KINDS.get((code, None)) or "unknown"


def _never_left(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _as_text(values: Mapping[str, object] | None) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in (values or {}).items() if value is not None}


def _proof(token: str, app_secret: str) -> str:
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest() if app_secret else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _regain(header: str | None) -> float | None:
    """Seconds until the account may call again, from the header's minutes."""
    try:
        usage = json.loads(header or "{}")
        minutes = [int(row.get("estimated_time_to_regain_access", 0)) for rows in usage.values() for row in rows]
    except (ValueError, TypeError, AttributeError):
        return None
    return max(minutes) * 60.0 if minutes and max(minutes) > 0 else None
