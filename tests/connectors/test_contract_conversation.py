"""Every channel, through the whole house: a signed webhook, a turn, and the answer at the channel's own server."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from connectors.graph import GraphClient
from connectors.signature import sign
from conversation.account import Channel as ChannelName
from conversation.message import Author, Message, MessageStatus
from runtime.settings import RuntimeSettings
from store import agents, conversations
from store.database import Database
from store.vault import Vault
from tests.connectors.contract import GIVEN_ID, Contract, each_channel
from tests.house import HOLDER, ScriptedDialogue, Stage, WoundClock, add_account, eventually


@each_channel
async def test_who_writes_is_answered_once(
    contract: Contract, graph: Any, serve: Any,
    db: Database, vault: Vault, clock: WoundClock, settings: RuntimeSettings,
) -> None:  # fmt: skip
    client = GraphClient(total_timeout_s=5)
    graph.answers(body=contract.accepted)
    agent = await db.write(agents.ensure_default, clock.now())
    name = ChannelName(contract.name)
    account = await db.write(add_account, vault, agent, contract.account, channel=name)
    stage = Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
        channel=contract.way_out(client, lambda account: graph.url).channel,  # type: ignore[arg-type]
    )  # fmt: skip
    connector = contract.connector(clock)
    url = await serve(connector, stage.entrance)

    for _ in range(2):  # as it comes when an answer of ours was lost on its way
        assert await webhook(url, contract, connector.signature_header) == 200
    (listed,) = await db.read(conversations.listed)
    async with stage.delivering():
        await stage.all_turns(listed.conversation.id)
        answered = await eventually(lambda: accepted(stage, listed.conversation.id))
    await client.close()

    assert set(listed.contact.addresses) == set(contract.addresses)
    assert [question.text for question in stage.dialogue.asked] == [contract.text.text]
    assert (answered.text, answered.provider_id) == ("Olá!", GIVEN_ID)
    bodies = [json.dumps(request.body, ensure_ascii=False) for request in graph.received]
    (said,) = [body for body in bodies if "Olá!" in body]
    assert any(address.value in said for address in contract.addresses)


async def webhook(url: str, contract: Contract, header: str) -> int:
    raw = json.dumps(contract.body("text")).encode()
    headers = {header: sign(raw, "s1")}
    async with aiohttp.ClientSession() as session, session.post(f"{url}/webhook", data=raw, headers=headers) as answer:
        return answer.status


async def accepted(stage: Stage, conversation_id: Any) -> Message | None:
    ours = [message for message in await stage.messages(conversation_id) if message.author is Author.BOT]
    assert len(ours) == 1
    return ours[0] if ours[0].status is MessageStatus.ACCEPTED else None
