"""Every kind of send, the same on every channel: what goes out, what is shown, and what a channel refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors import meta_render, whatsapp_render
from connectors.instagram_channel import INSTAGRAM
from conversation import channel_settings, window
from conversation.account import Channel
from conversation.arrivals import REACTION
from conversation.conversation import ConversationId
from conversation.errors import SendError
from runtime.settings import RuntimeSettings
from store import accounts, people, tables
from store.database import Database
from store.vault import Vault
from tests import services
from tests.files import PNG, upload
from tests.handover.conftest import Api
from tests.house import (
    HOLDER,
    OTHER_NUMBER,
    START,
    ScriptedDialogue,
    Stage,
    WoundClock,
    add_account,
    eventually,
    set_up,
)

pytestmark = services.sqlite_only


@pytest.fixture
def channel() -> Channel:
    return Channel.WHATSAPP


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings, channel: Channel) -> Stage:
    account, agent = set_up(db, vault, clock, channel)
    made = Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip
    made.channel.render = whatsapp_render.render if channel is Channel.WHATSAPP else _on_instagram  # type: ignore[method-assign]
    return made


def _on_instagram(utterance: Any, new_token: Any) -> Any:
    return meta_render.render(utterance, INSTAGRAM, new_token)


async def send(api: Api, conversation_id: str, **body: Any) -> tuple[int, Any]:
    return await api.post(f"/conversations/{conversation_id}/messages", body=body)


async def sent(api: Api, conversation_id: str, **body: Any) -> list[Any]:
    """Its messages as they are shown."""
    status, done = await send(api, conversation_id, **body)
    assert status == 200, done
    return [(await api.get(f"/messages/{each}"))[1] for each in done["messages"]]


async def bodies(stage: Stage) -> list[dict[str, Any]]:
    return [row.body for row in await stage.outbox()]


async def test_a_text_takes_the_conversation_and_the_assistant_is_silent(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    status, done = await send(api, conversation_id, text="Já vejo.")
    assert (status, done["state"], done["owner"]) == (200, "human", "ana")
    (message,) = [(await api.get(f"/messages/{each}"))[1] for each in done["messages"]]
    assert (message["author"], message["operator"], message["kind"]) == ("operator", "ana", "text")
    assert message["text"].endswith("Já vejo.")


async def test_what_is_chosen_comes_back_as_the_customers_words(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    (message,) = await sent(api, conversation_id, text="Serve às 20h?", buttons=[{"title": "Sim"}, {"title": "Não"}])
    assert message["content"]["buttons"] == ["Sim", "Não"]
    (body,) = await bodies(stage)
    first = body["interactive"]["action"]["buttons"][0]["reply"]
    await stage.hears("Sim", kind="button", choice=first["id"])
    heard = (await stage.messages(conversation_id))[-1]
    assert heard.text == "Sim"


async def test_a_list_a_location_and_cards_are_shown_as_what_they_are(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await send(api, conversation_id, text="oi")
    rows = [{"title": "Margherita", "description": "R$ 40"}, {"title": "Calabresa"}]
    (listed,) = await sent(api, conversation_id, text="Qual?", list={"label": "Ver", "rows": rows})
    (place,) = await sent(api, conversation_id, location={"latitude": -23.5, "longitude": -46.6, "name": "Cantina"})
    (card,) = await sent(api, conversation_id, contacts=[{"name": "Rui Sá", "phones": ["+551133334444"]}])
    assert [each["kind"] for each in (listed, place, card)] == ["list", "location", "contacts"]
    assert (place["text"], place["content"]["latitude"]) == ("Cantina", -23.5)
    assert card["text"] == "Rui Sá" and card["content"]["contacts"][0]["phones"][0]["phone"] == "+551133334444"


async def test_files_go_with_their_words_and_a_sticker_alone(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await send(api, conversation_id, text="oi")
    folder = api.house.media_folder
    picture = (await stage.db.write(upload, folder, stage.account.id, PNG)).id
    (message,) = await sent(api, conversation_id, text="O cardápio", media=[picture])
    assert (message["kind"], message["text"], message["files"][0]["id"]) == ("image", "O cardápio", picture)
    status, refused = await send(api, conversation_id, sticker={"media": picture})
    assert (status, refused["error"]["code"]) == (400, "bad_input")
    webp = (await stage.db.write(upload, folder, stage.account.id, b"RIFF\0\0\0\0WEBPVP8 ")).id
    (sticker,) = await sent(api, conversation_id, sticker={"media": webp})
    assert (sticker["kind"], sticker["files"][0]["id"]) == ("sticker", webp)


async def test_what_is_answered_is_shown_with_the_answer(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("tem pão?", provider_id="m1")
    asked = (await stage.messages(conversation_id))[0].id
    (answer,) = await sent(api, conversation_id, text="Tem.", quote=asked)
    assert (answer["reply_to"]["id"], answer["reply_to"]["text"]) == (asked, "tem pão?")
    (reaction,) = await sent(api, conversation_id, reaction={"message": asked, "emoji": "👍"})
    assert (reaction["kind"], reaction["text"], reaction["reply_to"]["id"]) == (REACTION, "👍", asked)
    assert [body.get("context") for body in await bodies(stage)] == [{"message_id": "m1"}, None]


async def test_another_conversations_message_can_not_be_quoted(stage: Stage, api: Api) -> None:
    theirs = await stage.hears("segredo", phone="5511955554444")
    other = (await stage.messages(theirs))[0].id
    conversation_id = await stage.hears()
    for body in ({"text": "oi", "quote": other}, {"reaction": {"message": other, "emoji": "👍"}}):
        status, refused = await send(api, conversation_id, **body)
        assert (status, refused["error"]["code"]) == (404, "not_found")
    assert not await stage.outbox() and (await stage.conversation(conversation_id)).owner is None


async def test_outside_the_window_an_approved_template_goes_and_nothing_else(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    assert "location" in (await api.get(f"/conversations/{conversation_id}"))[1]["may_send"]
    stage.clock.wind(window.OPEN_FOR.total_seconds())
    assert (await api.get(f"/conversations/{conversation_id}"))[1]["may_send"] == ["template"]
    for body in ({"text": "oi"}, {"location": {"latitude": 1.0, "longitude": 1.0}}):
        status, refused = await send(api, conversation_id, **body)
        assert (status, refused["error"]["code"]) == (409, "window_closed")
    template = {"name": "pedido_pronto", "language": "pt_BR", "body": ["Ana"]}
    (message,) = await sent(api, conversation_id, template=template)
    assert (message["kind"], message["content"]["name"]) == ("template", "pedido_pronto")
    async with stage.delivering():
        await eventually(lambda: stage.channel.sent, "the template")
    assert stage.channel.sent[0].body["template"]["language"] == {"code": "pt_BR"}


async def test_what_meta_refuses_is_shown_with_its_cure(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    stage.channel.answers.append(SendError("no such template (132001)", error_code=132001))
    _, done = await send(api, conversation_id, template={"name": "x", "language": "pt_BR"})
    async with stage.delivering():

        async def failed() -> Any:
            _, message = await api.get(f"/messages/{done['messages'][0]}")
            return message if message["status"] == "failed" else None

        message = await eventually(failed, "a refusal")
    assert "132001" in message["error"] and "Meta's manager" in message["cure"]


async def test_the_owner_alone_sends(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await send(api, conversation_id, text="oi")
    status, refused = await api.post(f"/conversations/{conversation_id}/messages", by="ben", body={"text": "oi"})
    assert (status, refused["error"]["code"], refused["error"]["owner"]) == (409, "not_owner", "ana")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "oi", "location": {"latitude": 1.0, "longitude": 1.0}},
        {"location": {"latitude": 91.0, "longitude": 1.0}},
        {"text": "Qual?", "buttons": [{"title": "a"}], "list": {"label": "b", "rows": [{"title": "c"}]}},
        {"text": "Qual?", "buttons": [{"title": "/restart"}]},
        {"reaction": {"message": 1, "emoji": "👍"}, "quote": 1},
        {"template": {"name": "x", "language": "pt_BR"}, "sticker": {}},
        {"text": 3},
    ],
)
async def test_what_makes_no_message_is_refused_and_nothing_is_taken(stage: Stage, api: Api, body: Any) -> None:
    conversation_id = await stage.hears()
    status, refused = await send(api, conversation_id, **body)
    assert (status, refused["error"]["code"]) == (400, "bad_input")
    assert (await stage.conversation(conversation_id)).owner is None


class TestOnInstagram:
    @pytest.fixture
    def channel(self) -> Channel:
        return Channel.INSTAGRAM

    async def test_what_it_has_not_is_refused_with_what_it_has(self, stage: Stage, api: Api) -> None:
        conversation_id = await stage.hears()
        for body in (
            {"location": {"latitude": 1.0, "longitude": 1.0}},
            {"contacts": [{"name": "Rui"}]},
            {"template": {"name": "x", "language": "pt_BR"}},
        ):
            status, refused = await send(api, conversation_id, **body)
            assert (status, refused["error"]["code"]) == (409, "not_on_this_channel")
            assert refused["error"]["may_send"] == await self.abilities(stage, api)
        assert (await stage.conversation(conversation_id)).owner is None

    async def abilities(self, stage: Stage, api: Api) -> list[str]:
        _, found = await api.get(f"/accounts/{stage.account.id}/abilities")
        return list(found["may_send"])

    async def test_a_heart_a_reaction_and_choices_go(self, stage: Stage, api: Api) -> None:
        conversation_id = await stage.hears("oi", provider_id="m1")
        asked = (await stage.messages(conversation_id))[0].id
        await send(api, conversation_id, text="oi")
        await sent(api, conversation_id, sticker={})
        await sent(api, conversation_id, reaction={"message": asked, "emoji": "❤️"})
        await sent(api, conversation_id, text="Serve?", list={"label": "Ver", "rows": [{"title": "Sim"}]}, quote=asked)
        _, heart, reaction, choices = await bodies(stage)
        assert heart["message"]["attachment"] == {"type": "like_heart"}
        assert reaction["payload"] == {"message_id": "m1", "reaction": "love"}
        assert choices["message"]["quick_replies"][0]["title"] == "Sim" and choices["reply_to"] == {"mid": "m1"}


async def test_a_message_of_an_account_that_is_not_theirs_is_not_there(stage: Stage, api: Api) -> None:
    conversation_id: ConversationId = await stage.hears()
    message = (await stage.messages(conversation_id))[0].id
    assert (await api.get(f"/messages/{message}"))[1]["text"] == "oi"

    def narrow(tx: Any) -> None:
        other = add_account(tx, stage.vault, stage.agent, OTHER_NUMBER)
        people.set_accounts(tx, "ben", [other.id])

    await stage.db.write(narrow)
    status, refused = await api.get(f"/messages/{message}", by="ben")
    assert (status, refused["error"]["code"]) == (404, "not_found")


async def test_what_can_be_pressed_or_filled_in_goes_as_it_is_and_is_shown_in_words(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await send(api, conversation_id, text="oi")
    menu = {"text": "O cardápio", "label": "Abrir", "url": "https://cantina.example/menu"}
    (link,) = await sent(api, conversation_id, cta_url=menu)
    (form,) = await sent(api, conversation_id, flow={"text": "Reserve", "label": "Reservar", "id": "77", "screen": "A"})
    (asked,) = await sent(api, conversation_id, location_request={"text": "Onde você está?"})
    assert [(each["kind"], each["text"]) for each in (link, form, asked)] == [
        ("cta_url", "O cardápio"),
        ("flow", "Reserve"),
        ("location_request_message", "Onde você está?"),
    ]
    assert link["content"] == {"url": "https://cantina.example/menu", "label": "Abrir"}
    _, first, second, third = await bodies(stage)
    actions = [each["interactive"]["action"] for each in (first, second, third)]
    assert actions[0]["parameters"] == {"display_text": "Abrir", "url": "https://cantina.example/menu"}
    assert (actions[1]["parameters"]["flow_id"], actions[2]["name"]) == ("77", "send_location")


@pytest.mark.parametrize(
    "body",
    [
        {"flow": {"text": "Reserve", "label": "Reservar"}},
        {"cta_url": {"text": "O cardápio", "label": "Abrir", "url": "javascript:alert(1)"}},
        {"files": [{"kind": "image", "link": "http://cantina.example/a.jpg"}]},
        {"files": [{"kind": "image", "link": "file:///etc/passwd"}]},
        {"template": {"name": "oferta", "language": "pt_BR", "buttons": [{"index": 0}]}},
        {"template": {"name": "oferta", "language": "pt_BR", "header": {"kind": "image"}}},
        {"catalog": {"text": "Tudo"}, "text": "oi"},
    ],
)
async def test_what_can_not_be_sent_so_is_told_and_nothing_is_queued(
    stage: Stage, api: Api, body: dict[str, Any]
) -> None:
    conversation_id = await stage.hears()
    status, _ = await send(api, conversation_id, **body)
    assert status == 400 and not await stage.outbox()


async def test_a_file_is_sent_by_its_address_and_a_sound_as_a_voice_note(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await send(api, conversation_id, text="oi")
    linked = {"kind": "document", "link": "https://cantina.example/menu.pdf", "filename": "Cardápio.pdf"}
    (document,) = await sent(api, conversation_id, text="Aqui está", files=[linked])
    opus = b"OggS\0\2" + b"\0" * 22 + b"OpusHead" + b"\0" * 40
    note = (await stage.db.write(upload, api.house.media_folder, stage.account.id, opus)).id
    await sent(api, conversation_id, media=[note], voice=True)
    picture = (await stage.db.write(upload, api.house.media_folder, stage.account.id, PNG)).id
    await sent(api, conversation_id, media=[picture], voice=True)
    assert (document["kind"], document["text"]) == ("document", "Aqui está")
    _, file, sound, image = await bodies(stage)
    assert file["document"] == {"link": linked["link"], "filename": "Cardápio.pdf", "caption": "Aqui está"}
    assert sound["audio"] == {"media": note, "voice": True} and "voice" not in image["image"]


async def test_a_template_is_checked_against_what_meta_approved_and_shown_in_its_own_words(
    stage: Stage, api: Api
) -> None:
    await stage.db.write(_known_template, stage.account.id, "APPROVED")
    conversation_id = await stage.hears()
    whole = {
        "name": "pedido",
        "language": "pt_BR",
        "header": {"kind": "image", "link": "https://cantina.example/a.jpg"},
    }
    wrong: list[dict[str, Any]] = [
        {"body": ["Ana"]},  # two fields
        {"body": ["Ana", "1042"], "header": "Oi"},  # a picture
        {"body": ["Ana", "1042"], "links": []},  # whose link has an end
        {"body": {"nome": "Ana", "pedido": "1042"}, "links": ["42"]},  # by their places
    ]
    for each in wrong:
        status, refused = await send(api, conversation_id, template={**whole, **each})
        assert (status, refused["error"]["code"]) == (400, "bad_input"), each
    assert not await stage.outbox()
    amount = {"text": "R$ 42", "currency": "BRL", "thousandths": 42000}
    right = {**whole, "body": ["Ana", amount], "links": ["42"], "buttons": [{"index": 1, "payload": "ok"}]}
    (message,) = await sent(api, conversation_id, template=right)
    assert message["text"] == "Olá, Ana! São R$ 42.\nCantina"
    (body,) = await bodies(stage)
    assert [each["type"] for each in body["template"]["components"]] == ["header", "body", "button", "button"]
    await stage.db.write(_known_template, stage.account.id, "PAUSED")
    status, refused = await send(api, conversation_id, template=right)
    assert (status, refused["error"]["code"]) == (409, "template_not_approved")


async def test_what_is_nested_without_end_is_refused_before_anybody_has_to_read_it(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    form: dict[str, Any] = {"text": "Reserve", "label": "Abrir", "id": "1"}
    button = {"index": 0, "token": "t"}
    for deep, status in ((_nested(20), 200), (_nested(21), 400)):
        assert (await send(api, conversation_id, flow={**form, "data": deep}))[0] == status
        template = {"name": "pedido", "language": "pt_BR", "buttons": [{**button, "data": deep}]}
        assert (await send(api, conversation_id, template=template))[0] == status
    components = [{"type": "BODY", "text": "Oi", "example": _nested(21)}]
    draft = {"name": "oi", "language": "pt_BR", "category": "UTILITY", "components": components}
    _, refused = await api.post(f"/accounts/{stage.account.id}/templates", by="chefe", body=draft)
    assert "Nested deeper" in refused["error"]["message"]


def _nested(depth: int) -> dict[str, Any]:
    found: Any = "x"
    for _ in range(depth):
        found = {"a": found}
    return dict(found)


def _known_template(tx: Any, account_id: str, status: str) -> None:
    settings = accounts.get(tx, account_id).channel_settings
    tx.execute(
        tables.accounts.update()
        .where(tables.accounts.c.id == account_id)
        .values(channel_settings=channel_settings.plain(replace(settings, waba_id="waba-1")))
    )
    tx.execute(tables.templates.delete())
    components = [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Olá, {{1}}! São {{2}}."},
        {"type": "FOOTER", "text": "Cantina"},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://a.example/{{1}}"}, {"type": "QUICK_REPLY"}]},
    ]
    made = {"business_id": "waba-1", "name": "pedido", "language": "pt_BR", "provider_id": "9", "category": "UTILITY"}
    tx.execute(tables.templates.insert().values(**made, status=status, components=components, updated_at=START))
