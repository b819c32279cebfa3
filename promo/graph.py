"""Meta's Graph API through facebook-sdk, with everything put right that its version of 2018 does not do.

Version 3.1.0 puts tokens into URLs, waits for ever, refuses today's API versions, sends lists and booleans as garbage and loses HTTP
status, subcode and headers. So only its class and calling convention are kept: one `request` of our own replaces the transport.
"""

import hashlib
import hmac
import json
import logging
import re
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests
from urllib3.exceptions import NewConnectionError

from promo.networks import Access, Failure

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # "invalid escape sequence" in its source: a SyntaxWarning on Python 3.13
    import facebook

_log = logging.getLogger("gapura.graph")
_LARGEST = 2_000_000
_TRACE = re.compile(r"[\w-]{1,40}")

# (code, subcode) -> kind; a subcode alone holds under any code, a code alone for all its other subcodes. Source: Meta's error-handling
# guide and Instagram's table of error codes (updated 2 June 2026), and the reports of other schedulers. What is not here is "unknown" and
# is looked after.
KINDS: Mapping[tuple[int | None, int | None], str] = {
    **{(code, None): "rate" for code in (4, 17, 32, 341, 613, *range(80_001, 80_015))},
    **{(code, None): "account" for code in (3, 10, 102, 190, *range(200, 300))},
    **{(code, None): "content" for code in (100, 197, 324, 352, 36_000, 36_001, 36_002, 36_003, 36_004, 1_366_046, 1_609_005, 2_061_006)},
    **{(code, None): "policy" for code in (368, 1_609_008)},
    **{(code, None): "duplicate" for code in (506, 1_366_051)},
    **{(code, None): "server" for code in (1, 2, -1, -2)},
    **{(code, None): "account" for code in (1_404_006, 1_404_078, 1_404_112, 4_854_002)},
    # Of these Meta's table names only the subcode for certain: a container that failed to take in its picture is made anew,
    **{
        (None, subcode): "draft_gone"
        for subcode in (2_207_003, 2_207_020, 2_207_032, 2_207_053, 2_207_076, 2_207_077, 2_207_082, 2_207_085)
    },
    # and size, format, ratio, caption, tags, carousel are for a person to change.
    **{(None, subcode): "content" for subcode in (2_207_004, 2_207_005, 2_207_009, 2_207_010, 2_207_023, 2_207_028, 2_207_040)},
    **{(None, subcode): "content" for subcode in (2_207_035, 2_207_036, 2_207_037, 2_207_057, 2_207_081)},
    (None, 2_207_001): "server",
    (None, 2_207_027): "not_ready",
    (None, 2_207_042): "quota",
    (None, 2_207_050): "account",
    (None, 2_207_052): "media_fetch",
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
HOSTS: Mapping[str, tuple[str, str]] = {  # what the installation may set as <host>_url and <host>_version, and what holds if it does not
    "graph": ("https://graph.facebook.com", "v26.0"),
    "threads": ("https://graph.threads.net", "v1.0"),
}
_MAYBE = ("server", "unknown")  # an answer of these kinds proves nothing about a publishing call
_SEEN_LIVE = (4, 2_207_051)  # "we restrict certain activity" has been seen on posts that were live (Postiz, pull request 1681)


class Graph(facebook.GraphAPI):  # type: ignore[misc]
    """One account's client: token in the header only, bounded in time, no redirects, no proxies, failures in numbers."""

    def __init__(self, access: Access, host: str = "graph") -> None:
        session = requests.Session()
        session.trust_env = False
        token = access.secrets.get("token", "")
        session.headers.update({"Connection": "close", **({"Authorization": f"Bearer {token}"} if token else {})})
        super().__init__(access_token=None, timeout=(min(5.0, access.timeout), access.timeout), session=session)
        url, version = HOSTS[host]
        self.version = access.given.get(f"{host}_version", version)  # the constructor refuses everything newer than 3.1
        self._base = access.given.get(f"{host}_url", url).rstrip("/")
        self._usage = access.usage
        self._proof = _proof(token, access.secrets.get("app_secret", ""))
        self.served: str | None = None  # the version that answered last

    def request(
        self,
        path: str,
        args: Mapping[str, object] | None = None,
        post_args: Mapping[str, object] | None = None,
        files: Mapping[str, object] | None = None,
        method: str | None = None,
    ) -> dict[str, Any]:
        """The JSON object of a good answer, a list as {"items": list}; everything else is a Failure. `path` comes without the version."""
        query, form = _as_text(args), _as_text(post_args)
        if self._proof:
            (query if post_args is None else form)["appsecret_proof"] = self._proof
        self._usage.calls += 1
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

    def hidden(self, path: str, args: Mapping[str, str]) -> dict[str, Any]:
        """A read whose arguments are secret: as a batch of one they travel in the body, not in the address. Raises Failure."""
        batch = [{"method": "GET", "relative_url": f"{path}?{urlencode(args)}"}]
        (row,) = self.request("", post_args={"batch": batch, "include_headers": False}).get("items") or [None]
        try:
            said = json.loads(row["body"]) if row else None
        except (KeyError, TypeError, ValueError):
            said = None
        if not isinstance(said, dict):
            raise Failure("server", sent="no")
        error = said.get("error")
        if isinstance(error, dict):
            raise _told(error, int(row.get("code") or 400), None)
        return said

    def _read(self, answer: requests.Response) -> dict[str, Any]:
        served = answer.headers.get("facebook-api-version")
        self.served = served
        if served and served != self.version:
            _log.warning("asked Graph %s, served by %s", self.version, served)
        self._note(answer.headers)
        try:
            said = answer.json() if len(answer.content) <= _LARGEST else None
        except ValueError:
            said = None
        if answer.status_code == 200 and isinstance(said, list):
            return {"items": said}
        if answer.status_code == 200 and isinstance(said, dict) and "error" not in said:
            return said
        error = said.get("error") if isinstance(said, dict) else None
        if not isinstance(error, dict):
            raise Failure("server" if answer.status_code >= 500 else "unknown", sent="maybe", status=answer.status_code)
        failure = _told(error, answer.status_code, _regain(answer.headers.get("x-business-use-case-usage")))
        self._usage.is_refused |= failure.kind == "rate" and failure.code == 4
        raise failure

    def _note(self, headers: Mapping[str, str]) -> None:
        of_app = _percent(headers.get("x-app-usage"))
        of_account = [_percent(headers.get(name)) for name in ("x-business-use-case-usage", "x-page-usage")]
        known = [percent for percent in of_account if percent is not None]
        self._usage.of_app = of_app if of_app is not None else self._usage.of_app
        self._usage.of_account = max(known, default=self._usage.of_account)
        self._usage.regain = max(self._usage.regain, _regain(headers.get("x-business-use-case-usage")) or 0.0)


def app_of(secrets: Mapping[str, str], host: str = "graph") -> str:
    """An id of the app behind an account: a digest of its secret; accounts without one are taken for the installation's own app."""
    secret = secrets.get("app_secret", "")
    return f"{host}:{hashlib.sha256(secret.encode()).hexdigest()[:24] if secret else ''}"


def _told(error: Mapping[str, Any], status: int, retry_after: float | None) -> Failure:
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    kind = kind_of(code, subcode)
    if error.get("is_transient") and kind in ("unknown", "content"):
        kind = "server"
    sent = "maybe" if kind in _MAYBE or (code, subcode) == _SEEN_LIVE or status >= 500 else "no"
    trace = _TRACE.fullmatch(str(error.get("fbtrace_id") or ""))
    told = {"status": status, "code": code, "subcode": subcode, "trace": trace[0] if trace else None}
    return Failure(kind, sent=sent, **told, retry_after=retry_after)  # type: ignore[arg-type]


def kind_of(code: int | None, subcode: int | None) -> str:
    """The kind of an error of the Graph API, by its numbers alone: its texts follow the language of the account."""
    known = (KINDS.get((code, subcode)), KINDS.get((None, subcode)) if subcode else None, KINDS.get((code, None)))
    return next((kind for kind in known if kind), "unknown")


def _never_left(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _as_text(values: Mapping[str, object] | None) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in (values or {}).items() if value is not None}


def _proof(token: str, app_secret: str) -> str:
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest() if app_secret else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _percent(header: str | None) -> int | None:
    """The fullest of calls, time and processor time in a usage header, whether of an app or by account in lists."""
    try:
        said = json.loads(header or "{}")
        rows = [row for one in said.values() for row in one] if said and all(isinstance(one, list) for one in said.values()) else [said]
        names = ("call_count", "total_time", "total_cputime")
        found = [int(row[name]) for row in rows for name in names if name in row]
    except (ValueError, TypeError, AttributeError):
        return None
    return max(found, default=None)


def _regain(header: str | None) -> float | None:
    """Seconds until the account may call again, from the header's minutes."""
    try:
        usage = json.loads(header or "{}")
        minutes = [int(row.get("estimated_time_to_regain_access", 0)) for rows in usage.values() for row in rows]
    except (ValueError, TypeError, AttributeError):
        return None
    return max(minutes) * 60.0 if minutes and max(minutes) > 0 else None
