"""account facts | profile: what Meta says of a number, and what customers can read of the business"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.business_profile import LONGEST
from conversation.platform_facts import PlatformFacts
from handover.schemas import facts_json
from store import accounts

_WHICH = "our id, or the id as it stands in the webhook"


def register(words: Any) -> None:
    facts = words.add_parser("facts", help="what Meta says of a number: quality, limits, name (WhatsApp)")
    facts.add_argument("account", help=_WHICH)
    facts.add_argument("--kept", action="store_true", help="what it last said; Meta is not asked")
    add_json(facts)
    facts.set_defaults(run=_facts)

    profile = words.add_parser("profile", help="what customers can read of the business (WhatsApp)")
    profile.add_argument("account", help=_WHICH)
    for name, most in LONGEST.items():
        profile.add_argument(f"--{name}", metavar="TEXT", help=f"changes it; {most} characters at most")
    profile.add_argument("--vertical", metavar="WORD", help="changes the trade, in Meta's word: RESTAURANT, RETAIL …")
    profile.add_argument(
        "--website", dest="websites", action="append", metavar="URL", help='changes them (twice for two; "" for none)'
    )
    add_json(profile)
    profile.set_defaults(run=_profile)


def _facts(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> PlatformFacts:
        account = await house.db.read(accounts.get, chosen.account)
        return account.meta if chosen.kept else await house.businesses.ask_facts(account)

    told = facts_json(with_house(work))
    if chosen.json:
        print_json(told)
        return
    for name, fact in told.items():
        if fact is not None:
            print(f"{name:22} {fact}")


def _profile(chosen: argparse.Namespace) -> None:
    changes = {name: getattr(chosen, name) for name in (*LONGEST, "vertical") if getattr(chosen, name) is not None}
    if chosen.websites is not None:
        changes["websites"] = [site for site in chosen.websites if site]

    async def work(house: wiring.House) -> Mapping[str, Any]:
        account = await house.db.read(accounts.get, chosen.account)
        if changes:
            return await house.businesses.set_profile(account, changes)
        return await house.businesses.ask_profile(account)

    found = with_house(work)
    if chosen.json:
        print_json(found)
        return
    for name, value in found.items():
        print(f"{name:22} {' '.join(value) if isinstance(value, list) else value}")
