"""What becomes of each table's rows where two conversations turn out to be one."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from conversation.contact import Address, AddressKind
from conversation.conversation import Conversation, HandoverState, Status
from conversation.handover import Toucher, toucher
from conversation.merging import merged
from store import contacts, conversations, merged_rows, merging, personal, tables, timers
from store.database import Database
from store.vault import Vault
from tests.house import START, WoundClock, set_up

BOT, PENDING, HUMAN = HandoverState.BOT, HandoverState.PENDING, HandoverState.HUMAN
#: How a conversation may stand.
STANDINGS = [
    *((BOT, each, None) for each in (Status.OPEN, Status.RESOLVED, Status.CLOSED)),
    (PENDING, Status.OPEN, None),
    *((HUMAN, each, "ana") for each in (Status.OPEN, Status.SNOOZED)),
    *((HUMAN, each, "ben") for each in (Status.OPEN, Status.SNOOZED)),
]


def test_every_table_of_a_conversation_says_what_becomes_of_its_rows() -> None:
    assert set(merged_rows._MOVERS) == set(personal.OF_CONVERSATION)


def a_conversation(name: str, at: datetime, standing: Any, ownership: int) -> Conversation:
    state, status, owner = standing
    return Conversation(
        id=name,  # type: ignore[arg-type]
        account_id="acc",  # type: ignore[arg-type]
        contact_id=name,  # type: ignore[arg-type]
        state=state,
        status=status,
        owner=owner,
        ownership=ownership,
        return_due=False,
        unread=1,
        last_inbound_at=at,
        last_inbound_id=name,
        created_at=at,
        waiting_since=at if state is PENDING else None,
        snoozed_until=at + timedelta(days=1) if status is Status.SNOOZED else None,
    )


@pytest.mark.parametrize("one", STANDINGS)
@pytest.mark.parametrize("other", STANDINGS)
def test_however_two_stand_one_has_it_and_somebody_does_the_next_thing(one: Any, other: Any) -> None:
    into = a_conversation("into", START, one, 3)
    was = a_conversation("was", START + timedelta(hours=1), other, 7)
    now = START + timedelta(hours=2)
    after = merged(into, was, now, unanswered=True).after
    assert after.ownership == 8
    assert (after.owner is not None) == (after.state is HUMAN)
    assert after.owner in (None, into.owner, was.owner)
    open_ones = [each for each in (into, was) if toucher(each.state, each.status) is not Toucher.NOBODY]
    if open_ones:
        assert toucher(after.state, after.status) is not Toucher.NOBODY
    if HUMAN in (into.state, was.state):
        assert after.state is HUMAN
        assert after.waiting_since is not None  # what the assistant was to answer is theirs now
    assert (after.state, after.status, after.owner) in STANDINGS
    assert (after.snoozed_until is not None) == (after.status is Status.SNOOZED)
    assert after.unread == 2


async def test_what_there_may_be_one_of_is_one_afterwards(db: Database, vault: Vault, clock: WoundClock) -> None:
    """The earlier of two timers, the emptier of two buckets, the later first word; tags once."""
    account, _ = set_up(db, vault, clock)
    later = START + timedelta(hours=1)

    def known(tx: Any, phone: str, at: datetime) -> tuple[str, str]:
        address = Address(kind=AddressKind.PHONE, value=phone)
        contact = contacts.find_or_add(tx, account.id, [address], None, at)
        return contact, conversations.find_or_add(tx, account.id, contact, at)

    def both(tx: Any) -> tuple[list[Any], ...]:
        (one, into), (other, was) = known(tx, "351911111111", START), known(tx, "351922222222", later)
        for each, due, level in ((into, later, 2.0), (was, START, 1.0)):
            row = {"conversation_id": each, "at": due}
            timers.put(tx, each, "lembrete", due, {"of": each})  # type: ignore[arg-type]
            tx.execute(tables.paces.insert(), {**row, "name": f"pair:{each}", "level": level})
            tx.execute(tables.initiations.insert(), {**row, "account_id": account.id})
            tx.execute(tables.tags.insert(), {**row, "tag": "vip", "by": "ana"})
        merging.merge(tx, other, one, by="ana", now=later)
        found = (tables.timers, tables.paces, tables.initiations, tables.tags)
        return tuple(tx.execute(table.select()).all() for table in found)

    (timer,), (pace,), (initiation,), (tag,) = await db.write(both)
    assert {timer.conversation_id, pace.conversation_id, tag.conversation_id} == {initiation.conversation_id}
    assert (timer.due_at, initiation.at, tag.tag) == (START, later, "vip")
    assert (pace.name, pace.level) == (f"pair:{initiation.conversation_id}", 1.0)


@pytest.mark.parametrize("seed", range(2))
async def test_trackers_of_any_shape_become_one_that_a_memory_of_either_is_told_from(
    db: Database, vault: Vault, clock: WoundClock, seed: int
) -> None:
    """Whoever has the survivor's events in memory compares the last of them with the one of its number."""
    from store import merged_trackers, tracker_rows, trackers

    chance = random.Random(seed)

    def talk(name: str) -> list[dict[str, Any]]:
        kinds = ["user", "bot", "slot", "session_started"]
        stamps = [1.0, 2.0]
        count = chance.randint(1, 6)
        return [
            {"event": chance.choice(kinds), "timestamp": chance.choice(stamps), "of": name, "n": n}
            for n in range(count)
        ]

    def check(tx: Any) -> None:
        for turn in range(25):
            into, was = f"into{turn}", f"was{turn}"
            talks = {each: talk(each) for each in (into, was)}
            for each, events in talks.items():
                tracker_rows.write(tx, each, tracker_rows.position(tx, each), events)
            lively = chance.choice([into, was])
            quiet = was if lively == into else into
            merged_trackers.join(tx, into, was, lively=lively, now=START)
            position, events = tracker_rows.position(tx, into), trackers.events_after(tx, into, 0)
            assert position.seq == len(events)
            assert not trackers.exists(tx, was)
            ahead = next(n for n, event in enumerate(events) if "of" in event)
            assert events[ahead : ahead + len(talks[quiet])] == talks[quiet]
            assert events[-len(talks[lively]) :] == talks[lively]
            session = max((n for n, e in enumerate(events, 1) if e["event"] == "session_started"), default=1)
            assert position.session_seq == session
            assert session > ahead + len(talks[quiet])
            known = len(talks[into])
            if lively == into:
                last, there = talks[into][-1], events[known - 1]
                assert (last["event"], last["timestamp"]) != (there["event"], there["timestamp"])
            else:
                assert events[:known] == talks[into]

    await db.write(check)
