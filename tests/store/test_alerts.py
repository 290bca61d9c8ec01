"""The outbox of alerts: who gets a row, when it is due, and that it is told at least once."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conversation import alert
from conversation.alert import AlertRule, Event, Means
from conversation.conversation import HandoverState
from conversation.errors import BadInput, NotFound
from conversation.people import Assignment
from store import alert_rules, alerts, conversations, operators, tables, teams
from store.alert_rules import Target
from store.alerts import AlertId, AlertState, Claimed
from store.leases import Holder
from store.operators import Role
from store.vault import Vault, new_key
from tests import services
from tests.house import ANA, BEN, HOLDER, START
from tests.store.conftest import Shelf

TARGET = Target(address="https://hooks.example.com/T0/secret", secret="bs_secret")
STRANGER, GONE = Holder(house="b", name="1"), Holder(house=HOLDER.house, name="0")
E = Event


@pytest.fixture(autouse=True)
def people(shelf: Shelf) -> None:
    for name in ("ana", "ben"):
        operators.add(shelf.tx, name, Role.OPERATOR, START)
    team = teams.add(shelf.tx, "Sales", Assignment.HAND, START)
    teams.join(shelf.tx, team.id, "ana")


def add(shelf: Shelf, operator: str | None = "ana", *, team: str | None = None, **given: Any) -> AlertRule:
    rule = AlertRule(
        id=alert_rules.new_rule_id(),
        means=Means.WEBHOOK,
        operator=operator if team is None else None,
        team_id=teams.get(shelf.tx, team).id if team else None,
        after_s=given.pop("after_s", 0),
        settings=alert.read_settings(given),
    )
    made_at = START + timedelta(
        seconds=len(alert_rules.all_of(shelf.tx))
    )  # rules are asked in the order they were made
    return alert_rules.add(shelf.tx, shelf.vault, rule, TARGET, made_at)


def rise(shelf: Shelf, event: Event = E.REQUESTED, now: datetime = START, **given: Any) -> list[AlertId]:
    facts = {"reason": "asked", "priority": "medium", **given.pop("facts", {})}
    conversation = conversations.get(shelf.tx, shelf.conversation.id)
    return alerts.raise_event(
        shelf.tx, event, conversation=conversation, account=shelf.account_now(), facts=facts, now=now, **given
    )


def state(shelf: Shelf, state: HandoverState, owner: str | None = None, **values: Any) -> None:
    conversations.change(shelf.tx, shelf.conversation.id, state=state.value, owner=owner, **values)


@pytest.fixture
def pending(shelf: Shelf) -> None:
    state(shelf, HandoverState.PENDING)


def rows(shelf: Shelf) -> list[dict[str, Any]]:
    return alerts.of_conversation(shelf.tx, shelf.conversation.id)


def states(shelf: Shelf) -> list[str]:
    return [row["state"] for row in rows(shelf)]


def claim(shelf: Shelf, alert_id: AlertId, by: Holder = HOLDER, now: datetime = START) -> Claimed | None:
    deadline = now + timedelta(minutes=1)
    return alerts.claim(shelf.tx, shelf.vault, alert_id, claimer=by, now=now, deadline=deadline)


def claimed(shelf: Shelf, alert_id: AlertId, **given: Any) -> Claimed:
    found = claim(shelf, alert_id, **given)
    assert found is not None
    return found


class TestRules:
    def test_survive_the_trip(self, shelf: Shelf) -> None:
        rule = add(shelf, after_s=60, quiet_hours=["22:00-07:00"], events=["message"], shape="slack")
        assert alert_rules.get(shelf.tx, rule.id) == rule
        assert alert_rules.all_of(shelf.tx) == [rule]

    def test_where_they_tell_is_nowhere_to_be_read(self, shelf: Shelf) -> None:
        rule = add(shelf)
        (row,) = shelf.tx.execute(tables.alert_rules.select())
        assert b"hooks.example.com" not in bytes(row.target) + bytes(row.secret)
        assert alert_rules.target(shelf.tx, shelf.vault, rule.id) == TARGET

    def test_what_is_changed_is_changed_and_the_rest_is_not(self, shelf: Shelf) -> None:
        rule = add(shelf)
        alert_rules.change(shelf.tx, shelf.vault, dataclasses.replace(rule, active=False, fault="It answered 500."))
        assert not alert_rules.get(shelf.tx, rule.id).active
        assert alert_rules.target(shelf.tx, shelf.vault, rule.id) == TARGET
        alert_rules.change(shelf.tx, shelf.vault, alert_rules.get(shelf.tx, rule.id), address="https://new.example.com")
        assert alert_rules.target(shelf.tx, shelf.vault, rule.id).address == "https://new.example.com"
        assert alert_rules.get(shelf.tx, rule.id).fault is None  # of the old address

    def test_whose_they_are_must_be_there_and_one(self, shelf: Shelf) -> None:
        with pytest.raises(NotFound, match="no operator named dora"):
            add(shelf, "dora")
        with pytest.raises(BadInput, match="one of the two"):
            add(shelf, None)

    def test_one_person_has_not_too_many(self, shelf: Shelf) -> None:
        for _ in range(20):
            add(shelf)
        with pytest.raises(BadInput, match="the most there may be"):
            add(shelf)
        add(shelf, "ben")

    def test_go_with_their_operator_and_take_what_they_had_to_tell(self, shelf: Shelf, pending: None) -> None:
        add(shelf)
        rise(shelf)
        operators.remove(shelf.tx, "ana")
        assert alert_rules.all_of(shelf.tx) == []
        assert rows(shelf) == []

    def test_one_that_can_not_be_read_keeps_nothing_from_happening(self, shelf: Shelf, pending: None) -> None:
        broken = add(shelf)
        shelf.tx.execute(
            tables.alert_rules.update()
            .where(tables.alert_rules.c.id == broken.id)
            .values(settings={"time_zone": "Atlantis"})
        )
        add(shelf, "ben")
        assert len(rise(shelf)) == 1

    def test_are_sealed_anew_when_the_key_is_exchanged(self, shelf: Shelf) -> None:
        rule = add(shelf)
        old, new = shelf.vault, new_key()
        both = Vault(new, *old._keys)
        assert alert_rules.reseal(shelf.tx, both) == 2
        assert alert_rules.sealed_with(shelf.tx, both) == {new: 2}
        assert alert_rules.target(shelf.tx, Vault(new), rule.id) == TARGET


class TestRaising:
    def test_nobody_has_a_rule(self, shelf: Shelf) -> None:
        assert rise(shelf) == []

    def test_each_rule_that_applies_gets_one(self, shelf: Shelf) -> None:
        sales = teams.get(shelf.tx, "Sales")
        mine, bens, teams_ = add(shelf), add(shelf, "ben"), add(shelf, team="Sales")
        rise(shelf, team_id=sales.id)
        assert [row["rule_id"] for row in rows(shelf)] == [mine.id, teams_.id]
        rise(shelf, E.MESSAGE, owner="ben")
        assert rows(shelf)[-1]["rule_id"] == bens.id

    def test_nobody_is_told_of_an_account_they_do_not_see(self, shelf: Shelf) -> None:
        add(shelf), add(shelf, "ben")
        shelf.tx.execute(tables.operators.update().where(tables.operators.c.name == "ana").values(all_accounts=False))
        assert len(rise(shelf)) == 1
        shelf.tx.execute(tables.operator_accounts.insert().values(operator="ana", account_id=shelf.account.id))
        assert len(rise(shelf, E.EXPIRED)) == 2

    def test_what_is_told_are_facts_and_no_words_of_the_customer(self, shelf: Shelf) -> None:
        add(shelf)
        said(shelf, "me ligue no 11 98888-7777")
        rise(shelf, facts={"queue_place": 2, "waiting_since": START, "text": "segredo", "phone": ANA})
        (row,) = rows(shelf)
        assert row["facts"] == {
            "reason": "asked",
            "priority": "medium",
            "queue_place": 2,
            "waiting_since": START.isoformat(),
            "account": "Cantina",
            "contact": "Ana",
            "owner": None,
        }

    def test_unless_the_rule_asks_for_them(self, shelf: Shelf) -> None:
        add(shelf, include_text=True)
        said(shelf, "quero uma pessoa")
        rise(shelf)
        (row,) = rows(shelf)
        assert (row["facts"]["text"], row["facts"]["address"]) == ("quero uma pessoa", ANA)

    @pytest.mark.parametrize(
        ("name", "told"),
        [("Ana Maria", "Ana"), ("+5511988887777", None), ("", None), (None, None), ("A\x00na", "Ana")],
    )
    def test_a_name_that_is_a_number_is_no_name(self, shelf: Shelf, name: str | None, told: str | None) -> None:
        add(shelf)
        shelf.tx.execute(tables.contacts.update().values(name=name and name.replace("\x00", "\x01")))
        rise(shelf)
        assert rows(shelf)[0]["facts"]["contact"] == told

    def test_a_delay_and_the_night_put_it_off(self, shelf: Shelf) -> None:
        add(shelf, after_s=300)
        add(shelf, quiet_hours=["09:00-10:00"])  # 12:00 to 13:00 UTC
        rise(shelf)
        assert [(row["event"], row["due_at"]) for row in rows(shelf)] == [
            ("waiting", START + timedelta(minutes=5)),
            ("requested", START + timedelta(hours=1)),
        ]

    def test_the_same_twice_is_told_once(self, shelf: Shelf) -> None:
        add(shelf)
        assert (len(rise(shelf)), len(rise(shelf))) == (1, 0)

    def test_what_becomes_urgent_waits_for_no_morning(self, shelf: Shelf) -> None:
        add(shelf, quiet_hours=["09:00-10:00"])
        rise(shelf)
        now = START + timedelta(minutes=10)
        assert rise(shelf, now=now, facts={"priority": "urgent"}) == []
        (row,) = rows(shelf)
        assert (row["due_at"], row["facts"]["priority"]) == (now, "urgent")

    def test_who_writes_ten_lines_rings_once(self, shelf: Shelf) -> None:
        add(shelf)
        state(shelf, HandoverState.HUMAN, "ana", unread=1)
        (first,) = rise(shelf, E.MESSAGE, owner="ana")
        alerts.settle(shelf.tx, claimed(shelf, first).alert, AlertState.TOLD, now=START)
        rise(shelf, E.MESSAGE, START + timedelta(seconds=10), owner="ana")
        rise(shelf, E.MESSAGE, START + timedelta(seconds=20), owner="ana")
        assert [row["due_at"] for row in rows(shelf)] == [START, START + timedelta(minutes=2)]


def said(shelf: Shelf, text: str) -> None:
    shelf.tx.execute(
        tables.messages.insert().values(
            conversation_id=shelf.conversation.id,
            direction="inbound",
            author="contact",
            kind="text",
            text=text,
            content={},
            status="received",
            at=START,
        )
    )


@pytest.mark.usefixtures("pending")
class TestTelling:
    def test_is_claimed_once_and_carries_what_is_needed(self, shelf: Shelf) -> None:
        rule = add(shelf)
        (alert_id,) = rise(shelf)
        assert alerts.due(shelf.tx, HOLDER, START) == [alert_id]
        found = claimed(shelf, alert_id)
        assert (found.rule, found.target, found.alert.attempts) == (rule, TARGET, 1)
        assert claim(shelf, alert_id, by=STRANGER) is None
        assert alerts.due(shelf.tx, STRANGER, START) == []

    @services.sqlite_only
    def test_what_was_told_long_ago_is_not_looked_through(self, shelf: Shelf) -> None:
        asked: list[tuple[str, Any]] = []
        sa.event.listen(
            shelf.tx, "before_cursor_execute", lambda _, __, sql, values, ___, ____: asked.append((sql, values))
        )
        alerts.due(shelf.tx, HOLDER, START)
        sql, values = asked[-1]
        plan = shelf.tx.connection.cursor().execute("EXPLAIN QUERY PLAN " + sql, values).fetchall()
        assert "alerts_due" in str(plan)

    def test_is_not_due_before_its_time(self, shelf: Shelf) -> None:
        add(shelf, after_s=60)
        (alert_id,) = rise(shelf)
        assert alerts.due(shelf.tx, HOLDER, START) == []
        assert claim(shelf, alert_id) is None
        assert alerts.due(shelf.tx, HOLDER, START + timedelta(seconds=60)) == [alert_id]

    def test_what_a_process_of_our_house_left_is_told_again_at_once(self, shelf: Shelf) -> None:
        add(shelf)
        (alert_id,) = rise(shelf)
        claimed(shelf, alert_id, by=GONE)
        assert alerts.due(shelf.tx, HOLDER, START) == [alert_id]
        again = claimed(shelf, alert_id)
        assert (again.alert.id, again.alert.attempts) == (alert_id, 2)

    def test_what_a_stranger_left_is_told_again_after_its_deadline(self, shelf: Shelf) -> None:
        add(shelf)
        (alert_id,) = rise(shelf)
        claimed(shelf, alert_id, by=STRANGER)
        assert alerts.due(shelf.tx, HOLDER, START) == []
        later = START + timedelta(seconds=61)
        assert alerts.due(shelf.tx, HOLDER, later) == [alert_id]
        assert claimed(shelf, alert_id, now=later).alert.attempts == 2

    def test_only_the_last_claim_writes_down_what_became_of_it(self, shelf: Shelf) -> None:
        add(shelf)
        (alert_id,) = rise(shelf)
        first = claimed(shelf, alert_id, by=GONE)
        second = claimed(shelf, alert_id)
        assert not alerts.settle(shelf.tx, first.alert, AlertState.FAILED, now=START, error="late")
        assert alerts.settle(shelf.tx, second.alert, AlertState.TOLD, now=START)
        assert states(shelf) == ["told"]

    def test_what_is_to_be_tried_again_waits(self, shelf: Shelf) -> None:
        add(shelf)
        (alert_id,) = rise(shelf)
        again_at = START + timedelta(seconds=5)
        alerts.settle(
            shelf.tx, claimed(shelf, alert_id).alert, AlertState.WAITING, now=START, error="x", again_at=again_at
        )
        assert alerts.due(shelf.tx, HOLDER, START) == []
        assert claimed(shelf, alert_id, now=again_at).alert.attempts == 2

    def test_who_is_next_is_not_told_when_somebody_takes(self, shelf: Shelf) -> None:
        add(shelf), add(shelf, "ben", after_s=300)
        rise(shelf)
        alerts.settled(shelf.tx, shelf.conversation.id, START)
        assert states(shelf) == ["dropped", "dropped"]
        assert alerts.due(shelf.tx, HOLDER, START + timedelta(hours=1)) == []

    def test_settled_leaves_what_is_not_about_the_queue(self, shelf: Shelf) -> None:
        add(shelf)
        rise(shelf, E.FAILED), rise(shelf, E.TRANSFERRED, owner="ana"), rise(shelf)
        other = shelf.another_conversation(BEN)
        alerts.raise_event(shelf.tx, E.REQUESTED, conversation=other, account=shelf.account_now(), facts={}, now=START)
        alerts.settled(shelf.tx, shelf.conversation.id, START)
        assert states(shelf) == ["waiting", "waiting", "dropped"]
        assert alerts.of_conversation(shelf.tx, other.id)[0]["state"] == "waiting"

    def test_what_is_not_true_any_more_is_dropped_at_the_last_moment(self, shelf: Shelf) -> None:
        add(shelf)
        (alert_id,) = rise(shelf)
        state(shelf, HandoverState.HUMAN, "ben")
        assert claim(shelf, alert_id) is None
        assert states(shelf) == ["dropped"]

    def test_a_rule_that_was_switched_off_tells_nothing_more(self, shelf: Shelf) -> None:
        rule = add(shelf)
        (alert_id,) = rise(shelf)
        alert_rules.change(shelf.tx, shelf.vault, dataclasses.replace(rule, active=False))
        assert claim(shelf, alert_id) is None
        assert states(shelf) == ["dropped"]

    def test_after_a_restore_what_was_due_was_told_and_who_is_next_is_not_forgotten(self, shelf: Shelf) -> None:
        add(shelf), add(shelf, "ben", after_s=300)
        rise(shelf)
        alerts.forget_due(shelf.tx, START)
        assert states(shelf) == ["dropped", "waiting"]
