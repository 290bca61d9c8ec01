"""The past of an account: kept for people to read, once, and nobody is woken by it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from datetime import timedelta

import pytest

from conversation.arrivals import Attachment
from conversation.errors import SendError
from conversation.sync import Sync, SyncKind, SyncState
from store import conversations, media, syncs, tables
from tests.house import Stage, eventually
from tests.runtime.remembering import RITA, SAUL, Remembering, answered, assistant_said, wrote

THROTTLED = SendError("Too many requests.", retryable=True, retry_after_s=60.0)


@pytest.fixture
def shop(stage: Stage) -> Remembering:
    made = Remembering(stage)
    for n, who in enumerate((RITA, SAUL, "7000000000000003")):
        at = made.ago(days=3 - n)
        made.memory.talks[who] = [
            wrote(who, f"m_{who}.1", "tem bolo?", at),
            answered(who, f"m_{who}.2", "tem sim", at + timedelta(seconds=30)),
        ]
    return made


async def ask(shop: Remembering) -> Sync:
    return await shop.db.write(syncs.ask, shop.account.id, SyncKind.PAST, by="chefe", now=shop.clock.now())


async def state(shop: Remembering, sync: Sync) -> Sync:
    return await shop.db.read(syncs.get, sync.id)


async def said(shop: Remembering, who: str) -> list[tuple[str, str | None, str | None]]:
    found = await shop.stage.messages(await shop.conversation_of(who))
    return [(each.author.value, each.operator, each.text) for each in found]


async def test_the_past_is_there_to_be_read_and_nobody_is_woken(shop: Remembering) -> None:
    sync = await ask(shop)
    await shop.sync()
    done = await state(shop, sync)
    assert (done.state, done.conversations_seen, done.messages_added) == (SyncState.DONE, 3, 6)
    assert await said(shop, RITA) == [("contact", None, "tem bolo?"), ("operator", "inbox", "tem sim")]
    conversation = await shop.stage.conversation(await shop.conversation_of(RITA))
    assert (conversation.unread, conversation.last_inbound_at, conversation.state.value) == (0, None, "bot")
    for table in (tables.mailbox, tables.outbox, tables.handovers):
        assert await shop.stage.rows(table) == []
    assert await shop.stage.events(conversation.id) == []


async def test_it_stands_before_what_is_live_in_the_order_it_was_said(shop: Remembering) -> None:
    await shop.accept(wrote(RITA, "m_live", "e hoje?", shop.clock.now(), recovered=False))
    await ask(shop)
    await shop.sync()
    assert [text for _, _, text in await said(shop, RITA)] == ["tem bolo?", "tem sim", "e hoje?"]
    conversation = await shop.stage.conversation(await shop.conversation_of(RITA))
    assert (conversation.unread, conversation.last_inbound_at) == (1, shop.clock.now())


async def test_what_is_here_is_not_added_again_whichever_way_it_came(shop: Remembering) -> None:
    live = shop.memory.talks[RITA][0]
    await shop.accept(dataclasses.replace(live, provider_id=live.provider_id.removeprefix("m_"), recovered=False))
    first = await ask(shop)
    await shop.sync()
    assert (await state(shop, first)).messages_added == 5
    again = await ask(shop)
    await shop.sync()
    assert again.id != first.id and (await state(shop, again)).messages_added == 0
    assert len(await shop.stage.rows(tables.messages)) == 6


async def test_a_webhook_that_comes_later_is_known(shop: Remembering) -> None:
    await ask(shop)
    await shop.sync()
    inbound, echo = shop.memory.talks[RITA]
    bare = inbound.provider_id.removeprefix("m_")
    await shop.accept(dataclasses.replace(inbound, provider_id=bare, recovered=False), echo)
    assert len(await said(shop, RITA)) == 2
    assert await shop.stage.rows(tables.mailbox) == []
    assert (await shop.stage.conversation(await shop.conversation_of(RITA))).state.value == "bot"


async def test_a_webhook_that_comes_at_the_same_time_is_the_same_message(shop: Remembering) -> None:
    await ask(shop)
    live = [dataclasses.replace(shop.memory.talks[who][0], recovered=False) for who in (RITA, SAUL)]
    await asyncio.gather(shop.sync(), *(shop.accept(each) for each in live))
    for who in (RITA, SAUL):
        assert [text for _, _, text in await said(shop, who)].count("tem bolo?") == 1


async def test_what_we_said_ourselves_stays_the_assistants(shop: Remembering) -> None:
    await shop.accept(wrote(RITA, "m_live", "oi", shop.clock.now(), recovered=False))
    await shop.db.write(assistant_said, await shop.conversation_of(RITA), f"{RITA}.2", "tem sim", shop.clock.now())
    await ask(shop)
    await shop.sync()
    assert await said(shop, RITA) == [
        ("contact", None, "tem bolo?"),
        ("contact", None, "oi"),
        ("bot", None, "tem sim"),
    ]


async def test_what_was_said_since_it_was_asked_for_is_left_to_the_webhooks(shop: Remembering) -> None:
    await ask(shop)
    shop.memory.talks[RITA] += [
        wrote(RITA, "m_new", "agora", shop.clock.now() + timedelta(seconds=1)),
    ]
    shop.memory.talks[SAUL] += [answered(SAUL, "m_on_its_way", "já vai", shop.ago(seconds=30))]
    await shop.sync()
    texts = [text for who in (RITA, SAUL) for _, _, text in await said(shop, who)]
    assert "agora" not in texts and "já vai" not in texts


async def test_it_goes_on_where_it_was_after_a_crash(shop: Remembering) -> None:
    async def crash_at_saul(what: str) -> None:
        if what == SAUL:
            raise asyncio.CancelledError

    sync = await ask(shop)
    shop.memory.during = crash_at_saul
    await shop.sync()
    assert (await state(shop, sync)).conversations_seen == 1
    before = len(shop.memory.asked)
    shop.memory.during = None
    await shop.sync()
    done = await state(shop, sync)
    assert (done.state, done.conversations_seen, done.messages_added) == (SyncState.DONE, 3, 6)
    assert "7000000000000003" not in shop.memory.asked[before:], "the first is not asked for again"


async def test_of_a_process_that_vanished_another_takes_over_in_time(shop: Remembering) -> None:
    sync = await ask(shop)
    now = shop.clock.now()
    assert await shop.db.write(syncs.claim, now, now + timedelta(minutes=2)) is not None
    await shop.sync()
    assert (await state(shop, sync)).state is SyncState.RUNNING
    shop.clock.wind(121)
    await shop.sync()
    assert (await state(shop, sync)).state is SyncState.DONE


async def test_a_throttle_is_waited_for(shop: Remembering) -> None:
    sync = await ask(shop)
    shop.memory.fails.extend([None, None, THROTTLED])
    await shop.sync()
    waiting = await state(shop, sync)
    assert (waiting.state, waiting.conversations_seen, waiting.error) == (SyncState.WAITING, 1, "Too many requests.")
    shop.clock.wind(59)
    await shop.sync()
    assert (await state(shop, sync)).state is SyncState.WAITING
    shop.clock.wind(20)
    await shop.sync()
    done = await state(shop, sync)
    assert (done.state, done.error, done.messages_added) == (SyncState.DONE, None, 6)


async def test_a_token_that_is_dead_is_waited_for_and_a_refusal_for_good_ends_it(shop: Remembering) -> None:
    sync = await ask(shop)
    shop.memory.fails.append(SendError("The token is dead.", account_fault=True))
    await shop.sync()
    assert (await state(shop, sync)).state is SyncState.WAITING
    shop.clock.wind(3600)
    shop.memory.fails.append(SendError("Not allowed."))
    await shop.sync()
    ended = await state(shop, sync)
    assert (ended.state, ended.error) == (SyncState.FAILED, "Not allowed.")


async def test_one_conversation_that_cant_be_read_keeps_nobody_from_the_others(shop: Remembering) -> None:
    sync = await ask(shop)
    shop.memory.fails.extend([None, SendError("It is gone.")])
    await shop.sync()
    done = await state(shop, sync)
    assert (done.state, done.conversations_seen, done.messages_added) == (SyncState.DONE, 3, 4)


async def test_it_stops_when_it_is_told_to_and_what_was_fetched_stays(shop: Remembering) -> None:
    async def stop(what: str) -> None:
        if what == SAUL:
            await shop.db.write(syncs.stop, sync.id, shop.clock.now())

    sync = await ask(shop)
    shop.memory.during = stop
    await shop.sync()
    stopped = await state(shop, sync)
    assert (stopped.state, stopped.conversations_seen) == (SyncState.STOPPED, 1)
    assert RITA not in shop.memory.asked


async def test_what_goes_on_is_not_begun_twice(shop: Remembering) -> None:
    assert (await ask(shop)).id == (await ask(shop)).id


async def test_files_of_the_past_are_fetched_where_the_account_fetches_files(shop: Remembering) -> None:
    photo = Attachment(kind="image", url="https://cdn.example/1.jpg")
    shop.memory.talks = {RITA: [wrote(RITA, "m_photo", "olha", shop.ago(days=1), kind="image", attachments=(photo,))]}
    await ask(shop)
    await shop.sync()
    (message,) = await shop.stage.messages(await shop.conversation_of(RITA))
    (file,) = await shop.db.read(media.of_message, message.id)
    assert file.kind == "image"


async def test_two_of_one_second_keep_their_order(shop: Remembering) -> None:
    at = shop.ago(days=1)
    shop.memory.talks = {
        RITA: [wrote(RITA, f"m_r{n}", f"r{n}", at) for n in range(3)],
        SAUL: [wrote(SAUL, f"m_s{n}", f"s{n}", at) for n in range(3)],
    }
    await ask(shop)
    await shop.sync()
    assert [text for _, _, text in await said(shop, RITA)] == ["r0", "r1", "r2"]
    assert [text for _, _, text in await said(shop, SAUL)] == ["s0", "s1", "s2"]
    assert all(row.id < 0 for row in await shop.stage.rows(tables.messages))


async def test_the_runner_carries_out_what_is_asked_for(shop: Remembering) -> None:
    task = asyncio.create_task(shop.syncing.run())
    sync = await ask(shop)

    async def done() -> bool:
        return (await state(shop, sync)).state is SyncState.DONE

    await eventually(done, "the sync")
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_conversation_known_by_its_past_alone_is_listed_where_it_was_last_changed(shop: Remembering) -> None:
    await ask(shop)
    await shop.sync()
    listed = await shop.db.read(conversations.listed)
    assert [each.conversation.created_at for each in listed] == [
        shop.memory.talks[who][-1].sent_at for who in ("7000000000000003", SAUL, RITA)
    ]
