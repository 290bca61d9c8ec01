"""The order of the queue: urgent first, nobody starves, and who could soon no longer be answered is not forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conversation import queue
from conversation.conversation import ConversationId
from conversation.handover import Priority
from conversation.queue import BEFORE_THE_WINDOW_CLOSES, PATIENCE, Waiter

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
#: Longer than this nobody is overtaken by who comes later.
LONGEST = PATIENCE[Priority.LOW] + BEFORE_THE_WINDOW_CLOSES


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def waiter(name: str, since: datetime = NOW, priority: Priority = Priority.MEDIUM, **given: Any) -> Waiter:
    made = {"last_inbound_at": since, **given}
    return Waiter(id=ConversationId(name), since=since, priority=priority, **made)


def order(*waiting: Waiter, now: datetime = NOW) -> list[str]:
    return [each.id for each in queue.in_order(waiting, now)]


@st.composite
def queues(draw: Any) -> Sequence[Waiter]:
    """Any queue that can be at NOW: each wrote at some time, and waits since then or later."""
    count, found = draw(st.integers(1, 12)), []
    for number in range(count):
        since = NOW - minutes(draw(st.integers(0, 3_000)))
        wrote = None if draw(st.booleans()) else since - minutes(draw(st.integers(0, 1_500)))
        priority = draw(st.sampled_from(list(Priority)))
        found.append(waiter(f"cnv_{number}", since, priority, last_inbound_at=wrote))
    return found


class TestPriority:
    def test_of_those_who_came_together_the_urgent_come_first(self) -> None:
        waiting = [waiter(priority.value, priority=priority) for priority in Priority]
        assert order(*waiting) == ["urgent", "high", "medium", "low"]

    def test_of_the_same_priority_who_came_first_is_first(self) -> None:
        assert order(waiter("b", NOW), waiter("a", NOW - minutes(1))) == ["a", "b"]

    def test_of_those_who_are_the_same_the_order_stands_all_the_same(self) -> None:
        assert order(waiter("b"), waiter("a")) == order(waiter("a"), waiter("b")) == ["a", "b"]

    def test_who_waits_since_longer_wins_where_the_moment_is_the_same(self) -> None:
        old = waiter("z", NOW - minutes(14), Priority.MEDIUM)
        assert order(waiter("a", NOW, Priority.URGENT), old) == ["z", "a"]


class TestNobodyStarves:
    def test_one_of_low_priority_is_answered_though_urgent_ones_never_stop_coming(self) -> None:
        # given one who is not urgent, and every minute somebody who is; one is answered a minute
        waiting, answered = [waiter("patient", NOW, Priority.LOW)], {}
        for minute in range(120):
            now = NOW + minutes(minute)
            waiting.append(waiter(f"urgent {minute}", now, Priority.URGENT))
            # when
            first = queue.in_order(waiting, now)[0]
            waiting.remove(first)
            answered[first.id] = now
        # then
        assert answered[ConversationId("patient")] - NOW <= PATIENCE[Priority.LOW]

    @given(queues(), st.sampled_from(list(Priority)), st.integers(0, 1_440))
    def test_who_comes_so_much_later_is_never_before_anybody(
        self, waiting: Sequence[Waiter], priority: Priority, window_left: int
    ) -> None:
        now = max(each.since for each in waiting) + LONGEST + minutes(1)
        closes_in = minutes(window_left) - timedelta(hours=24)
        late = waiter("late", now, priority, last_inbound_at=now + closes_in)
        assert queue.place("late", [*waiting, late], now) == len(waiting) + 1

    @given(queues(), st.sampled_from(list(Priority)))
    def test_without_windows_that_close_only_patience_counts(
        self, waiting: Sequence[Waiter], priority: Priority
    ) -> None:
        now = max(each.since for each in waiting) + PATIENCE[Priority.LOW]
        late = waiter("late", now, priority)
        assert queue.place("late", [*waiting, late], now) == len(waiting) + 1


class TestTheWindow:
    def closing_in(self, left: timedelta, **given: Any) -> Waiter:
        return waiter("closing", NOW, last_inbound_at=NOW + left - timedelta(hours=24), **given)

    def test_who_could_soon_not_be_answered_any_more_comes_before_the_urgent(self) -> None:
        urgent = waiter("urgent", NOW - minutes(30), Priority.URGENT)
        assert order(urgent, self.closing_in(minutes(60), priority=Priority.LOW)) == ["closing", "urgent"]

    def test_while_it_is_open_for_long_it_changes_nothing(self) -> None:
        closing = self.closing_in(timedelta(hours=20))
        assert queue.answer_by(closing, NOW) == NOW + PATIENCE[Priority.MEDIUM]

    def test_once_it_is_closed_there_is_no_hurry_any_more(self) -> None:
        closing = self.closing_in(minutes(60))
        assert queue.answer_by(closing, NOW + minutes(59)) < NOW
        assert queue.answer_by(closing, NOW + minutes(60)) == NOW + PATIENCE[Priority.MEDIUM]

    def test_who_never_wrote_has_none(self) -> None:
        assert queue.answer_by(waiter("new", last_inbound_at=None), NOW) == NOW + PATIENCE[Priority.MEDIUM]


@given(queues())
def test_places_are_one_to_the_last_each_once(waiting: Sequence[Waiter]) -> None:
    places = [queue.place(each.id, waiting, NOW) for each in waiting]
    assert sorted(place or 0 for place in places) == list(range(1, len(waiting) + 1))
    assert queue.place("cnv_nobody", waiting, NOW) is None


def test_every_priority_has_its_patience_and_the_more_urgent_the_less() -> None:
    patience = [PATIENCE[priority] for priority in Priority]
    assert patience == sorted(patience, reverse=True)
    assert len(set(patience)) == len(Priority)
