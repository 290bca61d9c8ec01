"""Bodies by the hundred thousand: made, posted over HTTP, and each id that they told looked for."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.harness.entry import say
from bench.webhooks import mutations, posting
from bench.webhooks.house import House
from bench.webhooks.mutations import Made

_AT_ONCE = 12
#: Posted, and looked for, so many at a time.
_PART = 1_000
#: Of these one in so many is posted once more: Meta repeats itself.
_REPEATED = 20
_EXAMPLES = 10


@dataclass(kw_only=True)
class Fuzzed:
    bodies: int = 0
    ids: int = 0
    five_xx: int = 0
    refused: int = 0  # what is JSON, and was not taken
    silent_drops: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    mutations: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    posting_s: float = 0.0
    #: Ids that a mutation made, and that were found once: another body that has one is a repetition.
    shared: set[str] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        per_s = round(self.bodies / self.posting_s, 1) if self.posting_s else None
        return {
            "bodies": self.bodies,
            "ids": self.ids,
            "bodies_per_s": per_s,
            "five_xx": self.five_xx,
            "refused": self.refused,
            "silent_drops": self.silent_drops,
            "statuses": dict(sorted(self.statuses.items())),
            "mutations": dict(sorted(self.mutations.items())),
            "kinds": _mostly(self.kinds),
            "examples": self.examples,
        }


async def fuzz(house: House, channel: str, seeds: Sequence[dict[str, Any]], count: int, seed: int) -> Fuzzed:
    fuzzed, made = Fuzzed(), mutations.many(seeds, count, seed)
    while part := list(itertools.islice(made, _PART)):
        await _part(house, channel, part, fuzzed)
        say(f"{fuzzed.bodies} of {count} bodies; {fuzzed.silent_drops} dropped, {fuzzed.five_xx} not taken")
    return fuzzed


async def _part(house: House, channel: str, part: Sequence[Made], fuzzed: Fuzzed) -> None:
    began = time.monotonic()
    raws = [made.raw for made in part]
    statuses = await posting.post_all(house.running, channel, raws, at_once=_AT_ONCE)
    await posting.post_all(house.running, channel, raws[::_REPEATED], at_once=_AT_ONCE)
    fuzzed.posting_s += time.monotonic() - began
    found = await house.tables.anew()
    fuzzed.kinds += found.kinds
    fuzzed.bodies += len(part)
    for made, status in zip(part, statuses, strict=True):
        fuzzed.statuses[str(status)] += 1
        fuzzed.mutations.update(made.how or ("none",))
        dropped = sorted(made.ids - found.words - fuzzed.shared) if status == 200 else []
        dropped = [id_ for id_ in dropped if not found.has(id_)]
        fuzzed.shared |= made.ids - made.own_ids - set(dropped)
        fuzzed.ids += len(made.ids)
        fuzzed.silent_drops += len(dropped)
        fuzzed.five_xx += status >= 500 or status == 0
        refused = 400 <= status < 500 and not made.may_be_refused
        fuzzed.refused += refused
        if (dropped or refused or status not in range(200, 500)) and len(fuzzed.examples) < _EXAMPLES:
            around = max(0, made.raw.find(dropped[0].encode()) - 700) if dropped else 0
            fuzzed.examples.append(f"{status} {'+'.join(made.how)} {dropped}: {made.raw[around : around + 1400]!r}")


def _mostly(kinds: Counter[str]) -> dict[str, int]:
    """Mutated kinds are each of their own; the rest is told in one number."""
    often = {kind: count for kind, count in kinds.most_common(60)}
    left = sum(kinds.values()) - sum(often.values())
    return {**dict(sorted(often.items())), **({"others": left} if left else {})}
