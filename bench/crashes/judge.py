"""What was promised, held against what is left: Meta's own record, the database, and what was done outside of both."""

from __future__ import annotations

import bisect
import itertools
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.crashes.fleet import KEY, Said
from bench.crashes.ledger import Books, Kept, Row
from bench.crashes.posts import Post
from bench.harness.journal import Request

_PART = re.compile(r"\| ([0-9]+)\Z")
#: One message of an answer: to which message, and its place in the answer.
Part = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    said: Sequence[Said]
    posts: Sequence[Post]
    requests: Sequence[Request]  # in the order in which they arrived at Meta
    books: Books
    acts: Sequence[tuple[str, str]]  # what the dialogue did outside: a turn's key, and the message it was for


@dataclass(kw_only=True)
class Judged:
    """`…_of`: the same, by what it was. Everything that is no promise has its reason beside it."""

    accepted: int = 0
    refused: int = 0  # never got a 200, so not promised; must not happen, as Meta comes again
    lost_of: Counter[str] = field(default_factory=Counter)
    twice_of: Counter[str] = field(default_factory=Counter)
    disordered_of: Counter[str] = field(default_factory=Counter)
    acts_of: Counter[str] = field(default_factory=Counter)
    acted_again: int = 0  # after a turn that a kill had cut off, with the same key
    parked: int = 0
    unknown: int = 0
    unanswered: int = 0
    gaps: list[str] = field(default_factory=list)  # what did not arrive, and what became of its row
    not_shown: int = 0  # an answer is missing, and its row does not say that nobody knows
    resent: int = 0
    arrived_twice: int = 0  # explained: no report had come in time, so it was sent once more
    came_late: int = 0  # sent once more, after later answers of its conversation

    @property
    def lost(self) -> int:
        return sum(self.lost_of.values())

    @property
    def twice(self) -> int:
        return sum(self.twice_of.values())

    @property
    def disordered(self) -> int:
        return sum(self.disordered_of.values())


def judge(evidence: Evidence) -> Judged:
    judged = Judged()
    taken = {message for post in evidence.posts if post.taken for message in post.messages}
    accepted = [said for said in evidence.said if said.provider_id in taken]
    judged.accepted, judged.refused = len(accepted), len(evidence.said) - len(accepted)
    _look_for_lost(judged, accepted, evidence.books)
    _look_for_twice(judged, evidence)
    _look_at_order(judged, evidence)
    _look_at_acts(judged, accepted, evidence)
    _look_for_gaps(judged, accepted, evidence)
    judged.parked = sum(kept.mail_state == "parked" for kept in evidence.books.kept)
    return judged


def _look_for_lost(judged: Judged, accepted: Sequence[Said], books: Books) -> None:
    """Accepted is: one row, one verdict, heard once by the tracker."""
    rows: dict[str, list[Kept]] = defaultdict(list)
    for kept in books.kept:
        rows[kept.provider_id].append(kept)
    heard = Counter(books.words)
    for said in accepted:
        found = rows[said.provider_id]
        times = sum(heard[where, said.text] for where in {kept.conversation_id for kept in found})
        fate = _fate(found, times)
        if fate:
            judged.lost_of[fate] += 1


def _fate(found: Sequence[Kept], times_heard: int) -> str | None:
    if len(found) != 1:
        return "kept twice" if found else "not kept"
    if found[0].mail_state == "new":
        return "still waiting"
    if found[0].verdict is None:
        return "no verdict"
    if times_heard != 1:
        return "heard twice" if times_heard else "not heard"
    return None


def _look_for_twice(judged: Judged, evidence: Evidence) -> None:
    """Two requests for one row are explained where it was sent once more before any report on the first had come."""
    arrived: dict[str, list[Request]] = defaultdict(list)
    for request in _messages(evidence.requests):
        arrived[request.opaque or ""].append(request)
    reported = _first_reports(evidence.posts)
    rows = {str(row.id): row for row in evidence.books.rows}
    for opaque, requests in arrived.items():
        for again in requests[1:]:
            why = _why_twice(rows.get(opaque), requests, again, reported.get(opaque))
            if why:
                judged.twice_of[why] += 1
            else:
                judged.arrived_twice += 1
    judged.twice_of["two answers"] += sum(n - 1 for n in _rows_of_parts(evidence.books).values())
    judged.resent = sum(row.resent for row in evidence.books.rows)


def _why_twice(row: Row | None, requests: Sequence[Request], again: Request, reported_ns: int | None) -> str | None:
    if row is None or not row.resent:
        return "blindly"
    if again is not requests[1]:
        return "more than once more"
    if reported_ns is not None and reported_ns < _claimed_ns(row, again):
        return "after a report"
    return None


def _claimed_ns(row: Row, request: Request) -> int:
    """When the last claim was made, on the clock of the journal."""
    if row.claimed_at is None:
        return request.received_ns
    return int(row.claimed_at.timestamp() * 1e9) - (time.time_ns() - time.monotonic_ns())


def _first_reports(posts: Iterable[Post]) -> dict[str, int]:
    """When the product had taken the first report on each row."""
    first: dict[str, int] = {}
    for post in sorted(posts, key=lambda post: post.ended_ns):
        for row in post.reports_on if post.taken else ():
            first.setdefault(row, post.ended_ns)
    return first


def _rows_of_parts(books: Books) -> Counter[Part]:
    return Counter(part for row in books.rows if (part := part_of(row.text)))


def _look_at_order(judged: Judged, evidence: Evidence) -> None:
    """Arrival is the mailbox's order. What was sent once more comes late by intent, and is counted apart."""
    order = {kept.text: kept.mail_id for kept in evidence.books.kept}
    arrival = {key[0]: kept.mail_id for kept in evidence.books.kept if (key := KEY.search(kept.text))}
    whose = {str(row.id): row for row in evidence.books.rows}
    heard: dict[str, list[int]] = defaultdict(list)
    for conversation_id, text in evidence.books.words:
        if text in order:
            heard[conversation_id].append(order[text])
    judged.disordered_of["trackers"] += sum(map(_steps_back, heard.values()))
    answers: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for request in _firsts(_messages(evidence.requests)):
        row, part = whose.get(request.opaque or ""), part_of(request.text)
        if row is None or part is None or part[0] not in arrival:
            continue
        place = (arrival[part[0]], part[1])
        if row.resent:
            judged.came_late += any(other > place for other in answers[row.conversation_id])
        else:
            answers[row.conversation_id].append(place)
    judged.disordered_of["answers"] += sum(map(_steps_back, answers.values()))


def _steps_back(places: Sequence[Any]) -> int:
    return sum(later < earlier for earlier, later in itertools.pairwise(places))


def _firsts(requests: Iterable[Request]) -> list[Request]:
    """The first request of each row."""
    first: dict[str, Request] = {}
    for request in requests:
        first.setdefault(request.opaque or "", request)
    return list(first.values())


def _look_at_acts(judged: Judged, accepted: Sequence[Said], evidence: Evidence) -> None:
    """Outside it may happen again after a turn that was cut off, and always under the same key."""
    acts: dict[str, Counter[str]] = defaultdict(Counter)
    for turn_key, provider_id in evidence.acts:
        acts[provider_id][turn_key] += 1
    cut_off = {kept.provider_id: kept.cut_off for kept in evidence.books.kept}
    for said in accepted:
        keys = acts[said.provider_id]
        times = sum(keys.values())
        if len(keys) > 1:
            judged.acts_of["two keys"] += 1
        elif times == 0:
            judged.acts_of["never"] += 1
        elif times > 1 + cut_off.get(said.provider_id, 0):
            judged.acts_of["again for no reason"] += 1
        judged.acted_again += times > 1


def _look_for_gaps(judged: Judged, accepted: Sequence[Said], evidence: Evidence) -> None:
    """Answers that never arrived; each must be shown as of unknown fate."""
    arrived = {part_of(request.text) for request in _messages(evidence.requests)}
    unknown = [row for row in evidence.books.rows if row.state == "unknown"]
    shown = {part_of(row.text) for row in unknown if row.shown == "unknown"}
    judged.unknown = len(unknown)
    fates = {part_of(row.text): f"{row.state}, shown as {row.shown}" for row in evidence.books.rows}
    for said in accepted:
        gaps = {(said.key, n) for n in range(said.says)} - arrived
        judged.unanswered += bool(gaps)
        judged.not_shown += len(gaps - shown)
        judged.gaps += [f"{key} {n}: {fates.get((key, n), 'no row')}" for key, n in sorted(gaps)]


def _messages(requests: Iterable[Request]) -> list[Request]:
    """What Meta took, signals apart."""
    return [request for request in requests if request.accepted and request.opaque is not None and request.to]


def part_of(text: str | None) -> Part | None:
    key, n = KEY.search(text or ""), _PART.search(text or "")
    return (key[0], int(n[1])) if key and n else None


def read_acts(path: Path) -> list[tuple[str, str]]:
    """A line cut off by a kill is none: what it was for is done again."""
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
    return [(key, provider_id) for line in lines if line.endswith("\n") for key, provider_id in [line.split()]]


def recovery_ms(killed_ns: Iterable[int], happened_ns: Iterable[int]) -> list[float]:
    """From each kill to the first thing that happened after it, unless the next kill came before."""
    ordered, kills = sorted(happened_ns), sorted(killed_ns)
    found = []
    for killed, killed_next in itertools.zip_longest(kills, kills[1:]):
        n = bisect.bisect_right(ordered, killed)
        if n < len(ordered) and (killed_next is None or ordered[n] < killed_next):
            found.append((ordered[n] - killed) / 1e6)
    return found
