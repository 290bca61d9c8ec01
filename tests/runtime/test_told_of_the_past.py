"""What a channel tells of the past unasked: kept for people, answered by nobody; and an address book's names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conversation.arrivals import Attachment, Echo, EchoSource, Known, Remembered
from conversation.conversation import HandoverState
from conversation.webhook import Came
from store import contact_list, contacts, conversations, tables
from tests import services
from tests.house import ANA, BEN, NUMBER, Stage

pytestmark = services.sqlite_only


def remembered(stage: Stage, text: str | None, provider_id: str, days: float = 3, **given: Any) -> Remembered:
    sent_at = stage.clock.now() - timedelta(days=days)
    said = stage.inbound(text, provider_id=provider_id, sent_at=sent_at, recovered=True, **given)
    return Remembered(account=NUMBER, said=said)


def ours(stage: Stage, text: str, provider_id: str, days: float = 2) -> Remembered:
    echo = Echo(
        account=NUMBER,
        addresses=stage.inbound().addresses,
        provider_id=provider_id,
        source=EchoSource.PHONE,
        kind="text",
        sent_at=stage.clock.now() - timedelta(days=days),
        text=text,
        recovered=True,
    )
    return Remembered(account=NUMBER, said=echo)


async def test_the_past_stands_before_what_is_said_now_and_is_answered_by_nobody(stage: Stage) -> None:
    past = [remembered(stage, "vocês abrem?", "h1"), ours(stage, "sim, às nove", "h2")]
    await stage.accept(*past)
    await stage.accept(*past)  # Meta repeats itself
    (found,) = await stage.db.read(conversations.listed, address=ANA)
    conversation = found.conversation
    assert (conversation.state, conversation.unread, conversation.last_inbound_at) == (HandoverState.BOT, 0, None)
    assert await stage.rows(tables.mailbox) == []
    await stage.hears("oi")
    await stage.all_turns(conversation.id)
    assert [m.text for m in await stage.messages(conversation.id)] == ["vocês abrem?", "sim, às nove", "oi", "Olá!"]


@pytest.mark.parametrize("seconds", [0, 60])
async def test_what_was_said_just_now_is_left_to_its_own_webhook(stage: Stage, seconds: float) -> None:
    await stage.accept(remembered(stage, "oi", "h1", days=seconds / 86_400))
    conversation_id = await stage.hears("oi", provider_id="h1")
    await stage.all_turns(conversation_id)
    assert await stage.texts(conversation_id) == ["Olá!"]


async def test_a_file_that_comes_later_takes_the_place_that_was_kept_for_it(stage: Stage) -> None:
    place: dict[str, Any] = {"content": {"type": "media_placeholder"}, "kind": "unsupported"}
    await stage.accept(remembered(stage, None, "h1", **place))
    file: dict[str, Any] = {"kind": "image", "attachments": (Attachment(kind="image", id="900"),)}
    for _ in range(2):
        await stage.accept(remembered(stage, "o prato", "h1", **file))
    (row,) = await stage.rows(tables.messages)
    assert (row.kind, row.text) == ("image", "o prato")
    assert [media.message_id for media in await stage.rows(tables.media)] == [row.id]


async def test_the_address_book_names_whom_nobody_named_here_and_nobody_who_never_wrote(stage: Stage) -> None:
    conversation_id = await stage.hears("oi", name="ana*")
    await stage.hears("oi", phone=BEN)
    contact_id = (await stage.conversation(conversation_id)).contact_id
    bens = (await stage.db.read(conversations.listed, address=BEN))[0].conversation.contact_id
    await stage.db.write(contact_list.name, bens, "Seu Benedito", version=None, now=stage.clock.now())
    book = [entry(stage, ANA, "Ana da padaria"), entry(stage, BEN, "Bené"), entry(stage, "5511900000000", "Zeca")]
    came = Came(body="the whole book, Zeca in it", accounts=frozenset({NUMBER}))
    await stage.entrance.accept("whatsapp", book, came)
    assert (await stage.db.read(contacts.get, contact_id)).given_name == "Ana da padaria"
    assert (await stage.db.read(contacts.get, bens)).given_name == "Seu Benedito"
    assert len(await stage.rows(tables.contacts)) == 2
    assert "Zeca" not in str(await stage.rows(tables.webhook_events))


def entry(stage: Stage, phone: str, name: str) -> Known:
    addresses: Any = stage.inbound(phone=phone).addresses
    return Known(account=NUMBER, addresses=addresses, name=name, at=stage.clock.now(), key=phone)
