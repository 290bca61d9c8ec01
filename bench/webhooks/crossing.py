"""Two accounts never meet: the same person's id on two is two contacts, and an app speaks for its own accounts only."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.harness.state import Number
from bench.webhooks import events, house, posting
from bench.webhooks.events import Event
from bench.webhooks.house import House

_FIRST, _SECOND, _OTHERS = "500000000000001", "500000000000002", "600000000000001"
_APP, _OTHER_APP = "first-apps-secret", "other-apps-secret"
_PEOPLE = ("5511955550001", "5511955550002")


def numbers(channel: str) -> list[Number]:
    """Two accounts of one app, one of another."""
    both = [house.number(channel, provider_id, _APP) for provider_id in (_FIRST, _SECOND)]
    return [*both, house.number(channel, _OTHERS, _OTHER_APP)]


@dataclass(kw_only=True)
class Crossed:
    """`taken`: bodies with an account of another app than the one that signed, taken all the same; `refused`: bodies
    without one that were refused. `crossed`: texts that are with another account or contact than theirs, or nowhere."""

    bodies: int = 0
    taken: int = 0
    refused: int = 0
    crossed: int = 0
    examples: list[str] = field(default_factory=list)


async def check(opened: House, channel: str, talks: int, seed: int) -> Crossed:
    found, expected = Crossed(), Counter[tuple[str, str, str]]()
    for number in range(talks):
        dice = random.Random(f"crossing/{seed}/{number}")
        both = events.talk((_FIRST, _SECOND), _PEOPLE, 4, f"x{seed}n{number}", int(time.time()))
        theirs = events.talk((_OTHERS,), _PEOPLE, 2, f"y{seed}n{number}", int(time.time()))
        mixed = [
            event
            for account in (_FIRST, _OTHERS)
            for event in events.talk((account,), _PEOPLE, 2, f"z{seed}n{number}of{account}", int(time.time()))
        ]
        for told, secret in ((both, _APP), (theirs, _OTHER_APP)):
            found.bodies += 1
            status = await _post(opened, channel, told, secret, dice)
            found.refused += status != 200
            expected.update((event.account, event.person, event.text) for event in told)
        for told, secret in ((both, _OTHER_APP), (theirs, _APP), (mixed, _APP), (mixed, _OTHER_APP)):
            found.bodies += 1
            found.taken += await _post(opened, channel, told, secret, dice) == 200
    _look(await opened.tables.said(), expected, found)
    return found


async def _post(opened: House, channel: str, told: Sequence[Event], secret: str, dice: random.Random) -> int:
    raw = json.dumps(events.body(channel, told, dice)).encode()
    return await posting.post(opened.running, channel, raw, secret=secret)


def _look(
    said: Sequence[tuple[str, frozenset[str], str]], expected: Counter[tuple[str, str, str]], found: Crossed
) -> None:
    got = Counter[tuple[str, str, str]]()
    for account, known_by, text in said:
        if account in (_FIRST, _SECOND, _OTHERS):
            for address in known_by:
                got[account, address, text] += 1
    wrong = [*(expected - got), *(got - expected)]
    found.crossed = len(wrong)
    found.examples = [str(each) for each in wrong[:5]]
