"""Who wants nothing unasked is sent nothing unasked, whichever way they said so; and is told once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from conversation.arrivals import MarketingWish, StatusReport
from conversation.channel_settings import ChannelSettings
from conversation.contact import Address, AddressKind, Contact
from conversation.conversation import Conversation, ConversationId
from conversation.errors import BatonError, MessagingLimit, OptedOut
from conversation.message import MessageStatus
from conversation.opt_outs import By
from conversation.platform_facts import PlatformFacts
from runtime import initiating
from runtime.channel import Rendered
from runtime.settings import RuntimeSettings
from store import accounts, contacts, conversations, opt_outs, templates
from store.templates import Template
from tests import services
from tests.house import ANA, BEN, CLARA, NUMBER, Stage
from tests.whatsapp_bodies import comes

pytestmark = services.sqlite_only
WABA = "300000000000001"


@pytest.fixture
def settings() -> RuntimeSettings:
    return RuntimeSettings(typing_after_s=30)


async def known_as(stage: Stage, conversation_id: ConversationId) -> Contact:
    conversation = await stage.conversation(conversation_id)
    return await stage.db.read(contacts.get, conversation.contact_id)


async def settle(stage: Stage, **settings: Any) -> None:
    facts = ChannelSettings(waba_id=WABA, **settings)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=facts)


def by_rule(stage: Stage) -> Any:
    async def texts() -> list[str]:
        return [row.body["text"] for row in await stage.outbox() if row.author == "system"]

    return texts()


def template(name: str = "news") -> Rendered:
    made = {"name": name, "language": {"code": "pt_BR"}, "components": []}
    return Rendered(kind="template", text=name, body={"type": "template", "template": made}, paid=True)


async def approve(stage: Stage, name: str, category: str) -> None:
    one = Template(
        business_id=WABA,
        id=name,
        name=name,
        language="pt_BR",
        category=category,
        status="APPROVED",
        updated_at=stage.clock.now(),
    )
    await stage.db.write(templates.add, one)


async def begin(stage: Stage, conversation_id: ConversationId, name: str = "news") -> None:
    def doing(tx: Any) -> None:
        account = accounts.get(tx, stage.account.id)
        conversation: Conversation = conversations.get(tx, conversation_id)
        initiating.begin(tx, account, conversation, [template(name)], stage.clock.now())

    await stage.db.write(doing)


async def refusal_of(stage: Stage, conversation_id: ConversationId, name: str = "news") -> str | None:
    try:
        await begin(stage, conversation_id, name)
    except BatonError as refused:
        return refused.code
    return None


class TestTheirWords:
    async def test_are_kept_and_they_are_told_once_in_their_language(self, stage: Stage) -> None:
        talk = await stage.hears("PARAR")
        contact = await known_as(stage, talk)
        assert (contact.opted_out_at, contact.opted_out_by) == (stage.clock.now(), "words")
        await stage.hears("parar!")
        (told,) = await by_rule(stage)
        assert told.startswith("Certo: não enviaremos mais nada")

    async def test_reach_the_dialogue_as_any_other(self, stage: Stage) -> None:
        talk = await stage.hears("parar")
        await stage.all_turns(talk)
        assert [question.text for question in stage.dialogue.asked] == ["parar"]

    async def test_are_taken_back_by_words(self, stage: Stage) -> None:
        talk = await stage.hears("PARAR")
        stage.clock.wind(60)
        await stage.hears("quero receber")
        assert (await known_as(stage, talk)).opted_out_at is None
        assert len(await by_rule(stage)) == 2

    async def test_nobody_is_told_that_they_are_back_who_never_left(self, stage: Stage) -> None:
        await stage.hears("start")
        assert await by_rule(stage) == []

    async def test_mean_nothing_where_the_account_wants_it_so(self, stage: Stage) -> None:
        await settle(stage, opt_outs=False)
        talk = await stage.hears("PARAR")
        assert (await known_as(stage, talk)).opted_out_at is None

    async def test_keep_back_every_template_but_a_code_to_sign_in_once_the_window_is_closed(self, stage: Stage) -> None:
        await settle(stage)
        for name, category in (("news", "MARKETING"), ("order", "UTILITY"), ("code", "AUTHENTICATION")):
            await approve(stage, name, category)
        talk = await stage.hears("PARAR")
        assert await refusal_of(stage, talk, "news") == "opted_out"
        assert await refusal_of(stage, talk, "order") is None
        stage.clock.wind(25 * 3600)
        assert await refusal_of(stage, talk, "order") == "opted_out"
        assert await refusal_of(stage, talk, "nobody_knows_it") == "opted_out"
        assert await refusal_of(stage, talk, "code") is None


class TestWhatThePlatformTells:
    def wish(self, stage: Stage, *, wanted: bool, key: str) -> MarketingWish:
        address = Address(kind=AddressKind.PHONE, value=ANA)
        account = stage.account.provider_id
        return MarketingWish(account=account, addresses=(address,), wanted=wanted, at=stage.clock.now(), key=key)

    async def test_stops_marketing_and_that_alone(self, stage: Stage) -> None:
        await settle(stage)
        await approve(stage, "news", "MARKETING")
        await approve(stage, "order", "UTILITY")
        talk = await stage.hears("oi")
        await stage.accept(self.wish(stage, wanted=False, key="1"))
        assert (await known_as(stage, talk)).opted_out_by == "preference"
        stage.clock.wind(25 * 3600)
        assert await refusal_of(stage, talk, "news") == "opted_out"
        assert await refusal_of(stage, talk, "order") is None
        await stage.accept(self.wish(stage, wanted=True, key="2"))
        assert await refusal_of(stage, talk, "news") is None
        assert await by_rule(stage) == []

    async def test_a_webhook_that_tells_of_it_is_heard(self, stage: Stage) -> None:
        talk = await stage.hears("oi")
        told = {"wa_id": ANA, "category": "marketing_messages", "value": "stop", "timestamp": 1_790_000_000}
        value = {"metadata": {"phone_number_id": NUMBER}, "user_preferences": [told]}
        change = {"field": "user_preferences", "value": value}
        await comes(stage, json.dumps({"object": "whatsapp_business_account", "entry": [{"changes": [change]}]}))
        assert (await known_as(stage, talk)).opted_out_by == "preference"

    async def test_words_ask_for_more_than_a_preference_and_stand(self, stage: Stage) -> None:
        await stage.accept(self.wish(stage, wanted=False, key="1"))
        talk = await stage.hears("parar")
        assert (await known_as(stage, talk)).opted_out_by == "words"
        await stage.accept(self.wish(stage, wanted=False, key="2"))
        assert (await known_as(stage, talk)).opted_out_by == "words"

    async def test_told_late_does_not_undo_what_they_wrote_since(self, stage: Stage) -> None:
        talk = await stage.hears("PARAR")
        late = self.wish(stage, wanted=False, key="1")
        stage.clock.wind(60)
        await stage.hears("quero receber")
        await stage.accept(late)
        assert (await known_as(stage, talk)).opted_out_at is None
        stage.clock.wind(60)
        await stage.accept(self.wish(stage, wanted=False, key="2"))
        assert (await known_as(stage, talk)).opted_out_by == "preference"

    @pytest.mark.parametrize(("code", "refused"), [(131050, "opted_out"), (131049, "marketing_cap"), (131026, None)])
    async def test_a_refusal_says_so_too(self, stage: Stage, code: int, refused: str | None) -> None:
        await settle(stage)
        await approve(stage, "news", "MARKETING")
        talk = await stage.hears("oi")
        stage.channel.has_signs = False
        await stage.all_turns(talk)
        async with stage.delivering():
            await stage.sent(1)
        (row,) = await stage.outbox()
        report = StatusReport(
            account=stage.account.provider_id,
            provider_id="wamid.out.1",
            status=MessageStatus.FAILED,
            at=stage.clock.now(),
            opaque=str(row.id),
            error=f"{code} no",
            error_code=code,
        )
        await stage.accept(report)
        assert await refusal_of(stage, talk) == refused
        if refused == "marketing_cap":
            stage.clock.wind(24 * 3600 + 1)
            assert await refusal_of(stage, talk) is None


class TestTheLimitOfPeople:
    async def test_counts_each_once_in_24_hours_and_says_when_the_next_may_be(self, stage: Stage) -> None:
        await settle(stage, messaging_limit=2)
        talks = [await stage.hears("oi", phone=phone) for phone in (ANA, BEN, CLARA)]
        stage.clock.wind(25 * 3600)
        await begin(stage, talks[0])
        stage.clock.wind(3600)
        await begin(stage, talks[1])
        await begin(stage, talks[1])
        with pytest.raises(MessagingLimit) as refused:
            await begin(stage, talks[2])
        assert refused.value.retry_after_s == pytest.approx(23 * 3600)
        assert "2 people" in str(refused.value)
        stage.clock.wind(23 * 3600)
        await begin(stage, talks[2])

    async def test_who_wrote_within_the_day_is_answered_at_any_time(self, stage: Stage) -> None:
        await settle(stage, messaging_limit=1)
        first, second = await stage.hears("oi"), await stage.hears("oi", phone=BEN)
        await begin(stage, first)
        await begin(stage, second)
        assert await stage.db.read(initiating.left, await self.account(stage), stage.clock.now()) == 1

    async def test_what_meta_says_holds_unless_it_was_set_by_hand(self, stage: Stage) -> None:
        await settle(stage)
        facts = PlatformFacts(messaging_limit=250)
        await stage.db.write(accounts.set_meta, stage.account.id, facts)
        assert initiating.limit_of(await self.account(stage)) == 250
        await settle(stage, messaging_limit=3)
        assert initiating.limit_of(await self.account(stage)) == 3

    async def account(self, stage: Stage) -> Any:
        return await stage.db.read(accounts.get, stage.account.id)


async def test_an_operator_says_it_for_them_and_takes_it_back(stage: Stage) -> None:
    talk = await stage.hears("oi")
    contact = await known_as(stage, talk)
    now = stage.clock.now()
    assert await stage.db.write(opt_outs.out, contact.id, By.OPERATOR, now, now)
    assert not await stage.db.write(opt_outs.back, contact.id, now - timedelta(seconds=1), now)
    assert await stage.db.write(opt_outs.back, contact.id, now, now)


async def test_neither_a_person_nor_the_assistant_sends_past_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await settle(stage)
    await approve(stage, "news", "MARKETING")
    talk = await stage.hears("PARAR")
    monkeypatch.setattr(stage.channel, "render", lambda utterance, new_token: [template("news")])
    await stage.all_turns(talk)
    last = (await stage.messages(talk))[-1]
    assert (last.kind, last.status, last.error) == ("template", MessageStatus.WITHDRAWN, "opted_out")
    with pytest.raises(OptedOut):
        await stage.ownership.reply(talk, "news", by="ana")
    assert [row.body for row in await stage.outbox() if row.body.get("type") == "template"] == []
    assert (await stage.conversation(talk)).owner is None
