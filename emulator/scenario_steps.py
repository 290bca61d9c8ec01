"""What a step of a scenario can be, and what it takes for an expectation to be met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emulator.fields import Json

#: Each is a route of the control API, and takes what the route takes; `customer` may be a name.
DEEDS: dict[str, tuple[str, str]] = {
    **{
        name: ("POST", name)
        for name in (
            *("say", "batch", "phone", "standby", "thread", "read", "window", "webhook", "resend"),
            *("clock", "outage", "tokens", "media", "customers", "accounts", "handshake"),
        )
    },
    "desk": ("POST", "demo"),
    "faults": ("PUT", "faults"),
    "settings": ("PUT", "settings"),
    "crowd": ("POST", "say"),  # many made-up customers, each says all of `texts`
}
WITH_CUSTOMER = frozenset({"say", "phone", "standby", "thread", "read", "window", "desk"})
WITH_ACCOUNT = WITH_CUSTOMER | {"batch", "outage", "webhook", "tokens", "handshake", "crowd"}
PAUSES = ("wait_s", "note")

_COUNTS = {"at_least", "at_most", "exactly", "within_s", "settle_s", "since"}
EXPECTATIONS: dict[str, set[str]] = {
    # What the product sent and Graph API accepted, to this customer or to anybody.
    "answer": _COUNTS | {"customer", "contains", "kind"},
    # Nothing like that for so long.
    "silence": {"customer", "for_s", "since"},
    # Graph requests as the journal has them.
    "requests": _COUNTS | {"kind", "code", "status", "contains", "customer"},
    # Attempts to post, as the log has them.
    "webhooks": _COUNTS | {"status", "about", "attempt"},
    # Figures of `health`.
    "health": {"undelivered", "given_up", "retrying", "unanswered", "statuses_pending", "within_s"},
}


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many there must be; without a word, one at least."""

    low: int
    high: int | None

    def enough(self, found: int) -> bool:
        return found >= self.low

    def too_many(self, found: int) -> bool:
        return self.high is not None and found > self.high

    def told(self) -> str:
        if self.high is None:
            return f"{self.low} or more"
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


def count_of(what: Json) -> Count:
    if "exactly" in what:
        return Count(low=int(what["exactly"]), high=int(what["exactly"]))
    high = what.get("at_most")
    low = what.get("at_least", 0 if high is not None else 1)
    return Count(low=int(low), high=None if high is None else int(high))


def answers(what: Json, entries: Sequence[Json], customer: str | None) -> list[Json]:
    found = [entry for entry in entries if entry["id"] and entry["kind"] != "reaction"]
    return _matching(what, found, customer)


def requests(what: Json, entries: Sequence[Json], customer: str | None) -> list[Json]:
    found = [
        entry
        for entry in entries
        if ("code" not in what or entry["code"] == what["code"])
        and ("status" not in what or entry["status"] == what["status"])
    ]
    return _matching(what, found, customer)


def webhooks(what: Json, entries: Sequence[Json]) -> list[Json]:
    return [
        entry
        for entry in entries
        if ("status" not in what or entry["status"] == what["status"])
        and ("about" not in what or str(what["about"]) in entry["about"])
        and ("attempt" not in what or entry["attempt"] == what["attempt"])
    ]


def seen(entries: Sequence[Json]) -> str:
    """The newest few, in a line, for who wonders why a step failed."""
    told = [_one(entry) for entry in entries[-5:]]
    return f"{len(entries)} in all" + (": " + "; ".join(told) if told else "")


def _matching(what: Json, entries: Sequence[Json], customer: str | None) -> list[Json]:
    wanted = str(what.get("contains", "")).casefold()
    kinds = _kinds(what.get("kind"))
    return [
        entry
        for entry in entries
        if (customer is None or customer in (entry["customer"], entry["to"]))
        and (not kinds or entry["kind"] in kinds)
        and wanted in str(entry["text"] or "").casefold()
    ]


def _kinds(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _one(entry: Json) -> str:
    if "attempt" in entry:
        return f"{entry['about']}, attempt {entry['attempt']}: {entry['status'] or entry['problem']}"
    code = f" ({entry['code']})" if entry["code"] else ""
    return f"{entry['kind']} {entry['status']}{code}" + (f" “{entry['text'][:60]}”" if entry["text"] else "")
