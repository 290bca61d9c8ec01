"""The judge: stretches in which the assistant must be silent, held against what arrived at the emulator."""

from __future__ import annotations

import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.harness.customers import is_bots, said_by_bot
from bench.harness.journal import Request
from bench.harness.moments import Ordered
from bench.harness.scripted import ASKED


@dataclass(frozen=True, kw_only=True)
class Silence:
    """From the moment the bench held the order's answer until it sent the order that ends it.

    `in_flight`: as many requests the answer itself said may still come.
    """

    numbers: frozenset[str]
    from_ns: int
    until_ns: int
    in_flight: int
    place: str


@dataclass(kw_only=True)
class Judged:
    leaked: int = 0
    leaked_at: Counter[str] = field(default_factory=Counter)
    leaked_kinds: Counter[str] = field(default_factory=Counter)
    after_in_flight: int = 0  # came after an answer that said they might
    stale: int = 0  # asked before the order was answered, arrived after the silence was over
    doubled: int = 0


def judge(requests: Sequence[Request], silences: Sequence[Silence]) -> Judged:
    judged = Judged(doubled=_doubled(requests))
    by_number: dict[str, list[Request]] = defaultdict(list)
    for request in sorted(filter(is_bots, requests), key=lambda r: r.received_ns):
        by_number[request.account].append(request)
    for silence in silences:
        broke = [r for number in silence.numbers for r in _within(by_number[number], silence)]
        over = broke[silence.in_flight :]
        judged.after_in_flight += len(broke) - len(over)
        judged.leaked += len(over)
        judged.leaked_at[silence.place] += len(over)
        judged.leaked_kinds.update(request.kind for request in over)
    judged.stale = _stale(by_number, silences)
    return judged


def _within(requests: Sequence[Request], silence: Silence) -> Sequence[Request]:
    times = [request.received_ns for request in requests]
    return requests[bisect.bisect_right(times, silence.from_ns) : bisect.bisect_left(times, silence.until_ns)]


def _stale(by_number: dict[str, list[Request]], silences: Sequence[Silence]) -> int:
    """Only a scripted answer tells when it was asked for. After `in_flight` one such is announced, so not counted."""
    stretches: dict[str, list[Silence]] = defaultdict(list)
    for silence in silences:
        for number in silence.numbers if silence.in_flight == 0 else ():
            stretches[number].append(silence)
    return sum(
        1
        for number, requests in by_number.items()
        for request in requests
        if (asked := ASKED.search(request.text or ""))
        and any(int(asked[1]) < s.from_ns and s.until_ns <= request.received_ns for s in stretches[number])
    )


def _doubled(requests: Iterable[Request]) -> int:
    """Requests beyond the first for one outbox row, and scripted answers to one message beyond the first."""
    rows, answers = Counter[Any](), Counter[Any]()
    for request in requests:
        if request.opaque is not None:
            rows[request.opaque] += 1
        if ASKED.search(request.text or ""):
            said, _, rest = (said_by_bot(request.text) or "").partition("| asked")
            answers[request.account, request.to, said, rest.rpartition("|")[2]] += 1
    twice = {key: n - 1 for counted in (rows, answers) for key, n in counted.items() if n > 1}
    return sum(twice.values())


def latency_ms(orders: Iterable[Ordered]) -> dict[str, list[float]]:
    """By the place each really fell into."""
    by_place: dict[str, list[float]] = defaultdict(list)
    for ordered in orders:
        by_place[ordered.place].append((ordered.answer.answered_ns - ordered.answer.sent_ns) / 1e6)
    return by_place
