"""One talk, had with both sides a message at a time, until they differ or it is over."""

from __future__ import annotations

import contextlib
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.talks import comparing, ours
from bench.talks.clock import OffsetClock
from bench.talks.customer import Customer, Said
from bench.talks.lots import same_lots
from bench.talks.ours import NotAnswered, OurDesk
from bench.talks.stock import StockDesk


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a talk. `difference`: the first one, in words. `exercised`: what it went through, counted."""

    seed: str
    said: list[str]
    events: int
    difference: str | None
    exercised: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Talks:
    def __init__(self, stock: StockDesk, ours: OurDesk, clock: OffsetClock) -> None:
        self._stock, self._ours, self._clock = stock, ours, clock
        self._initial = {slot.name: slot.initial_value for slot in stock.domain.slots}

    async def have(self, seed: int, number: int) -> Outcome:
        """In every second talk our memory is short; one in 25 is long."""
        with ours.short_memory() if number % 2 else contextlib.nullcontext():
            return await self._have(f"{seed}/{number}", Customer(f"{seed}/{number}", lasting=number % 25 == 24))

    async def _have(self, seed: str, customer: Customer) -> Outcome:
        address = f"55{zlib.crc32(seed.encode()):011d}"
        said: list[Said] = []
        difference, heard = None, list[dict[str, Any]]()
        while difference is None and len(said) < customer.turns:
            said.append(customer.says(heard))
            heard, difference = await self._both_hear(address, said[-1], f"{seed}/{len(said)}")
        theirs = comparing.plain(await self._stock.events(address), self._initial)
        conversation_id = await self._ours.conversation(address)
        mine = comparing.plain(await self._ours.events(conversation_id), self._initial)
        stored = comparing.first_difference(theirs, mine)
        told = [difference and f"reply to message {len(said)}: {difference}", stored and f"stored event {stored}"]
        return Outcome(
            seed=seed,
            said=[message.text for message in said],
            events=len(theirs),
            difference="; ".join(filter(None, told)) or None,
            exercised=_exercised(theirs, said),
        )

    async def _both_hear(self, address: str, said: Said, lots: str) -> tuple[list[dict[str, Any]], str | None]:
        self._clock.wait(said.after_s)
        same_lots(lots)
        messages = await self._stock.hears(address, said)
        same_lots(lots)
        try:
            utterances = await self._ours.hears(address, said)
        except NotAnswered as failure:
            return messages, str(failure)
        theirs, mine = [comparing.of_stock(m) for m in messages], [comparing.of_ours(u) for u in utterances]
        return messages, comparing.first_difference(theirs, mine)


def _exercised(events: list[Any], said: list[Said]) -> dict[str, int]:
    """Kinds of event, and actions that tell something about the course of the talk."""
    seen: Counter[str] = Counter(event["event"] for event in events)
    seen.update(event["name"] for event in events if event["event"] == "action" and event["name"] != "action_listen")
    seen["buttons pressed"] = sum(message.pressed for message in said)
    seen["cold starts"] = sum(message.restarted for message in said)
    return dict(sorted(seen.items()))
