"""What tells that two contacts are one customer, and what becomes of a number that changes."""

from __future__ import annotations

from typing import Any

from conversation.arrivals import SYSTEM
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId
from conversation.message import Author, MessageStatus
from runtime.channel import Outgoing
from store import (
    contacts,
    tables,
)
from tests import services
from tests.house import ANA, BEN, Stage, eventually
from tests.runtime.two_names import BOTH, OTHER_USER, PHONE, USER, by_phone, two


@services.sqlite_only
class TestWhatTellsThatTwoAreOne:
    async def test_a_report_on_what_we_sent(self, stage: Stage) -> None:
        older, newer = await two(stage)
        await stage.report("wamid.nobodys", MessageStatus.SENT, addresses=BOTH)
        assert (await stage.conversation(newer)).id == older

    async def test_a_report_names_nobody_new(self, stage: Stage) -> None:
        await stage.report("wamid.nobodys", MessageStatus.SENT, addresses=BOTH)
        assert not await stage.rows(tables.contacts)

    async def test_the_answer_to_a_request(self, stage: Stage) -> None:
        older, newer = await two(stage)
        await stage.all_turns(older)

        async def learn(outgoing: Outgoing) -> None:
            outgoing.learn([PHONE, USER])

        stage.channel.during = learn
        async with stage.delivering():
            await stage.sent(1)
            await eventually(lambda: _is(stage, newer, older))
        assert (await stage.conversation(newer)).id == older

    async def test_a_number_written_in_the_other_way(self, stage: Stage) -> None:
        with_nine = await stage.hears("oi", phone="5511988887777")
        without = stage.inbound("oi", phone="551188887777")
        await stage.accept(without)
        (contact,) = await stage.rows(tables.contacts)
        assert await stage.texts(with_nine, Author.CONTACT) == ["oi", "oi"]
        assert [a.value for a in await stage.db.read(contacts.addresses_of, contact.id)] == [
            "551188887777",
            "5511988887777",
        ]

    async def test_a_landline_is_nobody_elses(self, stage: Stage) -> None:
        await stage.hears("oi", phone="551133334444")
        await stage.accept(stage.inbound("oi", phone="5511933334444"))
        assert len(await stage.rows(tables.contacts)) == 2


async def _is(stage: Stage, conversation_id: ConversationId, other: ConversationId) -> bool:
    return (await stage.conversation(conversation_id)).id == other


@services.sqlite_only
class TestANumberThatChanges:
    async def changes(self, stage: Stage, was: str, will_be: str, **given: Any) -> None:
        becomes = (Address(kind=AddressKind.PHONE, value=will_be),)
        await stage.accept(stage.inbound(None, phone=was, kind=SYSTEM, becomes=becomes, **given))

    async def test_the_conversation_goes_on_under_the_new_one(self, stage: Stage) -> None:
        first = await by_phone(stage)
        stage.clock.wind(60)
        await self.changes(stage, ANA, BEN)
        assert await stage.hears("cheguei", phone=BEN) == first
        (told,) = [each for each in await stage.messages(first) if each.kind == SYSTEM]
        assert told.content["was"] == [{"kind": "phone", "value": ANA}]

    async def test_told_twice_it_is_nothing_new(self, stage: Stage) -> None:
        await by_phone(stage)
        for _ in range(2):
            await self.changes(stage, ANA, BEN, provider_id="wamid.change")
        assert await stage.rows(tables.webhook_events) == []

    async def test_the_old_one_is_somebody_elses_from_then_on(self, stage: Stage) -> None:
        first = await by_phone(stage)
        stage.clock.wind(60)
        await self.changes(stage, ANA, BEN)
        assert await stage.hears("comprei este chip", phone=ANA) != first

    async def test_who_wrote_from_the_new_one_before_it_was_told_is_the_same(self, stage: Stage) -> None:
        first = await by_phone(stage)
        stage.clock.wind(1)
        second = await stage.hears("número novo", phone=BEN)
        stage.clock.wind(60)
        await self.changes(stage, ANA, BEN)
        assert (await stage.conversation(second)).id == first

    async def test_who_had_the_new_one_long_before_is_somebody_else(self, stage: Stage) -> None:
        somebody = await stage.hears("segredo do Ben", phone=BEN)
        first = await by_phone(stage)
        stage.clock.wind(40 * 24 * 3600)
        await self.changes(stage, ANA, BEN)
        assert await stage.hears("cheguei", phone=BEN) == first
        assert await stage.texts(somebody, Author.CONTACT) == ["segredo do Ben"]
        assert "segredo do Ben" not in await stage.texts(first, Author.CONTACT)

    async def test_unless_the_user_id_that_is_told_is_theirs(self, stage: Stage) -> None:
        ben = Address(kind=AddressKind.PHONE, value=BEN)
        first = await stage.hears("sou eu", phone=BEN, addresses=(USER, ben))
        second = await by_phone(stage)
        stage.clock.wind(40 * 24 * 3600)
        await stage.accept(stage.inbound(None, kind=SYSTEM, becomes=(ben, USER)))
        assert (await stage.conversation(second)).id == first

    async def test_told_late_it_is_not_of_whoever_has_the_old_one_by_then(self, stage: Stage) -> None:
        then = stage.clock.now()
        stage.clock.wind(3600)
        somebody = await stage.hears("comprei este chip", phone=ANA)
        stage.clock.wind(1)
        other = await stage.hears("oi", phone=BEN)
        await self.changes(stage, ANA, BEN, sent_at=then)
        assert [(await stage.conversation(each)).id for each in (somebody, other)] == [somebody, other]

    async def test_a_number_in_other_hands_brings_nothing_of_the_one_before(self, stage: Stage) -> None:
        """Meta's user id is a person's: two with ids of their own are two people, whatever number they share."""
        before = await stage.hears("segredo da Ana", addresses=BOTH)
        stage.clock.wind(60)
        somebody = await stage.hears("oi", phone=OTHER_USER.value, addresses=(OTHER_USER,))
        await stage.accept(stage.inbound("agora com este número", addresses=(OTHER_USER, PHONE)))
        assert await stage.texts(somebody, Author.CONTACT) == ["oi", "agora com este número"]
        assert await stage.texts(before, Author.CONTACT) == ["segredo da Ana"]
        assert await stage.hears("e agora", addresses=(OTHER_USER, PHONE)) == somebody
