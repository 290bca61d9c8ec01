"""What became of one customer who was two, told from the database and from what arrived at Meta."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.merging.course import AFTER, ONE, OTHER, Course
from bench.merging.gateways import Arrived
from conversation.account import Channel
from conversation.message import Author
from store import accounts, contacts, conversations, former_ids, personal, tables, trackers

_KEY = re.compile(r"k[0-9]+\.[0-9]+\.")
_OPEN = ("queued", "claimed", "unknown")
#: Besides those of a conversation: the rows that name a contact.
_OF_CONTACT = (tables.addresses.c.contact_id, tables.media.c.contact_id, tables.conversations.c.contact_id)


@dataclass(kw_only=True)
class Judged:
    lost_of: Counter[str] = field(default_factory=Counter)
    twice_of: Counter[str] = field(default_factory=Counter)
    merges: int = 0
    spoke_while_human: int = 0
    out_of_order: int = 0
    old_names_dead: int = 0
    left_behind_in: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    recorded: int = 0


def judge(tx: Connection, course: Course, arrived: Sequence[Arrived]) -> Judged:
    """`arrived`: in this customer's course."""
    judged = Judged()
    account_id = accounts.id_by_provider_id(tx, Channel.WHATSAPP, course.account)
    assert account_id is not None
    person = contacts.find(tx, account_id, course.names[0])
    conversation_id = conversations.meet(tx, account_id, person, course.here._clock.now())[0] if person else ""
    first = [*{each.id for each in course.first.values()}]
    people = [*{each.contact_id for each in course.first.values()}]
    judged.merges = sum(1 for each in former_ids.of(tx, conversation_id) if each in first)
    _names(judged, tx, course, account_id, conversation_id, person)
    _left_behind(judged, tx, [each for each in first if each != conversation_id], [p for p in people if p != person])
    rows = {row.provider_id: row for row in reversed(_messages(tx, course))}
    heard = [_KEY.findall(e.get("text") or "") for e in _events(tx, conversation_id) if e["event"] == "user"]
    answers = _answers(tx, conversation_id)
    times, said = Counter(itertools.chain(*heard)), Counter(key for each in answers for key in each[1])
    count = Counter(row.provider_id for row in _messages(tx, course))
    for key in course.said:
        _fate(judged, course, key, rows.get(f"wamid.{key}"), count, times, said, answers, conversation_id)
    _requests(judged, tx, arrived)
    _order(judged, course, rows, [*itertools.chain(*heard)])
    _order(judged, course, rows, _first_answers(tx, arrived))
    judged.spoke_while_human = sum(
        stretch.begins < each.claimed_at and each.at < stretch.ends
        for stretch in course.stretches
        for each in arrived
        if each.author is Author.BOT
    )
    return judged


def _messages(tx: Connection, course: Course) -> list[Any]:
    mail, message = tables.mailbox, tables.messages
    query = (
        sa.select(message, mail.c.id.label("mail_id"), mail.c.state.label("mail_state"))
        .outerjoin(mail, mail.c.message_id == message.c.id)
        .where(message.c.provider_id.in_([f"wamid.{key}" for key in course.said]))
    )
    return list(tx.execute(query.order_by(message.c.id)))


def _events(tx: Connection, conversation_id: str) -> list[Any]:
    return trackers.events_after(tx, conversation_id, 0)


def _answers(tx: Connection, conversation_id: str) -> list[tuple[str, list[str]]]:
    """The assistant's messages: where each one's sending stands, and what it answers."""
    message, row = tables.messages, tables.outbox
    query = (
        sa.select(message.c.text, row.c.state)
        .outerjoin(row, row.c.message_id == message.c.id)
        .where(message.c.conversation_id == conversation_id, message.c.author == Author.BOT.value)
    )
    return [(str(each.state), _KEY.findall(each.text or "")) for each in tx.execute(query)]


def _fate(
    judged: Judged,
    course: Course,
    key: str,
    row: Any,
    count: Mapping[str, int],
    times: Mapping[str, int],
    said: Mapping[str, int],
    answers: Sequence[tuple[str, list[str]]],
    conversation_id: str,
) -> None:
    if row is None:
        judged.lost_of["not kept"] += 1
        return
    judged.twice_of["kept"] += count[f"wamid.{key}"] > 1
    judged.twice_of["heard"] += max(times[key] - 1, 0)
    judged.twice_of["answered"] += max(said[key] - 1, 0)
    judged.lost_of["in another conversation"] += row.conversation_id != conversation_id
    judged.lost_of["not decided"] += row.verdict is None or row.mail_state != "done"
    judged.lost_of["not heard"] += times[key] == 0
    judged.answered += row.verdict == "ANSWER"
    judged.recorded += row.verdict == "RECORD"
    if row.verdict == "ANSWER":
        states = [state for state, keys in answers if key in keys]
        judged.lost_of["not answered"] += not states
        judged.lost_of["its answer never left"] += any(state in _OPEN for state in states)
        judged.lost_of["its answer never left"] += "withdrawn" in states and not course.people_came
    elif row.verdict == "RECORD":
        judged.lost_of["recorded where no person was"] += not course.people_came
        judged.lost_of["not answered"] += key in course.must_be_answered


def _names(
    judged: Judged, tx: Connection, course: Course, account_id: Any, conversation_id: str, person: str | None
) -> None:
    """Each id and each name there was leads to the one there is."""
    for each in course.first.values():
        found = conversations.find(tx, each.id)
        judged.old_names_dead += found is None or found.id != conversation_id
        judged.old_names_dead += former_ids.resolved(tx, each.contact_id) != person
    for known_by in course.names:
        for address in known_by:
            judged.old_names_dead += contacts.find(tx, account_id, [address]) != person


def _left_behind(judged: Judged, tx: Connection, old: Sequence[str], people: Sequence[str]) -> None:
    for name, column in personal.OF_CONVERSATION.items():
        judged.left_behind_in[name] += _count(tx, column, old)
    judged.left_behind_in["conversations"] += _count(tx, tables.conversations.c.id, old)
    for column in _OF_CONTACT:
        judged.left_behind_in[column.table.name] += _count(tx, column, people)
    judged.left_behind_in["contacts"] += _count(tx, tables.contacts.c.id, people)


def _count(tx: Connection, column: Any, ids: Sequence[str]) -> int:
    return int(tx.execute(sa.select(sa.func.count()).where(column.in_(ids))).scalar() or 0)


def _requests(judged: Judged, tx: Connection, arrived: Iterable[Arrived]) -> None:
    """One for each row; a second only where nobody knew what had become of the first."""
    per_row = Counter(each.row for each in arrived)
    again = [int(row) for row, n in per_row.items() if n > 1]
    query = sa.select(tables.outbox.c.id).where(tables.outbox.c.id.in_(again), tables.outbox.c.resent)
    resent = set(tx.execute(query).scalars())
    judged.twice_of["sent"] += sum(per_row[str(row)] - 1 - (row in resent) for row in again)


def _first_answers(tx: Connection, arrived: Iterable[Arrived]) -> list[str]:
    """What they answer, in the order they came in. What was sent once more comes when it comes."""
    rows = {int(each.row) for each in arrived}
    late = sa.select(tables.outbox.c.id).where(tables.outbox.c.id.in_(rows), tables.outbox.c.resent)
    again = set(tx.execute(late).scalars())
    found: dict[str, list[str]] = defaultdict(list)
    for each in arrived:
        if each.author is Author.BOT and int(each.row) not in again and each.row not in found:
            found[each.row] = _KEY.findall(each.text)
    return [*itertools.chain(*found.values())]


def _order(judged: Judged, course: Course, rows: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Of what was written under one name, and when both were one; two who were heard apart have no common order."""
    for origin in (ONE, OTHER):
        places = [rows[f"wamid.{key}"].mail_id for key in keys if course.said.get(key) in (origin, AFTER)]
        judged.out_of_order += sum(later < earlier for earlier, later in itertools.pairwise(places))
