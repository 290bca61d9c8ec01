"""Messages as they are shown: what became of them after they were written, and what they refer to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conversation.account import Channel
from conversation.arrivals import REACTION, Edited, Removed
from conversation.channel_settings import ChannelSettings
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId
from store import accounts
from tests import services
from tests.handover.conftest import Api
from tests.house import ANA, NUMBER, OTHER_NUMBER, START, Stage, add_account

pytestmark = services.sqlite_only

AT = START.isoformat(timespec="milliseconds")
WHO: dict[str, Any] = {"account": NUMBER, "addresses": (Address(kind=AddressKind.PHONE, value=ANA),), "at": START}


async def shown(api: Api, conversation_id: ConversationId) -> list[Any]:
    return (await api.get(f"/conversations/{conversation_id}/messages"))[1]["items"]  # type: ignore[no-any-return]


async def test_an_edited_message_reads_anew_with_its_earlier_words_beside_it(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("20 horas", provider_id="m1")
    await stage.accept(Edited(provider_id="m1", text="21 horas", **WHO))
    (message,) = await shown(api, conversation_id)
    assert (message["text"], message["edited_at"], message["removed_at"]) == ("21 horas", AT, None)
    assert [each["text"] for each in message["content"]["edits"]] == ["20 horas"]


async def test_of_a_removed_message_the_fact_is_shown_alone(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("meu cartão é 1234", provider_id="m1")
    await stage.hears("apaguei", reply_to="m1")
    await stage.accept(Removed(provider_id="m1", **WHO))
    message, answer = await shown(api, conversation_id)
    assert (message["text"], message["removed_at"], message["edited_at"]) == (None, AT, None)
    assert (answer["reply_to"]["text"], answer["reply_to"]["removed_at"]) == (None, AT)


async def test_what_a_message_answers_is_told_with_it(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("tem pão?", provider_id="m1")
    await stage.hears("❤️", kind=REACTION, reply_to="m1")
    await stage.hears("e esse?", reply_to="long-gone")
    first, reaction, lost = await shown(api, conversation_id)
    assert first["reply_to"] is None
    assert (reaction["reply_to"]["id"], reaction["reply_to"]["text"]) == (first["id"], "tem pão?")
    assert reaction["reply_to"]["author"] == "contact"
    assert lost["reply_to"] == {"provider_id": "long-gone", "id": None}
    _, context = await api.get(f"/conversations/{conversation_id}/context")
    assert context["last_messages"] == [first, reaction, lost]


async def test_what_was_answered_in_anothers_turn_says_in_whose(stage: Stage, api: Api) -> None:
    joins = replace(stage.account.channel_settings, join_within_s=2.0)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=joins)
    conversation_id = await stage.hears("oi")
    await stage.hears("quero pizza")
    stage.clock.wind(2.0)
    await stage.all_turns(conversation_id)
    first, second, answer = await shown(api, conversation_id)
    assert (first["answered_with"], second["answered_with"], answer["answered_with"]) == (None, first["id"], None)
    assert (await api.get(f"/messages/{second['id']}"))[1]["answered_with"] == first["id"]


async def test_another_conversations_message_is_never_quoted(stage: Stage, api: Api) -> None:
    await stage.hears("segredo", provider_id="m1")
    other = await stage.hears("oi", phone="5511955554444", reply_to="m1")
    assert (await shown(api, other))[0]["reply_to"] == {"provider_id": "m1", "id": None}


async def test_each_channels_own_window_is_told(stage: Stage, api: Api) -> None:
    def add(tx: Any) -> None:
        settings = ChannelSettings(human_agent=True)
        add_account(tx, stage.vault, stage.agent, OTHER_NUMBER, channel=Channel.MESSENGER, channel_settings=settings)

    await stage.db.write(add)
    ours = await stage.hears()
    psid = Address(kind=AddressKind.PSID, value="7001")
    await stage.entrance.accept("messenger", [stage.inbound(account=OTHER_NUMBER, addresses=(psid,))])
    windows = {each["channel"]: each["window"] for each in (await api.get("/conversations"))[1]["items"]}
    assert windows["whatsapp"]["closes_at"] == "2026-03-03T12:00:00.000+00:00"
    assert windows["whatsapp"]["human_until"] is None
    assert windows["whatsapp"]["rule"]["number"] == "131047"
    assert windows["messenger"]["human_until"] == "2026-03-09T12:00:00.000+00:00"
    assert windows["messenger"]["rule"]["may_send"] == ["human_agent", "utility"]
    _, one = await api.get(f"/conversations/{ours}")
    assert one["window"] == windows["whatsapp"] and one["thread"] == {"owner": None}
