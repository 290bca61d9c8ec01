"""Time went back: nothing that was probably done since is done again, and nobody who was silenced speaks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import HandoverState
from conversation.handover import Command
from conversation.message import MessageStatus
from runtime import restored
from runtime.restored import Settled
from store import accounts, agents, handovers, mailbox, outbox, restoring, tables, timers
from store.restoring import Former
from tests.house import BEN, Stage


async def settle(stage: Stage, former: Former | None = None) -> Settled:
    return await stage.db.write(restored.settle, former or Former(), stage.clock.now())


@pytest.mark.parametrize("begun", [False, True], ids=["queued", "claimed"])
async def test_what_waited_to_be_sent_is_shown_as_unknown_and_not_sent(stage: Stage, begun: bool) -> None:
    # given an answer in the outbox, or under way, and the restore of that moment
    conversation = await stage.hears("oi")
    await stage.all_turns(conversation)
    (queued,) = await stage.outbox()
    if begun:
        deadline = stage.clock.now() + timedelta(seconds=5)
        first = outbox.from_row(queued)
        assert await stage.db.write(outbox.claim, first, claimer=stage.holder, now=stage.clock.now(), deadline=deadline)
    settled = await settle(stage)

    # when everything goes on, and the witness of later messages is healthy
    async with stage.delivering():
        stage.clock.wind(20)
        await stage.all_turns(await stage.hears("olá", phone=BEN))
        await stage.sent(1)
        later = (await stage.outbox())[-1]
        await stage.report("wamid.out.1", MessageStatus.DELIVERED, opaque=str(later.id))
        stage.clock.wind(stage.settings.witness_s + 60)
        await stage.all_turns(await stage.hears("e aí", phone=BEN))
        await stage.sent(2)
        stage.clock.wind(5)
        await stage.all_turns(await stage.hears("tchau", phone=BEN))
        await stage.sent(3)

    # then it has not been sent, and people see that nobody knows
    assert settled.sends == 1
    (row, *_) = await stage.outbox()
    assert (row.state, row.error) == ("unknown", "restored")
    (message,) = [m for m in await stage.messages(conversation) if m.author.value == "bot"]
    assert (message.status, message.error) == (MessageStatus.UNKNOWN, "restored")
    assert all(sent.addresses[0].value == BEN for sent in stage.channel.sent)


async def test_a_late_report_still_says_that_it_was_sent(stage: Stage) -> None:
    conversation = await stage.hears("oi")
    await stage.all_turns(conversation)
    await settle(stage)
    (row,) = await stage.outbox()
    await stage.report("wamid.late", MessageStatus.DELIVERED, opaque=str(row.id))
    assert [row.state for row in await stage.outbox()] == ["sent"]


async def test_mail_that_waited_is_kept_in_the_history_and_left_to_people(stage: Stage) -> None:
    conversation = await stage.hears("oi")
    await stage.accept(stage.inbound("tem pizza?"))
    settled = await settle(stage)
    await stage.all_turns(conversation)

    assert settled.mails == 2
    assert stage.dialogue.asked == []
    assert await stage.heard(conversation) == ["oi", "tem pizza?"]
    assert [m.reason for m in await stage.messages(conversation)] == ["restored", "restored"]
    parked = await stage.db.read(mailbox.parked)
    assert [(mail.text, mail.error) for mail in parked] == [("oi", "restored"), ("tem pizza?", "restored")]

    # and is answered when a person says so, and what comes after it anyway
    assert await stage.db.write(mailbox.retry, parked[1].id)
    await stage.accept(stage.inbound("e refrigerante?"))
    await stage.all_turns(conversation)
    assert [question.text for question in stage.dialogue.asked] == ["tem pizza?", "e refrigerante?"]
    assert stage.dialogue.asked[0].return_due, "a form that was open may long be filled in"


async def test_reminders_that_fell_due_are_dropped_and_later_ones_stay(stage: Stage) -> None:
    conversation = await stage.hears("oi")
    now = stage.clock.now()
    for name, minutes in (("due", -1), ("later", 10)):
        await stage.db.write(timers.put, conversation, name, now + timedelta(minutes=minutes), {})
    settled = await settle(stage)
    assert settled.reminders == 1
    assert list(await stage.db.read(timers.of_conversation, conversation)) == ["later"]


async def test_a_number_the_lost_time_gave_out_is_never_given_again(stage: Stage) -> None:
    # given a report on a message of the lost time, under the number the next row would have had
    conversation = await stage.hears("oi")
    await stage.all_turns(conversation)
    (row,) = await stage.outbox()
    await settle(stage, Former(numbers={"outbox": row.id + 7}))
    await stage.all_turns(await stage.hears("e agora?"))
    lost = [row.id + n for n in range(1, 8)]
    # then no row of ours is meant by it
    assert not {each.id for each in await stage.outbox()} & set(lost)


async def test_of_the_lost_time_switch_offs_and_takeovers_still_hold(stage: Stage) -> None:
    mine, others = await stage.hears("oi"), await stage.hears("oi", phone=BEN)
    await stage.all_turns(mine)
    former = Former(
        agents={stage.agent.id: Row(status="inactive", activation=4)},
        accounts={stage.account.id: Row(active=True, auto_response=False, activation=9)},
        conversations={
            mine: Row(state="human", owner="maria", ownership=3),
            others: Row(state="bot", owner=None, ownership=6),
        },
    )
    settled = await settle(stage, former)
    agent, account = await stage.db.read(lambda tx: (agents.get(tx, stage.agent.id), accounts.all_of(tx)[0]))
    assert (agent.status, agent.activation > 4) == (AgentStatus.INACTIVE, True)
    assert (account.active, account.auto_response, account.activation > 9) == (True, False, True)
    taken, free = await stage.conversation(mine), await stage.conversation(others)
    assert (taken.state, taken.owner, taken.ownership > 3) == (HandoverState.HUMAN, "maria", True)
    assert (free.state, free.ownership > 6) == (HandoverState.BOT, True)
    assert settled.silenced == 3


async def test_who_may_speak_more_now_than_at_the_backup_is_as_at_the_backup(stage: Stage) -> None:
    conversation = await stage.hears("oi")
    await stage.db.write(handovers.command, conversation, Command.TAKE, by="ana", now=stage.clock.now())
    await stage.db.write(agents.set_status, stage.agent.id, AgentStatus.INACTIVE)
    former = Former(
        agents={stage.agent.id: Row(status="active", activation=9)},
        conversations={conversation: Row(state="bot", owner=None, ownership=9)},
    )
    assert (await settle(stage, former)).silenced == 0
    assert (await stage.conversation(conversation)).owner == "ana"
    assert (await stage.db.read(agents.get, stage.agent.id)).status is AgentStatus.INACTIVE


async def test_what_is_read_of_the_former_database_is_what_was_in_it(stage: Stage) -> None:
    conversation = await stage.hears("oi")
    await stage.all_turns(conversation)
    former = await stage.db.read(restoring.read_former)
    assert former.conversations[conversation].state == "bot"
    assert former.agents[stage.agent.id].status == "active"
    assert former.numbers["outbox"] == max(each.id for each in await stage.rows(tables.outbox))
    assert former.numbers["mailbox"] == 1


class Row:
    """A row of the former database."""

    def __init__(self, **columns: object) -> None:
        self.__dict__.update(columns)
