"""Who waits, as the database knows it."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conversation import queue as pure
from conversation.account import Account
from conversation.contact import Address, AddressKind
from conversation.conversation import Conversation, HandoverState, Status
from conversation.handover import Priority, RequestState
from conversation.people import Assignment
from conversation.queue import Waiter
from store import contacts, conversations, queue, requests, teams
from store.requests import Wish
from tests.house import OTHER_NUMBER, START, add_account
from tests.services import sqlite_only
from tests.store.conftest import Shelf

NOW = START + timedelta(hours=1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class Hall:
    """Customers who come and wait."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.tx, self._count = shelf, shelf.tx, 0

    def comes(
        self, priority: Priority | None = None, *, at: Any = START, account: Account | None = None, **given: Any
    ) -> Conversation:
        """Somebody waits since `at`; without a priority there is no request."""
        self._count += 1
        account = account or self.shelf.account
        address = Address(kind=AddressKind.PHONE, value=f"5511{self._count:09}")
        contact = contacts.find_or_add(self.tx, account.id, [address], f"Customer {self._count}", START)
        conversation_id = conversations.find_or_add(self.tx, account.id, contact, START)
        waits = {"state": HandoverState.PENDING.value, "waiting_since": at, "last_inbound_at": at}
        conversations.change(self.tx, conversation_id, **{**waits, **given})
        if priority is not None:
            requests.open_one(self.tx, conversation_id, Wish(priority=priority), expires_at=None, now=at)
        return conversations.get(self.tx, conversation_id)

    def waiting(self, **asked: Any) -> list[str]:
        return [each.conversation.id for each in queue.waiting(self.tx, NOW, **asked)]


@pytest.fixture
def hall(shelf: Shelf) -> Hall:
    return Hall(shelf)


def ids(*conversations: Conversation) -> list[str]:
    return [each.id for each in conversations]


class TestWaiting:
    def test_those_who_wait_in_the_order_of_the_rule(self, hall: Hall) -> None:
        low, medium = hall.comes(Priority.LOW), hall.comes(Priority.MEDIUM)
        unasked, urgent = hall.comes(None, at=START + minutes(1)), hall.comes(Priority.URGENT, at=START + minutes(2))
        closing = hall.comes(Priority.LOW, at=NOW, last_inbound_at=NOW - timedelta(hours=23))
        assert hall.waiting() == ids(closing, urgent, medium, unasked, low)

    def test_each_with_what_is_shown_of_it(self, hall: Hall) -> None:
        came = hall.comes(Priority.HIGH)
        (shown,) = queue.waiting(hall.tx, NOW)
        assert (shown.conversation, shown.account) == (came, hall.shelf.account_now())
        assert shown.contact == contacts.get(hall.tx, came.contact_id)
        assert shown.request == requests.waiting(hall.tx, came.id) is not None
        assert shown.answer_by == START + minutes(5)

    def test_who_waits_because_no_assistant_may_answer_has_no_request(self, hall: Hall) -> None:
        hall.comes(None)
        (shown,) = queue.waiting(hall.tx, NOW)
        assert shown.request is None
        assert shown.answer_by == START + pure.PATIENCE[Priority.MEDIUM]

    def test_a_request_that_has_ended_makes_nobody_urgent(self, hall: Hall) -> None:
        before, after = hall.comes(None), hall.comes(Priority.URGENT, at=START + minutes(1))
        requests.end(hall.tx, after.id, RequestState.CANCELLED, by="customer", now=NOW)
        assert hall.waiting() == ids(before, after)

    def test_nobody_else_is_in_it(self, hall: Hall) -> None:
        for state in (HandoverState.BOT, HandoverState.HUMAN):
            hall.comes(Priority.HIGH, state=state.value)
        hall.comes(None, status=Status.CLOSED.value)
        assert hall.waiting() == []

    def test_of_some_accounts_of_a_team_and_of_no_account(self, hall: Hall) -> None:
        other = add_account(hall.tx, hall.shelf.vault, hall.shelf.agent, OTHER_NUMBER)
        team = teams.add(hall.tx, "sales", Assignment.HAND, START)
        here, there = hall.comes(None, team_id=team.id), hall.comes(None, account=other)
        assert hall.waiting(account_ids=[other.id]) == ids(there)
        assert hall.waiting(account_ids=[other.id, hall.shelf.account.id]) == sorted(ids(here, there))
        assert hall.waiting(team_id=team.id) == ids(here)
        assert hall.waiting(account_ids=[]) == []

    def test_no_more_than_asked_for_and_those_who_come_next(self, hall: Hall) -> None:
        came = [hall.comes(None, at=START + minutes(5 - each)) for each in range(5)]
        assert hall.waiting(limit=2) == ids(came[4], came[3])


class TestPlaces:
    def test_the_place_says_how_many_are_before(self, hall: Hall) -> None:
        second, first = hall.comes(Priority.MEDIUM), hall.comes(Priority.HIGH)
        assert [queue.place_of(hall.tx, each.id, NOW) for each in (first, second)] == [1, 2]
        assert [queue.ahead_of(hall.tx, each.id, NOW) for each in (first, second)] == [0, 1]

    def test_who_does_not_wait_has_none(self, hall: Hall) -> None:
        assert queue.place_of(hall.tx, hall.shelf.conversation.id, NOW) is None
        assert queue.ahead_of(hall.tx, hall.shelf.conversation.id, NOW) is None

    def test_each_team_has_a_queue_of_its_own(self, hall: Hall) -> None:
        team = teams.add(hall.tx, "sales", Assignment.HAND, START)
        everybodys, sales = hall.comes(None), hall.comes(None, at=START + minutes(1), team_id=team.id)
        assert queue.places(hall.tx, NOW) == {everybodys.id: 1, sales.id: 1}

    @pytest.mark.parametrize("seed", range(5))
    def test_the_database_puts_them_in_the_order_of_the_rule(self, hall: Hall, seed: int) -> None:
        chance = random.Random(seed)
        waiters = []
        for _ in range(40):
            since = NOW - minutes(chance.randrange(0, 120, 5))
            wrote = chance.choice([None, since - minutes(chance.randrange(0, 1_500, 30))])
            priority = chance.choice(list(Priority))
            came = hall.comes(priority, at=since, last_inbound_at=wrote)
            waiters.append(Waiter(id=came.id, since=since, priority=priority, last_inbound_at=wrote))
        ordered = [each.id for each in pure.in_order(waiters, NOW)]
        assert hall.waiting() == ordered
        assert queue.places(hall.tx, NOW) == {each: place for place, each in enumerate(ordered, start=1)}
        assert queue.place_of(hall.tx, ordered[20], NOW) == pure.place(ordered[20], waiters, NOW) == 21


@sqlite_only
def test_only_those_who_wait_are_looked_at(hall: Hall) -> None:
    @sa.event.listens_for(hall.tx, "before_cursor_execute", retval=True)
    def explain(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> tuple[str, Any]:
        return f"EXPLAIN QUERY PLAN {statement}", parameters

    plan = " ".join(row[-1] for row in hall.tx.execute(queue._places(NOW)).cursor.fetchall())
    assert "USING INDEX conversations_pending" in plan
    assert "USING INDEX requests_waiting" in plan
