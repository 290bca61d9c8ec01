"""account limits: how much may be sent from an account on one day."""

from __future__ import annotations

import argparse
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation import account_limits
from conversation.account import Account
from conversation.errors import BadInput
from store import accounts

_NONE = "none"
_LIMITS = {"max_messages_per_day": "messages", "max_paid_per_day": "messages that Meta charges for"}


def register(words: Any) -> None:
    made = words.add_parser("limits", help="show how much may be sent on one day, or set it")
    made.add_argument("account", help="our id, or the id as it stands in the webhook")
    for name, what in _LIMITS.items():
        made.add_argument(f"--{name.replace('_', '-')}", metavar="N", help=f"{what}; {_NONE}: as many as there are")
    add_json(made)
    made.set_defaults(run=_limits)


def _limits(chosen: argparse.Namespace) -> None:
    given = {name: _number(name, text) for name in _LIMITS if (text := getattr(chosen, name)) is not None}

    async def work(house: wiring.House) -> Account:
        account = await house.db.read(accounts.get, chosen.account)
        if not given:
            return account
        limits = account_limits.read({**account_limits.whole(account.limits), **given})
        changed, _ = await house.ownership.change_account(account.id, limits=limits)
        return changed

    limits = account_limits.whole(with_house(work).limits)
    if chosen.json:
        print_json(limits)
        return
    for name, value in limits.items():
        print(f"{name}: {_NONE if value is None else value}")


def _number(name: str, text: str) -> int | None:
    if text == _NONE:
        return None
    if not text.isdecimal():
        raise BadInput(f"--{name.replace('_', '-')} is a number, or {_NONE}.")
    return int(text)
