"""Rows in order, claims that are refused, settlements that are believed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conversation.agent import AgentStatus
from conversation.arrivals import StatusReport
from conversation.handover import Command
from conversation.message import Author, MessageStatus
from store import (
    accounts,
    agents,
    handovers,
    messages,
    outbox,
    witnesses,
)
from store.leases import Holder
from store.outbox import Lane, OutboxState, Row
from tests.house import BEN, HOLDER, NUMBER, START, due_rows
from tests.services import sqlite_only
from tests.store.conftest import Shelf

STRANGER = Holder(house="b", name="1")
SOON, DEADLINE = START + timedelta(seconds=1), START + timedelta(seconds=5)


def ids(rows: list[Row]) -> list[int]:
    return [row.id for row in rows]


def claim(shelf: Shelf, row_id: int, **given: Any) -> Row | None:
    chosen: dict[str, Any] = {"claimer": HOLDER, "now": START, "deadline": DEADLINE, **given}
    return outbox.claim(shelf.tx, shelf.row(row_id), **chosen)


def claimed(shelf: Shelf, row_id: int, **given: Any) -> Row:
    row = claim(shelf, row_id, **given)
    assert row is not None
    return row


def message_of(shelf: Shelf, row_id: int) -> Any:
    wanted = shelf.row(row_id).message_id
    return next(m for m in messages.of_conversation(shelf.tx, shelf.conversation.id) if m.id == wanted)


class TestDue:
    def test_the_first_of_each_conversation_and_no_other(self, shelf: Shelf) -> None:
        ben = shelf.another_conversation(BEN)
        first = shelf.queue()
        shelf.queue()
        bens = shelf.queue(conversation=ben)
        assert ids(due_rows(shelf.tx, START)) == [first, bens]

    def test_the_next_when_the_first_is_settled_and_not_while_it_is_claimed(self, shelf: Shelf) -> None:
        first, second = shelf.queue(), shelf.queue()
        row = claimed(shelf, first)
        assert due_rows(shelf.tx, START) == []
        outbox.settle(shelf.tx, row, OutboxState.SENT, now=START, provider_id="p")
        assert ids(due_rows(shelf.tx, START)) == [second]

    def test_a_row_in_back_off_holds_up_those_behind_it(self, shelf: Shelf) -> None:
        first = shelf.queue(not_before=SOON)
        shelf.queue()
        assert due_rows(shelf.tx, START) == []
        assert ids(due_rows(shelf.tx, SOON)) == [first]

    def test_signals_wait_for_nobody_and_hold_up_nobody(self, shelf: Shelf) -> None:
        message = shelf.queue(not_before=SOON)
        signals = [shelf.queue(lane=Lane.SIGNAL), shelf.queue(lane=Lane.SIGNAL)]
        assert ids(due_rows(shelf.tx, START)) == signals
        assert ids(due_rows(shelf.tx, SOON)) == [message, *signals]

    def test_one_of_unknown_fate_is_waited_for_a_while_and_then_passed(self, shelf: Shelf) -> None:
        first, second = shelf.queue(), shelf.queue()
        outbox.settle(shelf.tx, claimed(shelf, first), OutboxState.UNKNOWN, now=START, error="cut")
        assert due_rows(shelf.tx, START + timedelta(seconds=14)) == []
        assert ids(due_rows(shelf.tx, START + timedelta(seconds=16))) == [second]


class TestTheGateAtTheClaim:
    def refused(self, shelf: Shelf, row_id: int, state: OutboxState, **given: Any) -> None:
        assert claim(shelf, row_id, **given) is None
        assert shelf.row(row_id).state is state
        assert message_of(shelf, row_id).status.value == state.value

    def test_nothing_has_moved_and_it_is_claimed(self, shelf: Shelf) -> None:
        row = claimed(shelf, shelf.queue())
        assert (row.state, row.attempts, row.claim_deadline) == (OutboxState.CLAIMED, 1, DEADLINE)
        assert message_of(shelf, row.id).status is MessageStatus.SENDING

    def test_nobody_claims_it_twice(self, shelf: Shelf) -> None:
        row_id = shelf.queue()
        before = shelf.row(row_id)
        claimed(shelf, row_id)
        assert outbox.claim(shelf.tx, before, claimer=STRANGER, now=START, deadline=DEADLINE) is None
        assert shelf.row(row_id).state is OutboxState.CLAIMED

    def test_a_person_has_it_now(self, shelf: Shelf) -> None:
        row_id = shelf.queue()
        handovers.command(shelf.tx, shelf.conversation.id, Command.TAKE, by="ana", now=START)
        self.refused(shelf, row_id, OutboxState.WITHDRAWN)

    def test_a_person_had_it_and_gave_it_back(self, shelf: Shelf) -> None:
        row_id = shelf.queue()
        for order in (Command.TAKE, Command.RELEASE):
            handovers.command(shelf.tx, shelf.conversation.id, order, by="ana", now=START)
        self.refused(shelf, row_id, OutboxState.WITHDRAWN)

    @pytest.mark.parametrize("on_again", [False, True])
    def test_the_agent_was_switched_off_and_maybe_on_again(self, shelf: Shelf, on_again: bool) -> None:
        row_id = shelf.queue()
        agents.set_status(shelf.tx, shelf.agent.id, AgentStatus.INACTIVE)
        if on_again:
            agents.set_status(shelf.tx, shelf.agent.id, AgentStatus.ACTIVE)
        self.refused(shelf, row_id, OutboxState.WITHDRAWN)

    @pytest.mark.parametrize("switch", ["active", "auto_response"])
    @pytest.mark.parametrize("on_again", [False, True])
    def test_the_account_was_switched_off_and_maybe_on_again(self, shelf: Shelf, switch: str, on_again: bool) -> None:
        row_id = shelf.queue()
        accounts.change(shelf.tx, shelf.vault, shelf.account.id, **{switch: False})
        if on_again:
            accounts.change(shelf.tx, shelf.vault, shelf.account.id, **{switch: True})
        self.refused(shelf, row_id, OutboxState.WITHDRAWN)

    def test_another_agent_answers_this_account_now(self, shelf: Shelf) -> None:
        row_id = shelf.queue()
        other = agents.add(shelf.tx, "noite", AgentStatus.ACTIVE, START)
        accounts.change(shelf.tx, shelf.vault, shelf.account.id, agent_id=other.id)
        self.refused(shelf, row_id, OutboxState.WITHDRAWN)

    def test_it_is_too_old_to_be_said(self, shelf: Shelf) -> None:
        row_id = shelf.queue(expires_at=SOON)
        self.refused(shelf, row_id, OutboxState.EXPIRED, now=SOON)

    def test_a_retry_is_a_new_claim_and_is_asked_again(self, shelf: Shelf) -> None:
        row_id = shelf.queue()
        outbox.settle(shelf.tx, claimed(shelf, row_id), OutboxState.QUEUED, now=START, not_before=START)
        agents.set_status(shelf.tx, shelf.agent.id, AgentStatus.INACTIVE)
        self.refused(shelf, row_id, OutboxState.WITHDRAWN)

    def test_typing_and_read_receipts_are_asked_too(self, shelf: Shelf) -> None:
        row_id = shelf.queue(lane=Lane.SIGNAL)
        handovers.command(shelf.tx, shelf.conversation.id, Command.TAKE, by="ana", now=START)
        assert claim(shelf, row_id) is None
        assert shelf.row(row_id).state is OutboxState.WITHDRAWN

    def test_what_a_person_wrote_leaves_whatever_has_moved(self, shelf: Shelf) -> None:
        handovers.command(shelf.tx, shelf.conversation.id, Command.TAKE, by="ana", now=START)
        row_id = shelf.queue(Author.OPERATOR)
        handovers.command(shelf.tx, shelf.conversation.id, Command.RELEASE, by="ana", now=START)
        agents.set_status(shelf.tx, shelf.agent.id, AgentStatus.INACTIVE)
        accounts.change(shelf.tx, shelf.vault, shelf.account.id, auto_response=False)
        assert claim(shelf, row_id) is not None

    def test_without_this_gate_an_answer_leaves_after_the_switch_off(
        self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outbox, "why_not_leave", lambda *_: None)
        row_id = shelf.queue()
        agents.set_status(shelf.tx, shelf.agent.id, AgentStatus.INACTIVE)
        assert claim(shelf, row_id) is not None


class TestWithdrawing:
    def test_a_take_withdraws_what_nobody_has_claimed_and_nothing_of_a_person(self, shelf: Shelf) -> None:
        going, waiting, persons = shelf.queue(), shelf.queue(), shelf.queue(Author.OPERATOR)
        claimed(shelf, going)
        assert outbox.withdraw_bot_rows(shelf.tx, shelf.conversation.id, START) == 1
        assert outbox.states_of(shelf.tx, [going, waiting, persons]) == {
            going: OutboxState.CLAIMED,
            waiting: OutboxState.WITHDRAWN,
            persons: OutboxState.QUEUED,
        }
        assert message_of(shelf, waiting).status is MessageStatus.WITHDRAWN

    def test_signals_that_have_not_left_are_withdrawn_alone(self, shelf: Shelf) -> None:
        message, signal = shelf.queue(), shelf.queue(lane=Lane.SIGNAL)
        outbox.withdraw_signals(shelf.tx, shelf.conversation.id, START)
        assert outbox.states_of(shelf.tx, [message, signal]) == {
            message: OutboxState.QUEUED,
            signal: OutboxState.WITHDRAWN,
        }


class TestSettling:
    def test_sent(self, shelf: Shelf) -> None:
        row = claimed(shelf, shelf.queue())
        assert outbox.settle(shelf.tx, row, OutboxState.SENT, now=SOON, provider_id="wamid.1")
        message = message_of(shelf, row.id)
        assert (message.status, message.provider_id, message.sent_at) == (MessageStatus.ACCEPTED, "wamid.1", SOON)

    def test_only_by_the_claims_own_attempt(self, shelf: Shelf) -> None:
        row_id = shelf.queue()
        first = claimed(shelf, row_id)
        outbox.settle(shelf.tx, first, OutboxState.QUEUED, now=START)
        second = claimed(shelf, row_id)
        assert not outbox.settle(shelf.tx, first, OutboxState.SENT, now=START, provider_id="late")
        assert shelf.row(row_id).state is OutboxState.CLAIMED
        assert outbox.settle(shelf.tx, second, OutboxState.REFUSED, now=START, error="no")
        assert (message_of(shelf, row_id).status, message_of(shelf, row_id).error) == (MessageStatus.FAILED, "no")

    @pytest.mark.parametrize("reported", [MessageStatus.SENT, MessageStatus.READ, MessageStatus.FAILED])
    def test_what_meta_reported_before_its_answer_came_is_not_undone(
        self, shelf: Shelf, reported: MessageStatus
    ) -> None:
        row = claimed(shelf, shelf.queue())
        assert row.message_id is not None
        report = StatusReport(account=NUMBER, provider_id="wamid.1", status=reported, at=START, error="131047")
        messages.apply_report(shelf.tx, row.message_id, report)
        outbox.settle(shelf.tx, row, OutboxState.SENT, now=SOON, provider_id="wamid.1")
        message = message_of(shelf, row.id)
        assert (message.status, message.provider_id, message.error) == (reported, "wamid.1", "131047")

    def test_a_cut_answer_leaves_nothing_unknown_where_a_report_came_first(self, shelf: Shelf) -> None:
        row = claimed(shelf, shelf.queue())
        assert row.message_id is not None
        report = StatusReport(account=NUMBER, provider_id="wamid.1", status=MessageStatus.SENT, at=START)
        messages.apply_report(shelf.tx, row.message_id, report)
        outbox.settle(shelf.tx, row, OutboxState.UNKNOWN, now=SOON, error="cut")
        assert shelf.row(row.id).state is OutboxState.SENT
        assert message_of(shelf, row.id).error is None

    def test_a_witness_settles_what_was_unknown(self, shelf: Shelf) -> None:
        row = claimed(shelf, shelf.queue())
        outbox.settle(shelf.tx, row, OutboxState.UNKNOWN, now=START, error="cut")
        assert witnesses.witness(shelf.tx, row.id, shelf.account.id, START) == row.message_id
        assert shelf.row(row.id).state is OutboxState.SENT

    def test_a_witness_of_another_account_is_not_believed(self, shelf: Shelf) -> None:
        row = claimed(shelf, shelf.queue())
        outbox.settle(shelf.tx, row, OutboxState.UNKNOWN, now=START)
        assert witnesses.witness(shelf.tx, row.id, "acc_other", START) is None  # type: ignore[arg-type]
        assert shelf.row(row.id).state is OutboxState.UNKNOWN

    def test_claims_long_past_their_deadline_are_left_behind(self, shelf: Shelf) -> None:
        row = claimed(shelf, shelf.queue())
        assert witnesses.left_behind(shelf.tx, STRANGER, DEADLINE) == []
        assert ids(witnesses.left_behind(shelf.tx, STRANGER, DEADLINE + timedelta(seconds=1))) == [row.id]

    def test_so_are_those_of_a_process_of_the_same_house_at_once_and_ones_own_are_not(self, shelf: Shelf) -> None:
        row = claimed(shelf, shelf.queue())
        assert ids(witnesses.left_behind(shelf.tx, Holder(house=HOLDER.house, name="next"), START)) == [row.id]
        assert witnesses.left_behind(shelf.tx, HOLDER, START) == []


class TestOnceMore:
    """The witness: Meta's reports. They are believed when they come, and their silence where they speak of others."""

    LATER, LONG_AFTER = START + timedelta(seconds=1), START + timedelta(seconds=61)

    def unknown(self, shelf: Shelf, **given: Any) -> Row:
        row = claimed(shelf, shelf.queue(**given))
        assert outbox.settle(shelf.tx, row, OutboxState.UNKNOWN, now=START)
        return row

    def reported(self, shelf: Shelf, *, at: datetime) -> Row:
        row = claimed(shelf, shelf.queue(conversation=shelf.another_conversation(BEN)), now=at)
        outbox.settle(shelf.tx, row, OutboxState.SENT, now=at)
        witnesses.witness(shelf.tx, row.id, shelf.account.id, at)
        return row

    def found(self, shelf: Shelf, unknown_since: datetime = LONG_AFTER) -> list[int]:
        return ids(witnesses.unwitnessed(shelf.tx, unknown_since, self.LONG_AFTER))

    def test_a_later_request_was_reported_and_this_one_was_not(self, shelf: Shelf) -> None:
        row = self.unknown(shelf)
        self.reported(shelf, at=self.LATER)
        assert self.found(shelf) == [row.id]
        assert self.found(shelf, START) == []  # nobody has listened for long

    def test_while_its_sender_was_gone_nobody_listened(self, shelf: Shelf) -> None:
        row = claimed(shelf, shelf.queue())
        self.reported(shelf, at=self.LATER)
        outbox.settle(shelf.tx, row, OutboxState.UNKNOWN, now=self.LONG_AFTER)
        assert self.found(shelf) == []

    def test_nothing_was_reported_at_all(self, shelf: Shelf) -> None:
        self.unknown(shelf)
        assert self.found(shelf) == []

    def test_only_an_earlier_request_was_reported(self, shelf: Shelf) -> None:
        self.reported(shelf, at=START - timedelta(seconds=1))
        self.unknown(shelf)
        assert self.found(shelf) == []

    def test_the_account_forbids_it(self, shelf: Shelf) -> None:
        self.unknown(shelf)
        self.reported(shelf, at=self.LATER)
        accounts.change(shelf.tx, shelf.vault, shelf.account.id, resend_unknown=False)
        assert self.found(shelf) == []

    def test_it_is_too_old_to_be_said(self, shelf: Shelf) -> None:
        self.unknown(shelf, expires_at=self.LONG_AFTER)
        self.reported(shelf, at=self.LATER)
        assert self.found(shelf) == []

    def test_signs_are_not_repeated(self, shelf: Shelf) -> None:
        self.unknown(shelf, lane=Lane.SIGNAL)
        self.reported(shelf, at=self.LATER)
        assert self.found(shelf) == []

    def test_it_is_queued_once_and_never_again(self, shelf: Shelf) -> None:
        row = self.unknown(shelf)
        self.reported(shelf, at=self.LATER)
        assert witnesses.send_once_more(shelf.tx, row, self.LONG_AFTER)
        again = claimed(shelf, row.id)
        outbox.settle(shelf.tx, again, OutboxState.UNKNOWN, now=self.LONG_AFTER)
        assert self.found(shelf) == []
        assert not witnesses.send_once_more(shelf.tx, row, self.LONG_AFTER)

    def test_a_report_that_comes_before_it_is_queued_settles_it(self, shelf: Shelf) -> None:
        row = self.unknown(shelf)
        witnesses.witness(shelf.tx, row.id, shelf.account.id, self.LATER)
        assert not witnesses.send_once_more(shelf.tx, row, self.LONG_AFTER)
        assert shelf.row(row.id).state is OutboxState.SENT

    def test_a_report_that_comes_while_it_waits_again_leaves_nothing_to_send(self, shelf: Shelf) -> None:
        row = self.unknown(shelf)
        witnesses.send_once_more(shelf.tx, row, self.LONG_AFTER)
        witnesses.witness(shelf.tx, row.id, shelf.account.id, self.LONG_AFTER)
        assert shelf.row(row.id).state is OutboxState.SENT


def test_in_flight_counts_the_assistants_claims_of_a_conversation_an_agent_an_account(shelf: Shelf) -> None:
    ben = shelf.another_conversation(BEN)
    claimed(shelf, shelf.queue())
    claimed(shelf, shelf.queue(lane=Lane.SIGNAL))
    claimed(shelf, shelf.queue(conversation=ben))
    shelf.queue()
    claimed(shelf, shelf.queue(Author.OPERATOR, conversation=shelf.another_conversation("5511900001111")))
    assert outbox.in_flight(shelf.tx, conversation_id=shelf.conversation.id) == 2
    assert outbox.in_flight(shelf.tx, agent_id=shelf.agent.id) == 3
    assert outbox.in_flight(shelf.tx, account_id=shelf.account.id) == 3
    assert outbox.in_flight(shelf.tx, account_id="acc_other") == 0


@sqlite_only
def test_what_is_looked_for_all_the_time_is_found_without_reading_all_that_was_ever_sent(shelf: Shelf) -> None:
    plans: list[str] = []

    @sa.event.listens_for(shelf.tx, "before_cursor_execute")
    def explain(_: Any, cursor: Any, statement: str, parameters: Any, *__: Any) -> None:
        found = cursor.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(row[-1] for row in found.fetchall())

    outbox.due(shelf.tx, START, passing_unknown_after_s=5)
    witnesses.unwitnessed(shelf.tx, START, START)
    outbox.in_flight(shelf.tx, conversation_id=shelf.conversation.id)
    assert [plan for plan in plans if plan == "SCAN outbox"] == []
    assert "SEARCH outbox USING INDEX outbox_open (conversation_id>?)" in plans
