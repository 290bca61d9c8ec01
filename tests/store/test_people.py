"""Operators' presence, capacity and accounts, and their teams."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conversation.account import AccountId
from conversation.conversation import HandoverState, Status
from conversation.errors import BadInput, NotFound, Refused
from conversation.handover_settings import HandoverSettings
from conversation.people import SEEN_EVERY, Assignment, Operator, Presence, Role
from store import accounts, conversations, notices, operators, people, tables, teams
from tests.house import BEN, CLARA, OTHER_NUMBER, START, add_account
from tests.store.conftest import Shelf

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def staff(shelf: Shelf) -> None:
    for name in ("ana", "bia"):
        operators.add(shelf.tx, name, Role.OPERATOR, START)


def ana(shelf: Shelf) -> Operator:
    return operators.get(shelf.tx, "ana")


def give(shelf: Shelf, name: str, conversation: Any = None, **values: Any) -> None:
    """As a command leaves it."""
    owned = {"state": HandoverState.HUMAN.value, "owner": name, **values}
    conversations.change(shelf.tx, (conversation or shelf.conversation).id, **owned)


class TestOperators:
    def test_a_new_one_is_offline_and_sees_all_accounts(self, shelf: Shelf) -> None:
        token = operators.add(shelf.tx, "caio", Role.SUPERVISOR, START)
        caio = operators.by_token(shelf.tx, token, START)
        assert caio == Operator(name="caio", role=Role.SUPERVISOR) == operators.get(shelf.tx, "caio")
        assert (caio.presence, caio.seen_at, caio.capacity) == (Presence.OFFLINE, None, 5)
        assert caio.may_see("acc_whatever")

    def test_nobody_is_called_like_what_logs_call_others(self, shelf: Shelf) -> None:
        for name in ("phone", "Phone ", "assistant", "customer", "x" * 121):
            with pytest.raises(BadInput):
                operators.add(shelf.tx, name, Role.OPERATOR, START)

    def test_removed_they_leave_their_teams_and_accounts_and_the_others_stay(self, shelf: Shelf) -> None:
        team = teams.add(shelf.tx, "sales", Assignment.HAND, START)
        for name in ("ana", "bia"):
            teams.join(shelf.tx, team.id, name)
            people.set_accounts(shelf.tx, name, [shelf.account.id])
        operators.remove(shelf.tx, "ana")
        assert teams.members(shelf.tx, team.id) == ["bia"]
        rows = shelf.tx.execute(sa.select(tables.operator_accounts.c.operator)).scalars()
        assert list(rows) == ["bia"]


class TestAccounts:
    def test_of_some_only_those_are_seen(self, shelf: Shelf) -> None:
        other = add_account(shelf.tx, shelf.vault, shelf.agent, OTHER_NUMBER)
        people.set_accounts(shelf.tx, "ana", [other.id])
        for read in (ana(shelf), next(each for each in operators.all_of(shelf.tx) if each.name == "ana")):
            assert read.may_see(other.id) and not read.may_see(shelf.account.id)
        assert operators.get(shelf.tx, "bia").may_see(shelf.account.id)

    def test_of_none_none(self, shelf: Shelf) -> None:
        people.set_accounts(shelf.tx, "ana", [])
        assert not ana(shelf).may_see(shelf.account.id)

    def test_and_all_again_those_too_that_come_later(self, shelf: Shelf) -> None:
        people.set_accounts(shelf.tx, "ana", [shelf.account.id])
        people.set_accounts(shelf.tx, "ana", None)
        assert ana(shelf).may_see(add_account(shelf.tx, shelf.vault, shelf.agent, OTHER_NUMBER).id)
        assert not shelf.tx.execute(tables.operator_accounts.select()).all()

    def test_an_unknown_account_or_operator_is_an_error(self, shelf: Shelf) -> None:
        with pytest.raises(NotFound):
            people.set_accounts(shelf.tx, "ana", [AccountId("acc_nowhere")])
        with pytest.raises(NotFound):
            people.set_accounts(shelf.tx, "nobody", None)


class TestPresence:
    def test_a_change_is_told_to_everybody_once(self, shelf: Shelf) -> None:
        people.set_presence(shelf.tx, "ana", Presence.ONLINE, START)
        people.set_presence(shelf.tx, "ana", Presence.ONLINE, START + SECOND)
        told = [each["facts"] for each in notices.after(shelf.tx, 0) if each["kind"] == "operator"]
        assert told == [{"name": "ana", "presence": "online"}]
        assert (ana(shelf).presence, ana(shelf).seen_at) == (Presence.ONLINE, START + SECOND)

    def test_going_offline_is_not_being_seen(self, shelf: Shelf) -> None:
        people.set_presence(shelf.tx, "ana", Presence.ONLINE, START)
        people.set_presence(shelf.tx, "ana", Presence.OFFLINE, START + timedelta(hours=1))
        assert ana(shelf).seen_at == START

    def test_nobody_has_none(self, shelf: Shelf) -> None:
        with pytest.raises(NotFound):
            people.set_presence(shelf.tx, "nobody", Presence.ONLINE, START)

    def test_being_seen_is_written_every_so_often_and_only_theirs(self, shelf: Shelf) -> None:
        assert people.seen(shelf.tx, "ana", START)
        assert not people.seen(shelf.tx, "ana", START + SEEN_EVERY - SECOND)
        assert ana(shelf).seen_at == START
        assert people.seen(shelf.tx, "ana", START + SEEN_EVERY)
        assert operators.get(shelf.tx, "bia").seen_at is None

    def test_who_is_said_to_be_there_and_is_not_seen_is_absent(self, shelf: Shelf) -> None:
        people.set_presence(shelf.tx, "ana", Presence.ONLINE, START)
        people.set_presence(shelf.tx, "bia", Presence.AWAY, START + SECOND)
        assert people.absent(shelf.tx, START + timedelta(seconds=59), vanish_s=60) == []
        assert people.absent(shelf.tx, START + timedelta(seconds=60), vanish_s=60) == ["ana"]
        people.seen(shelf.tx, "ana", START + timedelta(seconds=60))
        people.set_presence(shelf.tx, "bia", Presence.OFFLINE, START + timedelta(seconds=60))
        assert people.absent(shelf.tx, START + timedelta(seconds=119), vanish_s=60) == []


class TestWhatTheyHave:
    def test_only_open_conversations_are_a_load(self, shelf: Shelf) -> None:
        give(shelf, "ana")
        give(shelf, "ana", shelf.another_conversation(BEN), status=Status.SNOOZED.value)
        assert people.load(shelf.tx, ["ana", "bia"]) == {"ana": 1, "bia": 0}

    def test_all_of_it_is_owned_and_nothing_that_was(self, shelf: Shelf) -> None:
        give(shelf, "ana")
        put_off, gone = shelf.another_conversation(BEN), shelf.another_conversation(CLARA)
        give(shelf, "ana", put_off, status=Status.SNOOZED.value)
        conversations.change(shelf.tx, gone.id, last_owner="ana")
        assert people.owned_by(shelf.tx, "ana") == sorted([shelf.conversation.id, put_off.id])
        assert people.owned_by(shelf.tx, "bia") == []

    def test_a_capacity_is_a_number_that_somebody_could_mean(self, shelf: Shelf) -> None:
        people.set_capacity(shelf.tx, "ana", 0)
        assert ana(shelf).capacity == 0
        for capacity in (-1, 1_001):
            with pytest.raises(BadInput):
                people.set_capacity(shelf.tx, "ana", capacity)


class TestTeams:
    def test_are_found_by_name_and_by_id(self, shelf: Shelf) -> None:
        sales = teams.add(shelf.tx, "sales", Assignment.ROUND_ROBIN, START)
        assert teams.get(shelf.tx, "sales") == teams.get(shelf.tx, sales.id) == sales
        assert teams.all_of(shelf.tx) == [sales]
        assert teams.find(shelf.tx, "support") is None
        with pytest.raises(NotFound):
            teams.get(shelf.tx, "support")

    def test_a_name_is_given_once(self, shelf: Shelf) -> None:
        sales = teams.add(shelf.tx, "sales", Assignment.HAND, START)
        for name in ("sales", sales.id, " ", "x" * 121):
            with pytest.raises(BadInput):
                teams.add(shelf.tx, name, Assignment.HAND, START)

    def test_joining_twice_is_joining_once_and_who_leaves_is_out(self, shelf: Shelf) -> None:
        sales = teams.add(shelf.tx, "sales", Assignment.HAND, START)
        for name in ("bia", "ana", "ana"):
            teams.join(shelf.tx, "sales", name)
        assert teams.members(shelf.tx, "sales") == ["ana", "bia"]
        assert teams.of_operator(shelf.tx, "ana") == [sales]
        teams.leave(shelf.tx, "sales", "ana")
        assert teams.members(shelf.tx, "sales") == ["bia"]
        assert teams.of_operator(shelf.tx, "ana") == []
        with pytest.raises(NotFound):
            teams.leave(shelf.tx, "sales", "ana")
        with pytest.raises(NotFound):
            teams.join(shelf.tx, "sales", "nobody")

    def test_change_what_is_said_and_nothing_else(self, shelf: Shelf) -> None:
        teams.add(shelf.tx, "sales", Assignment.HAND, START)
        changed = teams.change(shelf.tx, "sales", assignment=Assignment.LEAST_BUSY)
        assert (changed.name, changed.assignment) == ("sales", Assignment.LEAST_BUSY)
        assert teams.change(shelf.tx, "sales", name="vendas").assignment is Assignment.LEAST_BUSY

    def test_who_waited_for_a_team_that_is_removed_waits_for_everybody(self, shelf: Shelf) -> None:
        sales = teams.add(shelf.tx, "sales", Assignment.HAND, START)
        teams.join(shelf.tx, "sales", "ana")
        conversations.change(shelf.tx, shelf.conversation.id, team_id=sales.id)
        teams.remove(shelf.tx, "sales")
        assert conversations.get(shelf.tx, shelf.conversation.id).team_id is None
        assert teams.all_of(shelf.tx) == []
        assert ana(shelf).name == "ana"

    def test_one_that_an_account_sends_its_customers_to_stays(self, shelf: Shelf) -> None:
        sales = teams.add(shelf.tx, "sales", Assignment.HAND, START)
        accounts.change(shelf.tx, shelf.vault, shelf.account.id, handover=HandoverSettings(team=sales.id))
        with pytest.raises(Refused, match="Cantina"):
            teams.remove(shelf.tx, "sales")
        assert teams.get(shelf.tx, "sales") == sales
