"""What operators send by the dashboard's WhatsApp paths, and what it reads of what was said."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import pytest

from connectors import whatsapp_render
from conversation import window
from conversation.account import Channel
from conversation.message import MessageStatus
from runtime.settings import RuntimeSettings
from store import operators, people, tables
from store.database import Database
from store.operators import Role
from store.vault import Vault
from tests import services
from tests.files import PNG, upload
from tests.handover.dashboard.conftest import Dashboard
from tests.house import ANA, BEN, HOLDER, START, ScriptedDialogue, Stage, WoundClock, eventually, set_up

pytestmark = services.sqlite_only
KEY = {"client_request_id": "7f3c1c9e-8f0e-4d0a-9c55-0d6f4b9a1c01", "source": "inbox"}


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings) -> Stage:
    account, agent = set_up(db, vault, clock, Channel.WHATSAPP)
    made = Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip
    made.channel.render = whatsapp_render.render  # type: ignore[method-assign]
    return made


async def send(dash: Dashboard, stage: Stage, verb: str, to: str = ANA, **body: Any) -> tuple[int, Any]:
    return await dash.post(f"/whatsapp/messages/{verb}/", {"account_id": stage.account.id, "to": to, **body})


async def sent(dash: Dashboard, stage: Stage, verb: str, **body: Any) -> Any:
    status, message = await send(dash, stage, verb, **body)
    assert status == 201, message
    return message


async def test_a_text_is_answered_whole_under_the_id_it_has_in_the_chat(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    message = await sent(ana, stage, "send_text", to=f"+{ANA}", text="Já vejo.", metadata=KEY)
    assert (message["direction"], message["message_type"], message["status"]) == ("outbound", "text", "pending")
    assert (message["to_number"], message["conversation_id"]) == (ANA, conversation_id)
    assert message["text_body"].endswith("Já vejo.") and message["created_at"]
    assert message["metadata"]["client_request_id"] == KEY["client_request_id"]
    _, page = await ana.get(f"/conversations/{conversation_id}/messages/")
    assert page["results"][-1]["id"] == message["id"]
    assert (await stage.conversation(conversation_id)).owner == "ana"


async def test_the_same_request_is_sent_once(ana: Dashboard, stage: Stage) -> None:
    await stage.hears()
    first = await sent(ana, stage, "send_text", text="oi", metadata=KEY)
    again = await sent(ana, stage, "send_text", text="oi", metadata=KEY)
    assert again["id"] == first["id"] and len(await stage.outbox()) == 1
    status, refused = await send(ana, stage, "send_text", text="outra coisa", metadata=KEY)
    assert (status, refused["error"]["code"]) == (400, "idempotency_key_reused")
    await sent(ana, stage, "send_text", text="oi")
    assert len(await stage.outbox()) == 2


async def test_who_sent_it_is_written_down_and_neither_the_words_nor_the_number_are(
    ana: Dashboard, stage: Stage
) -> None:
    conversation_id = await stage.hears()
    await sent(ana, stage, "send_text", text="segredo", metadata=KEY)
    await sent(ana, stage, "send_text", text="segredo", metadata=KEY)  # sent before: nothing was done
    (row,) = [row for row in await stage.rows(tables.audit) if row.action == "dash_send_text"]
    assert (row.by, row.facts, row.salt_of) == (
        "ana",
        {"account_id": stage.account.id, "conversation_id": conversation_id},
        await _contact(stage, conversation_id),
    )
    assert row.fingerprint and "segredo" not in str(row) and ANA not in str(row)


async def _contact(stage: Stage, conversation_id: Any) -> str:
    return (await stage.conversation(conversation_id)).contact_id


async def test_two_that_are_still_to_be_sent_are_not_one_and_the_same_to_the_page(ana: Dashboard, stage: Stage) -> None:
    await stage.hears()
    first, second = [await sent(ana, stage, "send_text", text=text) for text in ("um", "dois")]
    assert first["whatsapp_message_id"] and first["whatsapp_message_id"] != second["whatsapp_message_id"]


async def test_who_never_wrote_is_not_written_to(ana: Dashboard, stage: Stage) -> None:
    await stage.hears()
    status, refused = await send(ana, stage, "send_text", to=BEN, text="oi")
    assert (status, refused["error"]["code"]) == (400, "bad_input")
    assert "first message" in refused["detail"] and not await stage.outbox()


async def test_outside_the_window_a_template_goes_and_a_text_says_why_not(ana: Dashboard, stage: Stage) -> None:
    await stage.hears()
    stage.clock.wind(window.OPEN_FOR.total_seconds())
    status, refused = await send(ana, stage, "send_text", text="oi")
    assert (status, refused["error"]["code"]) == (400, "window_closed")
    components = [
        {"type": "header", "parameters": [{"type": "text", "text": "Padaria"}]},
        {"type": "BODY", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "42"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "p/42"}]},
    ]
    given = {"template_name": "pedido_pronto", "language_code": "pt_BR", "components": components}
    message = await sent(ana, stage, "send_template", **given)
    assert (message["message_type"], message["content"]["name"]) == ("template", "pedido_pronto")
    (row,) = await stage.outbox()
    assert [each["type"] for each in row.body["template"]["components"]] == ["header", "body", "button"]
    assert [each["text"] for each in row.body["template"]["components"][1]["parameters"]] == ["Ana", "42"]


async def test_a_template_begins_a_conversation_with_a_number_nobody_wrote_from(ana: Dashboard, stage: Stage) -> None:
    marks = {"client_request_id": "r1"}
    given = {"account_id": stage.account.id, "to": "5511955554444", "template_name": "oi", "metadata": marks}
    for _ in range(2):  # the page asks again: it is the same message
        status, message = await ana.post("/whatsapp/messages/send_template/", given)
        assert (status, message["message_type"]) == (201, "template")
    assert len(await stage.outbox()) == 1
    text = {"account_id": stage.account.id, "to": "5511944443333", "text": "Oi"}
    assert (await ana.post("/whatsapp/messages/send_text/", text))[0] == 400


@pytest.mark.parametrize(
    "components",
    [
        [{"type": "header", "parameters": [{"type": "image", "image": {"link": "https://x.test/a.png"}}]}],
        [{"type": "carousel", "parameters": [{"type": "text", "text": "x"}]}],
        [{"type": "button", "sub_type": "quick_reply", "index": 0, "parameters": [{"type": "text", "text": "x"}]}],
        [{"type": "button", "sub_type": "url", "index": 1, "parameters": [{"type": "text", "text": "x"}]}],
        [{"type": "body", "parameters": [{"text": "x", "parameter_name": "a"}, {"text": "y"}]}],
    ],
)
async def test_what_a_template_can_not_carry_is_refused(ana: Dashboard, stage: Stage, components: Any) -> None:
    await stage.hears()
    given = {"template_name": "x", "language_code": "pt_BR", "components": components}
    status, refused = await send(ana, stage, "send_template", **given)
    assert (status, refused["error"]["code"]) == (400, "bad_input")
    assert not await stage.outbox()


async def test_what_is_answered_is_quoted_by_either_of_its_ids(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears("tem pão?", provider_id="wamid.1")
    number = str((await stage.messages(conversation_id))[0].id)
    for reply_to in (number, "wamid.1"):
        assert (await sent(ana, stage, "send_text", text="Tem.", reply_to=reply_to))["context_message_id"] == "wamid.1"
    other = await stage.hears("segredo", phone=BEN)
    theirs = str((await stage.messages(other))[0].id)
    for unknown in (theirs, "999999", "wamid.never"):
        status, _ = await send(ana, stage, "send_text", text="Tem.", reply_to=unknown)
        assert status == 404 and len(await stage.outbox()) == 2


async def test_buttons_and_a_list_come_back_as_the_customers_words(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    buttons = [{"id": "a", "title": "Sim"}, {"type": "reply", "reply": {"id": "b", "title": "Não"}}]
    message = await sent(ana, stage, "send_interactive_buttons", body_text="Serve?", buttons=buttons)
    assert message["message_type"] == "interactive"
    shown = message["content"]["action"]["buttons"]
    assert [each["reply"]["title"] for each in shown] == ["Sim", "Não"]
    first = (await stage.outbox())[0].body["interactive"]["action"]["buttons"][0]["reply"]["id"]
    await stage.hears("Sim", kind="button", choice=first, content={"button_reply": {"id": first, "title": "Sim"}})
    _, page = await ana.get(f"/conversations/{conversation_id}/messages/")
    chosen = page["results"][-1]
    assert (chosen["message_type"], chosen["content"]["interactive"]["button_reply"]["title"]) == ("interactive", "Sim")
    sections = [{"title": "Pães", "rows": [{"id": "1", "title": "Francês", "description": "R$ 1"}]}]
    listed = await sent(
        ana, stage, "send_interactive_list", body_text="Qual?", button_text="Ver", sections=sections, footer="até 18h"
    )
    assert listed["content"]["type"] == "list" and listed["text_body"] == "Qual?\n\naté 18h"


def form(stage: Stage, content: bytes = PNG, **fields: str) -> aiohttp.FormData:
    made = aiohttp.FormData(quote_fields=False)
    for name, value in {"account_id": stage.account.id, "to": ANA, **fields}.items():
        made.add_field(name, value)
    made.add_field("file", io.BytesIO(content), filename="cardápio.png", content_type="image/png")
    return made


@pytest.mark.parametrize("verb", ["send_file", "send_media"])
async def test_a_file_is_sent_with_its_words(ana: Dashboard, stage: Stage, verb: str) -> None:
    await stage.hears()
    status, message = await ana.post(f"/whatsapp/messages/{verb}/", raw=form(stage, caption="O cardápio"))
    assert (status, message["message_type"]) == (201, "image")
    assert (message["media_mime_type"], message["media_filename"]) == ("image/png", "cardápio.png")
    assert message["text_body"].endswith("O cardápio")
    async with ana.api.session.get(message["media_url"]) as response:  # a browser sends no token with a picture
        assert (response.status, await response.read()) == (200, PNG)


async def test_what_is_no_form_with_a_file_is_refused_and_nothing_is_kept(ana: Dashboard, stage: Stage) -> None:
    await stage.hears()
    empty = aiohttp.FormData({"account_id": stage.account.id, "to": ANA})
    broken = b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nabc"
    too_large = form(stage, b"x" * 1_400_000), form(stage, b"x" * 1_100_000)
    for raw in (b"PNG", form(stage, b""), empty, *too_large, form(stage, to=BEN)):
        status, refused = await ana.post("/whatsapp/messages/send_file/", raw=raw)
        assert status in (400, 413) and refused["error"]["message"]
    headers = {"Authorization": f"Token {ana.api.tokens['ana']}", "Content-Type": "multipart/form-data; boundary=x"}
    address = f"{ana.api.address}/api/v1/whatsapp/messages/send_file/"
    async with ana.api.session.post(address, data=broken, headers=headers) as response:
        assert response.status == 400
    assert not await stage.outbox()


async def test_a_file_that_is_here_is_sent_by_its_id_and_none_is_fetched(ana: Dashboard, stage: Stage) -> None:
    await stage.hears()
    file = await stage.db.write(upload, ana.api.house.media_folder, stage.account.id, PNG)
    message = await sent(ana, stage, "send_image", image_id=str(file.id), caption="Veja")
    assert message["message_type"] == "image" and message["media_url"]
    status, refused = await send(ana, stage, "send_image", image_url="https://example.com/a.png")
    assert (status, refused["error"]["code"]) == (400, "bad_input")


async def test_there_is_no_catalogue_to_send(ana: Dashboard, stage: Stage) -> None:
    status, refused = await ana.post(
        "/whatsapp/messages/send_catalog_menu/", {"account_id": stage.account.id, "to": ANA}
    )
    assert status == 501 and refused["detail"]


@pytest.mark.parametrize("ask", ["POST", "GET"])
async def test_stats_count_by_what_became_of_them_between_two_dates(ana: Dashboard, stage: Stage, ask: str) -> None:
    await stage.hears()
    async with stage.delivering():
        await sent(ana, stage, "send_text", text="um")
        await stage.sent(1)
        await eventually(lambda: _is(ana, stage, "sent"), "the send")
    await stage.report("wamid.out.1", MessageStatus.READ)
    await sent(ana, stage, "send_text", text="dois")
    for day, expected in ((f"{START:%Y-%m-%d}", (3, 1, 2, 1, 1)), ("2026-01-01", (0, 0, 0, 0, 0))):
        span = {"account_id": stage.account.id, "start_date": day, "end_date": day}
        query = "&".join(f"{name}={value}" for name, value in span.items())
        asked = (
            ana.post("/whatsapp/messages/stats/", span)
            if ask == "POST"
            else ana.get(f"/whatsapp/messages/stats/?{query}")
        )
        status, found = await asked
        assert status == 200
        by = found["by_status"]
        assert (found["total"], found["inbound"], found["outbound"], by["read"], by["pending"]) == expected
        assert by["delivered"] == by["failed"] == by["sent"] == 0
        reached = [found[status] for status in ("sent", "delivered", "read", "failed")]
        assert reached == [by["read"], by["read"], by["read"], 0], "older pages count each as far as it got"
    whole = {"start_date": "2026-03-01T00:00:00.000Z", "end_date": "2026-03-31T00:00:00.000Z"}
    _, found = await ana.post("/whatsapp/messages/stats/", {"account_id": stage.account.id, **whole})
    assert found["total"] == 3
    status, _ = await ana.post("/whatsapp/messages/stats/", {"account_id": stage.account.id, "start_date": "ontem"})
    assert status == 400


async def _is(dash: Dashboard, stage: Stage, status: str) -> bool:
    _, page = await dash.get(f"/whatsapp/messages/?account={stage.account.id}&direction=outbound")
    return bool(page["results"][0]["status"] == status)


async def test_the_history_of_a_chat_is_listed_the_newest_first_and_page_by_page(ana: Dashboard, stage: Stage) -> None:
    for number in range(3):
        await stage.hears(f"linha {number}")
    await stage.hears("de outro", phone=BEN)
    asked = f"/whatsapp/messages/?account={stage.account.id}&phone_number={ANA}&limit=2&ordering=-created_at"
    _, page = await ana.get(asked)
    assert ([each["text_body"] for each in page["results"]], page["count"]) == (["linha 2", "linha 1"], 3)
    _, page = await ana.get(page["next"].partition("/api/v1")[2])
    assert ([each["text_body"] for each in page["results"]], page["next"]) == (["linha 0"], None)
    _, page = await ana.get(f"/whatsapp/messages/?account={stage.account.id}&search=OUTRO")
    assert [each["from_number"] for each in page["results"]] == [BEN]
    history = {"account_id": stage.account.id, "phone_number": ANA, "limit": 2}
    _, page = await ana.post("/whatsapp/messages/conversation_history/", history)
    assert [each["text_body"] for each in page["results"]] == ["linha 1", "linha 2"]


async def test_a_message_is_read_with_all_of_its_conversation(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    number = (await stage.messages(conversation_id))[0].id
    assert (await ana.post(f"/whatsapp/messages/{number}/mark_as_read/"))[0] == 200
    assert (await stage.conversation(conversation_id)).unread == 0
    for unknown in ("99999", "wamid.x", "9" * 30):
        assert (await ana.post(f"/whatsapp/messages/{unknown}/mark_as_read/"))[0] == 404


async def test_what_is_anothers_is_not_there(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    number = (await stage.messages(conversation_id))[0].id
    token = await stage.db.write(operators.add, "zoe", Role.OPERATOR, START)
    await stage.db.write(people.set_accounts, "zoe", [])
    zoe, account = ana.by(token), stage.account.id
    assert (await zoe.get("/whatsapp/messages/"))[1]["results"] == []
    assert (await zoe.get(f"/whatsapp/messages/?account={account}"))[0] == 404
    assert (await zoe.post(f"/whatsapp/messages/{number}/mark_as_read/"))[0] == 404
    assert (await zoe.post("/whatsapp/messages/stats/", {"account_id": account}))[0] == 404
    assert (await send(zoe, stage, "send_text", text="oi"))[0] == 404
    assert (await zoe.post("/whatsapp/messages/send_file/", raw=form(stage)))[0] == 404
    assert not await stage.outbox() and (await stage.conversation(conversation_id)).unread == 1
