"""Leases, timers, secrets, operators, contacts, buttons."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from conversation.account import Channel
from conversation.agent import AgentStatus
from conversation.contact import Address, AddressKind
from conversation.errors import BadInput, NotFound
from conversation.mail import MailKind
from store import accounts, agents, buttons, contacts, conversations, leases, operators, tables, timers
from store.buttons import Button
from store.leases import Holder
from store.operators import Role
from store.vault import Vault, new_key
from tests.house import ANA, BEN, NUMBER, OTHER_NUMBER, START, add_account, mail_waiting
from tests.store.conftest import Shelf

LATER = START + timedelta(seconds=20)


class TestLeases:
    FIRST, SIBLING, STRANGER = Holder(house="a", name="1"), Holder(house="a", name="2"), Holder(house="b", name="1")

    def take(self, shelf: Shelf, holder: Holder, *, at: datetime = START) -> bool:
        return leases.take(shelf.tx, "cnv_1", holder, now=at, ttl_s=15)

    def test_one_holds_it_and_another_waits_until_it_expires(self, shelf: Shelf) -> None:
        assert self.take(shelf, self.FIRST)
        assert not self.take(shelf, self.STRANGER)
        assert leases.holder_of(shelf.tx, "cnv_1", START) == "a/1"
        assert leases.holder_of(shelf.tx, "cnv_1", LATER) is None
        assert self.take(shelf, self.STRANGER, at=LATER)
        assert not self.take(shelf, self.FIRST, at=LATER)

    def test_its_holder_may_take_it_again(self, shelf: Shelf) -> None:
        assert self.take(shelf, self.FIRST)
        assert self.take(shelf, self.FIRST, at=START + timedelta(seconds=10))
        assert not self.take(shelf, self.STRANGER, at=LATER)

    def test_a_child_of_the_same_parent_takes_over_at_once(self, shelf: Shelf) -> None:
        assert self.take(shelf, self.FIRST)
        assert self.take(shelf, self.SIBLING)
        assert leases.holder_of(shelf.tx, "cnv_1", START) == "a/2"

    @pytest.mark.parametrize("house", ["_", "%", "a_", "A"])
    def test_a_house_whose_name_looks_like_a_pattern_is_no_other_house(self, shelf: Shelf, house: str) -> None:
        assert leases.take(shelf.tx, "cnv_1", Holder(house="ab", name="1"), now=START, ttl_s=15)
        assert not self.take(shelf, Holder(house=house, name="2"))

    def test_renewed_in_time_it_stays_and_what_is_anothers_is_not_renewed(self, shelf: Shelf) -> None:
        self.take(shelf, self.FIRST)
        soon = START + timedelta(seconds=10)
        leases.renew(shelf.tx, ["cnv_1"], self.STRANGER, now=soon, ttl_s=15)
        assert leases.holder_of(shelf.tx, "cnv_1", LATER) is None
        leases.renew(shelf.tx, ["cnv_1"], self.FIRST, now=soon, ttl_s=15)
        assert not self.take(shelf, self.STRANGER, at=LATER)

    def test_given_back_they_are_free(self, shelf: Shelf) -> None:
        self.take(shelf, self.FIRST)
        leases.give_back(shelf.tx, self.STRANGER)
        assert not self.take(shelf, self.STRANGER)
        leases.give_back(shelf.tx, self.FIRST)
        assert self.take(shelf, self.STRANGER)

    def test_rows_long_over_are_removed(self, shelf: Shelf) -> None:
        self.take(shelf, self.FIRST)
        leases.renew(shelf.tx, [], self.STRANGER, now=START + timedelta(hours=2), ttl_s=15)
        assert shelf.tx.execute(tables.leases.select()).all() == []


class TestTimers:
    def test_a_later_one_of_the_same_name_takes_its_place(self, shelf: Shelf) -> None:
        timers.put(shelf.tx, shelf.conversation.id, "r", START, {"n": 1})
        timers.put(shelf.tx, shelf.conversation.id, "r", LATER, {"n": 2})
        assert timers.of_conversation(shelf.tx, shelf.conversation.id) == {"r": {"n": 2}}
        assert not timers.due(shelf.tx, START)

    def test_the_same_name_in_two_conversations_is_two_timers(self, shelf: Shelf) -> None:
        ben = shelf.another_conversation(BEN)
        timers.put(shelf.tx, shelf.conversation.id, "r", START, {})
        timers.put(shelf.tx, ben.id, "r", START, {})
        timers.cancel(shelf.tx, ben.id, "r")
        assert list(timers.of_conversation(shelf.tx, shelf.conversation.id)) == ["r"]

    def test_due_it_becomes_mail_once(self, shelf: Shelf) -> None:
        timers.put(shelf.tx, shelf.conversation.id, "r", LATER, {"intent": "EXTERNAL"})
        assert timers.fire(shelf.tx, START) == 0
        assert timers.due(shelf.tx, LATER)
        assert (timers.fire(shelf.tx, LATER), timers.fire(shelf.tx, LATER)) == (1, 0)
        mail = mail_waiting(shelf.tx, shelf.conversation.id, LATER)
        assert (mail.kind, mail.payload) == (MailKind.REMINDER, {"intent": "EXTERNAL"})

    def test_a_rule_cancels_what_it_is_about(self, shelf: Shelf) -> None:
        for name in ("a", "b"):
            timers.put(shelf.tx, shelf.conversation.id, name, LATER, {"name": name})
        timers.apply(shelf.tx, shelf.conversation.id, [timers.Change(cancels=lambda p: p["name"] == "a")])
        assert list(timers.of_conversation(shelf.tx, shelf.conversation.id)) == ["b"]


class TestVault:
    def test_what_is_sealed_is_opened_by_the_same_key_alone(self) -> None:
        vault = Vault(new_key())
        sealed = vault.seal("EAAB-token")
        assert b"EAAB" not in sealed
        assert vault.open(sealed) == "EAAB-token"
        with pytest.raises(BadInput, match="BATON_KEY"):
            Vault(new_key()).open(sealed)

    def test_a_key_that_is_none_is_told_how_to_be_made(self) -> None:
        with pytest.raises(BadInput, match="openssl rand"):
            Vault("short")


class TestAccounts:
    def test_tokens_and_secrets_are_nowhere_in_the_row(self, shelf: Shelf) -> None:
        accounts.change(
            shelf.tx, shelf.vault, shelf.account.id, token="EAAB-canary", secrets=["canary-new", "canary-old"]
        )
        (row,) = shelf.tx.execute(tables.accounts.select()).all()
        assert "canary" not in repr(tuple(row))
        found = accounts.credentials(shelf.tx, shelf.vault, shelf.account.id)
        assert (found.token, found.secrets) == ("EAAB-canary", ("canary-new", "canary-old"))

    def test_secrets_are_by_the_id_in_the_webhook(self, shelf: Shelf) -> None:
        add_account(shelf.tx, shelf.vault, shelf.agent, OTHER_NUMBER)
        accounts.change(shelf.tx, shelf.vault, shelf.account.id, secrets=["mine"])
        assert accounts.secrets_of_channel(shelf.tx, shelf.vault, Channel.WHATSAPP) == {
            NUMBER: ("mine",),
            OTHER_NUMBER: ("s1",),
        }
        assert accounts.secrets_of_channel(shelf.tx, shelf.vault, Channel.MESSENGER) == {}

    def test_the_fingerprint_moves_with_a_secret(self, shelf: Shelf) -> None:
        before = accounts.fingerprint(shelf.tx)
        assert accounts.fingerprint(shelf.tx) == before
        accounts.change(shelf.tx, shelf.vault, shelf.account.id, secrets=["new"])
        assert accounts.fingerprint(shelf.tx) != before

    def test_a_new_token_mends_a_fault(self, shelf: Shelf) -> None:
        accounts.set_fault(shelf.tx, shelf.account.id, "the token has expired")
        assert accounts.get(shelf.tx, NUMBER).fault == "the token has expired"
        assert accounts.change(shelf.tx, shelf.vault, shelf.account.id, token="new").fault is None

    def test_only_what_decides_who_may_speak_moves_the_activation(self, shelf: Shelf) -> None:
        def after(**changes: Any) -> int:
            return accounts.change(shelf.tx, shelf.vault, shelf.account.id, **changes).activation

        assert after(name="Nova", shop={"hours": "9-18"}, token="t", active=True) == 0
        assert after(active=False) == 1
        assert after(auto_response=False) == 2
        assert after(agent_id=agents.add(shelf.tx, "b", AgentStatus.ACTIVE, START).id) == 3

    def test_the_same_number_is_added_once(self, shelf: Shelf) -> None:
        with pytest.raises(BadInput, match="already there, as Cantina"):
            add_account(shelf.tx, shelf.vault, shelf.agent, NUMBER)

    def test_who_is_not_there_is_said(self, shelf: Shelf) -> None:
        with pytest.raises(NotFound, match="account list"):
            accounts.get(shelf.tx, "nobody")


class TestAgents:
    def test_every_switch_moves_the_activation_and_the_same_status_again_does_not(self, shelf: Shelf) -> None:
        switched = [
            agents.set_status(shelf.tx, "assistant", status).activation
            for status in (AgentStatus.INACTIVE, AgentStatus.INACTIVE, AgentStatus.ACTIVE, AgentStatus.DRAFT)
        ]
        assert switched == [1, 1, 2, 3]

    def test_an_unknown_one_is_told_with_those_there_are(self, shelf: Shelf) -> None:
        with pytest.raises(NotFound, match="Known: assistant"):
            agents.set_status(shelf.tx, "nobody", AgentStatus.ACTIVE)

    def test_a_name_is_given_once(self, shelf: Shelf) -> None:
        with pytest.raises(BadInput):
            agents.add(shelf.tx, "assistant", AgentStatus.DRAFT, START)


class TestOperators:
    def test_a_token_opens_and_only_its_hash_is_kept(self, shelf: Shelf) -> None:
        token = operators.add(shelf.tx, "ana", Role.OPERATOR, START)
        found = operators.by_token(shelf.tx, token, START)
        assert found is not None
        assert (found.name, found.role) == ("ana", Role.OPERATOR)
        (row,) = shelf.tx.execute(tables.operator_tokens.select()).all()
        assert token not in repr(tuple(row))
        assert operators.by_token(shelf.tx, row.hash, START) is None

    def test_a_renewed_or_removed_one_opens_nothing(self, shelf: Shelf) -> None:
        old = operators.add(shelf.tx, "ana", Role.OPERATOR, START)
        new = operators.renew_token(shelf.tx, "ana", START)
        assert operators.by_token(shelf.tx, old, START) is None
        assert operators.by_token(shelf.tx, new, START) is not None
        operators.remove(shelf.tx, "ana")
        assert operators.by_token(shelf.tx, new, START) is None

    def test_a_name_is_given_once_and_is_not_empty(self, shelf: Shelf) -> None:
        operators.add(shelf.tx, "ana", Role.OPERATOR, START)
        for name in ("ana", " "):
            with pytest.raises(BadInput):
                operators.add(shelf.tx, name, Role.ADMIN, START)
        with pytest.raises(NotFound):
            operators.renew_token(shelf.tx, "nobody", START)
        with pytest.raises(NotFound):
            operators.remove(shelf.tx, "nobody")


class TestContacts:
    def test_any_known_address_finds_the_contact_and_new_ones_are_added(self, shelf: Shelf) -> None:
        phone = Address(kind=AddressKind.PHONE, value=ANA)
        bsuid = Address(kind=AddressKind.BSUID, value="BR.1")
        contact = contacts.find_or_add(shelf.tx, shelf.account.id, [bsuid, phone], "Ana Maria", START)
        assert contact == shelf.conversation.contact_id
        assert contacts.find_or_add(shelf.tx, shelf.account.id, [bsuid], None, START) == contact
        found = contacts.get(shelf.tx, contact)
        assert (found.name, set(found.addresses)) == ("Ana Maria", {phone, bsuid})

    def test_the_same_phone_at_another_account_is_another_contact(self, shelf: Shelf) -> None:
        other = add_account(shelf.tx, shelf.vault, shelf.agent, OTHER_NUMBER)
        phone = Address(kind=AddressKind.PHONE, value=ANA)
        assert contacts.find_or_add(shelf.tx, other.id, [phone], None, START) != shelf.conversation.contact_id


class TestConversations:
    def test_pages_follow_one_another_the_latest_first(self, shelf: Shelf) -> None:
        made = [shelf.conversation.id]
        for i in range(1, 5):
            conversation = shelf.another_conversation(f"55110000000{i}")
            conversations.note_inbound(shelf.tx, conversation.id, f"m{i}", START + timedelta(seconds=i // 2))
            made.append(conversation.id)
        seen: list[str] = []
        while page := conversations.listed(shelf.tx, after=seen[-1] if seen else None, limit=2):
            seen += [each.conversation.id for each in page]
        assert sorted(seen) == sorted(made)
        assert seen == [each.conversation.id for each in conversations.listed(shelf.tx)]

    def test_an_older_message_does_not_move_the_window_back(self, shelf: Shelf) -> None:
        conversations.note_inbound(shelf.tx, shelf.conversation.id, "new", LATER)
        conversations.note_inbound(shelf.tx, shelf.conversation.id, "old", START)
        found = conversations.get(shelf.tx, shelf.conversation.id)
        assert (found.last_inbound_at, found.unread) == (LATER, 2)


def test_a_button_is_found_only_in_its_own_conversation(shelf: Shelf) -> None:
    ben = shelf.another_conversation(BEN)
    buttons.add(shelf.tx, shelf.conversation.id, [Button(token="b_1", title="Sim", payload="/affirm")], START)
    found = buttons.find(shelf.tx, shelf.conversation.id, "b_1")
    assert found is not None
    assert found.payload == "/affirm"
    assert buttons.find(shelf.tx, ben.id, "b_1") is None
    assert buttons.find(shelf.tx, shelf.conversation.id, "b_2") is None
