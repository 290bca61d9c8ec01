"""What became of every message of every burst, told from the database."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.arrivals import BUTTON, TEXT
from conversation.bursts import LONGEST
from store.tables import mailbox, messages, tracker_events

KEY = re.compile(r"k[0-9]+\.[0-9]+\.[0-9]+\.")


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A person had this conversation. The numbers are of the last message there was; `waiting`: mail of before."""

    conversation_id: str
    after: int
    until: int
    waiting: frozenset[int]


@dataclass(kw_only=True)
class Judged:
    """`…_of`: by what it was."""

    lost_of: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    out_of_order: int = 0
    spoke_while_human: int = 0
    not_split: int = 0  # mail that waited when a person came, and was not recorded by itself
    wrongly_joined: int = 0
    turns: int = 0
    joined_turns: int = 0
    texts_answered: int = 0
    parked: int = 0
    longest_wait_s: float = 0.0  # where nothing failed and nobody came


def judge(tx: Connection, accepted: Sequence[str], stretches: Sequence[Stretch], window_s: float) -> Judged:
    judged = Judged()
    rows = _rows(tx)
    heard, spoken = _heard(tx), _spoken(tx)
    by_key: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_key[row.provider_id].append(row)
    for key in accepted:
        _fate(judged, by_key[key], heard, spoken, key)
    _turns(judged, rows, window_s)
    _order(judged, rows, heard)
    _people(judged, rows, heard, stretches, spoken)
    judged.longest_wait_s = _longest_wait_s(rows, {stretch.conversation_id for stretch in stretches})
    judged.parked = sum(row.state == "parked" for row in rows)
    return judged


def _rows(tx: Connection) -> list[Any]:
    query = (
        sa.select(
            mailbox,
            messages.c.provider_id,
            messages.c.kind.label("message_kind"),
            messages.c.text,
            messages.c.verdict,
            messages.c.removed_at,
        )
        .join(messages, messages.c.id == mailbox.c.message_id)
        .order_by(mailbox.c.conversation_id, mailbox.c.id)
    )
    return list(tx.execute(query))


def _heard(tx: Connection) -> Mapping[str, list[list[str]]]:
    """The keys in each of the customer's events, conversation by conversation."""
    query = (
        sa.select(tracker_events.c.sender_id, tracker_events.c.event)
        .where(tracker_events.c.type == "user")
        .order_by(tracker_events.c.sender_id, tracker_events.c.seq)
    )
    found: dict[str, list[list[str]]] = defaultdict(list)
    for row in tx.execute(query):
        found[row.sender_id].append(KEY.findall(json.loads(row.event).get("text") or ""))
    return found


def _spoken(tx: Connection) -> Mapping[str, list[tuple[int, list[str]]]]:
    """The assistant's messages, each with the keys of what it answers."""
    bots = sa.select(messages.c.id, messages.c.conversation_id, messages.c.text).where(messages.c.author == "bot")
    found: dict[str, list[tuple[int, list[str]]]] = defaultdict(list)
    for row in tx.execute(bots.order_by(messages.c.id)):
        found[row.conversation_id].append((row.id, KEY.findall(row.text or "")))
    return found


def _fate(judged: Judged, found: Sequence[Any], heard: Any, spoken: Any, key: str) -> None:
    if len(found) != 1:
        judged.lost_of["kept twice" if found else "not kept"] += 1
        return
    (row,) = found
    if row.state == "new":
        judged.lost_of["still waiting"] += 1
    elif row.verdict is None:
        judged.lost_of["no verdict"] += 1
    if row.message_kind not in (TEXT, BUTTON) or row.removed_at is not None:
        return
    times = sum(keys.count(key) for keys in heard[row.conversation_id])
    answers = sum(keys.count(key) for _, keys in spoken[row.conversation_id])
    judged.twice += max(times - 1, 0) + max(answers - 1, 0)
    if times == 0 and row.state != "new":
        judged.lost_of["not heard"] += 1
    if row.verdict == "ANSWER" and answers == 0:
        judged.lost_of["not answered"] += 1


def _turns(judged: Judged, rows: Sequence[Any], window_s: float) -> None:
    """What was joined follows the one before it within the window, and holds no choice and no file."""
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        if row.verdict == "ANSWER":
            groups[row.answered_with or row.id].append(row)
    window, longest = timedelta(seconds=window_s), timedelta(seconds=LONGEST * window_s)
    for joined in groups.values():
        judged.turns += 1
        judged.texts_answered += len(joined)
        if len(joined) == 1:
            continue
        judged.joined_turns += 1
        apart = any(b.arrived_at - a.arrived_at > window for a, b in itertools.pairwise(joined))
        too_long = joined[-1].arrived_at - joined[0].arrived_at > longest
        judged.wrongly_joined += apart or too_long or any(row.message_kind != TEXT for row in joined)


def _order(judged: Judged, rows: Sequence[Any], heard: Mapping[str, list[list[str]]]) -> None:
    """Words are heard in the order they arrived in; what stands under a file may be heard before them."""
    place = {row.provider_id: row.id for row in rows if row.message_kind in (TEXT, BUTTON)}
    for events in heard.values():
        order = [place[key] for keys in events for key in keys if key in place]
        judged.out_of_order += sum(a > b for a, b in itertools.pairwise(order))


def _people(judged: Judged, rows: Sequence[Any], heard: Any, stretches: Sequence[Stretch], spoken: Any) -> None:
    by_id = {row.id: row for row in rows}
    joined = {key for events in heard.values() for keys in events if len(keys) > 1 for key in keys}
    for stretch in stretches:
        said = [number for number, _ in spoken[stretch.conversation_id]]
        judged.spoke_while_human += sum(stretch.after < number <= stretch.until for number in said)
        for mail_id in stretch.waiting:
            row = by_id[mail_id]
            judged.not_split += row.verdict == "ANSWER" or row.provider_id in joined


def _longest_wait_s(rows: Sequence[Any], taken: set[str]) -> float:
    troubled = taken | {row.conversation_id for row in rows if row.attempts or row.crashes or row.begins > 1}
    waits: list[timedelta] = [
        _since(row.arrived_at, row.done_at) for row in rows if row.done_at and row.conversation_id not in troubled
    ]
    return max(waits, default=timedelta()).total_seconds()


def _since(began: datetime, ended: datetime) -> timedelta:
    return ended - began
