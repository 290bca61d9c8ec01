"""What is written into the inbox behind a slash: an order, of which the customer reads nothing."""

from __future__ import annotations

from typing import Any

from conversation.conversation import HandoverState
from store import people, tables
from tests import services
from tests.handover.dashboard.conftest import Dashboard
from tests.house import Stage

pytestmark = services.sqlite_only


async def run(dash: Dashboard, conversation_id: str, text: str) -> Any:
    body = {"texto": text, "conversation_id": conversation_id, "confirmado": False}
    status, told = await dash.post("/whatsapp/comandos/executar/", body)
    assert status == 200, told
    assert told["texto"] and told["enviar_ao_cliente"] is False
    return told["ok"]


async def test_bot_off_and_on_switch_who_answers(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    for text, state in (
        ("/bot off", HandoverState.HUMAN),
        ("/BOT on", HandoverState.BOT),
        ("/bot on", HandoverState.BOT),
    ):
        assert await run(ana, conversation_id, text)
        assert (await stage.conversation(conversation_id)).state is state
    assert not await stage.outbox()


async def test_bot_on_says_so_where_no_assistant_may_speak(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    await run(ana, conversation_id, "/bot off")
    await stage.ownership.change_account(stage.account.id, auto_response=False)
    assert not await run(ana, conversation_id, "/bot on")


async def test_nota_writes_a_note(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    assert await run(ana, conversation_id, "/nota liga às 18h")
    _, found = await ana.get(f"/conversations/{conversation_id}/notes/")
    assert [(note["content"], note["author"]) for note in found] == [("liga às 18h", "ana")]
    assert not await stage.outbox()
    (row,) = [row for row in await stage.rows(tables.audit) if row.action == "dash_run_command"]
    assert row.facts["conversation_id"] == conversation_id and row.fingerprint, (
        "in the audit log it is about whom it is"
    )


async def test_what_is_not_served_says_so_and_does_nothing(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    for text in ("/pedido", "/bot", "/bot talvez", "/nota", "/"):
        assert not await run(ana, conversation_id, text)
    _, told = await ana.reading("pt").post(
        "/whatsapp/comandos/executar/", {"texto": "/pix", "conversation_id": conversation_id}
    )
    assert told["texto"].startswith("/pix não é atendido aqui")
    assert (await stage.conversation(conversation_id)).state is HandoverState.BOT


async def test_a_conversation_of_others_is_not_there(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    await stage.db.write(people.set_accounts, "ana", [])
    for text in ("/bot off", "/bot on", "/nota x", "/pix"):
        body = {"texto": text, "conversation_id": conversation_id}
        assert (await ana.post("/whatsapp/comandos/executar/", body))[0] == 404
    assert (await stage.conversation(conversation_id)).state is HandoverState.BOT
