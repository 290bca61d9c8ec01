"""What a contact is told with our first words: that an assistant answers, and what is kept of them."""

from __future__ import annotations

from typing import Any

from conversation import privacy_settings
from conversation.conversation import ConversationId
from conversation.message import Author
from runtime.channel import Utterance
from store import accounts, conversations
from tests import services
from tests.house import BEN, THIS_IS_ANA, Script, Stage

ASSISTANT, NOTICE = "Eu sou uma assistente virtual.", "Guardamos esta conversa por um ano."
POLICY = "https://example.com/privacidade"


async def tells(stage: Stage, **given: Any) -> None:
    settings = privacy_settings.read(given)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, privacy=settings)


async def answered(stage: Stage, text: str = "oi", **given: Any) -> ConversationId:
    conversation_id = await stage.hears(text, **given)
    await stage.all_turns(conversation_id)
    return conversation_id


class TestTheAssistantsFirstWords:
    async def test_begin_with_what_it_is_and_what_is_kept_once(self, stage: Stage) -> None:
        await tells(stage, says_assistant=True, notice={"pt": NOTICE}, policy_url=POLICY)
        conversation_id = await answered(stage)
        await answered(stage, "e agora?")
        first = f"{ASSISTANT}\n{NOTICE} Mais sobre os seus dados: {POLICY}\n\nOlá!"
        assert await stage.texts(conversation_id) == [first, "Olá!"]
        other = await answered(stage, phone=BEN)
        assert await stage.texts(other) == [first]

    @services.sqlite_only
    async def test_say_nothing_of_the_kind_unless_it_is_set(self, stage: Stage) -> None:
        assert await stage.texts(await answered(stage)) == ["Olá!"]

    @services.sqlite_only
    async def test_are_in_the_customers_language(self, stage: Stage) -> None:
        await tells(stage, says_assistant=True, notice={"pt": NOTICE, "en": "We keep this for a year."})
        english = {"event": "slot", "timestamp": 1.0, "name": "language", "value": "en"}
        stage.dialogue.script.append(Script(says=["Hello!"], events=[english]))
        conversation_id = await answered(stage, "hello")
        assert await stage.texts(conversation_id) == [
            "I am a virtual assistant.\nWe keep this for a year.\n\nHello!",
        ]

    @services.sqlite_only
    async def test_stand_alone_before_what_has_buttons(self, stage: Stage) -> None:
        await tells(stage, says_assistant=True)
        choice = Utterance(text="Qual?", buttons=[{"title": "Um", "payload": "/um"}])
        stage.dialogue.script.append(Script(says=[choice]))
        assert await stage.texts(await answered(stage)) == [ASSISTANT, "Qual?"]

    async def test_are_due_again_where_they_were_withdrawn_before_they_left(self, stage: Stage) -> None:
        await tells(stage, says_assistant=True, notice={"pt": NOTICE})
        conversation_id = await answered(stage)
        await stage.ownership.take(conversation_id, by="ana")
        stage.clock.wind(1)
        await stage.ownership.release(conversation_id, by="ana", force=True)
        await stage.hears("oi?")
        await stage.all_turns(conversation_id)
        _, second = await stage.texts(conversation_id)
        assert second is not None
        assert second.startswith(f"{ASSISTANT}\n{NOTICE}\n\n")

    @services.sqlite_only
    async def test_of_a_turn_that_is_thrown_away_count_for_nothing(self, stage: Stage) -> None:
        await tells(stage, notice={"pt": NOTICE})
        conversation_id = await stage.hears()
        stage.dialogue.script.append(Script(during=lambda: stage.ownership.take(conversation_id, by="ana")))
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == []
        await stage.ownership.release(conversation_id, by="ana", force=True)
        await answered(stage, "oi?")
        assert NOTICE in str((await stage.texts(conversation_id))[-1])


class TestAPersonWhoWritesFirst:
    async def test_gives_the_notice_and_is_no_assistant(self, stage: Stage) -> None:
        await tells(stage, says_assistant=True, notice={"pt": NOTICE})
        conversation_id = await stage.hears()
        await stage.ownership.reply(conversation_id, "sou eu", by="ana")
        assert await stage.texts(conversation_id, Author.OPERATOR) == [f"{NOTICE}\n\n{THIS_IS_ANA}sou eu"]
        stage.clock.wind(1)
        await stage.ownership.reply(conversation_id, "e mais", by="ana")
        assert (await stage.texts(conversation_id, Author.OPERATOR))[-1] == "e mais"

    @services.sqlite_only
    async def test_leaves_it_to_the_assistant_to_say_what_it_is(self, stage: Stage) -> None:
        await tells(stage, says_assistant=True, notice={"pt": NOTICE})
        conversation_id = await stage.hears()
        await stage.ownership.reply(conversation_id, "sou eu", by="ana")
        await stage.ownership.release(conversation_id, by="ana", force=True)
        await answered(stage, "oi?")
        (said,) = await stage.texts(conversation_id)
        assert str(said).startswith(f"{ASSISTANT}\n\n")
        assert NOTICE not in str(said)
        assert (await stage.db.read(conversations.get, conversation_id)).owner is None
