"""What Meta says about a login and about a post's reception, asked without publishing anything and without a token in an address."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from promo.graph import Graph
from promo.networks import Access, Failure, Finding

_SOON = timedelta(days=14)
_END_OF_TIME = 253_402_300_000  # a date further off than a calendar goes is none


class Login:
    """A token as `debug_token` describes it. Raises Failure when Meta did not answer at all."""

    def __init__(self, graph: Graph, access: Access) -> None:
        self._graph = graph
        self._trouble: Failure | None = None
        self._said: dict[str, Any] = {}
        try:
            said = graph.hidden("debug_token", {"input_token": access.secrets["token"]}).get("data")
            self._said = said if isinstance(said, dict) else {}
        except Failure as failure:
            if failure.kind != "account":
                raise
            self._trouble = failure

    @property
    def is_alive(self) -> bool:
        return self._trouble is None and bool(self._said.get("is_valid"))

    @property
    def expires_at(self) -> datetime | None:
        """Of the token or of the right to read with it, whichever ends first; None: neither has a date."""
        ends = [_moment(self._said.get(name)) for name in ("expires_at", "data_access_expires_at")]
        return min((end for end in ends if end), default=None)

    def findings(self, scopes: Sequence[str]) -> tuple[Finding, ...]:
        """Dead or alive, how long still, and which of the scopes are missing."""
        if not self.is_alive:
            subcode = self._trouble.subcode if self._trouble else (self._said.get("error") or {}).get("subcode")
            return (Finding("token_dead", "bad", {"number": f"190/{subcode}" if subcode else "190"}),)
        missing = [scope for scope in scopes if scope not in self._said.get("scopes", ())]
        found = [Finding("token_alive"), *(Finding("scope_missing", "bad", {"scope": scope}) for scope in missing)]
        end = self.expires_at
        if end is None:
            return (*found, Finding("token_lasts"))
        days = (end - datetime.now(UTC)) // timedelta(days=1)
        return (*found, Finding("token_ends", "heed" if days < _SOON.days else "good", {"days": max(0, days)}))

    def page(self, page_id: str) -> tuple[Finding, ...]:
        """Is it the token of this very Page? One of a person publishes nothing there (error 200)."""
        if self._said.get("type") not in (None, "PAGE"):
            return (Finding("token_of_a_person", "bad"),)
        me = self._graph.request("me", args={"fields": "id,name"})
        if str(me.get("id")) != page_id:
            return (Finding("other_page", "bad", {"name": str(me.get("name", ""))}),)
        return (Finding("page", "good", {"name": str(me.get("name", ""))}),)

    def version(self) -> tuple[Finding, ...]:
        """Meta lets the oldest living version answer for one that has ended, without a word."""
        asked, served = self._graph.version, self._graph.served
        return (Finding("version", "heed", {"asked": asked, "served": served}),) if served and served != asked else ()


def insights(graph: Graph, remote_id: str, names: Mapping[str, str], args: Mapping[str, str]) -> dict[str, int | None]:
    """{our name: number} for {Meta's name: ours}; None where Meta does not say. One name that Meta has dropped makes a call fail, and
    then each is asked for alone."""
    told: dict[str, int | None] = dict.fromkeys(names.values())
    try:
        _ask(graph, remote_id, names, args, told)
    except Failure as failure:
        if failure.kind not in ("content", "unknown", "not_ready"):
            raise
        for name, ours in names.items():
            try:
                _ask(graph, remote_id, {name: ours}, args, told)
            except Failure as alone:
                if alone.kind not in ("content", "unknown", "not_ready", "account"):
                    raise
    return told


def _ask(graph: Graph, remote_id: str, names: Mapping[str, str], args: Mapping[str, str], told: dict[str, int | None]) -> None:
    answer = graph.request(f"{remote_id}/insights", args={"metric": ",".join(names), **args})
    for row in answer.get("data") or ():
        ours = names.get(str(row.get("name")))
        values = row.get("values") or [row.get("total_value") or {}]
        number = whole(values[-1].get("value")) if isinstance(values[-1], dict) else None
        if ours and number is not None:
            told[ours] = number


def whole(value: object) -> int | None:
    """A count, or None for whatever is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and 0 < seconds < _END_OF_TIME else None
