"""A request with a wrong `appsecret_proof` is refused; without one it is taken, as Meta does unless told otherwise."""

from __future__ import annotations

import pytest

from emulator import proof
from emulator.graph_errors import GraphError
from emulator.people import Account

TOKEN, SECRET = "EAAtoken", "test-app-secret"
RIGHT = "f9a5c402919f3f3cb70497c968ab9a79bb82d2f1a55a7d91317b53b1678a4191"


def account(secret: str = "") -> Account:
    return Account(
        channel="whatsapp", id="1", name="n", display_phone_number="1", business_id="2", app_secret=secret, token=TOKEN
    )


def test_the_right_one_and_none_are_taken() -> None:
    proof.check(account(SECRET), TOKEN, "another", RIGHT)
    proof.check(account(), TOKEN, SECRET, RIGHT)
    proof.check(account(SECRET), TOKEN, "", None)


@pytest.mark.parametrize("given", ["", "0" * 64, RIGHT.upper()])
def test_a_wrong_one_is_refused(given: str) -> None:
    with pytest.raises(GraphError) as refused:
        proof.check(account(SECRET), TOKEN, "", given)
    assert refused.value.code == 100


def test_it_is_no_part_of_what_is_asked_for() -> None:
    assert proof.taken_out({"type": "text", "appsecret_proof": RIGHT}, {}) == ({"type": "text"}, RIGHT)
    assert proof.taken_out(None, {"appsecret_proof": RIGHT}) == (None, RIGHT)
