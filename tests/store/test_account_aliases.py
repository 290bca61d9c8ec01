"""Other ids of an account: webhooks under any of them find it, and one id is never two accounts'."""

from __future__ import annotations

import pytest

from conversation.account import Account, Channel
from conversation.errors import BadInput
from store import account_aliases, accounts
from tests.house import NUMBER, OTHER_NUMBER, add_account
from tests.store.conftest import Shelf

WHATSAPP = Channel.WHATSAPP


def other(shelf: Shelf) -> Account:
    return add_account(shelf.tx, shelf.vault, shelf.agent, OTHER_NUMBER)


def test_an_account_is_found_under_its_other_id(shelf: Shelf) -> None:
    account_aliases.add(shelf.tx, WHATSAPP, "77", shelf.account.id)
    assert account_aliases.find(shelf.tx, WHATSAPP, "77") == shelf.account.id
    assert account_aliases.of(shelf.tx, WHATSAPP) == {"77": shelf.account.id}
    found = accounts.by_provider_id(shelf.tx, WHATSAPP, "77")
    assert found is not None
    assert found.provider_id == NUMBER


def test_its_app_may_sign_under_the_other_id_too(shelf: Shelf) -> None:
    account_aliases.add(shelf.tx, WHATSAPP, "77", shelf.account.id)
    assert accounts.secrets_of_channel(shelf.tx, shelf.vault, WHATSAPP) == {NUMBER: ("s1",), "77": ("s1",)}


def test_an_id_counts_on_its_own_channel_alone(shelf: Shelf) -> None:
    account_aliases.add(shelf.tx, WHATSAPP, "77", shelf.account.id)
    assert account_aliases.find(shelf.tx, Channel.INSTAGRAM, "77") is None
    assert account_aliases.resolve(shelf.tx, Channel.INSTAGRAM, NUMBER) is None


def test_the_same_twice_is_nothing_new(shelf: Shelf) -> None:
    for provider_id in ("77", "77", NUMBER):
        account_aliases.add(shelf.tx, WHATSAPP, provider_id, shelf.account.id)
    assert account_aliases.of_account(shelf.tx, shelf.account.id) == ["77"]


@pytest.mark.parametrize("taken", ["77", NUMBER])
def test_an_id_of_another_account_is_refused(shelf: Shelf, taken: str) -> None:
    account_aliases.add(shelf.tx, WHATSAPP, "77", shelf.account.id)
    with pytest.raises(BadInput, match="another account's"):
        account_aliases.add(shelf.tx, WHATSAPP, taken, other(shelf).id)


def test_no_account_is_made_of_an_id_that_another_is_known_under(shelf: Shelf) -> None:
    account_aliases.add(shelf.tx, WHATSAPP, OTHER_NUMBER, shelf.account.id)
    with pytest.raises(BadInput, match="another account's"):
        other(shelf)
    assert accounts.secrets_of_channel(shelf.tx, shelf.vault, WHATSAPP)[OTHER_NUMBER] == ("s1",)


def test_what_is_put_takes_the_place_of_what_was(shelf: Shelf) -> None:
    account_aliases.add(shelf.tx, WHATSAPP, "99", other(shelf).id)
    account_aliases.put(shelf.tx, WHATSAPP, shelf.account.id, ["77", "78"])
    account_aliases.put(shelf.tx, WHATSAPP, shelf.account.id, ["78"])
    assert account_aliases.of_account(shelf.tx, shelf.account.id) == ["78"]
    account_aliases.put(shelf.tx, WHATSAPP, shelf.account.id, [])
    assert list(account_aliases.of(shelf.tx, WHATSAPP)) == ["99"]  # another account's stays


def test_resolving_knows_both_kinds_of_id(shelf: Shelf) -> None:
    account_aliases.add(shelf.tx, WHATSAPP, "77", shelf.account.id)
    for provider_id, whose in (("77", shelf.account.id), (NUMBER, shelf.account.id), ("nobody", None)):
        assert account_aliases.resolve(shelf.tx, WHATSAPP, provider_id) == whose
