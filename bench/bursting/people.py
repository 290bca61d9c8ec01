"""What customers write in bursts, and when: decided by the seed before anything begins."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.account import Channel
from conversation.arrivals import BUTTON, REACTION, TEXT, Arrival, Inbound, Removed
from conversation.bursts import LONG
from conversation.contact import Address, AddressKind

#: What no dialogue gets over.
POISON = "poison"
CHANNEL = Channel.WHATSAPP


@dataclass(frozen=True, kw_only=True)
class Piece:
    """`burst`: which of the customer's it belongs to. `takes_back`: the message that is revoked by it."""

    at: datetime
    phone: str
    key: str
    burst: int
    kind: str
    text: str | None
    takes_back: str | None = None

    def arrival(self, account: str) -> Arrival:
        addresses = (Address(kind=AddressKind.PHONE, value=self.phone),)
        if self.takes_back is not None:
            return Removed(account=account, addresses=addresses, provider_id=self.takes_back, at=self.at)
        return Inbound(
            account=account,
            addresses=addresses,
            provider_id=self.key,
            kind=self.kind,
            sent_at=self.at,
            text=self.text,
            choice=f"/{self.key}" if self.kind == BUTTON else None,
            ours=True,
        )


def all_written(seed: int, customers: int, bursts: int, window_s: float, start: datetime) -> list[Piece]:
    """By everybody, the latest first."""
    found: list[Piece] = []
    for n in range(customers):
        dice = random.Random(f"bursts/{seed}/{n}")
        at = start + timedelta(seconds=dice.uniform(0, 60))
        for number in range(bursts):
            written = _burst(dice, f"5511{n:09d}", f"{n}.{number}", number, window_s, at)
            found += written
            at = written[-1].at + timedelta(seconds=dice.uniform(3, 20) * window_s)
    return sorted(found, key=lambda piece: (piece.at, piece.phone), reverse=True)


def _burst(dice: random.Random, phone: str, name: str, number: int, window_s: float, at: datetime) -> Sequence[Piece]:
    """Mostly a few words within the window of each other; some go on for ever, some pause just too long."""
    goes_on = dice.random() < 0.08
    count = dice.randint(20, 30) if goes_on else dice.randint(1, 6)
    poisoned = dice.randrange(count) if not goes_on and dice.random() < 0.15 else None
    written: list[Piece] = []
    for m in range(count):
        key = f"k{name}.{m}."
        kind = dice.choices((TEXT, "image", BUTTON, REACTION), weights=(86, 7, 4, 3))[0]
        kind = TEXT if goes_on or m == poisoned else kind
        said = {TEXT: f"{key} words", "image": f"{key} caption", BUTTON: f"{key} yes", REACTION: "👍"}[kind]
        if kind == TEXT and not goes_on and dice.random() < 0.03:
            said += " long" * (LONG // 5 + 1)
        if m == poisoned:
            said += f" {POISON}"
        written.append(Piece(at=at, phone=phone, key=key, burst=number, kind=kind, text=said))
        if kind == TEXT and dice.random() < 0.03:
            gone = at + timedelta(seconds=dice.uniform(0, window_s))
            taken = Piece(at=gone, phone=phone, key=f"r{key}", burst=number, kind=kind, text=None, takes_back=key)
            written.append(taken)
        at += timedelta(seconds=min(dice.expovariate(2.5 / window_s), (0.9 if goes_on else 1.3) * window_s))
    return sorted(written, key=lambda piece: piece.at)
