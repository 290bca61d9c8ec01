"""account sync: an account's past conversations, fetched from the channel by the Baton that runs."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.errors import BadInput, NotFound
from conversation.sync import GOES_ON, Sync, SyncKind
from handover.schemas import sync_json
from runtime import asking_channels
from store import accounts, syncs

_BY = "command line"
_LOOK_S = 0.5
_BUT_A_PHONE = ", unless the number is on the phone's own app too (./baton account facts says whether)."


def register(words: Any) -> None:
    sync = words.add_parser(
        "sync", help="fetch past conversations (Messenger, Instagram, a phone's app); nobody answers them"
    )
    sync.add_argument("account", help="our id, or the id as it stands in the webhook")
    sync.add_argument("--wait", action="store_true", help="until it has ended; Baton must run meanwhile")
    what = sync.add_mutually_exclusive_group()
    what.add_argument("--show", action="store_true", help="only how far it has come")
    what.add_argument("--stop", action="store_true", help="stop it; what was fetched stays")
    add_json(sync)
    sync.set_defaults(run=_sync)


def _sync(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> Sync | bool:
        account = await house.db.read(accounts.get, chosen.account)
        way_out = house.ways_out.get(account.channel.value)
        if way_out is not None and way_out.sharing is not None and account.meta.on_phone_app:
            return await asking_channels.answered(way_out.sharing.ask(await house.reach(account.id)))
        if way_out is None or way_out.past is None:
            raise BadInput(f"{account.channel.value} tells nobody what was said before{_BUT_A_PHONE}")
        if chosen.show or chosen.stop:
            found = await house.db.read(syncs.latest, account.id, SyncKind.PAST)
            if found is None:
                raise NotFound(f"Nothing was ever fetched for {account.name}.")
            if chosen.stop:
                found = await house.db.write(syncs.stop, found.id, house.clock.now())
        else:
            found = await house.db.write(syncs.ask, account.id, SyncKind.PAST, by=_BY, now=house.clock.now())
        return await _ended(house, found) if chosen.wait else found

    found = with_house(work)
    if isinstance(found, bool):
        _print_asked(found, as_json=chosen.json)
    else:
        _print(found, as_json=chosen.json)


async def _ended(house: wiring.House, sync: Sync) -> Sync:
    while sync.state in GOES_ON:
        await asyncio.sleep(_LOOK_S)
        sync = await house.db.read(syncs.get, sync.id)
    return sync


def _print_asked(is_new: bool, *, as_json: bool) -> None:
    if as_json:
        print_json({"asked": is_new})
    elif is_new:
        print("asked: the phone's address book and what was said there come by webhook, for some hours")
    else:
        print("asked before: WhatsApp gives it once; to have it again, take the number off and connect it anew")


def _print(sync: Sync, *, as_json: bool) -> None:
    if as_json:
        print_json(sync_json(sync))
        return
    error = f"  {sync.error}" if sync.error else ""
    print(f"{sync.state.value}: {sync.conversations_seen} conversations, {sync.messages_added} messages added{error}")
