"""What is said in one turn goes as one message where the account wants that, and as far as the channel takes it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import whatsapp_render
from conversation.channel_settings import ChannelSettings
from runtime import bubbles
from runtime.channel import Rendered, Utterance
from runtime.settings import RuntimeSettings
from store import accounts
from tests import services
from tests.house import Script, Stage


@pytest.fixture
def settings() -> RuntimeSettings:
    return RuntimeSettings(typing_after_s=30)


class WhatsApp:
    def render(self, utterance: Utterance, new_token: Any) -> list[Rendered]:
        return whatsapp_render.render(utterance, new_token)


def joined(*utterances: Utterance) -> list[Utterance]:
    channel: Any = WhatsApp()
    return bubbles.joined(utterances, channel)


def words(text: str, **given: Any) -> Utterance:
    return Utterance(text=text, **given)


YES = ({"title": "Sim", "payload": "/affirm"},)


def test_words_go_together_and_the_buttons_after_them_go_along() -> None:
    assert joined(words("Olá!"), words("Temos feijoada."), words("Quer?", buttons=YES)) == [
        words("Olá!\n\nTemos feijoada.\n\nQuer?", buttons=YES)
    ]


def test_what_comes_after_buttons_or_a_picture_is_a_message_of_its_own() -> None:
    picture = Utterance(text="o prato", image="https://shop.example/a.png")
    said = [words("Quer?", buttons=YES), words("Ou não?"), picture, words("Bom apetite!")]
    assert joined(*said) == said


def test_nothing_is_joined_beyond_what_the_channel_takes_as_one_message() -> None:
    long = [words("a" * 3000), words("b" * 3000)]
    assert joined(*long) == long
    with_buttons = [words("a" * 1000), words("Quer?" * 10, buttons=YES)]
    assert joined(*with_buttons) == with_buttons


def test_what_the_trainer_wrote_for_the_channel_stays_alone() -> None:
    said = [words("Olá!"), words("x", custom={"whatsapp": {"type": "text", "text": {"body": "x"}}}), Utterance()]
    assert joined(*said) == said


@services.sqlite_only
@pytest.mark.parametrize(("join", "sent"), [(True, ["um\n\ndois"]), (False, ["um", "dois"])])
async def test_an_account_says_whether_it_wants_that(stage: Stage, join: bool, sent: list[str]) -> None:
    facts = ChannelSettings(join_bubbles=join)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=facts)
    stage.channel.has_signs = False
    stage.dialogue.script.append(Script(says=("um", "dois")))
    await stage.all_turns(await stage.hears())
    assert [row.body["text"] for row in await stage.outbox()] == sent
