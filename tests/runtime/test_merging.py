"""One customer under two names becomes one again, whatever is under way: nothing is lost, and one has it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest

from conversation.contact import Address, AddressKind
from conversation.conversation import HandoverState
from conversation.deadlines import Deadline
from conversation.errors import NotFound, Refused
from conversation.handover import RequestState
from conversation.mail import MailState
from conversation.message import Author, MessageStatus
from conversation.opt_outs import By
from runtime import merging
from runtime.accept import accept_all
from runtime.channel import Outgoing
from runtime.turn import Step
from store import (
    accounts,
    contacts,
    conversations,
    deadlines,
    erasing,
    former_ids,
    mailbox,
    notices,
    opt_outs,
    outbox,
    requests,
    tables,
)
from store import merging as rows
from store.database import Database
from tests import services
from tests.house import ANA, BEN, CLARA, Script, Stage, due_rows, eventually, mail_waiting
from tests.runtime.two_names import BOTH, USER, by_phone, by_user, heard_once, named_both, two


async def test_who_is_named_by_both_is_one_contact_with_one_conversation(stage: Stage) -> None:
    older, newer = await two(stage)
    assert older != newer
    assert await named_both(stage) == older
    (listed,) = await stage.db.read(conversations.listed)
    assert {address.kind for address in listed.contact.addresses} == {AddressKind.PHONE, AddressKind.BSUID}
    assert await stage.texts(older, Author.CONTACT) == ["sou a Joana", "oi, sou eu", "de novo"]
    assert listed.conversation.unread == 3
    await stage.all_turns(older)
    assert await stage.heard(older) == ["sou a Joana", "oi, sou eu", "de novo"]
    assert len(await stage.texts(older)) == 3


@services.sqlite_only
async def test_old_ids_lead_to_the_one_there_is(stage: Stage) -> None:
    older, newer = await two(stage)
    contact_was = (await stage.conversation(newer)).contact_id
    await named_both(stage)
    assert (await stage.conversation(newer)).id == older
    assert (await stage.db.write(conversations.lock, newer)).id == older
    assert (await stage.db.write(conversations.lock_shared, newer)).id == older
    contact = await stage.db.read(contacts.get, contact_was)
    assert set(contact.addresses) == set(BOTH)
    for word in (newer, contact_was, ANA, USER.value):
        assert await stage.db.read(erasing.contact_named, word) == [contact.id]
    with pytest.raises(NotFound):
        await stage.db.read(conversations.get, "cnv_never")


@services.sqlite_only
async def test_what_became_another_twice_is_still_found(stage: Stage) -> None:
    older, newer = await two(stage)
    third = await stage.hears("também sou eu", phone=BEN)
    await named_both(stage)
    one, other = (await stage.conversation(older)).contact_id, (await stage.conversation(third)).contact_id
    first = await stage.hears("quem sou eu?", phone=CLARA)
    oldest = (await stage.conversation(first)).contact_id

    def far_older(tx: Any) -> None:
        since = stage.clock.now().replace(year=2020)
        tx.execute(tables.contacts.update().where(tables.contacts.c.id == oldest).values(created_at=since))
        table = tables.conversations
        tx.execute(table.update().where(table.c.id == first).values(created_at=since))

    await stage.db.write(far_older)
    await stage.db.write(rows.merge, one, other, by="ana", now=stage.clock.now())
    await stage.db.write(rows.merge, other, oldest, by="ana", now=stage.clock.now())
    assert {(await stage.conversation(each)).id for each in (older, newer, third)} == {first}
    assert await stage.db.write(rows.merge, one, oldest, by="ana", now=stage.clock.now()) is None


@pytest.mark.parametrize("asked_in", ["older", "newer"])
async def test_a_turn_that_runs_meanwhile_is_answered_anew_and_once(stage: Stage, asked_in: str) -> None:
    older = await by_phone(stage, "um")
    if asked_in == "older":
        running = older
        await by_user(stage, "dois")
    else:
        await stage.all_turns(older)
        running = await by_user(stage, "dois")
    stage.dialogue.script.append(Script(says=["para o vento"], during=lambda: named_both(stage, "três")))
    await stage.turn(running)
    assert "para o vento" not in await stage.texts(older)
    await stage.all_turns(older)
    await stage.all_turns(running)
    await heard_once(stage, older, "um", "dois", "três")
    assert len(await stage.texts(older)) == 3
    assert {row.conversation_id for row in await stage.outbox()} == {older}
    assert not any(row.crashes for row in await stage.rows(tables.mailbox))


@services.sqlite_only
async def test_a_turn_begun_on_the_one_that_was_cannot_finish_its_mail(stage: Stage) -> None:
    _, newer = await two(stage)
    mail = await stage.db.read(mail_waiting, newer, stage.clock.now())
    begun = await stage.db.write(mailbox.begin, mail)
    await named_both(stage)
    assert begun is not None
    assert not await stage.db.write(mailbox.finish, begun, MailState.DONE, stage.clock.now())


@services.sqlite_only
async def test_mail_that_waits_on_both_is_answered_in_the_order_it_came(stage: Stage) -> None:
    older = await by_phone(stage, "um")
    await by_user(stage, "dois")
    await by_phone(stage, "três")
    await by_user(stage, "quatro")
    await named_both(stage, "cinco")
    await stage.all_turns(older)
    assert await stage.heard(older) == ["um", "dois", "três", "quatro", "cinco"]


@services.sqlite_only
async def test_what_waited_for_more_to_follow_it_comes_to_its_turn_with_what_was_there_too(stage: Stage) -> None:
    settings = replace(stage.account.channel_settings, join_within_s=60.0)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=settings)
    older = await by_phone(stage, "um")
    newer = await by_user(stage, "dois")
    for each in (older, newer):
        assert await stage.turn(each) is Step.GATHERING
    await named_both(stage, "três")
    await stage.all_turns(older)
    assert [question.text for question in stage.dialogue.asked] == []
    stage.clock.wind(60)
    await stage.all_turns(older)
    assert [question.text for question in stage.dialogue.asked] == ["um\ndois\ntrês"]
    assert not await stage.db.read(mailbox.still_waiting)


@services.sqlite_only
async def test_what_waited_for_more_and_is_a_persons_by_then_is_kept_at_once(stage: Stage) -> None:
    settings = replace(stage.account.channel_settings, join_within_s=60.0)
    await stage.operator("ana")
    older = await by_phone(stage)
    await stage.ownership.take(older, by="ana")
    await stage.all_turns(older)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=settings)
    assert await stage.turn(await by_user(stage, "sou eu")) is Step.GATHERING
    await named_both(stage)
    await stage.all_turns(older)
    assert await stage.heard(older) == ["oi", "sou eu", "de novo"]


async def test_what_the_assistant_said_in_either_still_leaves(stage: Stage) -> None:
    older, newer = await two(stage)
    stage.dialogue.script.extend([Script(says=["a um"]), Script(says=["a dois"])])
    await stage.all_turns(older)
    await stage.all_turns(newer)
    stale = await stage.db.read(due_rows, stage.clock.now())
    await named_both(stage)
    # Whoever looked at the rows before the merge claims none of them, and gives none of them up.
    for row in stale:
        deadline = stage.clock.now().replace(year=2030)
        claim = outbox.claim
        args: dict[str, Any] = {"claimer": stage.holder, "now": stage.clock.now(), "deadline": deadline}
        assert await stage.db.write(claim, row, **args) is None
    async with stage.delivering():
        assert await stage.sent(2) == ["a um", "a dois"]
    assert {outgoing.addresses for outgoing in stage.channel.sent} == {tuple(BOTH)}


@services.sqlite_only
async def test_what_a_person_wrote_leaves_from_where_it_is_by_then(stage: Stage) -> None:
    _, newer = await two(stage)
    await stage.ownership.reply(newer, "já vejo", by="ana")
    (stale,) = await stage.db.read(due_rows, stage.clock.now())
    await named_both(stage)
    now = stage.clock.now()
    assert await stage.db.write(outbox.claim, stale, claimer=stage.holder, now=now, deadline=now) is None
    async with stage.delivering():
        assert "já vejo" in (await stage.sent(1))[0]


@pytest.mark.parametrize("sent_in", ["older", "newer"])
async def test_a_request_that_is_on_its_way_is_settled_where_it_is_by_then(stage: Stage, sent_in: str) -> None:
    older, newer = await two(stage)
    stage.channel.has_signs = False
    stage.dialogue.script.append(Script(says=["a caminho"]))
    await stage.all_turns(older if sent_in == "older" else newer)

    async def meanwhile(outgoing: Outgoing) -> None:
        stage.channel.during = None
        await named_both(stage)

    stage.channel.during = meanwhile
    async with stage.delivering():
        await stage.sent(1)
        (row,) = await eventually(lambda: _settled(stage))
    assert (row.conversation_id, row.state) == (older, "sent")
    (message,) = [each for each in await stage.messages(older) if each.text == "a caminho"]
    assert message.status is MessageStatus.ACCEPTED
    told = [each for each in await stage.db.read(notices.after, 0) if each["facts"].get("status") == "accepted"]
    assert [each["conversation_id"] for each in told] == [older]


async def _settled(stage: Stage) -> list[Any]:
    return [row for row in await stage.outbox() if row.state != "claimed"]


class TestWhoHasIt:
    @services.sqlite_only
    async def test_one_that_a_person_has_stays_theirs_and_the_assistant_is_silent(self, stage: Stage) -> None:
        older, newer = await two(stage)
        await stage.operator("ana")
        stage.dialogue.script.append(Script(says=["não sai"]))
        await stage.all_turns(older)
        await stage.ownership.take(newer, by="ana")
        seen = (await stage.conversation(newer)).ownership
        await named_both(stage)
        merged = await stage.conversation(older)
        assert (merged.state, merged.owner) == (HandoverState.HUMAN, "ana")
        assert merged.ownership > seen
        assert [row.state for row in await stage.outbox()] == ["withdrawn"]
        await stage.all_turns(older)
        assert "não sai" in await stage.texts(older)
        await heard_once(stage, older, "sou a Joana", "oi, sou eu", "de novo")
        assert ("merge", "system", "bot", "human") in await stage.log(older)

    async def test_a_stale_order_is_refused_with_who_has_it_and_a_reply_arrives(self, stage: Stage) -> None:
        older, newer = await two(stage)
        await stage.operator("ana")
        await stage.operator("ben")
        await stage.ownership.take(newer, by="ana")
        seen = (await stage.conversation(older)).ownership
        await named_both(stage)
        for conversation_id in (older, newer):
            with pytest.raises(Refused) as refused:
                await stage.ownership.take(conversation_id, by="ben", ownership=seen)
            assert "ana" in str(refused.value)
        done = await stage.ownership.reply(newer, "já vejo", by="ana")
        assert done.conversation.id == older
        assert "já vejo" in str((await stage.texts(older, Author.OPERATOR))[-1])

    @pytest.mark.parametrize("last", ["older", "newer"])
    async def test_of_two_who_have_it_one_has_it_and_the_other_is_told(self, stage: Stage, last: str) -> None:
        older, newer = await two(stage)
        await stage.operator("ana")
        await stage.operator("ben")
        await stage.ownership.take(older, by="ana")
        await stage.ownership.take(newer, by="ben")
        stage.clock.wind(5)
        await (by_phone if last == "older" else by_user)(stage, "e então?")
        contact = [(await stage.conversation(each)).contact_id for each in (older, newer)]
        await stage.db.write(rows.merge, contact[0], contact[1], by="system", now=stage.clock.now())
        keeps, passed_over = ("ana", "ben") if last == "older" else ("ben", "ana")
        merged = await stage.conversation(older)
        assert (merged.state, merged.owner, merged.last_owner) == (HandoverState.HUMAN, keeps, passed_over)
        (line,) = [each for each in await stage.db.read(_log, older) if each.command == "merge"]
        assert (line.owner_before, line.owner_after) == (passed_over, keeps)
        told = [each["facts"] for each in await stage.db.read(notices.after, 0) if each["kind"] == "handover"]
        assert told[-1]["passed_over"] == passed_over
        with pytest.raises(Refused):
            await stage.ownership.reply(newer, "sou eu", by=passed_over)
        await stage.ownership.reply(newer, "sou eu", by=keeps)
        assert Deadline.SILENCE in await stage.db.read(deadlines.of_conversation, older) or merged.last_owned_at

    @services.sqlite_only
    async def test_of_two_requests_one_waits_and_its_deadline_stands(self, stage: Stage) -> None:
        await stage.hands_over(request_ttl_s=600)
        older = await stage.asks_for_a_person()
        newer = await by_user(stage, "oi")
        slot = {"event": "slot", "timestamp": 1.0, "name": "handover_request"}
        wish = {**slot, "value": {"reason": "angry", "priority": "urgent"}}
        stage.dialogue.script.append(Script(says=["Vou chamar."], events=[wish]))
        await stage.all_turns(newer)
        await named_both(stage)
        found = await stage.db.read(requests.of_conversation, older)
        assert [(each.reason, each.state) for each in found] == [
            ("asked", RequestState.CANCELLED),
            ("angry", RequestState.PENDING),
        ]
        assert (await stage.conversation(newer)).state is HandoverState.PENDING
        assert Deadline.EXPIRY in await stage.db.read(deadlines.of_conversation, older)
        await stage.operator("ana")
        await stage.ownership.take(newer, by="ana")
        assert not await stage.db.read(requests.waiting, older)

    @services.sqlite_only
    async def test_a_request_is_answered_where_somebody_has_the_other_one(self, stage: Stage) -> None:
        older = await stage.asks_for_a_person()
        newer = await by_user(stage, "oi")
        await stage.operator("ana")
        await stage.ownership.take(newer, by="ana")
        await named_both(stage)
        (request,) = await stage.db.read(requests.of_conversation, older)
        assert (request.state, request.ended_by) == (RequestState.ANSWERED, "ana")
        assert set(await stage.db.read(deadlines.of_conversation, older)) == {Deadline.SILENCE}
        assert (await stage.conversation(older)).waiting_since is not None


def _log(tx: Any, conversation_id: str) -> list[Any]:
    return list(tx.execute(tables.handovers.select().where(tables.handovers.c.conversation_id == conversation_id)))


@services.sqlite_only
class TestTheDialogue:
    @pytest.mark.parametrize("last", ["older", "newer"])
    async def test_that_went_on_last_goes_on_where_it_stood(self, stage: Stage, last: str) -> None:
        older, newer = await two(stage)
        await stage.all_turns(older)
        await stage.all_turns(newer)
        running, quiet = (older, newer) if last == "older" else (newer, older)
        await (by_phone if last == "older" else by_user)(stage, "e então?")
        await stage.all_turns(running)
        goes_on, before = await stage.events(running), await stage.events(quiet)
        contact = [(await stage.conversation(each)).contact_id for each in (older, newer)]
        await stage.db.write(rows.merge, contact[0], contact[1], by="system", now=stage.clock.now())
        events = await stage.events(older)
        assert events[: len(before)] == before
        assert events[-len(goes_on) :] == goes_on
        assert [e["event"] for e in events[len(before) : -len(goes_on)]][-1] == "session_started"
        position = await stage.db.read(lambda tx: tx.execute(tables.trackers.select()).all())
        assert [(row.sender_id, row.seq, row.session_seq) for row in position] == [
            (older, len(events), len(events) - len(goes_on))
        ]
        assert not await stage.db.read(lambda tx: tx.execute(tables.tracker_snapshots.select()).all())


@services.sqlite_only
async def test_what_was_accepted_before_the_merge_does_not_come_in_again(stage: Stage) -> None:
    first = stage.inbound("um")
    second = stage.inbound("dois", addresses=(USER,))
    await stage.accept(first)
    stage.clock.wind(1)
    await stage.accept(second)
    older = await named_both(stage, "três")
    await stage.accept(first, second)
    assert sorted(map(str, await stage.texts(older, Author.CONTACT))) == ["dois", "três", "um"]


@services.sqlite_only
@pytest.mark.parametrize("stopped_in", ["older", "newer"])
async def test_who_wants_nothing_under_one_of_their_names_is_sent_nothing(stage: Stage, stopped_in: str) -> None:
    older, newer = await two(stage)
    people = {name: (await stage.conversation(each)).contact_id for name, each in (("older", older), ("newer", newer))}
    now = stage.clock.now()
    for name, contact in people.items():
        by = By.WORDS if name == stopped_in else By.PREFERENCE
        await stage.db.write(opt_outs.out, contact, by, now, now)
    await named_both(stage)
    merged = await stage.db.read(contacts.get, people["older"])
    assert (merged.opted_out_at, merged.opted_out_by) == (now, "words")


@services.sqlite_only
async def test_somebody_who_is_being_erased_is_nobody_else(stage: Stage) -> None:
    older, newer = await two(stage)
    one, other = [(await stage.conversation(each)).contact_id for each in (older, newer)]
    await stage.db.write(erasing.begin, one, by="chefe", now=stage.clock.now())
    with pytest.raises(Refused):
        await stage.db.write(merging.by_hand, one, other, by="ana", now=stage.clock.now())
    assert await named_both(stage) == newer


@services.postgresql_only
async def test_two_gateways_that_find_it_out_at_once_merge_once(stage: Stage, db_url: str) -> None:
    older, newer = await two(stage)
    third = await stage.hears("e eu", phone=BEN)
    elsewhere = Database(db_url)
    ben = Address(kind=AddressKind.PHONE, value=BEN)
    told = [[stage.inbound(f"a{n}", addresses=BOTH) for n in range(3)], [stage.inbound("b", addresses=(USER, ben))]]
    try:
        await asyncio.gather(
            stage.accept(*told[0]),
            elsewhere.write(accept_all, stage.account.channel, told[1], stage.clock.now()),
            stage.ownership.reply(newer, "já vejo", by="ana"),
        )
    finally:
        elsewhere.close()
    assert {(await stage.conversation(each)).id for each in (older, newer, third)} == {older}
    said = await stage.texts(older, Author.CONTACT)
    assert sorted(map(str, said)) == ["a0", "a1", "a2", "b", "e eu", "oi, sou eu", "sou a Joana"]
    assert (await stage.conversation(older)).owner == "ana"
    assert len(await stage.rows(tables.contacts)) == 1


@services.sqlite_only
async def test_a_lock_that_was_waited_for_is_on_the_one_there_is(stage: Stage) -> None:
    _, newer = await two(stage)
    await named_both(stage)
    assert await stage.db.read(former_ids.now_called, newer)
    with contextlib.suppress(Refused):
        await stage.ownership.release(newer, by="ana")
    (row,) = await stage.db.read(lambda tx: tx.execute(tables.conversations.select()).all())
    assert row.id != newer
