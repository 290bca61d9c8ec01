"""Accounts that were removed: in no list and of no use, but what was said on them is kept, and they can come back."""

from __future__ import annotations

from conversation.account import AccountId
from conversation.conversation import HandoverState
from conversation.message import MessageStatus
from conversation.outbound import Outbound
from runtime.account_setup import NewAccount
from store import accounts, conversations, messages, tokens
from tests import services
from tests.handover.conftest import Api
from tests.house import BEN, NUMBER, Stage, eventually

MINE = f"/accounts/{NUMBER}"
TOKEN, SECRETS = "EAAB-canary-token", ("canary-app-secret",)
AGAIN = {"channel": "whatsapp", "provider_id": NUMBER, "name": "Filial", "token": TOKEN, "secrets": SECRETS}


async def remove(api: Api) -> None:
    status, removed = await api.call("DELETE", f"/api/v1{MINE}", by="chefe")
    assert (status, removed["in_flight"]) == (200, 0)


async def test_it_is_in_no_list_and_what_was_said_on_it_is_still_there(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("oi")
    await remove(api)
    assert (await api.get("/accounts"))[1]["items"] == []
    assert (await api.get(MINE))[0] == 404
    assert (await api.call("PATCH", f"/api/v1{MINE}", by="chefe", body={"active": True}))[0] == 404
    assert (await api.call("DELETE", f"/api/v1{MINE}", by="chefe"))[0] == 404, "once"
    ((shown),) = (await api.get("/conversations"))[1]["items"]
    assert (shown["id"], shown["account"]) == (conversation_id, NUMBER)
    _, said = await api.get(f"/conversations/{conversation_id}/messages")
    assert [each["text"] for each in said["items"]] == ["oi"]
    assert (await api.get("/contacts"))[0] == 200


async def test_nothing_is_sent_from_it_whoever_writes(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("oi")
    written = await stage.ownership.send(conversation_id, Outbound(text="já vou"), by="ana")
    await remove(api)

    async def withdrawn() -> bool:
        found = [await stage.db.read(messages.find, number) for number in written.message_ids]
        return [each and each.status for each in found] == [MessageStatus.WITHDRAWN]

    async with stage.delivering():
        await eventually(withdrawn)
    assert stage.channel.started == []
    status, refused = await api.post(f"/conversations/{conversation_id}/reply", body={"text": "ainda aí?"})
    assert (status, refused["error"]["code"]) == (409, "account_removed")


@services.sqlite_only
async def test_who_waited_or_had_a_person_there_waits_no_longer(stage: Stage, api: Api) -> None:
    waits, has_one = await stage.hears("oi"), await stage.hears("oi", phone=BEN)
    await stage.ownership.request(waits, by="ana")
    await stage.ownership.take(has_one, by="ana")
    await stage.ownership.snooze(has_one, by="ana", until=stage.clock.now().replace(year=2031))
    await remove(api)
    for conversation_id in (waits, has_one):
        now = await stage.db.read(conversations.get, conversation_id)
        assert (now.state, now.status.value) == (HandoverState.BOT, "closed")
    assert (await api.get("/queue"))[1]["items"] == []


@services.sqlite_only
async def test_who_writes_to_it_is_recorded_and_its_webhooks_still_verify(stage: Stage, api: Api) -> None:
    before = await stage.entrance.secrets("whatsapp", fresh=True)
    await remove(api)
    assert await stage.entrance.secrets("whatsapp", fresh=True) == before
    conversation_id = await stage.hears("alguém aí?")
    await stage.all_turns(conversation_id)
    assert stage.dialogue.asked == []
    (waits,) = (await api.get("/queue"))[1]["items"]
    assert waits["id"] == conversation_id
    (listed,) = await stage.db.read(conversations.listed)
    assert listed.conversation.id == conversation_id
    assert (await api.get(f"/conversations/{conversation_id}/messages"))[1]["items"][0]["text"] == "alguém aí?"


@services.sqlite_only
async def test_its_token_is_forgotten(stage: Stage, api: Api) -> None:
    await api.call("PUT", f"/api/v1{MINE}/credentials", by="chefe", body={"token": TOKEN})
    await remove(api)
    assert (await stage.db.read(accounts.credentials, stage.vault, stage.account.id)).token is None


async def test_to_add_it_again_brings_it_back_with_its_conversations(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("oi")
    await remove(api)
    status, back = await api.post("/accounts", by="chefe", body=AGAIN)
    assert (status, back["id"], back["name"], back["active"]) == (200, stage.account.id, "Filial", True)
    assert (await api.get("/accounts"))[1]["items"] == [back]
    written = await api.post(f"/conversations/{conversation_id}/reply", body={"text": "de volta"})
    assert written[0] == 200
    async with stage.delivering():
        await stage.sent(1)


@services.sqlite_only
async def test_what_was_wrong_with_its_token_of_before_is_not_wrong_with_its_new_one(stage: Stage, api: Api) -> None:
    await remove(api)
    await stage.db.write(tokens.drop, stage.account.id, "Its owner has taken back what they allowed.")
    _, back = await api.post("/accounts", by="chefe", body=AGAIN)
    assert back["fault"] is None


@services.sqlite_only
async def test_it_comes_back_to_the_server_it_was_on_only(stage: Stage, api: Api) -> None:
    await remove(api)
    status, refused = await api.post("/accounts", by="chefe", body={**AGAIN, "token": None})
    assert (status, refused["error"]["code"]) == (400, "bad_input")
    assert (await api.get("/accounts"))[1]["items"] == []


@services.sqlite_only
async def test_one_removed_and_added_from_the_command_lines_side_too(stage: Stage, api: Api) -> None:
    setup = api.house.account_setup
    removed, _ = await setup.remove(NUMBER, by="command line")
    assert removed.removed_at == stage.clock.now()
    back = await setup.add(NewAccount(channel=stage.account.channel, provider_id=NUMBER, token=TOKEN, secrets=SECRETS))
    assert back.id == AccountId(removed.id) and back.removed_at is None and back.activation > removed.activation
