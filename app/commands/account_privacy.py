"""account privacy: what its customers are told of who answers and of what is kept of them; what an LLM is told."""

from __future__ import annotations

import argparse
from typing import Any

import yaml

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation import privacy_settings
from conversation.account import Account
from conversation.errors import BadInput
from store import accounts

_NONE = "none"


def register(words: Any) -> None:
    made = words.add_parser("privacy", help="show what customers are told with the first words to them, or set it")
    made.add_argument("account", help="our id, or the id as it stands in the webhook")
    made.add_argument("--says-assistant", choices=["on", "off"], help="the assistant's first words say that it is one")
    made.add_argument(
        "--notice",
        action="append",
        default=[],
        metavar="LANGUAGE=TEXT",
        help="what is kept, for how long and why, in pt or en; nothing after = takes it away",
    )
    made.add_argument("--policy-url", metavar="URL", help=f"where more is told; {_NONE} takes it away")
    made.add_argument(
        "--llm-sees-contact",
        choices=["on", "off"],
        help="an LLM that answers for this account is told the customer's name, numbers and addresses; off: masked",
    )
    add_json(made)
    made.set_defaults(run=_privacy)


def _privacy(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> Account:
        account = await house.db.read(accounts.get, chosen.account)
        given = _given(chosen, privacy_settings.whole(account.privacy))
        if given is None:
            return account
        changed, _ = await house.ownership.change_account(account.id, privacy=privacy_settings.read(given))
        return changed

    settings = privacy_settings.whole(with_house(work).privacy)
    if chosen.json:
        print_json(settings)
    else:
        print(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), end="")


def _given(chosen: argparse.Namespace, before: dict[str, Any]) -> dict[str, Any] | None:
    """What it is from now on; None: nothing was asked for."""
    given = (chosen.says_assistant, chosen.policy_url, chosen.llm_sees_contact)
    if not chosen.notice and all(each is None for each in given):
        return None
    notice = dict(before["notice"])
    for each in chosen.notice:
        language, equals, text = each.partition("=")
        if not equals:
            raise BadInput(f"{each!r} is not LANGUAGE=TEXT.")
        notice[language] = text.strip()
    after = {**before, "notice": {language: text for language, text in notice.items() if text}}
    if chosen.says_assistant is not None:
        after["says_assistant"] = chosen.says_assistant == "on"
    if chosen.llm_sees_contact is not None:
        after["llm_sees_contact"] = chosen.llm_sees_contact == "on"
    if chosen.policy_url is not None:
        after["policy_url"] = None if chosen.policy_url == _NONE else chosen.policy_url
    return after
