"""What follows from a call that failed: one table, by step, kind and whether anything can have been sent; by numbers, never by words."""

from collections.abc import Sequence
from dataclasses import dataclass

from promo.networks import Failure

ACTIONS = (
    "resend",  # the same step again after a while: nothing visible has happened
    "wait",  # likewise, but the network or a person says when
    "reconcile",  # look before anything else: it may be visible
    "reject",  # this content will never be taken: a person changes it
    "person",  # a person looks
)
MINUTE, HOUR = 60.0, 3_600.0
BACK_OFF = (5.0, 30.0, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR)  # seconds before the same step is tried again
_LAST_AGAIN = 6  # the last pause is tried so often before a person is asked: a village can be without a network for half a day
ANY = "*"


@dataclass(frozen=True)
class Decision:
    """What to do, why (a key under journal.reason) and after how many seconds; after None: until a person has acted."""

    action: str
    reason: str
    after: float | None = 0.0


@dataclass(frozen=True)
class Rule:
    """One line of the table; ANY fits everything. `after` is the least number of seconds; None means until a person has acted."""

    step: str
    kind: str
    sent: str
    action: str
    reason: str
    after: float | None = None
    code: int | None = None
    subcode: int | None = None


# The first line that fits decides. Nothing that may have been sent is sent again without a look: Meta answered 500 to posts that went
# live (facts of other schedulers' threads), and "duplicate" is more often good news than bad.
TABLE: tuple[Rule, ...] = (
    Rule("publish", ANY, "yes", "reconcile", "maybe", 0),
    Rule("publish", "duplicate", ANY, "reconcile", "duplicate", 0),
    Rule("publish", ANY, "maybe", "reconcile", "restricted", 0, code=4, subcode=2207051),  # seen on posts that were live
    Rule("publish", ANY, "maybe", "reconcile", "maybe", 0),
    # From here on a publishing call has not been sent, or the step is invisible anyhow.
    Rule("publish", "by_hand", "no", "person", "by_hand"),
    Rule("publish", ANY, "no", "wait", "rate", 24 * HOUR, code=4, subcode=2207051),  # "we restrict certain activity": a day of rest
    Rule("prepare", ANY, ANY, "wait", "rate", HOUR, code=368, subcode=1390008),  # posting too fast
    Rule("publish", ANY, "no", "wait", "rate", HOUR, code=368, subcode=1390008),
    Rule("prepare", "duplicate", ANY, "resend", "duplicate", 0),
    Rule("reconcile", "account", ANY, "wait", "account"),
    Rule("reconcile", "rate", ANY, "reconcile", "rate", 5 * MINUTE),
    Rule("reconcile", ANY, ANY, "reconcile", "network", 0),
    Rule(ANY, "network", ANY, "resend", "network", 0),
    Rule(ANY, "server", ANY, "resend", "server", 0),
    Rule(ANY, "rate", ANY, "wait", "rate", 5 * MINUTE),
    Rule(ANY, "quota", ANY, "wait", "quota", HOUR),
    Rule(ANY, "account", ANY, "wait", "account"),
    Rule(ANY, "content", ANY, "reject", "content"),
    Rule(ANY, "policy", ANY, "person", "policy"),
    Rule(ANY, "media_fetch", ANY, "resend", "media_fetch", 30),
    Rule(ANY, "not_ready", ANY, "resend", "not_ready", 5),
    Rule(ANY, "draft_gone", ANY, "resend", "draft_gone", 0),
    Rule("prepare", ANY, ANY, "resend", "unknown", 30),
    Rule(ANY, ANY, ANY, "person", "unknown"),
)


def decide(step: str, failure: Failure, failures: int, *, exactly_once: str = "marker", back_off: Sequence[float] = BACK_OFF) -> Decision:
    """What to do after this failure; `failures` counts the ones in a row before it, `exactly_once` is the network's own protection."""
    rule = next(rule for rule in TABLE if _fits(rule, step, failure))
    action = rule.action
    if action == "reconcile" and step == "publish" and exactly_once == "key" and failure.kind != "duplicate":
        action = "resend"  # the same key again is the look: the network itself keeps it from doubling
    if action in ("reject", "person"):
        return Decision(action, rule.reason, None)
    if rule.after is None:
        return Decision(action, rule.reason, None)
    if action == "resend" and failures >= len(back_off) + _LAST_AGAIN:
        return Decision("person", "gave_up", None)
    pause = back_off[min(failures, len(back_off) - 1)] if action == "resend" else 0.0
    return Decision(action, rule.reason, max(rule.after, failure.retry_after or 0.0, pause))


def _fits(rule: Rule, step: str, failure: Failure) -> bool:
    return (
        rule.step in (ANY, step)
        and rule.kind in (ANY, failure.kind)
        and rule.sent in (ANY, failure.sent)
        and rule.code in (None, failure.code)
        and rule.subcode in (None, failure.subcode)
    )
