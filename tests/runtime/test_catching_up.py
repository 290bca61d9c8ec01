"""After an outage: we are told again, and what was missed comes in by the same door, once."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from conversation.arrivals import Echo, Inbound
from conversation.errors import SendError
from conversation.sync import Sync, SyncKind, SyncState
from runtime.catching_up import CatchingUp
from store import accounts, pulses, syncs, tables
from tests.house import Stage, eventually
from tests.runtime.remembering import RITA, SAUL, Remembering, answered, assistant_said, wrote


@pytest.fixture
async def shop(stage: Stage) -> Remembering:
    """Its channel tells it of what happens, and did so a moment ago."""
    made = Remembering(stage)
    await made.catching_up.look()
    made.memory.asked.clear()
    return made


async def gap(shop: Remembering) -> Sync | None:
    return await shop.db.read(syncs.latest, shop.account.id, SyncKind.GAP)


async def catch_up(shop: Remembering) -> None:
    await shop.catching_up.look()
    await shop.sync()


async def mail(shop: Remembering) -> list[Any]:
    return await shop.stage.rows(tables.mailbox)


async def test_a_gap_is_fetched_and_subscribed_to_before(shop: Remembering) -> None:
    shop.clock.wind(3 * 3600)
    shop.memory.on = False
    shop.memory.talks = {
        RITA: [wrote(RITA, "m_1", "oi?", shop.ago(hours=2)), wrote(RITA, "m_2", "alô?", shop.ago(hours=1))],
        SAUL: [wrote(SAUL, "m_3", "bom dia", shop.ago(minutes=1))],
    }
    await catch_up(shop)
    assert shop.memory.asked.index("turn on") < shop.memory.asked.index("page None")
    assert shop.memory.on
    assert len(await mail(shop)) == 3
    texts = [m.text for m in await shop.stage.messages(await shop.conversation_of(RITA))]
    assert texts == ["oi?", "alô?"]
    conversation = await shop.stage.conversation(await shop.conversation_of(RITA))
    assert (conversation.unread, conversation.last_inbound_at) == (2, shop.ago(hours=1))
    done = await gap(shop)
    assert done is not None and (done.state, done.messages_added) == (SyncState.DONE, 3)


async def test_who_asks_whether_we_are_told_is_answered_at_once(shop: Remembering) -> None:
    assert await shop.catching_up.make_sure(shop.account) and await gap(shop) is None
    shop.memory.on = False
    assert not await shop.catching_up.make_sure(shop.account)
    assert "turn on" not in shop.memory.asked and await gap(shop) is not None, "the sync turns it on, and then asks"


async def test_what_a_webhook_has_told_falls_on_its_key(shop: Remembering) -> None:
    shop.clock.wind(3600)
    heard, missed = wrote(RITA, "m_1", "oi", shop.ago(minutes=50)), wrote(RITA, "m_2", "alô?", shop.ago(minutes=40))
    await shop.accept(dataclasses.replace(heard, provider_id="1", recovered=False))
    shop.memory.talks = {RITA: [heard, missed]}
    await catch_up(shop)
    assert [m.text for m in await shop.stage.messages(await shop.conversation_of(RITA))] == ["oi", "alô?"]
    await shop.accept(dataclasses.replace(missed, recovered=False))
    assert len(await mail(shop)) == 2
    done = await gap(shop)
    assert done is not None and done.messages_added == 1


async def test_nothing_older_than_the_gap_is_taken(shop: Remembering) -> None:
    shop.clock.wind(3600)
    old = wrote(RITA, "m_0", "no ano passado", shop.ago(days=300))
    shop.memory.talks = {
        RITA: [old, wrote(RITA, "m_1", "oi", shop.ago(minutes=30))],
        SAUL: [wrote(SAUL, "m_2", "tchau", shop.ago(days=200))],
    }
    await catch_up(shop)
    assert [m.text for m in await shop.stage.messages(await shop.conversation_of(RITA))] == ["oi"]
    assert SAUL not in shop.memory.asked, "it has not changed since"


async def test_who_writes_while_it_is_fetched_and_so_moves_to_the_front_of_the_list_is_not_passed_by(
    shop: Remembering,
) -> None:
    shop.clock.wind(3 * 3600)
    others = [f"700000000000010{n}" for n in range(4)]
    talks: dict[str, list[Inbound | Echo]] = {
        who: [wrote(who, f"m_{who}", "oi?", shop.ago(minutes=10 + n))] for n, who in enumerate(others)
    }
    shop.memory.talks = {**talks, RITA: [wrote(RITA, "m_1", "alô?", shop.ago(hours=2))]}

    async def rita_writes_again(what: str) -> None:
        if what == others[0]:
            now = wrote(RITA, "m_2", "ainda?", shop.clock.now())
            shop.memory.talks[RITA].append(now)
            await shop.accept(dataclasses.replace(now, recovered=False))

    shop.memory.during = rita_writes_again
    await catch_up(shop)
    texts = [m.text for m in await shop.stage.messages(await shop.conversation_of(RITA))]
    assert sorted(texts, key=str) == ["ainda?", "alô?"]
    done = await gap(shop)
    assert done is not None and (done.state, done.messages_added) == (SyncState.DONE, 5)


async def test_what_began_to_fail_just_before_the_last_pulse_is_taken(shop: Remembering) -> None:
    shop.memory.talks = {RITA: [wrote(RITA, "m_1", "oi", shop.ago(minutes=4))]}
    shop.clock.wind(3600)
    await catch_up(shop)
    assert len(await mail(shop)) == 1


async def test_words_of_our_side_in_the_gap_are_shown(shop: Remembering) -> None:
    shop.clock.wind(3600)
    shop.memory.talks = {
        RITA: [
            wrote(RITA, "m_1", "oi", shop.ago(minutes=30)),
            answered(RITA, "m_2", "já respondo", shop.ago(minutes=29)),
        ],
    }
    await catch_up(shop)
    found = await shop.stage.messages(await shop.conversation_of(RITA))
    assert [(m.author.value, m.text) for m in found] == [("contact", "oi"), ("operator", "já respondo")]


async def test_what_the_assistant_said_is_not_taken_for_a_persons(shop: Remembering) -> None:
    shop.clock.wind(3600)
    at = shop.ago(minutes=30)
    await shop.accept(wrote(RITA, "m_1", "oi", at, recovered=False))
    await shop.db.write(assistant_said, await shop.conversation_of(RITA), "m_2", "Olá!", at)
    shop.memory.talks = {RITA: [wrote(RITA, "1", "oi", at), answered(RITA, "2", "Olá!", at)]}
    await catch_up(shop)
    conversation_id = await shop.conversation_of(RITA)
    assert [m.author.value for m in await shop.stage.messages(conversation_id)] == ["contact", "bot"]
    assert (await shop.stage.conversation(conversation_id)).state.value == "bot"


@pytest.mark.parametrize("away_min", [1, 4])
async def test_while_it_runs_a_short_silence_is_no_outage(shop: Remembering, away_min: int) -> None:
    shop.clock.wind(away_min * 60)
    await catch_up(shop)
    assert await gap(shop) is None


async def test_a_gateway_that_starts_looks_sooner(shop: Remembering) -> None:
    shop.clock.wind(3 * 60)
    await _started_anew(shop).look()
    assert await gap(shop) is not None


def _started_anew(shop: Remembering) -> CatchingUp:
    return CatchingUp(shop.db, shop.ways_out, shop.reach, shop.clock)


async def test_pulses_are_written_once_a_minute_at_most(shop: Remembering) -> None:
    began = shop.clock.now()
    for _ in range(3):
        shop.clock.wind(15)
        await shop.catching_up.look()
    assert await shop.db.read(pulses.last, "gateway") == began
    shop.clock.wind(15)
    await shop.catching_up.look()
    assert await shop.db.read(pulses.last, "gateway") == shop.clock.now()


async def beats(shop: Remembering, minutes: int) -> None:
    for _ in range(minutes):
        shop.clock.wind(60)
        await shop.catching_up.look()


async def test_a_channel_that_has_turned_us_off_while_we_were_well_is_found(shop: Remembering) -> None:
    shop.memory.talks = {RITA: [wrote(RITA, "m_1", "oi", shop.ago(hours=20))]}
    shop.memory.on = False
    await beats(shop, 9)
    assert await gap(shop) is None
    await beats(shop, 1)
    await shop.sync()
    assert shop.memory.on and len(await mail(shop)) == 1


async def test_whether_we_are_told_is_asked_every_ten_minutes(shop: Remembering) -> None:
    await beats(shop, 20)
    assert shop.memory.asked == ["is on?", "is on?"]


async def test_one_that_cant_be_asked_is_asked_again_soon(shop: Remembering) -> None:
    shop.memory.fails.append(SendError("Away.", retryable=True))
    await beats(shop, 11)
    assert shop.memory.asked == ["is on?", "is on?"]


async def test_an_account_that_was_never_told_of_has_missed_nothing(stage: Stage) -> None:
    shop = Remembering(stage)
    shop.memory.on = False
    shop.memory.talks = {RITA: [wrote(RITA, "m_1", "oi", shop.ago(hours=2))]}
    await shop.db.write(pulses.beat, "gateway", shop.ago(hours=5))
    await catch_up(shop)
    assert shop.memory.on and await gap(shop) is None and await mail(shop) == []


async def test_accounts_out_of_use_or_broken_are_not_asked(stage: Stage) -> None:
    shop = Remembering(stage)
    await shop.db.write(accounts.set_fault, shop.account.id, "The token is dead.")
    await shop.catching_up.look()
    await shop.db.write(accounts.change, stage.vault, shop.account.id, fault=None, active=False)
    await shop.catching_up.look()
    assert shop.memory.asked == []


async def test_an_outage_within_an_outage_widens_the_gap_and_begins_it_anew(shop: Remembering) -> None:
    shop.clock.wind(3600)
    shop.memory.talks = {RITA: [wrote(RITA, "m_1", "oi", shop.ago(minutes=50))]}
    shop.memory.fails.extend([None, SendError("Away.", retryable=True)])  # is on, but the rest is not answered
    await catch_up(shop)
    first = await gap(shop)
    assert first is not None and first.state is SyncState.WAITING
    shop.clock.wind(3600)
    await shop.catching_up.look()
    second = await gap(shop)
    assert second is not None and (second.id, second.since) == (first.id, first.since)
    await shop.sync()
    assert len(await mail(shop)) == 1


async def test_a_gap_outlives_a_crash_between_noticing_and_fetching(shop: Remembering) -> None:
    shop.clock.wind(3600)
    await shop.catching_up.look()
    shop.clock.wind(10)
    shop.memory.talks = {RITA: [wrote(RITA, "m_1", "oi", shop.ago(minutes=30))]}
    await _started_anew(shop).look()
    await shop.sync()
    assert len(await mail(shop)) == 1


async def test_the_runner_begins_at_once(stage: Stage) -> None:
    shop = Remembering(stage)
    task = asyncio.create_task(shop.catching_up.run())
    await eventually(lambda: "is on?" in shop.memory.asked, "the question")
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_of_two_gateways_one_finds_the_gap(shop: Remembering) -> None:
    before = await shop.db.read(pulses.last, "gateway")
    shop.clock.wind(3600)
    now = shop.clock.now()
    found = [await shop.db.write(pulses.beat, "gateway", now, every=timedelta(minutes=1)) for _ in range(2)]
    assert found == [before, now]
