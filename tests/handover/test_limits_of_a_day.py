"""An account's limits for one day: operators are refused beyond them, the assistant is withheld and a person asked."""

from __future__ import annotations

import asyncio
from typing import Any

from connectors import whatsapp_render
from conversation.account_limits import AccountLimits
from conversation.channel_settings import ChannelSettings
from conversation.handover_settings import HandoverSettings
from conversation.message import MessageStatus
from runtime.channel import Utterance
from store import accounts, tables
from tests import services
from tests.handover.conftest import Api
from tests.house import Script, Stage

TEMPLATE = {"name": "pedido_pronto", "language": "pt_BR"}


async def limited(stage: Stage, **limits: int | None) -> None:
    settings = HandoverSettings(language="pt", time_zone="America/Sao_Paulo")
    await stage.ownership.change_account(stage.account.id, limits=AccountLimits(**limits), handover=settings)


async def send(api: Api, conversation_id: str, **body: Any) -> tuple[int, Any]:
    status, answer = await api.post(f"/conversations/{conversation_id}/messages", body=body or {"text": "oi"})
    return status, answer["error"]["code"] if status != 200 else None


async def left(stage: Stage, api: Api) -> dict[str, int | None]:
    _, found = await api.get(f"/accounts/{stage.account.id}/abilities")
    return dict(found["left_today"])


async def test_of_many_at_once_only_so_many_are_sent(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await send(api, conversation_id)
    await limited(stage, max_messages_per_day=3)  # the one that was sent before counts
    answers = await asyncio.gather(*(send(api, conversation_id) for _ in range(6)))
    assert sorted(status for status, _ in answers) == [200, 200, 429, 429, 429, 429]
    assert {code for status, code in answers if status == 429} == {"spend_limit"}
    assert len(await stage.outbox()) == 3 and await left(stage, api) == {"messages": 0, "paid": None}
    told = [row.facts["limit"] for row in await stage.rows(tables.notices) if "limit" in row.facts]
    assert told == ["messages"]


@services.sqlite_only
async def test_the_next_day_of_the_account_begins_anew(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()  # at nine in the morning there
    await limited(stage, max_messages_per_day=1)
    await send(api, conversation_id)
    path = f"{api.address}/api/v1/conversations/{conversation_id}/messages"
    headers = {"Authorization": f"Bearer {api.tokens['ana']}"}
    async with api.session.post(path, json={"text": "oi"}, headers=headers) as refused:
        assert (refused.status, refused.headers["Retry-After"]) == (429, str(15 * 3600))
    stage.clock.wind(15 * 3600 - 1)
    assert (await send(api, conversation_id))[0] == 429
    stage.clock.wind(1)
    assert (await send(api, conversation_id))[0] == 200


@services.sqlite_only
async def test_what_is_paid_has_its_own_limit(stage: Stage, api: Api) -> None:
    stage.channel.render = whatsapp_render.render  # type: ignore[method-assign]
    conversation_id = await stage.hears()
    await limited(stage, max_paid_per_day=1, max_messages_per_day=3)
    assert (await send(api, conversation_id, template=TEMPLATE))[0] == 200
    assert await send(api, conversation_id, template=TEMPLATE) == (429, "spend_limit")
    assert await left(stage, api) == {"messages": 2, "paid": 0}, "what was refused is not counted"
    assert (await send(api, conversation_id))[0] == 200


@services.sqlite_only
async def test_the_assistants_words_are_withheld_and_a_person_is_asked_for(stage: Stage, api: Api) -> None:
    await limited(stage, max_messages_per_day=1)
    stage.dialogue.script.append(Script(says=["Olá!", "Em que posso ajudar?"]))
    conversation_id = await stage.hears()
    await stage.all_turns(conversation_id)
    said = [message for message in await stage.messages(conversation_id) if message.author.value == "bot"]
    assert [(message.status, message.error) for message in said] == [
        (MessageStatus.QUEUED, None),
        (MessageStatus.WITHDRAWN, "spend_limit"),
    ]
    assert len(await stage.outbox()) == 1
    assert (await stage.conversation(conversation_id)).state.value == "pending"


@services.sqlite_only
async def test_only_the_paid_words_of_the_assistant_are_withheld_by_the_limit_of_those(stage: Stage, api: Api) -> None:
    stage.channel.render = whatsapp_render.render  # type: ignore[method-assign]
    await limited(stage, max_paid_per_day=0, max_messages_per_day=5)
    paid = Utterance(custom={"whatsapp": {"type": "template", "template": TEMPLATE}})
    stage.dialogue.script.append(Script(says=[paid, "Olá!"]))
    conversation_id = await stage.hears()
    await stage.all_turns(conversation_id)
    assert [row.body["type"] for row in await stage.outbox()] == ["text"]
    assert await left(stage, api) == {"messages": 4, "paid": 0}, "what was withheld is given back"


async def test_how_many_more_may_be_written_to_first_is_shown(stage: Stage, api: Api) -> None:
    facts = ChannelSettings(messaging_limit=250)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=facts)
    _, found = await api.get(f"/accounts/{stage.account.id}/abilities")
    assert found["first_left"] == 250
