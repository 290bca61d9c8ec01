"""Tokens that end: until when they are good, when a new one is asked for, and who may write it down."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from conversation.account import Account, AccountId, Channel
from conversation.channel_settings import ChannelSettings, Login
from conversation.ids import new_id
from store import accounts, connect_states, personas, tokens
from store.personas import Persona
from store.tokens import Due
from store.vault import Vault, new_key
from tests.house import START
from tests.store.conftest import Shelf

DAY = timedelta(days=1)
SIXTY = START + 60 * DAY


def instagram(shelf: Shelf, login: Login = Login.INSTAGRAM) -> Account:
    account = replace(
        shelf.account,
        id=AccountId(new_id("acc")),
        channel=Channel.INSTAGRAM,
        provider_id="17841400000000001",
        channel_settings=ChannelSettings(login=login),
    )
    return accounts.add(shelf.tx, shelf.vault, account, token="old", secrets=(), now=START)


def the_one_due(shelf: Shelf, at: datetime) -> Due:
    (found,) = tokens.due(shelf.tx, shelf.vault, at)
    return found


class TestWhenItIsDue:
    @pytest.mark.parametrize(
        ("good_for", "due_after"),
        [
            (60 * DAY, 50 * DAY),  # ten days are left for trying again
            (5 * DAY, timedelta(hours=25)),  # never sooner than a day old
            (timedelta(hours=1), timedelta(hours=1)),  # never later than its end
        ],
    )
    def test_it_is_renewed_in_time_and_not_too_young(self, good_for: timedelta, due_after: timedelta) -> None:
        assert tokens.refresh_due_at(START + good_for, START) == START + due_after

    def test_one_of_which_nobody_knows_the_end_is_renewed_as_soon_as_may_be(self) -> None:
        assert tokens.refresh_due_at(None, START) == START + timedelta(hours=25)

    def test_a_saved_one_is_due_on_the_fiftieth_day_and_shows_its_end(self, shelf: Shelf) -> None:
        account = instagram(shelf)
        tokens.save(shelf.tx, shelf.vault, account.id, "new", expires_at=SIXTY, now=START)
        assert tokens.due(shelf.tx, shelf.vault, START + 49 * DAY) == []
        found = the_one_due(shelf, START + 50 * DAY)
        assert (found.account.id, found.token, found.account.token_expires_at) == (account.id, "new", SIXTY)

    def test_one_that_was_typed_in_is_put_down_for_renewal(self, shelf: Shelf) -> None:
        account = instagram(shelf)
        assert tokens.unscheduled(shelf.tx)
        tokens.schedule(shelf.tx, START)
        assert not tokens.unscheduled(shelf.tx)
        assert the_one_due(shelf, START + 2 * DAY).account.id == account.id

    def test_those_of_pages_and_numbers_are_nobodys_to_renew(self, shelf: Shelf) -> None:
        instagram(shelf, Login.FACEBOOK)
        assert not tokens.unscheduled(shelf.tx)
        tokens.schedule(shelf.tx, START)
        assert tokens.due(shelf.tx, shelf.vault, START + 900 * DAY) == []

    def test_a_new_token_by_hand_ends_what_was_known_of_the_old_one(self, shelf: Shelf) -> None:
        account = instagram(shelf)
        tokens.save(shelf.tx, shelf.vault, account.id, "new", expires_at=SIXTY, now=START)
        assert accounts.change(shelf.tx, shelf.vault, account.id, token="typed").token_expires_at is None
        assert tokens.due(shelf.tx, shelf.vault, START + 900 * DAY) == []
        assert tokens.unscheduled(shelf.tx)


class TestWhoMayWriteItDown:
    def test_of_two_who_find_it_due_one_has_it(self, shelf: Shelf) -> None:
        account = instagram(shelf)
        tokens.save(shelf.tx, shelf.vault, account.id, "new", expires_at=SIXTY, now=START)
        found = the_one_due(shelf, SIXTY)
        assert tokens.put_off(shelf.tx, found, SIXTY + DAY)
        assert not tokens.put_off(shelf.tx, found, SIXTY + DAY)
        assert tokens.due(shelf.tx, shelf.vault, SIXTY) == []

    def test_a_renewed_one_does_not_take_the_place_of_one_set_meanwhile(self, shelf: Shelf) -> None:
        account = instagram(shelf)
        tokens.schedule(shelf.tx, START)
        found = the_one_due(shelf, START + 2 * DAY)
        accounts.change(shelf.tx, shelf.vault, account.id, token="typed")
        kept: dict[str, Any] = {"expires_at": SIXTY, "now": START, "in_place_of": found.sealed}
        assert not tokens.save(shelf.tx, shelf.vault, account.id, "renewed", **kept)
        assert not tokens.dead(shelf.tx, found, "dead")
        assert accounts.credentials(shelf.tx, shelf.vault, account.id).token == "typed"
        assert accounts.get(shelf.tx, account.id).fault is None

    def test_a_dead_one_is_shown_and_not_asked_for_again(self, shelf: Shelf) -> None:
        account = instagram(shelf)
        tokens.schedule(shelf.tx, START)
        assert tokens.dead(shelf.tx, the_one_due(shelf, START + 2 * DAY), "dead")
        assert accounts.get(shelf.tx, account.id).fault == "dead"
        assert tokens.due(shelf.tx, shelf.vault, START + 900 * DAY) == []
        assert not tokens.unscheduled(shelf.tx)

    def test_one_that_is_taken_back_is_gone(self, shelf: Shelf) -> None:
        account = instagram(shelf)
        tokens.drop(shelf.tx, account.id, "taken back")
        assert accounts.credentials(shelf.tx, shelf.vault, account.id).token is None
        assert accounts.get(shelf.tx, account.id).fault == "taken back"

    def test_a_new_one_mends_the_account(self, shelf: Shelf) -> None:
        account = instagram(shelf)
        tokens.drop(shelf.tx, account.id, "taken back")
        tokens.save(shelf.tx, shelf.vault, account.id, "new", expires_at=SIXTY, now=START)
        assert accounts.get(shelf.tx, account.id).fault is None


class TestSignInsThatWereBegun:
    def test_each_comes_back_once(self, shelf: Shelf) -> None:
        connect_states.begin(shelf.tx, "n1", "chefe", START)
        assert connect_states.operator_of(shelf.tx, "n1") == "chefe"
        assert connect_states.use(shelf.tx, "n1", START)
        assert not connect_states.use(shelf.tx, "n1", START)

    def test_it_is_good_for_ten_minutes(self, shelf: Shelf) -> None:
        for nonce, after, good in (("n1", timedelta(minutes=9), True), ("n2", timedelta(minutes=10), False)):
            connect_states.begin(shelf.tx, nonce, "chefe", START)
            assert connect_states.use(shelf.tx, nonce, START + after) is good

    def test_old_ones_are_forgotten(self, shelf: Shelf) -> None:
        connect_states.begin(shelf.tx, "n1", "chefe", START)
        connect_states.begin(shelf.tx, "n2", "chefe", START + DAY)
        assert connect_states.operator_of(shelf.tx, "n1") is None


class TestPersonas:
    def test_one_is_kept_for_each_operator_of_an_account_the_later_one_counts(self, shelf: Shelf) -> None:
        for provider_id, name in (("1", "Ana"), ("2", "Ana Lima")):
            personas.put(shelf.tx, shelf.account.id, "ana", Persona(provider_id=provider_id, shown_as={"name": name}))
        found = personas.get(shelf.tx, shelf.account.id, "ana")
        assert found == Persona(provider_id="2", shown_as={"name": "Ana Lima"})
        assert personas.get(shelf.tx, shelf.account.id, "ben") is None


def test_what_a_vault_signs_is_known_by_it_alone_and_for_that_purpose_alone(shelf: Shelf) -> None:
    old, new = new_key(), new_key()
    signature = Vault(old).sign("n1:chefe", "connect")
    assert Vault(old).signed("n1:chefe", signature, "connect")
    assert Vault(new, old).signed("n1:chefe", signature, "connect")  # a key that is being replaced
    assert not Vault(new).signed("n1:chefe", signature, "connect")
    assert not Vault(old).signed("n1:ana", signature, "connect")
    assert not Vault(old).signed("n1:chefe", signature, "other")
    assert not Vault(old).signed("n1:chefe", "é", "connect")
