"""WhatsApp's webhooks, as text, brought to a stage the way its connector does."""

from __future__ import annotations

import json
from typing import Any

from connectors import reading, ways_in, whatsapp_parse
from conversation.webhook import Came, Webhook
from runtime.webhook_redrive import WebhookRedrive
from store import webhooks
from tests.house import ANA, NUMBER, Stage


def wrote(text: str, id_: str, *, by: str = ANA, at: int = 1_790_000_000, **besides: Any) -> dict[str, Any]:
    return {"id": id_, "timestamp": str(at), "type": "text", "from": by, "text": {"body": text}, **besides}


def body_with(*messages: dict[str, Any], account: str = NUMBER) -> str:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100", "phone_number_id": account},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": m["from"]} for m in messages],
        "messages": list(messages),
    }
    change = {"field": "messages", "value": value}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "80", "changes": [change]}]})


async def comes(stage: Stage, body: str) -> None:
    """As a verified webhook does."""
    known = (await stage.entrance.secrets("whatsapp", fresh=True)).keys()
    accounts = frozenset(whatsapp_parse.accounts_in(reading.document(body.encode())))
    arrivals = ways_in.read("whatsapp", body, known)
    await stage.entrance.accept("whatsapp", arrivals, Came(body=body, accounts=accounts))


async def kept(stage: Stage) -> list[Webhook]:
    """The oldest first."""
    return list(reversed(await stage.db.read(webhooks.listed, limit=100)))


def redriver(stage: Stage) -> WebhookRedrive:
    return WebhookRedrive(stage.db, stage.entrance, ways_in.read, stage.clock)
