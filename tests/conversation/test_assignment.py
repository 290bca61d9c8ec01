"""Who is given a conversation, and why somebody is not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.account import AccountId
from conversation.assignment import Candidate, choose, why_not
from conversation.people import SEEN_EVERY, Assignment, Operator, Presence, Role, needs_touch

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
ROUND_ROBIN, LEAST_BUSY = Assignment.ROUND_ROBIN, Assignment.LEAST_BUSY


def person(name: str, load: int = 0, capacity: int = 5, given_ago: float | None = None) -> Candidate:
    given_at = None if given_ago is None else NOW - timedelta(seconds=given_ago)
    return Candidate(name=name, load=load, capacity=capacity, given_at=given_at)


def operator(**given: Any) -> Operator:
    made: dict[str, Any] = {"name": "ana", "role": Role.OPERATOR, "presence": Presence.ONLINE}
    return Operator(**{**made, **given})


class TestRoundRobin:
    def test_who_was_given_one_longest_ago_is_next_whatever_they_have(self) -> None:
        assert choose(ROUND_ROBIN, [person("ana", 0, given_ago=10), person("bia", 4, given_ago=20)]) == "bia"

    def test_who_was_never_given_one_comes_before_them_by_name(self) -> None:
        people = [person("ana", given_ago=99), person("caio"), person("bia")]
        assert choose(ROUND_ROBIN, people) == "bia"

    def test_everybody_has_a_turn(self) -> None:
        turns = []
        given_at: dict[str, float] = {}
        for turn in range(6):
            ago = {name: turn - at for name, at in given_at.items()}
            name = choose(ROUND_ROBIN, [person(each, given_ago=ago.get(each)) for each in ("a", "b", "c")])
            turns.append(name)
            given_at[str(name)] = turn
        assert turns == ["a", "b", "c", "a", "b", "c"]


class TestLeastBusy:
    def test_it_is_the_share_of_what_they_can_do_that_counts(self) -> None:
        assert choose(LEAST_BUSY, [person("ana", 2, 4), person("bia", 3, 10)]) == "bia"

    def test_equals_take_turns(self) -> None:
        assert choose(LEAST_BUSY, [person("ana", 1, 3, given_ago=5), person("bia", 2, 6, given_ago=9)]) == "bia"


@given(
    st.sampled_from([ROUND_ROBIN, LEAST_BUSY]),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.none() | st.integers(0, 99)), max_size=6),
)
def test_nobody_is_overfilled_and_nobody_waits_where_there_is_room(
    mode: Assignment, facts: list[tuple[int, int, int | None]]
) -> None:
    people = {str(number): person(str(number), *fact) for number, fact in enumerate(facts)}
    chosen = choose(mode, people.values())
    if chosen is None:
        assert all(each.load >= each.capacity for each in people.values())
    else:
        assert people[chosen].load < people[chosen].capacity


def test_by_hand_nobody_is_chosen() -> None:
    assert choose(Assignment.HAND, [person("ana")]) is None


class TestWhyNot:
    @pytest.mark.parametrize(
        ("given", "load", "code"),
        [
            ({}, 0, None),
            ({"presence": Presence.AWAY}, 0, None),
            ({"presence": Presence.OFFLINE}, 0, "offline"),
            ({"capacity": 3}, 2, None),
            ({"capacity": 3}, 3, "full"),
            ({"all_accounts": False}, 0, "no_account"),
            ({"all_accounts": False, "accounts": frozenset({AccountId("acc_1")})}, 0, None),
        ],
    )
    def test_offline_full_or_without_the_account(self, given: dict[str, Any], load: int, code: str | None) -> None:
        refused = why_not(operator(**given), load=load, account_id="acc_1")
        assert (refused.code if refused else None) == code

    def test_a_supervisor_may_hand_it_to_somebody_offline_or_full_but_never_to_who_can_not_see_it(self) -> None:
        assert why_not(operator(presence=Presence.OFFLINE), load=99, account_id="acc_1", force=True) is None
        refused = why_not(operator(all_accounts=False), load=0, account_id="acc_1", force=True)
        assert refused is not None and refused.code == "no_account"


class TestPeople:
    @pytest.mark.parametrize("role", Role)
    @pytest.mark.parametrize("needed", Role)
    def test_a_role_covers_itself_and_those_below(self, role: Role, needed: Role) -> None:
        ranks = [Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN]
        assert role.covers(needed) is (ranks.index(role) >= ranks.index(needed))

    def test_being_seen_is_written_down_now_and_then(self) -> None:
        assert needs_touch(operator(), NOW)
        assert not needs_touch(operator(seen_at=NOW), NOW + SEEN_EVERY - timedelta(seconds=1))
        assert needs_touch(operator(seen_at=NOW), NOW + SEEN_EVERY)
