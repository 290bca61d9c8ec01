"""The durable entrance: what a webhook holds is there, once, before it returns."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from conversation.account import Account
from conversation.arrivals import Unfamiliar
from conversation.contact import Address, AddressKind
from conversation.message import Author, MessageStatus
from runtime.channel import Utterance
from store import accounts, conversations, mailbox, messages, notices, tables, webhook_events
from store.database import Database
from tests.house import ANA, BEN, CLARA, NUMBER, OTHER_NUMBER, Script, Stage, add_account, eventually

S = MessageStatus


async def test_message_mail_unread_and_notice_are_there_for_another_process_when_it_returns(
    stage: Stage, db_url: str
) -> None:
    conversation_id = await stage.hears("bom dia")
    other = Database(db_url)
    (message,) = await other.read(messages.of_conversation, conversation_id)
    conversation = await other.read(conversations.get, conversation_id)
    mail = await other.read(mailbox.lowest_waiting, conversation_id, stage.clock.now())
    told = await other.read(notices.after, 0)
    other.close()
    assert (message.text, message.status, message.author) == ("bom dia", S.RECEIVED, Author.CONTACT)
    assert (conversation.unread, conversation.last_inbound_id) == (1, message.provider_id)
    assert mail is not None
    assert mail.message_id == message.id
    assert [(n["kind"], n["facts"]) for n in told] == [("message", {"message": message.id, "direction": "inbound"})]


async def test_five_of_the_same_at_once_are_one(stage: Stage) -> None:
    inbound = stage.inbound("oi")
    await asyncio.gather(*(stage.accept(inbound) for _ in range(5)))
    assert len(await stage.rows(tables.messages)) == 1
    assert len(await stage.rows(tables.mailbox)) == 1
    assert len(await stage.rows(tables.notices)) == 1
    (conversation,) = await stage.db.read(conversations.listed)
    assert conversation.conversation.unread == 1


async def test_without_the_key_the_same_five_are_five(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "first_time", lambda *_: True)
    inbound = stage.inbound("oi")
    await asyncio.gather(*(stage.accept(inbound) for _ in range(5)))
    assert len(await stage.rows(tables.mailbox)) == 5


async def test_a_batch_of_three_customers_is_three_conversations_with_three_answers(stage: Stage) -> None:
    await stage.accept(*(stage.inbound(f"sou {phone}", phone=phone) for phone in (ANA, BEN, CLARA)))
    for each in await stage.db.read(conversations.listed):
        await stage.all_turns(each.conversation.id)
        assert await stage.texts(each.conversation.id) == ["Olá!"]
    assert sorted(q.text for q in stage.dialogue.asked) == sorted(f"sou {phone}" for phone in (ANA, BEN, CLARA))


async def test_a_batch_larger_than_a_transaction_is_accepted_whole(stage: Stage) -> None:
    await stage.accept(*(stage.inbound(str(i)) for i in range(95)))
    assert [row.text for row in await stage.rows(tables.messages)] == [str(i) for i in range(95)]


async def test_a_batch_that_fails_leaves_nothing_and_is_accepted_when_it_comes_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = [stage.inbound("um"), stage.inbound("dois")]
    with monkeypatch.context() as broken:
        broken.setattr(notices, "add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await stage.accept(*batch)
    assert await stage.rows(tables.messages) == []
    await stage.accept(*batch)
    assert len(await stage.rows(tables.messages)) == 2


async def test_a_reaction_is_kept_and_moves_no_unread(stage: Stage) -> None:
    conversation_id = await stage.hears(None, kind="reaction", content={"emoji": "👍"})
    assert (await stage.conversation(conversation_id)).unread == 0
    await stage.all_turns(conversation_id)
    (message,) = await stage.messages(conversation_id)
    assert (message.verdict, message.reason) == ("IGNORE", "reaction")
    assert stage.dialogue.asked == []


async def test_a_message_to_an_account_nobody_knows_is_kept_once(stage: Stage) -> None:
    inbound = stage.inbound("oi", account="999")
    await stage.accept(inbound)
    await stage.accept(inbound)
    (event,) = await stage.db.read(webhook_events.latest)
    assert (event["kind"], event["account"], event["body"]["text"]) == ("unknown_account", "999", "oi")
    assert await stage.rows(tables.messages) == []


async def test_what_has_no_place_in_a_conversation_is_kept_once_if_it_has_a_key(stage: Stage) -> None:
    keyed = Unfamiliar(account=NUMBER, kind="account_update", body={"a": 1}, key="k")
    await stage.accept(keyed, keyed, replace(keyed, key=None), replace(keyed, key=None))
    assert len(await stage.rows(tables.webhook_events)) == 3


class TestButtons:
    BUTTONS = Utterance(text="Qual?", buttons=[{"title": "Grande", "payload": '/inform{"size": "large"}'}])

    async def offered(self, stage: Stage, phone: str = ANA) -> str:
        """The id of a button this customer was sent."""
        stage.dialogue.script.append(Script(says=[self.BUTTONS]))
        conversation_id = await stage.hears("pizza", phone=phone)
        await stage.all_turns(conversation_id)
        rows = [row for row in await stage.outbox() if row.conversation_id == conversation_id]
        return str(rows[-1].body["buttons"][0])

    async def chosen(self, stage: Stage, token: str, phone: str = ANA) -> tuple[str, bool]:
        conversation_id = await stage.hears("Grande", phone=phone, kind="button", choice=token)
        await stage.all_turns(conversation_id)
        question = stage.dialogue.asked[-1]
        return question.text, question.chosen

    async def test_one_of_its_own_is_its_payload(self, stage: Stage) -> None:
        assert await self.chosen(stage, await self.offered(stage)) == ('/inform{"size": "large"}', True)

    async def test_one_sent_to_another_customer_is_just_its_words(self, stage: Stage) -> None:
        assert await self.chosen(stage, await self.offered(stage, BEN), ANA) == ("Grande", False)

    async def test_a_made_up_one_is_just_its_words(self, stage: Stage) -> None:
        assert await self.chosen(stage, '/inform{"size": "large"}') == ("Grande", False)


class TestReports:
    async def answered(self, stage: Stage) -> tuple[str, int]:
        """An answer that was sent: the provider's id, and the message's."""
        conversation_id = await stage.hears()
        await stage.all_turns(conversation_id)
        async with stage.delivering():
            await stage.sent(1)
            await eventually(lambda: self.status(stage, S.ACCEPTED))
        message = (await stage.messages(conversation_id))[-1]
        assert message.provider_id is not None
        return message.provider_id, message.id

    async def status(self, stage: Stage, wanted: MessageStatus) -> bool:
        return (await stage.rows(tables.messages))[-1].status == wanted.value

    async def message(self, stage: Stage) -> tuple[str, str | None]:
        row = (await stage.rows(tables.messages))[-1]
        return row.status, row.error

    async def test_they_go_up_and_never_down(self, stage: Stage) -> None:
        provider_id, _ = await self.answered(stage)
        for status, expected in [(S.READ, S.READ), (S.SENT, S.READ), (S.DELIVERED, S.READ), (S.FAILED, S.READ)]:
            await stage.report(provider_id, status)
            assert await self.status(stage, expected)
        row = (await stage.rows(tables.messages))[-1]
        assert row.sent_at is not None
        assert row.delivered_at is not None
        assert row.read_at is not None

    async def test_a_late_failure_is_shown_and_told_once(self, stage: Stage) -> None:
        provider_id, message_id = await self.answered(stage)
        for _ in range(3):
            await stage.report(provider_id, S.FAILED, error="131047 window closed")
        assert await self.message(stage) == ("failed", "131047 window closed")
        told = [n for n in await stage.db.read(notices.after, 0) if n["kind"] == "failed"]
        assert [n["facts"]["message"] for n in told] == [message_id]
        assert told[0]["conversation_id"] is not None

    async def test_one_that_comes_before_the_sends_own_answer_is_known_by_what_we_sent_along(
        self, stage: Stage
    ) -> None:
        conversation_id = await stage.hears()
        await stage.all_turns(conversation_id)
        reported = asyncio.Event()

        async def report_first(outgoing: object) -> None:
            if outgoing.body.get("text"):  # type: ignore[attr-defined]
                await stage.report("wamid.early", S.DELIVERED, opaque=outgoing.opaque)  # type: ignore[attr-defined]
                reported.set()

        stage.channel.during = report_first
        async with stage.delivering():
            await stage.sent(1)
            await eventually(lambda: self.settled(stage))
        assert await self.message(stage) == ("delivered", None)
        assert (await stage.rows(tables.messages))[-1].provider_id is not None

    async def settled(self, stage: Stage) -> bool:
        return all(row.state == "sent" for row in await stage.outbox())

    async def test_one_of_another_account_is_not_believed_and_kept(self, stage: Stage) -> None:
        provider_id, _ = await self.answered(stage)
        await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
        row_id = str((await stage.outbox())[0].id)
        await stage.report(provider_id, S.READ, account=OTHER_NUMBER)
        await stage.report("wamid.x", S.READ, account=OTHER_NUMBER, opaque=row_id)
        assert await self.status(stage, S.ACCEPTED)
        kinds = [event["kind"] for event in await stage.db.read(webhook_events.latest)]
        assert kinds == ["status_of_unknown_message"] * 2

    @pytest.mark.parametrize("opaque", ["²", "9" * 40, "-1", "", "x", "0"])
    async def test_whatever_stands_where_our_number_should_be_is_survived(self, stage: Stage, opaque: str) -> None:
        await stage.report("wamid.unknown", S.SENT, opaque=opaque)
        assert len(await stage.rows(tables.webhook_events)) == 1


class TestSecrets:
    async def test_an_account_without_its_own_has_the_default_and_a_change_is_seen(self, stage: Stage) -> None:
        other: Account = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
        await stage.db.write(accounts.change, stage.vault, other.id, secrets=[])
        assert await stage.entrance.secrets("whatsapp") == {NUMBER: ("s1",), OTHER_NUMBER: ("default-secret",)}
        await stage.db.write(accounts.change, stage.vault, other.id, secrets=["new", "old"])
        assert (await stage.entrance.secrets("whatsapp", fresh=True))[OTHER_NUMBER] == ("new", "old")

    async def test_an_account_without_any_secret_has_none(self, stage: Stage) -> None:
        await stage.db.write(accounts.change, stage.vault, stage.account.id, secrets=[])
        stage.entrance._default_secret = ""
        assert await stage.entrance.secrets("whatsapp") == {NUMBER: ()}


async def test_any_address_of_a_contact_leads_to_the_same_conversation(stage: Stage) -> None:
    phone = Address(kind=AddressKind.PHONE, value=ANA)
    bsuid = Address(kind=AddressKind.BSUID, value="BR.abc")
    await stage.accept(stage.inbound("um", addresses=(phone, bsuid)), stage.inbound("dois", addresses=(bsuid,)))
    (only,) = await stage.db.read(conversations.listed)
    assert ANA not in only.conversation.id
    assert len(await stage.messages(only.conversation.id)) == 2


async def test_words_longer_than_anybody_writes_are_kept_as_far_as_there_is_room(stage: Stage) -> None:
    """SQLite has room for everything; what PostgreSQL refused, Meta would send again for days."""
    long = "x" * 1000
    await stage.accept(
        stage.inbound("a\x00b", provider_id=long, kind=long, reply_to=long, name=long),
        Unfamiliar(account=long, kind=long, body={"text": "a\x00b"}, key=long),
    )
    (message,) = await stage.rows(tables.messages)
    assert (message.text, len(message.provider_id), len(message.kind)) == ("a\ufffdb", 300, 32)
    await stage.accept(stage.inbound("a\x00b", provider_id=long, kind=long, name=long))
    assert len(await stage.rows(tables.messages)) == 1
