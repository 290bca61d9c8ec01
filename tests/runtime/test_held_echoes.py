"""Instagram echoes our own messages too, at times before the answer to our request, and says not whose they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from conversation.account import Channel
from conversation.arrivals import Echo, EchoSource
from conversation.channel_settings import ChannelSettings
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId, HandoverState
from conversation.errors import SendError
from conversation.handover import PHONE
from conversation.message import Author, MessageStatus
from runtime.channel import Outgoing
from runtime.settings import RuntimeSettings
from store import accounts, conversations, held_echoes, outbox, tables
from store.database import Database
from store.outbox import Lane
from store.vault import Vault
from tests.house import (
    ANA,
    HOLDER,
    NUMBER,
    ScriptedDialogue,
    Stage,
    WoundClock,
    due_rows,
    eventually,
    set_up,
)


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings) -> Stage:
    account, agent = set_up(db, vault, clock, Channel.INSTAGRAM)
    return Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip


class Request:
    """A request of the assistant's, held while it is under way."""

    def __init__(self, stage: Stage) -> None:
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        stage.channel.during = self.hold

    async def hold(self, outgoing: Outgoing) -> None:
        if "text" in outgoing.body:
            self.begun.set()
            await self.may_end.wait()


@pytest.fixture
async def request_(stage: Stage) -> AsyncIterator[Request]:
    held = Request(stage)
    yield held
    held.may_end.set()


def echo(stage: Stage, text: str, provider_id: str, **given: Any) -> Echo:
    made: dict[str, Any] = {
        "account": NUMBER,
        "addresses": (Address(kind=AddressKind.IGSID, value=ANA),),
        "provider_id": provider_id,
        "source": EchoSource.PHONE,
        "kind": "text",
        "sent_at": stage.clock.now(),
        "text": text,
        "may_be_ours": True,
    }
    return Echo(**{**made, **given})


async def state(stage: Stage, conversation_id: ConversationId) -> tuple[HandoverState, str | None]:
    conversation = await stage.conversation(conversation_id)
    return conversation.state, conversation.owner


async def asked(stage: Stage) -> ConversationId:
    conversation_id = await stage.hears("oi")
    await stage.all_turns(conversation_id)
    return conversation_id


async def test_an_echo_of_ours_that_comes_before_the_answer_takes_nothing_over(stage: Stage, request_: Request) -> None:
    conversation_id = await asked(stage)
    async with stage.delivering():
        await request_.begun.wait()
        await stage.accept(echo(stage, "Olá!", "wamid.out.1"))
        assert (await stage.conversation(conversation_id)).echo_held
        request_.may_end.set()
        await eventually(lambda: not_held(stage, conversation_id))
    assert await state(stage, conversation_id) == (HandoverState.BOT, None)
    assert [m.text for m in await stage.messages(conversation_id)] == ["oi", "Olá!"]


async def test_somebody_elses_words_in_that_moment_take_it_over_once_the_request_is_settled(
    stage: Stage, request_: Request
) -> None:
    conversation_id = await asked(stage)
    async with stage.delivering():
        await request_.begun.wait()
        await stage.accept(echo(stage, "Oi, aqui é a Lu", "mid.lu"))
        assert await state(stage, conversation_id) == (HandoverState.BOT, None)
        request_.may_end.set()
        await eventually(lambda: not_held(stage, conversation_id))
    assert await state(stage, conversation_id) == (HandoverState.HUMAN, PHONE)
    assert await stage.texts(conversation_id, Author.OPERATOR) == ["Oi, aqui é a Lu"]


async def test_nothing_more_leaves_while_it_is_not_known_who_wrote(stage: Stage, request_: Request) -> None:
    conversation_id = await asked(stage)
    async with stage.delivering():
        await request_.begun.wait()
        await stage.accept(echo(stage, "Oi, aqui é a Lu", "mid.lu"))
        await stage.hears("e o cardápio?")
        await stage.all_turns(conversation_id)
        request_.may_end.set()
        await eventually(lambda: not_held(stage, conversation_id))
    assert stage.channel.texts == ["Olá!"]
    assert [row.state for row in await stage.outbox()] == ["sent", "withdrawn"]


async def test_nothing_is_claimed_while_an_echo_is_held_and_what_waits_is_not_lost(stage: Stage) -> None:
    conversation_id = await asked(stage)
    await stage.db.write(conversations.change, conversation_id, echo_held=True)
    now = stage.clock.now()
    (row,) = [row for row in await stage.db.read(due_rows, now) if row.lane is Lane.MESSAGE]
    claim = (outbox.claim, row)
    assert await stage.db.write(*claim, claimer=HOLDER, now=now, deadline=now + timedelta(seconds=5)) is None
    assert [each.state for each in await stage.outbox()] == ["queued"]
    await stage.db.write(conversations.change, conversation_id, echo_held=False)
    assert await stage.db.write(*claim, claimer=HOLDER, now=now, deadline=now + timedelta(seconds=5)) is not None


async def test_a_request_of_unknown_fate_is_settled_by_the_echo_that_reads_like_it(
    stage: Stage, request_: Request
) -> None:
    stage.channel.answers.append(SendError("cut", unknown=True))
    conversation_id = await asked(stage)
    async with stage.delivering():
        await request_.begun.wait()
        await stage.accept(echo(stage, "Olá!", "mid.ours"))
        request_.may_end.set()
        await eventually(lambda: not_held(stage, conversation_id))
    said = (await stage.messages(conversation_id))[-1]
    assert (said.author, said.status, said.provider_id) == (Author.BOT, MessageStatus.SENT, "mid.ours")
    assert await state(stage, conversation_id) == (HandoverState.BOT, None)


async def test_where_nothing_is_under_way_it_is_a_persons_at_once(stage: Stage) -> None:
    conversation_id = await stage.hears("oi")
    await stage.accept(echo(stage, "Oi, aqui é a Lu", "mid.lu"))
    assert await state(stage, conversation_id) == (HandoverState.HUMAN, PHONE)


async def test_what_is_held_outlives_the_process_that_held_it(stage: Stage, request_: Request) -> None:
    conversation_id = await asked(stage)
    async with stage.delivering():
        await request_.begun.wait()
        await stage.accept(echo(stage, "Oi, aqui é a Lu", "mid.lu"))
        request_.may_end.set()
        await eventually(lambda: not_held(stage, conversation_id))
    assert await stage.db.read(held_echoes.of, conversation_id) == []


async def test_the_same_echo_twice_is_held_once(stage: Stage, request_: Request) -> None:
    conversation_id = await asked(stage)
    async with stage.delivering():
        await request_.begun.wait()
        for _ in range(2):
            await stage.accept(echo(stage, "Oi, aqui é a Lu", "mid.lu"))
        assert len(await stage.db.read(held_echoes.of, conversation_id)) == 1
        assert await stage.rows(tables.webhook_events) == []
        request_.may_end.set()
        await eventually(lambda: not_held(stage, conversation_id))
    assert await stage.texts(conversation_id, Author.OPERATOR) == ["Oi, aqui é a Lu"]


async def test_what_our_own_app_sent_is_kept_and_takes_nothing_over(stage: Stage) -> None:
    settings = ChannelSettings(app_id="700")
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=settings)
    conversation_id = await stage.hears("oi")
    await stage.accept(echo(stage, "De outra casa nossa", "mid.house", content={"app_id": "700"}))
    assert await state(stage, conversation_id) == (HandoverState.BOT, None)
    await stage.accept(echo(stage, "De outro aplicativo", "mid.other", content={"app_id": "800"}))
    assert await state(stage, conversation_id) == (HandoverState.HUMAN, PHONE)


async def test_what_the_shop_says_its_inbox_sends_by_itself_takes_nothing_over(stage: Stage) -> None:
    settings = ChannelSettings(automations=["Obrigado! Já respondemos."])
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=settings)
    conversation_id = await stage.hears("oi")
    await stage.accept(echo(stage, " obrigado! já respondemos. ", "mid.away"))
    assert await state(stage, conversation_id) == (HandoverState.BOT, None)
    await stage.accept(echo(stage, "Obrigado!", "mid.lu"))
    assert await state(stage, conversation_id) == (HandoverState.HUMAN, PHONE)


async def not_held(stage: Stage, conversation_id: ConversationId) -> bool:
    return not (await stage.conversation(conversation_id)).echo_held
