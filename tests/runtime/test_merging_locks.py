"""Two contacts become one while somebody else is at one of them in another transaction, really. PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from conversation.account import Channel
from conversation.arrivals import Echo, EchoSource, MarketingWish
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId
from conversation.handover import Command
from conversation.message import Author
from runtime import held_echoes as echoes_held
from runtime.accept import accept_all
from store import contacts, conversations, erasing, failures, former_ids, handovers, held_echoes, merging, tables
from store.database import Database
from tests.house import NUMBER, START, Stage, eventually
from tests.runtime.test_locks import Gate, done_or_blocked, elsewhere, gate, guarded
from tests.services import postgresql_only

__all__ = ["elsewhere", "gate"]

pytestmark = postgresql_only

USER = Address(kind=AddressKind.BSUID, value="BR.13491208655302741918")
WITH_NINE, WITHOUT = "5511977776666", "551177776666"


async def two(stage: Stage) -> tuple[ConversationId, ConversationId, list[str]]:
    older = await stage.hears("sou a Joana")
    stage.clock.wind(1)
    newer = await stage.hears("oi, sou eu", phone=USER.value, addresses=(USER,))
    return older, newer, [(await stage.conversation(each)).contact_id for each in (older, newer)]


@guarded
async def test_a_message_of_one_that_becomes_another_meanwhile_is_in_the_one_there_is(
    stage: Stage, elsewhere: Database, gate: Gate, monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    older, _, people = await two(stage)
    if not guard:
        monkeypatch.setattr(failures, "_IS_GONE", None)
    gate.at(monkeypatch, contacts, "meet")
    accepting = asyncio.create_task(stage.accept(stage.inbound("ainda eu", addresses=(USER,))))
    await gate.reached()
    await elsewhere.write(merging.merge, *people, by="system", now=START)
    gate.open()
    if guard:
        await accepting
        assert await stage.texts(older, Author.CONTACT) == ["sou a Joana", "oi, sou eu", "ainda eu"]
    else:
        with pytest.raises(sa.exc.IntegrityError):
            await accepting


@guarded
async def test_a_number_that_two_gateways_hear_written_in_two_ways_is_one_contacts(
    stage: Stage, elsewhere: Database, gate: Gate, monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    if not guard:
        monkeypatch.setattr(contacts, "_door", lambda address: address.value)
    gate.at(monkeypatch, contacts, "meet")
    first = asyncio.create_task(stage.accept(stage.inbound("oi", phone=WITH_NINE)))
    await gate.reached()
    other = stage.inbound("oi", phone=WITHOUT)
    second = asyncio.create_task(elsewhere.write(accept_all, Channel.WHATSAPP, [other], START))
    assert await done_or_blocked(stage.db, second) is not guard
    gate.open()
    await asyncio.gather(first, second)
    assert len(await stage.rows(tables.contacts)) == (1 if guard else 2)


async def test_who_takes_the_one_that_is_becoming_another_has_the_one_there_is(
    stage: Stage, elsewhere: Database, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer, people = await two(stage)
    gate.at(monkeypatch, merging, "_move_contact")
    joining = asyncio.create_task(stage.db.write(merging.merge, *people, by="system", now=START))
    await gate.reached()

    def take(tx: Any) -> Any:
        return handovers.command(tx, newer, Command.TAKE, by="ana", now=START)

    taking = asyncio.create_task(elsewhere.write(take))
    assert not await done_or_blocked(stage.db, taking)
    gate.open()
    await joining
    assert (await taking).after.id == older
    assert (await stage.conversation(newer)).owner == "ana"


@guarded
async def test_who_is_to_be_erased_and_becomes_another_meanwhile_is_erased_as_that_one(
    stage: Stage, elsewhere: Database, gate: Gate, monkeypatch: pytest.MonkeyPatch, guard: bool
) -> None:
    _, _, people = await two(stage)
    if not guard:
        monkeypatch.setattr(former_ids, "now_called", lambda tx, old_id: None)
    gate.at(monkeypatch, erasing, "planned")
    begin = asyncio.create_task(stage.db.write(erasing.begin, people[1], by="chefe", now=START))
    await gate.reached()
    await elsewhere.write(merging.merge, *people, by="system", now=START)
    gate.open()
    (erased,) = await asyncio.gather(begin, return_exceptions=True)
    left = await stage.db.read(lambda tx: tx.execute(tables.addresses.select()).all())
    assert (isinstance(erased, erasing.Erasure) and erased.contact == people[0] and not left) is guard


async def known_only(stage: Stage, address: Address) -> str:
    """Somebody who told WhatsApp what they want, and has written nothing."""
    wish = MarketingWish(account=NUMBER, addresses=(address,), wanted=True, at=START, key=address.value)
    await stage.accept(wish)
    found: str | None = await stage.db.read(contacts.find, stage.account.id, [address])
    assert found is not None
    return found


async def test_who_writes_for_the_first_time_while_they_become_another_is_in_the_one_there_is(
    stage: Stage, elsewhere: Database, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = await known_only(stage, USER)
    stage.clock.wind(1)
    talk = await stage.hears("sou a Joana")
    people = (await stage.conversation(talk)).contact_id, silent
    gate.at(monkeypatch, merging, "_locked")
    joining = asyncio.create_task(stage.db.write(merging.merge, *people, by="system", now=START))
    await gate.reached()
    first = stage.inbound("oi, sou eu", addresses=(USER,))
    await elsewhere.write(accept_all, Channel.WHATSAPP, [first], stage.clock.now())
    gate.open()
    await joining
    (left,) = await stage.rows(tables.conversations)
    assert left.contact_id == silent
    assert sorted(map(str, await stage.texts(left.id, Author.CONTACT))) == ["oi, sou eu", "sou a Joana"]


@pytest.mark.parametrize("becomes", [True, False], ids=["another", "who_has_a_conversation"])
async def test_who_has_not_written_and_is_to_be_erased_is_erased_with_what_becomes_theirs_meanwhile(
    stage: Stage, elsewhere: Database, gate: Gate, monkeypatch: pytest.MonkeyPatch, becomes: bool
) -> None:
    if becomes:
        talk = await stage.hears("sou a Joana")
        stage.clock.wind(1)
        silent = await known_only(stage, USER)
    else:
        silent = await known_only(stage, USER)
        stage.clock.wind(1)
        talk = await stage.hears("sou a Joana")
    other = (await stage.conversation(talk)).contact_id
    gate.at(monkeypatch, erasing, "planned")
    begin = asyncio.create_task(stage.db.write(erasing.begin, silent, by="chefe", now=START))
    await gate.reached()
    await elsewhere.write(merging.merge, silent, other, by="system", now=START)
    gate.open()
    erased = await begin
    assert (erased.contact, erased.conversation) == (other if becomes else silent, talk)
    assert USER.value in erased.names and len(erased.names) == 2
    assert not await stage.db.read(lambda tx: tx.execute(tables.addresses.select()).all())


async def test_an_echo_that_was_held_in_the_one_that_was_does_not_keep_the_one_there_is_silent(
    stage: Stage, elsewhere: Database, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer, people = await two(stage)
    await stage.all_turns(newer)
    async with stage.delivering():
        await stage.sent(1)
        (ours,) = await eventually(lambda: _sent(stage, newer))

    def held(tx: Any) -> None:
        whole = Echo(
            account=NUMBER,
            addresses=(USER,),
            provider_id=ours.provider_id,
            source=EchoSource.PHONE,
            kind="text",
            sent_at=START,
            text="Olá!",
        )
        held_echoes.add(tx, stage.account.id, newer, msgspec.to_builtins(whole), START)
        conversations.change(tx, newer, echo_held=True)

    await stage.db.write(held)
    gate.at(monkeypatch, held_echoes, "of")
    settling = asyncio.create_task(stage.db.write(echoes_held.settle, newer, START, {}, None))
    await gate.reached()
    await elsewhere.write(merging.merge, *people, by="system", now=START)
    gate.open()
    await settling
    for each in await stage.db.read(held_echoes.conversations_with):
        await stage.db.write(echoes_held.settle, each, START, {}, None)
    assert not (await stage.conversation(older)).echo_held


async def _sent(stage: Stage, conversation_id: ConversationId) -> list[Any]:
    return [each for each in await stage.messages(conversation_id) if each.provider_id and each.author is Author.BOT]
