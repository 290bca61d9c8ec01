"""Holds what was written while the product was away against what it has made of it."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench.harness.customers import said_by_bot
from bench.harness.journal import Request
from bench.outages.books import Books, Kept

#: Why a message needs no other person: one had it already.
_HAD_A_PERSON = frozenset({"human_owns", "seen_by_person"})


@dataclass(frozen=True, kw_only=True)
class Written:
    """What somebody wrote, by the emulator's own account of it. `customer` is what the account knows them by."""

    id: str
    customer: str
    text: str
    by_shop: bool


@dataclass(frozen=True, kw_only=True)
class Told:
    """When a webhook brought a message: its first post that was answered well, from its begin to its answer."""

    begun_ns: int
    ended_ns: int


@dataclass(kw_only=True)
class Judged:
    """Each is to be 0 but the first three, which say what there was to be judged."""

    written: int = 0
    stale: int = 0
    fresh: int = 0
    lost: int = 0
    twice: int = 0
    answered_stale: int = 0
    unanswered_fresh: int = 0
    stale_without_person: int = 0
    misordered: int = 0

    def add(self, other: Judged) -> None:
        for name, number in vars(other).items():
            setattr(self, name, getattr(self, name) + number)


def judge(
    written: Sequence[Written],
    books: Books,
    answers: Counter[str],
    told: Mapping[str, Told],
    stale_after: timedelta,
) -> Judged:
    judged = Judged(written=len(written))
    found: dict[str, list[Kept]] = defaultdict(list)
    for kept in books.kept:
        found[plain(kept.provider_id)].append(kept)
    for one in written:
        rows = found[plain(one.id)]
        judged.twice += max(0, len(rows) - 1) + (0 if one.by_shop else max(0, answers[one.text] - 1))
        if not any(one.customer in books.addresses.get(row.conversation_id, ()) for row in rows):
            judged.lost += 1
        elif not one.by_shop and rows[0].arrived_at is not None:
            _judge_answer(rows[0], answers[one.text] > 0, books, rows[0].arrived_at - rows[0].at > stale_after, judged)
    ours = {plain(one.id) for one in written if not one.by_shop}
    judged.misordered = _misordered([kept for kept in books.kept if plain(kept.provider_id) in ours], told)
    return judged


def _judge_answer(kept: Kept, answered: bool, books: Books, stale: bool, judged: Judged) -> None:
    if stale:
        judged.stale += 1
        judged.answered_stale += answered
        judged.stale_without_person += not _has_a_person(kept, books)
    else:
        judged.fresh += 1
        judged.unanswered_fresh += not answered and not _has_a_person(kept, books)


def _has_a_person(kept: Kept, books: Books) -> bool:
    """One has it, one was asked for, or the shop itself wrote later."""
    if kept.reason in _HAD_A_PERSON:
        return True
    assert kept.arrived_at is not None
    asked = (a for a in books.asked if a.conversation_id == kept.conversation_id)
    if any(a.ended_at is None or a.ended_at >= kept.arrived_at for a in asked):
        return True
    return any(
        other.arrived_at is None and other.conversation_id == kept.conversation_id and other.at >= kept.at
        for other in books.kept
    )


def _misordered(kept: Iterable[Kept], told: Mapping[str, Told]) -> int:
    """Pairs of a conversation taken up in the wrong order, though they reached us in the right one.

    What was fetched is in our hands all at once; a webhook is before another if it was answered before that began. Of
    one that was fetched and one that a webhook brought, nobody can say which should have come first.
    """
    conversations: dict[str, list[Kept]] = defaultdict(list)
    for each in kept:
        if each.arrived_at is not None:
            conversations[each.conversation_id].append(each)
    pairs = (
        pair
        for those in conversations.values()
        for pair in itertools.combinations(sorted(those, key=lambda each: each.place), 2)
    )
    return sum(
        _in_whole_seconds(later) > _in_whole_seconds(sooner) and _reached_us_first(sooner, later, told)
        for later, sooner in pairs
    )


def _in_whole_seconds(kept: Kept) -> int:
    """What was fetched is told no finer."""
    return int(kept.at.timestamp())


def _reached_us_first(sooner: Kept, later: Kept, told: Mapping[str, Told]) -> bool:
    one, other = told.get(plain(sooner.provider_id)), told.get(plain(later.provider_id))
    if one is None or other is None:
        return one is other
    return one.ended_ns < other.begun_ns


def answers_of(requests: Iterable[Request], account: str) -> Counter[str]:
    """How often each text was answered by the scripted dialogue."""
    said = (said_by_bot(request.text) for request in requests if request.account == account and request.accepted)
    return Counter(words.partition(" | asked")[0].removeprefix("bot: ") for words in said if words)


def plain(provider_id: str) -> str:
    """Messenger's ids come with and without this beginning."""
    return provider_id.removeprefix("m_")
