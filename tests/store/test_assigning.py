"""Who is given a conversation, out of the database; and that two who give at once overfill nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from conversation.account import Account
from conversation.contact import Address, AddressKind
from conversation.conversation import Conversation, HandoverState
from conversation.errors import Refused
from conversation.people import Assignment, Presence, Role, Team
from store import agents, assigning, contacts, conversations, operators, people, teams
from store.database import Database
from store.vault import Vault
from tests.house import ANA, BEN, CLARA, NUMBER, OTHER_NUMBER, START, add_account
from tests.services import postgresql_only
from tests.store.conftest import Shelf

SECOND = timedelta(seconds=1)


def member(tx: Any, team: Team, name: str, **given: Any) -> None:
    """Somebody online, in the team."""
    operators.add(tx, name, Role.OPERATOR, START)
    teams.join(tx, team.id, name)
    people.set_presence(tx, name, given.get("presence", Presence.ONLINE), START)
    people.set_capacity(tx, name, given.get("capacity", 5))


def take(tx: Any, conversation: Conversation, name: str) -> None:
    """As a command leaves it."""
    conversations.change(tx, conversation.id, state=HandoverState.HUMAN.value, owner=name)


def chosen(shelf: Shelf, team: Team | None, seconds: int = 0) -> str | None:
    team_id = team.id if team else None
    now = START + seconds * SECOND
    return assigning.choose_operator(shelf.tx, shelf.conversation, shelf.account, team_id, now)


def refusal(act: Callable[[], None]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


@pytest.fixture
def round_robin(shelf: Shelf) -> Team:
    return teams.add(shelf.tx, "sales", Assignment.ROUND_ROBIN, START)


@pytest.fixture
def least_busy(shelf: Shelf) -> Team:
    return teams.add(shelf.tx, "support", Assignment.LEAST_BUSY, START)


class TestChoosing:
    def test_round_robin_gives_everybody_a_turn(self, shelf: Shelf, round_robin: Team) -> None:
        for name in ("caio", "ana", "bia"):
            member(shelf.tx, round_robin, name)
        assert [chosen(shelf, round_robin, turn) for turn in range(5)] == ["ana", "bia", "caio", "ana", "bia"]

    def test_least_busy_is_who_has_the_smallest_share(self, shelf: Shelf, least_busy: Team) -> None:
        member(shelf.tx, least_busy, "ana", capacity=2)
        member(shelf.tx, least_busy, "bia", capacity=6)
        for name, phone in (("ana", BEN), ("bia", CLARA)):
            take(shelf.tx, shelf.another_conversation(phone), name)
        assert chosen(shelf, least_busy) == "bia"

    @pytest.mark.parametrize("presence", [Presence.AWAY, Presence.OFFLINE])
    def test_who_is_not_online_is_given_nothing(self, shelf: Shelf, round_robin: Team, presence: Presence) -> None:
        member(shelf.tx, round_robin, "ana", presence=presence)
        assert chosen(shelf, round_robin) is None

    def test_nor_who_does_not_see_the_account(self, shelf: Shelf, round_robin: Team) -> None:
        other = add_account(shelf.tx, shelf.vault, shelf.agent, OTHER_NUMBER)
        for name, account in (("ana", other), ("bia", shelf.account)):
            member(shelf.tx, round_robin, name)
            people.set_accounts(shelf.tx, name, [account.id])
        assert chosen(shelf, round_robin) == "bia"

    def test_nor_who_has_all_they_can_do(self, shelf: Shelf, round_robin: Team) -> None:
        member(shelf.tx, round_robin, "ana", capacity=1)
        take(shelf.tx, shelf.another_conversation(BEN), "ana")
        assert chosen(shelf, round_robin) is None

    def test_nor_who_is_in_another_team(self, shelf: Shelf, round_robin: Team, least_busy: Team) -> None:
        member(shelf.tx, least_busy, "ana")
        assert chosen(shelf, round_robin) is None

    def test_by_hand_without_a_team_or_in_one_that_is_gone_nobody_is_chosen(self, shelf: Shelf) -> None:
        by_hand = teams.add(shelf.tx, "by hand", Assignment.HAND, START)
        member(shelf.tx, by_hand, "ana")
        assert chosen(shelf, by_hand) is None
        assert chosen(shelf, None) is None
        assert assigning.choose_operator(shelf.tx, shelf.conversation, shelf.account, "team_gone", START) is None


class TestHandingOver:
    def can_take(self, shelf: Shelf, name: str = "ana", force: bool = False) -> None:
        assigning.can_take(shelf.tx, name, shelf.account.id, force=force)

    def test_whoever_is_there_sees_it_and_has_room(self, shelf: Shelf, round_robin: Team) -> None:
        member(shelf.tx, round_robin, "ana")
        self.can_take(shelf)

    def test_offline_or_full_only_by_force(self, shelf: Shelf, round_robin: Team) -> None:
        member(shelf.tx, round_robin, "ana", presence=Presence.OFFLINE)
        member(shelf.tx, round_robin, "bia", capacity=1)
        take(shelf.tx, shelf.another_conversation(BEN), "bia")
        for name, code in (("ana", "offline"), ("bia", "full")):
            assert refusal(lambda name=name: self.can_take(shelf, name)) == code  # type: ignore[misc]
            self.can_take(shelf, name, force=True)

    def test_without_the_account_or_unknown_not_even_so(self, shelf: Shelf, round_robin: Team) -> None:
        member(shelf.tx, round_robin, "ana")
        people.set_accounts(shelf.tx, "ana", [])
        for name, code in (("ana", "no_account"), ("nobody", "unknown_operator")):
            assert refusal(lambda name=name: self.can_take(shelf, name, force=True)) == code  # type: ignore[misc]


@postgresql_only
class TestTwoWhoGiveAtOnce:
    """Both see somebody with room for one more; the second must see what the first has given."""

    @pytest.fixture
    def waiting(self, db: Database, vault: Vault) -> list[tuple[Conversation, Account]]:
        def make(tx: Any) -> list[tuple[Conversation, Account]]:
            account = add_account(tx, vault, agents.ensure_default(tx, START), NUMBER)
            member(tx, teams.add(tx, "sales", Assignment.ROUND_ROBIN, START), "ana", capacity=1)
            found = []
            for phone in (ANA, BEN):
                address = Address(kind=AddressKind.PHONE, value=phone)
                contact = contacts.find_or_add(tx, account.id, [address], None, START)
                found.append(conversations.get(tx, conversations.find_or_add(tx, account.id, contact, START)))
            return [(conversation, account) for conversation in found]

        return db.write_now(make)

    def meet(self, db: Database, giving: Callable[[Any, int], str | None]) -> list[str | None]:
        """The first has given and not committed when the second begins, and commits when that one waits for it."""
        given = threading.Event()
        results: list[str | None] = [None, None]

        def first(tx: Any) -> None:
            results[0] = giving(tx, 0)
            given.set()
            someone_waits(db)

        def second(tx: Any) -> None:
            results[1] = giving(tx, 1)

        thread = threading.Thread(target=db.write_now, args=(first,))
        thread.start()
        assert given.wait(10)
        db.write_now(second)
        thread.join(10)
        return results

    def test_by_a_teams_rule_one_person_is_not_given_two(
        self, db: Database, waiting: list[tuple[Conversation, Account]]
    ) -> None:
        def giving(tx: Any, number: int) -> str | None:
            conversation, account = waiting[number]
            name = assigning.choose_operator(tx, conversation, account, teams.get(tx, "sales").id, START)
            if name is not None:
                take(tx, conversation, name)
            return name

        assert self.meet(db, giving) == ["ana", None]
        assert db.read_now(people.load, ["ana"]) == {"ana": 1}

    def test_nor_by_two_who_each_hand_them_one(self, db: Database, waiting: list[tuple[Conversation, Account]]) -> None:
        def giving(tx: Any, number: int) -> str | None:
            conversation, account = waiting[number]
            try:
                assigning.can_take(tx, "ana", account.id)
            except Refused as refused:
                return refused.code
            take(tx, conversation, "ana")
            return None

        assert self.meet(db, giving) == [None, "full"]


def someone_waits(db: Database) -> None:
    """Until another transaction waits for a lock; or, where the guard is taken out, until it clearly does not."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(300):
        if db.read_now(lambda tx: tx.exec_driver_sql(waits).scalar()):
            return
        threading.Event().wait(0.01)
