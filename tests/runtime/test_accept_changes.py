"""What was written anew or taken back, what was only done, what was read, what came too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from conversation.account import Channel
from conversation.arrivals import (
    BUTTON,
    COMMENT,
    REFERRAL,
    AccountTrouble,
    Attachment,
    Edited,
    Removed,
    SeenUpTo,
    Unfamiliar,
)
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId, HandoverState
from conversation.message import Author, Message, MessageStatus
from runtime.settings import RuntimeSettings
from runtime.turn import Step
from store import account_aliases, accounts, notices, requests, tables
from store.database import Database
from store.vault import Vault
from tests.house import ANA, HOLDER, NUMBER, ScriptedDialogue, Stage, WoundClock, set_up

HER = (Address(kind=AddressKind.PSID, value=ANA),)


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings) -> Stage:
    account, agent = set_up(db, vault, clock, Channel.MESSENGER)
    return Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip


async def first(stage: Stage, conversation_id: ConversationId) -> Message:
    return (await stage.messages(conversation_id))[0]


def edit(stage: Stage, provider_id: str, text: str, number: int = 1) -> Edited:
    return Edited(
        account=NUMBER, addresses=HER, provider_id=provider_id, text=text, at=stage.clock.now(), number=number
    )


def removal(stage: Stage, provider_id: str) -> Removed:
    return Removed(account=NUMBER, addresses=HER, provider_id=provider_id, at=stage.clock.now())


def up_to(stage: Stage, status: MessageStatus, **given: Any) -> SeenUpTo:
    return SeenUpTo(account=NUMBER, addresses=HER, status=status, at=stage.clock.now(), **given)


class TestEdits:
    async def test_what_still_waits_is_answered_as_it_reads_now(self, stage: Stage) -> None:
        conversation_id = await stage.hears("uma piza", provider_id="mid.1")
        await stage.accept(edit(stage, "mid.1", "uma pizza"))
        await stage.all_turns(conversation_id)
        assert [question.text for question in stage.dialogue.asked] == ["uma pizza"]

    async def test_what_was_answered_is_not_answered_again_and_the_old_words_are_kept(self, stage: Stage) -> None:
        conversation_id = await stage.hears("uma piza", provider_id="mid.1")
        await stage.all_turns(conversation_id)
        await stage.accept(edit(stage, "mid.1", "uma pizza"))
        assert await stage.turn(conversation_id) is Step.EMPTY
        message = await first(stage, conversation_id)
        assert (message.text, message.edited_at) == ("uma pizza", stage.clock.now())
        assert [each["text"] for each in message.content["edits"]] == ["uma piza"]

    async def test_an_edit_that_was_overtaken_changes_nothing(self, stage: Stage) -> None:
        conversation_id = await stage.hears("a", provider_id="mid.1")
        await stage.accept(edit(stage, "mid.1", "c", 2), edit(stage, "mid.1", "b", 1), edit(stage, "mid.1", "c", 2))
        assert (await first(stage, conversation_id)).text == "c"

    async def test_an_edit_of_what_never_came_is_kept(self, stage: Stage) -> None:
        await stage.accept(edit(stage, "mid.9", "b"))
        assert [event.kind for event in await stage.rows(tables.webhook_events)] == ["edit_of_unknown_message"]


class TestRemovals:
    async def test_the_words_are_gone_everywhere_and_the_fact_is_kept(self, stage: Stage) -> None:
        conversation_id = await stage.hears("meu CPF é 123", provider_id="mid.1", content={"x": 1})
        await stage.db.write(
            accounts.change, stage.vault, stage.account.id, auto_response=False
        )  # recorded without a model
        await stage.all_turns(conversation_id)
        assert await stage.heard(conversation_id) == ["meu CPF é 123"]
        await stage.accept(removal(stage, "mid.1"))
        message = await first(stage, conversation_id)
        assert (message.text, message.content, message.removed_at) == (None, {}, stage.clock.now())
        assert await stage.heard(conversation_id) == [""]
        assert "CPF" not in str([await stage.rows(t) for t in (tables.messages, tables.mailbox, tables.notices)])
        assert "CPF" not in str(await stage.events(conversation_id))

    async def test_what_is_taken_back_in_time_is_not_answered(self, stage: Stage) -> None:
        conversation_id = await stage.hears("oi", provider_id="mid.1")
        await stage.accept(removal(stage, "mid.1"))
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked == []
        assert (await first(stage, conversation_id)).reason == "removed"

    async def test_it_may_come_before_the_message(self, stage: Stage) -> None:
        await stage.accept(removal(stage, "mid.1"))
        conversation_id = await stage.hears("oi", provider_id="mid.1")
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked == []
        assert (await first(stage, conversation_id)).text is None

    async def test_the_own_ids_of_changes_are_kept_once(self, stage: Stage) -> None:
        await stage.hears("a", provider_id="mid.1")
        changes = (replace(edit(stage, "mid.1", "b"), own_id="e.1"), replace(removal(stage, "mid.1"), own_id="r.1"))
        await stage.accept(*changes, *changes)
        kept = [(row.kind, row.body) for row in await stage.rows(tables.webhook_events)]
        assert kept == [("edit", {"id": "e.1", "of": "mid.1"}), ("removal", {"id": "r.1", "of": "mid.1"})]

    async def test_its_files_are_to_go(self, stage: Stage) -> None:
        file = Attachment(kind="image", url="https://cdn.test/a.jpg")
        await stage.hears(None, provider_id="mid.1", kind="image", attachments=(file,))
        assert [row.state for row in await stage.rows(tables.media)] == ["wanted"]
        await stage.accept(removal(stage, "mid.1"))
        assert [row.source for row in await stage.rows(tables.media)] == [None]

    async def test_another_accounts_message_is_not_touched(self, stage: Stage) -> None:
        conversation_id = await stage.hears("oi", provider_id="mid.1")
        other = Removed(account="unknown", addresses=HER, provider_id="mid.1", at=stage.clock.now())
        await stage.accept(other)
        assert (await first(stage, conversation_id)).text == "oi"


class TestWatermarks:
    async def answered(self, stage: Stage, times: int = 2) -> ConversationId:
        for _ in range(times):
            conversation_id = await stage.hears("oi")
            await stage.all_turns(conversation_id)
            async with stage.delivering():
                await stage.sent(len(stage.channel.sent) + 1 if not stage.channel.sent else len(stage.channel.sent))
                await self.settled(stage)
            stage.clock.wind(10)
        return conversation_id

    async def settled(self, stage: Stage) -> None:
        from tests.house import eventually

        async def all_sent() -> bool:
            return all(row.state == "sent" for row in await stage.outbox())

        await eventually(all_sent)

    async def statuses(self, stage: Stage, conversation_id: ConversationId) -> list[MessageStatus]:
        return [m.status for m in await stage.messages(conversation_id) if m.author is Author.BOT]

    async def test_all_up_to_the_time_are_delivered_and_none_after_it(self, stage: Stage) -> None:
        conversation_id = await self.answered(stage)
        until = stage.clock.now() - timedelta(seconds=15)
        await stage.accept(up_to(stage, MessageStatus.DELIVERED, until=until))
        assert await self.statuses(stage, conversation_id) == [MessageStatus.DELIVERED, MessageStatus.ACCEPTED]

    async def test_what_was_read_is_not_lowered_again(self, stage: Stage) -> None:
        conversation_id = await self.answered(stage)
        await stage.accept(up_to(stage, MessageStatus.READ, until=stage.clock.now()))
        await stage.accept(up_to(stage, MessageStatus.DELIVERED, until=stage.clock.now()))
        assert await self.statuses(stage, conversation_id) == [MessageStatus.READ] * 2

    async def test_reading_a_message_reads_those_before_it(self, stage: Stage) -> None:
        conversation_id = await self.answered(stage, 3)
        mids = [m.provider_id for m in await stage.messages(conversation_id) if m.author is Author.BOT]
        await stage.accept(up_to(stage, MessageStatus.READ, provider_ids=(mids[1],)))
        read, accepted = MessageStatus.READ, MessageStatus.ACCEPTED
        assert await self.statuses(stage, conversation_id) == [read, read, accepted]
        ours = [m.id for m in await stage.messages(conversation_id) if m.author is Author.BOT]
        told = [n["facts"] for n in await stage.db.read(notices.after, 0) if n["kind"] == "status"]
        assert told[-2:] == [{"message": each, "status": "read"} for each in ours[:2]]

    async def test_of_somebody_we_never_wrote_to_it_is_kept(self, stage: Stage) -> None:
        await stage.accept(up_to(stage, MessageStatus.READ, until=stage.clock.now()))
        assert [event.kind for event in await stage.rows(tables.webhook_events)] == ["seen_of_nothing_new"]

    async def test_a_name_among_known_ones_that_nobody_here_knows_is_kept(self, stage: Stage) -> None:
        conversation_id = await self.answered(stage)
        known = next(m.provider_id for m in await stage.messages(conversation_id) if m.author is Author.BOT)
        assert known is not None
        await stage.accept(up_to(stage, MessageStatus.DELIVERED, provider_ids=(known,)))
        assert await stage.rows(tables.webhook_events) == []
        await stage.accept(up_to(stage, MessageStatus.READ, provider_ids=(known, "mid.unknown")))
        assert [row.body["provider_ids"] for row in await stage.rows(tables.webhook_events)] == [[known, "mid.unknown"]]


class TestWhatIsOnlyDone:
    async def test_a_link_followed_opens_the_window_and_waits_for_nobody(self, stage: Stage) -> None:
        conversation_id = await stage.hears(None, kind=REFERRAL, content={"ref": "promo"})
        await stage.all_turns(conversation_id)
        conversation = await stage.conversation(conversation_id)
        assert (conversation.unread, conversation.last_inbound_at) == (0, stage.clock.now())
        assert stage.dialogue.asked == []

    async def test_a_comment_is_unread_opens_no_window_and_is_a_persons(self, stage: Stage) -> None:
        conversation_id = await stage.hears("quanto custa?", kind=COMMENT, opens_window=False)
        await stage.all_turns(conversation_id)
        conversation = await stage.conversation(conversation_id)
        assert (conversation.unread, conversation.last_inbound_at) == (1, None)
        assert (await first(stage, conversation_id)).reason == "comment"
        assert stage.dialogue.asked == []


class TestMenus:
    async def test_a_payload_of_our_own_menu_counts(self, stage: Stage) -> None:
        conversation_id = await stage.hears("Cardápio", kind=BUTTON, choice="/ask_menu", ours=True)
        await stage.all_turns(conversation_id)
        assert [(q.text, q.chosen) for q in stage.dialogue.asked] == [("/ask_menu", True)]

    async def test_one_of_a_quick_reply_that_we_never_sent_is_words(self, stage: Stage) -> None:
        conversation_id = await stage.hears("Cardápio", kind=BUTTON, choice="/ask_menu")
        await stage.all_turns(conversation_id)
        assert [(q.text, q.chosen) for q in stage.dialogue.asked] == [("Cardápio", False)]


class TestStale:
    async def test_what_comes_too_late_is_recorded_and_a_person_is_asked_for(self, stage: Stage) -> None:
        late = stage.clock.now() - timedelta(hours=3)
        conversation_id = await stage.hears("ainda dá tempo?", sent_at=late)
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked == []
        assert await stage.heard(conversation_id) == ["ainda dá tempo?"]
        assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING
        (request,) = await stage.db.read(requests.of_conversation, conversation_id)
        assert request.reason == "stale"

    async def test_the_next_message_that_comes_in_time_is_answered(self, stage: Stage) -> None:
        conversation_id = await stage.hears("ainda dá tempo?", sent_at=stage.clock.now() - timedelta(hours=3))
        await stage.hears("oi?")
        await stage.all_turns(conversation_id)
        assert [question.text for question in stage.dialogue.asked] == ["oi?"]


async def test_an_account_that_meta_has_stopped_says_so_until_it_may_go_on(stage: Stage) -> None:
    for fault, key in (("blocked", "1"), (None, "2")):
        await stage.accept(AccountTrouble(account=NUMBER, fault=fault, body={"action": "block"}, key=key))
        assert (await stage.db.read(accounts.get, stage.account.id)).fault == fault
    told = [n["facts"] for n in await stage.db.read(notices.after, 0) if n["kind"] == "account"]
    assert [facts["fault"] for facts in told] == ["blocked", None]


async def test_another_name_of_an_account_is_the_same_account(stage: Stage) -> None:
    await stage.db.write(account_aliases.add, Channel.MESSENGER, "999", stage.account.id)
    assert (await stage.entrance.secrets("messenger", fresh=True))["999"] == ("s1",)
    conversation_id = await stage.hears("oi", provider_id="mid.1", account="999")
    await stage.hears("oi", provider_id="mid.1")
    assert len(await stage.messages(conversation_id)) == 1


async def test_messengers_two_spellings_of_an_id_are_one_message(stage: Stage) -> None:
    conversation_id = await stage.hears("oi", provider_id="m_abc")
    await stage.hears("oi", provider_id="abc")
    assert len(await stage.messages(conversation_id)) == 1


async def test_what_is_of_nobody_is_kept(stage: Stage) -> None:
    for arrival in (removal(stage, "mid.1"), edit(stage, "mid.1", "x"), up_to(stage, MessageStatus.READ)):
        await stage.accept(type(arrival)(**{**vars(arrival), "account": "404"}))
    await stage.accept(Unfamiliar(account="404", kind="odd", body={}, key="k"))
    assert len(await stage.rows(tables.webhook_events)) == 4


class TestRepeats:
    async def events(self, stage: Stage) -> list[str]:
        return [event.kind for event in await stage.rows(tables.webhook_events)]

    async def test_word_for_word_it_is_nothing_new(self, stage: Stage) -> None:
        for _ in range(2):
            conversation_id = await stage.hears("oi", provider_id="mid.1", content={"a": [1.5, None]}, reply_to="m")
        assert (len(await stage.messages(conversation_id)), await self.events(stage)) == (1, [])

    async def test_also_after_it_was_edited_or_a_button_gave_it_its_words(self, stage: Stage) -> None:
        conversation_id = await stage.hears("uma piza", provider_id="mid.1")
        await stage.accept(edit(stage, "mid.1", "uma pizza"))
        await stage.hears("uma piza", provider_id="mid.1")
        assert await self.events(stage) == []
        assert (await first(stage, conversation_id)).text == "uma pizza"

    @pytest.mark.parametrize("other", [{"text": "tchau"}, {"reply_to": "mid.0"}, {"content": {"b": 1}}])
    async def test_with_other_words_it_is_kept_once_and_answered_never(
        self, stage: Stage, other: dict[str, Any]
    ) -> None:
        conversation_id = await stage.hears("oi", provider_id="mid.1")
        for _ in range(2):
            await stage.accept(stage.inbound(**{"text": "oi", "provider_id": "mid.1", **other}))
        await stage.all_turns(conversation_id)
        assert await self.events(stage) == ["other_words_under_a_known_id"]
        assert [question.text for question in stage.dialogue.asked] == ["oi"]

    async def test_what_was_taken_back_does_not_come_in_again_by_this_door(self, stage: Stage) -> None:
        await stage.hears("meu CPF", provider_id="mid.1")
        await stage.accept(removal(stage, "mid.1"))
        await stage.hears("meu CPF", provider_id="mid.1")
        assert await self.events(stage) == []

    async def test_nor_do_words_of_a_message_that_is_not_here_any_more(self, stage: Stage) -> None:
        await stage.hears("meu CPF", provider_id="mid.1")
        await stage.db.write(lambda tx: tx.execute(tables.mailbox.delete()))
        await stage.db.write(lambda tx: tx.execute(tables.messages.delete()))
        await stage.accept(stage.inbound(text="meu CPF", provider_id="mid.1"))
        (event,) = await stage.rows(tables.webhook_events)
        assert event.body["provider_id"] == "mid.1"
        assert "CPF" not in str(event)
