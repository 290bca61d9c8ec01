"""The gateway tells people outside for as long as it runs, with links to where the desk is reached."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from pathlib import Path
from typing import Any

from sanic import Sanic

from app import gateway, settings, wiring
from conversation.alert import Event, Means
from conversation.contact import Address, AddressKind
from store import agents, alerts, contacts, conversations, operators
from store.operators import Role
from tests.house import ANA, NUMBER, START, add_account, eventually
from tests.receivers import receiving


async def test_a_request_reaches_whoever_has_a_rule_for_it(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "baton.db")
    Sanic.test_mode = True
    environment = {
        "BATON_HOME": str(tmp_path),
        "BATON_ALERT_LOCAL": "on",
        "BATON_PUBLIC_URL": "https://baton.example.com",
    }
    listening, stopping = socket.create_server(("127.0.0.1", 0)), asyncio.Event()
    async with wiring.opened(settings.read(environment)) as house, receiving() as receiver:
        await house.db.write(operators.add, "ana", Role.OPERATOR, START)
        await house.alerting.rules.add(
            means=Means.WEBHOOK, target=receiver.url, operator="ana", team=None, settings={"language": "en"}
        )
        conversation_id = await house.db.write(_ask_for_a_person, house)
        running = asyncio.create_task(gateway.serve(house, listening, stopping))
        try:
            await eventually(lambda: receiver.got, "the alert")
        finally:
            stopping.set()
            await running
            Sanic._app_registry.pop("baton_gateway", None)
    told = json.loads(receiver.got[0].body)
    assert told["title"] == "Ana asks for a person"
    assert told["link"] == f"https://baton.example.com/desk#{conversation_id}"


def _ask_for_a_person(tx: Any, house: wiring.House) -> str:
    account = add_account(tx, house.vault, agents.ensure_default(tx, START), NUMBER)
    contact = contacts.find_or_add(tx, account.id, [Address(kind=AddressKind.PHONE, value=ANA)], "Ana Maria", START)
    conversation_id = conversations.find_or_add(tx, account.id, contact, START)
    conversations.change(tx, conversation_id, state="pending")
    conversation = conversations.get(tx, conversation_id)
    alerts.raise_event(tx, Event.REQUESTED, conversation=conversation, account=account, facts={}, now=house.clock.now())
    return conversation_id
