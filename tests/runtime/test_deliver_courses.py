"""What follows from a refusal: for its message, its conversation, its account; and that it holds after a restart."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from conversation.account import Account
from conversation.alert import AlertRule, Means, RuleId
from conversation.conversation import ConversationId
from conversation.course import Course
from conversation.errors import SendError
from conversation.ids import new_id
from conversation.message import MessageStatus
from runtime.deliver import Delivery
from runtime.settings import RuntimeSettings
from store import accounts, alert_rules, notices, outbox, pauses, tables
from store.alert_rules import Target
from store.leases import Holder
from tests.house import ANA, BEN, OTHER_NUMBER, THIS_IS_ANA, Script, Stage, add_account, due_rows, eventually


@pytest.fixture
def settings() -> RuntimeSettings:
    return RuntimeSettings(typing_after_s=30, send_tries=3)


async def says(stage: Stage, *texts: str, phone: str = ANA, **given: Any) -> ConversationId:
    """The assistant's answer, queued."""
    stage.channel.has_signs = False
    stage.dialogue.script.append(Script(says=texts))
    conversation_id = await stage.hears(phone=phone, **given)
    await stage.all_turns(conversation_id)
    return conversation_id


def refused(course: Course, *, code: int = 4, after_s: float | None = None) -> SendError:
    return SendError(f"no ({code})", error_code=code, course=course, retry_after_s=after_s)


async def states(stage: Stage) -> list[str]:
    return [row.state for row in await stage.outbox()]


def are(stage: Stage, *wanted: str) -> Any:
    async def check() -> bool:
        return await states(stage) == list(wanted)

    return check


def tried(stage: Stage, times: int, *wanted: str) -> Any:
    """Whether so many requests were begun, and what became of them is written down."""

    async def check() -> bool:
        return len(stage.channel.started) == times and await states(stage) == list(wanted)

    return check


async def account(stage: Stage) -> Account:
    return await stage.db.read(accounts.get, stage.account.id)


async def waits_s(stage: Stage) -> float:
    """How long the account waits from now on."""
    until = (await account(stage)).paused_until
    assert until is not None
    return (until - stage.clock.now()).total_seconds()


async def looked_again(stage: Stage) -> None:
    """The delivery has looked at what is due, as it does for somebody else's message."""
    looks = 0
    due = outbox.due

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal looks
        looks += 1
        return due(*args, **kwargs)

    outbox.due = counted
    try:
        stage.wake.ring()
        await eventually(lambda: looks >= 2, "two looks")
    finally:
        outbox.due = due


async def tells(stage: Stage) -> None:
    """Whoever sees the account is told of all."""
    await stage.operator("ana")

    def add(tx: Connection) -> None:
        rule = AlertRule(id=RuleId(new_id("rul")), means=Means.WEBHOOK, operator="ana")
        alert_rules.add(tx, stage.vault, rule, Target(address="https://alerts.example/", secret="s"), stage.clock.now())

    await stage.db.write(add)


async def told(stage: Stage) -> list[tuple[str, Any]]:
    return [(row.event, row.facts.get("reason")) for row in await stage.rows(tables.alerts)]


class TestAThrottledAccount:
    async def test_waits_as_a_whole_and_one_tries_before_the_others_go_on(self, stage: Stage) -> None:
        await says(stage, "a1", "a2")
        stage.channel.answers.append(refused(Course.PAUSE_ACCOUNT, after_s=60))
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued", "queued"))
            await says(stage, "b1", phone=BEN)
            await looked_again(stage)
            assert (stage.channel.texts, await waits_s(stage)) == ([], 60)

            held = asyncio.Event()
            stage.channel.during = lambda _: held.wait()
            stage.clock.wind(60)
            await eventually(lambda: len(stage.channel.started) == 2)
            await looked_again(stage)
            assert [each.body["text"] for each in stage.channel.started] == ["a1", "a1"]
            held.set()
            assert sorted(await stage.sent(3)) == ["a1", "a2", "b1"]
            await eventually(are(stage, "sent", "sent", "sent"))
        assert (await account(stage)).paused_until is None
        assert stage.channel.texts.index("a1") < stage.channel.texts.index("a2")

    async def test_is_no_failure_of_the_message_however_often_and_waits_longer_each_time(self, stage: Stage) -> None:
        conversation_id = await says(stage, "oi")
        await stage.db.write(lambda tx: tx.execute(tables.outbox.update().values(expires_at=None)))
        waited = []
        async with stage.delivering():
            for times in range(1, 8):
                stage.channel.answers.append(refused(Course.PAUSE_ACCOUNT, after_s=60))
                await eventually(tried(stage, times, "queued"))
                waited.append(await waits_s(stage))
                stage.clock.wind(waited[-1])
            assert await stage.sent(1) == ["oi"]
            await eventually(are(stage, "sent"))
        assert waited == [60, 120, 240, 480, 900, 900, 900]
        assert (await stage.outbox())[0].attempts == 1
        assert (await stage.messages(conversation_id))[-1].status is MessageStatus.ACCEPTED

    async def test_waits_at_least_as_long_as_meta_says(self, stage: Stage) -> None:
        await says(stage, "oi")
        stage.channel.answers.append(refused(Course.PAUSE_ACCOUNT, after_s=5000))
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued"))
        assert await waits_s(stage) == 5000

    async def test_waits_on_after_a_restart(self, stage: Stage) -> None:
        await says(stage, "oi")
        stage.channel.answers.append(refused(Course.PAUSE_ACCOUNT, after_s=60))
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued"))
        another = Holder(house="b", name="2")
        stage.delivery = Delivery(
            stage.db, stage.vault, {"whatsapp": stage.channel}, stage.wake, stage.clock, stage.settings, another
        )
        stage.clock.wind(59)
        async with stage.delivering():
            await looked_again(stage)
            assert len(stage.channel.started) == 1
            stage.channel.answers.append(refused(Course.PAUSE_ACCOUNT, after_s=60))
            stage.clock.wind(1)
            await eventually(tried(stage, 2, "queued"))
        assert await waits_s(stage) == 120

    async def test_does_not_hold_up_another_account(self, stage: Stage) -> None:
        await stage.db.write(lambda tx: add_account(tx, stage.vault, stage.agent, OTHER_NUMBER))
        await says(stage, "a1")
        stage.channel.answers.append(refused(Course.PAUSE_ACCOUNT))
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued"))
            await says(stage, "b1", phone=BEN, account=OTHER_NUMBER)
            assert await stage.sent(1) == ["b1"]
            await looked_again(stage)
        assert await states(stage) == ["queued", "sent"]

    async def test_a_sign_that_is_throttled_pauses_it_and_is_not_the_one_that_tries(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.all_turns(conversation_id)

        async def refuse_signs(outgoing: Any) -> None:
            if "seen" in outgoing.body:
                raise refused(Course.PAUSE_ACCOUNT, after_s=60)

        stage.channel.during = refuse_signs
        await stage.db.write(lambda tx: tx.execute(tables.outbox.delete().where(tables.outbox.c.lane == "message")))
        async with stage.delivering():
            await eventually(lambda: _signs_are(stage, "refused"))
            await says(stage, "oi")
            await looked_again(stage)
            assert stage.channel.texts == []
            stage.clock.wind(60)
            assert await stage.sent(1) == ["oi"]


async def _signs_are(stage: Stage, state: str) -> bool:
    return {row.state for row in await stage.outbox("signal")} == {state}


class TestAStoppedAccount:
    async def test_keeps_what_is_queued_shows_why_and_tells_once(self, stage: Stage) -> None:
        await tells(stage)
        await says(stage, "a1")
        stage.channel.answers += [refused(Course.STOP_ACCOUNT, code=190) for _ in range(4)]
        async with stage.delivering():
            for times in range(1, 5):
                await eventually(tried(stage, times, "queued"))
                await stage.db.write(lambda tx: tx.execute(tables.alerts.update().values(state="told")))
                stage.clock.wind(await waits_s(stage))
        assert (await account(stage)).fault == "no (190)"
        assert await told(stage) == [("account", "no (190)")]

    async def test_goes_on_with_the_one_that_gets_through(self, stage: Stage) -> None:
        await says(stage, "a1", "a2")
        await says(stage, "b1", phone=BEN)
        stage.channel.answers += [refused(Course.STOP_ACCOUNT, code=131042) for _ in range(2)]
        async with stage.delivering():
            await eventually(lambda: _all_are_refused(stage))
            started = len(stage.channel.started)
            stage.channel.answers.clear()
            stage.clock.wind(60)
            assert sorted(await stage.sent(3)) == ["a1", "a2", "b1"]
            await eventually(are(stage, "sent", "sent", "sent"))
        assert started <= 2
        found = await account(stage)
        assert (found.fault, found.paused_until) == (None, None)

    async def test_goes_on_at_once_with_a_new_token(self, stage: Stage) -> None:
        await says(stage, "oi")
        stage.channel.answers.append(refused(Course.STOP_ACCOUNT, code=190))
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued"))
            await stage.ownership.change_account(stage.account.id, token="another")
            assert await stage.sent(1) == ["oi"]
        assert stage.channel.sent[0].token == "another"
        assert (await account(stage)).fault is None

    async def test_does_not_keep_an_answer_for_ever(self, stage: Stage) -> None:
        conversation_id = await says(stage, "tarde")
        stage.channel.answers.append(refused(Course.STOP_ACCOUNT, code=190))
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued"))
            await stage.db.write(pauses.pause, stage.account.id, stage.clock.now() + timedelta(hours=9))
            stage.clock.wind(901)
            await eventually(are(stage, "expired"))
        assert (await stage.messages(conversation_id))[-1].status is MessageStatus.EXPIRED
        assert len(stage.channel.started) == 1

    async def test_keeps_an_operators_words_until_it_goes_on(self, stage: Stage) -> None:
        conversation_id = await says(stage)
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.reply(conversation_id, "um momento", by="ana")
        stage.channel.answers.append(refused(Course.STOP_ACCOUNT, code=368))
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued"))
            stage.clock.wind(7200)
            assert await stage.sent(1) == [THIS_IS_ANA + "um momento"]

    async def test_a_message_that_is_refused_for_itself_lets_the_next_one_try(self, stage: Stage) -> None:
        await says(stage, "a1", "a2")
        stage.channel.answers += [refused(Course.STOP_ACCOUNT, code=190), refused(Course.GIVE_UP, code=131026)]
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued", "queued"))
            stage.clock.wind(60)
            assert await stage.sent(1) == ["a2"]
            await eventually(are(stage, "refused", "sent"))
        assert (await account(stage)).fault is None

    async def test_an_old_answer_that_may_not_leave_is_not_what_tries(self, stage: Stage) -> None:
        anas = await says(stage, "a1")
        stage.channel.answers.append(refused(Course.STOP_ACCOUNT, code=190))
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued"))
            await says(stage, "b1", phone=BEN)
            of_before = tables.outbox.update().where(tables.outbox.c.conversation_id == anas).values(ownership=99)
            await stage.db.write(lambda tx: tx.execute(of_before))
            stage.clock.wind(60)
            assert await stage.sent(1) == ["b1"]
            await eventually(are(stage, "withdrawn", "sent"))


async def test_a_sign_that_is_taken_does_not_say_that_messages_are(stage: Stage) -> None:
    await stage.db.write(accounts.set_fault, stage.account.id, "no way to pay")
    conversation_id = await stage.hears()
    await stage.all_turns(conversation_id)
    await stage.db.write(lambda tx: tx.execute(tables.outbox.delete().where(tables.outbox.c.lane == "message")))
    async with stage.delivering():
        await eventually(lambda: _signs_are(stage, "sent"))
    assert (await account(stage)).fault == "no way to pay"


async def _all_are_refused(stage: Stage) -> bool:
    """Whether the account is paused, and nothing is under way any more."""
    rows = await stage.outbox()
    refusals = sum(row.error is not None for row in rows)
    return 0 < refusals == len(stage.channel.started) and {row.state for row in rows} == {"queued"}


class TestTheOneThatTries:
    async def paused(self, stage: Stage) -> outbox.Row:
        """Ana's answer, on an account whose pause is over."""
        await says(stage, "oi")
        await stage.db.write(pauses.pause, stage.account.id, stage.clock.now() - timedelta(seconds=1))
        (row,) = await stage.db.read(due_rows, stage.clock.now())
        return row

    async def test_is_one_of_the_account_and_one_that_was_refused_before_if_there_is_one(self, stage: Stage) -> None:
        await says(stage, "a1")
        await says(stage, "b1", phone=BEN)
        refused_before = (await stage.outbox())[1].id
        await stage.db.write(pauses.pause, stage.account.id, stage.clock.now())
        await stage.db.write(
            lambda tx: tx.execute(
                tables.outbox.update()
                .where(tables.outbox.c.id == refused_before)
                .values(settled_at=stage.clock.now(), error="no (4)")
            )
        )
        assert [row.id for row in await stage.db.read(due_rows, stage.clock.now())] == [refused_before]

    async def test_is_no_sign(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.all_turns(conversation_id)
        await stage.db.write(pauses.pause, stage.account.id, stage.clock.now())
        assert [row.lane.value for row in await stage.db.read(due_rows, stage.clock.now())] == ["message"]

    async def test_is_one_of_all_workers(self, stage: Stage) -> None:
        await self.paused(stage)
        now = stage.clock.now()
        later = now + timedelta(seconds=35)
        taken = [await stage.db.write(pauses.take_the_try, stage.account.id, now, later) for _ in range(2)]
        assert taken == [True, False]
        assert await stage.db.read(due_rows, now) == []

    async def test_no_claim_is_made_of_a_paused_account_by_who_saw_it_before_the_pause(self, stage: Stage) -> None:
        await says(stage, "oi")
        now = stage.clock.now()
        (row,) = await stage.db.read(due_rows, now)
        await stage.db.write(pauses.pause, stage.account.id, now + timedelta(seconds=60))
        deadline = now + timedelta(seconds=5)
        assert await stage.db.write(outbox.claim, row, claimer=stage.holder, now=now, deadline=deadline) is None
        assert await states(stage) == ["queued"]

    async def test_where_nothing_became_of_it_another_tries_after_a_while(self, stage: Stage) -> None:
        await self.paused(stage)
        now = stage.clock.now()
        await stage.db.write(pauses.take_the_try, stage.account.id, now, now + timedelta(seconds=35))
        stage.clock.wind(35)
        async with stage.delivering():
            assert await stage.sent(1) == ["oi"]


class TestAThrottledPair:
    async def test_waits_alone_and_four_times_longer_each_time(self, stage: Stage) -> None:
        await says(stage, "a1", "a2")
        waited: list[float] = []
        async with stage.delivering():
            for times in (1, 2, 3, 4):
                stage.channel.answers.append(refused(Course.PAUSE_CONVERSATION, code=131056, after_s=4))
                await eventually(tried(stage, times, "queued", "queued"))
                row = (await stage.outbox())[0]
                waited.append((row.not_before - stage.clock.now()).total_seconds())
                stage.clock.wind(waited[-1])
            assert await stage.sent(2) == ["a1", "a2"]
        assert waited == [4, 16, 64, 256]
        assert (await account(stage)).paused_until is None

    async def test_does_not_hold_up_others(self, stage: Stage) -> None:
        await says(stage, "a1", "a2")
        stage.channel.answers.append(refused(Course.PAUSE_CONVERSATION, code=131056, after_s=4))
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued", "queued"))
            await says(stage, "b1", phone=BEN)
            assert await stage.sent(1) == ["b1"]


class TestAFileThatCouldNotBeHad:
    async def test_goes_out_once_more_and_no_more(self, stage: Stage) -> None:
        await says(stage, "foto")
        stage.channel.answers += [refused(Course.ONCE_MORE, code=131053) for _ in range(2)]
        async with stage.delivering():
            await eventually(tried(stage, 1, "queued"))
            stage.clock.wind(2)
            await eventually(tried(stage, 2, "refused"))


class TestAFailureToldAfterwards:
    async def sent(self, stage: Stage, *, phone: str = ANA) -> ConversationId:
        conversation_id = await says(stage, "oi", phone=phone)
        async with stage.delivering():
            await eventually(are(stage, "sent"))
        return conversation_id

    async def fails(self, stage: Stage, course: Course, code: int, provider_id: str = "wamid.out.1") -> None:
        (row,) = await stage.outbox()
        told = {"opaque": str(row.id), "error": f"{code} no", "error_code": code, "course": course}
        await stage.report(provider_id, MessageStatus.FAILED, **told)

    async def test_waits_as_after_a_refusal_and_goes_out_once_more(self, stage: Stage) -> None:
        conversation_id = await self.sent(stage)
        await self.fails(stage, Course.PAUSE_CONVERSATION, 131056)
        async with stage.delivering():
            await looked_again(stage)
            assert stage.channel.texts == ["oi"]
            stage.clock.wind(4)
            assert await stage.sent(2) == ["oi", "oi"]
            await eventually(are(stage, "sent"))
        message = (await stage.messages(conversation_id))[-1]
        assert (message.status, message.provider_id) == (MessageStatus.ACCEPTED, "wamid.out.2")

    async def test_told_again_it_changes_nothing(self, stage: Stage) -> None:
        conversation_id = await self.sent(stage)
        for _ in range(2):
            await self.fails(stage, Course.PAUSE_CONVERSATION, 131056)
        assert await states(stage) == ["queued"]
        stage.clock.wind(4)
        async with stage.delivering():
            await stage.sent(2)
            await eventually(are(stage, "sent"))
        await self.fails(stage, Course.PAUSE_CONVERSATION, 131056)
        assert (await stage.messages(conversation_id))[-1].status is MessageStatus.ACCEPTED

    async def test_failing_a_second_time_it_is_over_and_people_are_told(self, stage: Stage) -> None:
        await tells(stage)
        conversation_id = await self.sent(stage)
        await self.fails(stage, Course.PAUSE_CONVERSATION, 131056)
        stage.clock.wind(4)
        async with stage.delivering():
            await stage.sent(2)
            await eventually(are(stage, "sent"))
        await self.fails(stage, Course.PAUSE_CONVERSATION, 131056, "wamid.out.2")
        assert (await stage.messages(conversation_id))[-1].status is MessageStatus.FAILED
        assert await states(stage) == ["sent"]
        assert await told(stage) == [("failed", 131056)]

    async def test_for_good_is_told_and_not_sent_again(self, stage: Stage) -> None:
        await tells(stage)
        conversation_id = await self.sent(stage)
        await self.fails(stage, Course.GIVE_UP, 131049)
        assert (await stage.messages(conversation_id))[-1].status is MessageStatus.FAILED
        assert await states(stage) == ["sent"]
        assert await told(stage) == [("failed", 131049)]
        assert "failed" in [each["kind"] for each in await stage.db.read(notices.after, 0)]

    async def test_that_is_the_accounts_holds_all_of_it(self, stage: Stage) -> None:
        await tells(stage)
        await self.sent(stage)
        await self.fails(stage, Course.STOP_ACCOUNT, 131042)
        found = await account(stage)
        assert (found.fault, await waits_s(stage)) == ("131042 no", 60)
        assert await states(stage) == ["queued"]
        assert await told(stage) == [("account", "131042 no")]

    async def test_a_person_who_took_over_meanwhile_is_not_spoken_over(self, stage: Stage) -> None:
        conversation_id = await self.sent(stage)
        await self.fails(stage, Course.PAUSE_CONVERSATION, 131056)
        await stage.ownership.take(conversation_id, by="ana")
        stage.clock.wind(4)
        async with stage.delivering():
            await eventually(are(stage, "withdrawn"))
        assert stage.channel.texts == ["oi"]
