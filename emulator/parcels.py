"""A webhook body on its way to the product, and how an attempt to bring it went."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from emulator import signature
from emulator.fields import Json
from emulator.people import Account


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one attempt went. `status` 0: no answer at all, `problem` says why."""

    status: int
    ms: float
    problem: str = ""
    answer: str = ""


@dataclass(kw_only=True)
class Parcel:
    """One body. `about` is what the log calls it."""

    account: Account
    body: bytes
    key: str = field(repr=False)
    about: str
    retries: Callable[[], bool]  # asked before each repeat
    accepted: Callable[[], None] | None = None
    attempts: int = 0
    since_s: float = 0.0  # when it was first to be brought, by the emulator's clock
    next_ms: int | None = None  # when it is to be tried again, if it is
    outcome: asyncio.Future[Outcome] | None = None  # of its first attempt, for who waits for that

    def came(self, outcome: Outcome) -> None:
        if self.outcome is not None and not self.outcome.done():
            self.outcome.set_result(outcome)

    def shown(self) -> Json:
        return {
            "account": self.account.id,
            "about": self.about,
            "attempts": self.attempts,
            "since_ms": int(self.since_s * 1000),
            "next_ms": self.next_ms,
        }


def joined(parcels: Iterable[Parcel]) -> list[Parcel]:
    """One for each account and key, with the entries of all; what is no envelope stays by itself."""
    groups: dict[tuple[str, str], list[Parcel]] = {}
    alone: list[Parcel] = []
    for parcel in parcels:
        if _entries(parcel) is None:
            alone.append(parcel)
        else:
            groups.setdefault((parcel.account.id, parcel.key), []).append(parcel)
    return [_one(group) for group in groups.values()] + alone


def _one(group: list[Parcel]) -> Parcel:
    first = group[0]
    if len(group) == 1:
        return first
    envelope: Json = {**json.loads(first.body), "entry": [e for one in group for e in _entries(one) or ()]}

    def accepted() -> None:
        for one in group:
            if one.accepted is not None:
                one.accepted()

    return Parcel(
        account=first.account,
        body=signature.body_bytes(envelope),
        key=first.key,
        about=f"{len(group)} joined",
        retries=lambda: any(one.retries() for one in group),
        accepted=accepted,
        since_s=first.since_s,
        outcome=_all_of([one.outcome for one in group if one.outcome is not None]),
    )


def _all_of(waiting: list[asyncio.Future[Outcome]]) -> asyncio.Future[Outcome]:
    whole: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def pass_on(done: asyncio.Future[Outcome]) -> None:
        for one in waiting:
            if not one.done() and not done.cancelled():
                one.set_result(done.result())

    whole.add_done_callback(pass_on)
    return whole


def _entries(parcel: Parcel) -> list[Json] | None:
    try:
        body = json.loads(parcel.body)
    except ValueError:
        return None
    entries = body.get("entry") if isinstance(body, dict) else None
    return entries if isinstance(entries, list) else None
