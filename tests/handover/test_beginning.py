"""A conversation that we begin: who is written to, by whom, and what is left of it where it can't be."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import whatsapp_render
from store import contacts, handovers, tables
from tests import services
from tests.handover.conftest import Api
from tests.house import Stage, eventually

NEW = "+55 11 95555-4444"
TEMPLATE = {"name": "pedido_pronto", "language": "pt_BR", "body": ["Ana", "1042"]}


@pytest.fixture(autouse=True)
def on_whatsapp(stage: Stage) -> None:
    stage.channel.render = whatsapp_render.render  # type: ignore[method-assign]
    stage.channel.has_signs = False


async def begin(stage: Stage, api: Api, to: str = NEW, *, key: str | None = None, **body: Any) -> tuple[int, Any]:
    whole = {"account": stage.account.id, "to": to, "template": TEMPLATE, **body}
    return await api.post("/conversations", body=whole, key=key)


async def test_a_new_number_is_written_to_and_is_the_conversation_of_who_wrote(stage: Stage, api: Api) -> None:
    status, done = await begin(stage, api)
    assert (status, done["state"], done["owner"]) == (200, "human", "ana")
    shown = (await api.get(f"/conversations/{done['id']}"))[1]
    assert shown["contact"]["addresses"] == [{"kind": "phone", "value": "5511955554444"}]
    async with stage.delivering():
        await eventually(lambda: stage.channel.sent, "the template")
    assert stage.channel.sent[0].addresses[0].value == "5511955554444"
    back = await stage.hears("obrigado!", phone="5511955554444")
    assert back == done["id"]


@services.sqlite_only
async def test_the_assistant_answers_what_comes_back_where_that_is_wanted(stage: Stage, api: Api) -> None:
    status, done = await begin(stage, api, keep=False, key="k1")
    assert (status, done["state"], done["owner"]) == (200, "bot", None)
    lines = await stage.db.read(handovers.log_of, done["id"])
    assert [line["command"] for line in lines] == ["reply", "release"]
    async with stage.delivering():
        await eventually(lambda: stage.channel.sent, "the template")
    again = await begin(stage, api, keep=False, key="k1")
    assert again == (200, done) and len(await stage.outbox()) == 1


@services.sqlite_only
@pytest.mark.parametrize("answered", [False, True], ids=["it_waits", "it_is_about_to_leave"])
async def test_who_has_just_written_is_answered_by_the_assistant_all_the_same(
    stage: Stage, api: Api, answered: bool
) -> None:
    talk = await stage.hears("quero uma pizza", phone="5511955554444")
    if answered:
        await stage.all_turns(talk)
    status, done = await begin(stage, api, keep=False)
    assert (status, done["state"], done["id"]) == (200, "bot", talk)
    await stage.all_turns(talk)
    async with stage.delivering():
        await eventually(lambda: len(stage.channel.sent) == 2, "the template and the answer")
    assert {(row.author, row.state) for row in await stage.outbox()} == {("operator", "sent"), ("bot", "sent")}
    assert [question.text for question in stage.dialogue.asked] == ["quero uma pizza"]


@services.sqlite_only
async def test_a_number_without_its_ninth_digit_is_who_is_known_with_it(stage: Stage, api: Api) -> None:
    known = await stage.hears(phone="5511955554444")
    _, done = await begin(stage, api, "+55 11 5555-4444")  # a landline is another
    assert done["id"] != known
    mobile = await stage.hears(phone="5511987654321")
    _, done = await begin(stage, api, "+55 (11) 8765-4321")
    assert done["id"] == mobile


@services.sqlite_only
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": "11 95555-4444"}, 400, "bad_input"),
        ({"to": "+0 11 95555-4444"}, 400, "bad_input"),
        ({"template": None, "text": "Oi!"}, 409, "window_closed"),
        ({"template": {**TEMPLATE, "header": {"kind": "image"}}}, 400, "bad_input"),
    ],
)
async def test_where_it_can_not_be_nothing_is_left_of_it(
    stage: Stage, api: Api, body: dict[str, Any], status: int, code: str
) -> None:
    found, refused = await begin(stage, api, **body)
    assert (found, refused["error"]["code"]) == (status, code)
    assert await stage.db.read(lambda tx: tx.execute(tables.contacts.select()).all()) == []


@services.sqlite_only
async def test_who_wants_no_such_messages_gets_none_though_they_are_new_here(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("parar", phone="5511955554444")
    contact = (await stage.conversation(conversation_id)).contact_id
    assert (await stage.db.read(contacts.get, contact)).opted_out_at is not None
    stage.clock.wind(25 * 3600)
    status, refused = await begin(stage, api)
    assert (status, refused["error"]["code"]) == (409, "opted_out")
    assert "operator" not in [row.author for row in await stage.outbox()]
