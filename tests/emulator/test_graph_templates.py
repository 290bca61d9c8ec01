"""A business account's templates and profile, and what the emulator says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors import whatsapp_parse
from conversation.arrivals import AccountNews
from conversation.platform_news import Standing
from emulator.clock import clock
from tests.connectors.only import only
from tests.emulator.conftest import ACCOUNT, Client, Product
from tests.house import START

BUSINESS = "300000000000001"
BODY = {"type": "BODY", "text": "Olá, {{1}}! Até já."}


@pytest.fixture
def settings(settings: Any) -> Any:
    return {**settings, "accounts": [{**settings["accounts"][0], "business_id": BUSINESS}]}


async def makes(emulator: Client, *components: Any, **given: Any) -> tuple[int, Any]:
    facts = {
        "name": "aviso",
        "language": "pt_BR",
        "category": "UTILITY",
        "components": list(components) or [BODY],
        **given,
    }
    return await emulator.ask("POST", f"{BUSINESS}/message_templates", json=facts)


async def listed(emulator: Client) -> dict[str, Any]:
    query = "fields=id,name,status,category,quality_score,rejected_reason"
    _, answer = await emulator.ask("GET", f"{BUSINESS}/message_templates?{query}")
    return {each["name"]: each for each in answer["data"]}


def told(product: Product) -> list[AccountNews]:
    bodies = [json.loads(webhook.raw) for webhook in product.webhooks]
    return [only(AccountNews, whatsapp_parse.parse(body, START)) for body in bodies]


async def test_one_is_made_approved_after_a_moment_and_taken_away_and_each_is_told(
    emulator: Client, product: Product
) -> None:
    status, made = await makes(emulator)
    assert (status, made["status"], made["category"]) == (200, "PENDING", "UTILITY")
    assert (await makes(emulator))[0] == 400, "it is there already"
    await clock.advance(1.0)
    await product.until(lambda: len(product.webhooks) == 1)
    assert (await listed(emulator))["aviso"]["status"] == "APPROVED"
    status, _ = await emulator.ask("DELETE", f"{BUSINESS}/message_templates?name=aviso")
    assert status == 200 and "aviso" not in await listed(emulator)
    await product.until(lambda: len(product.webhooks) == 2)
    approved, gone = [news.template for news in told(product)]
    assert approved and (approved.id, approved.changes["status"]) == (made["id"], "APPROVED")
    assert gone and (gone.id, gone.gone) == (made["id"], True)
    clock.reset()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Aviso"},
        {"category": "SERVICE"},
        {"components": [{"type": "FOOTER", "text": "Oi"}]},
        {"components": [{"type": "BODY", "text": "x" * 1025}]},
        {"components": [{"type": "BODY", "text": "{{1}} oi"}]},
        {"components": [{"type": "BODY", "text": "oi {{1}} {{2}} !"}]},
        {"components": [BODY, {"type": "FOOTER", "text": "x" * 61}]},
        {"components": [BODY, {"type": "HEADER", "format": "TEXT", "text": "{{1}} {{2}}"}]},
        {"components": [BODY, {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "a"}] * 11}]},
        {"components": [BODY, {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "a", "url": "b"}] * 3}]},
    ],
)
async def test_what_meta_refuses_of_a_new_one(emulator: Client, wrong: Any) -> None:
    status, refused = await makes(emulator, **wrong)
    assert (status, refused["error"]["code"]) == (400, 100)


async def test_a_script_says_what_becomes_of_one(emulator: Client, product: Product) -> None:
    change = {"account": ACCOUNT, "name": "pedido_pronto"}
    await emulator.control("POST", "templates", {**change, "status": "PAUSED", "reason": "NONE", "quality": "RED"})
    await emulator.control("POST", "templates", {**change, "category": "MARKETING"})
    shown = (await listed(emulator))["pedido_pronto"]
    assert (shown["status"], shown["quality_score"], shown["category"]) == ("PAUSED", {"score": "RED"}, "MARKETING")
    changes = [news.template.changes for news in told(product) if news.template]
    assert [each.get("status") or each.get("quality") or each.get("category") for each in changes] == [
        *("PAUSED", "RED", "MARKETING")
    ]
    refused = await emulator.control("POST", "templates", {**change, "status": "GREAT"}, ok=False)
    assert refused["error"]["code"] == "invalid"


async def test_a_script_says_anything_of_the_business_account(emulator: Client, product: Product) -> None:
    value = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}
    said = await emulator.control("POST", "news", {"account": ACCOUNT, "field": "account_update", "value": value})
    assert said == {"status": 200, "problem": ""}
    (news,) = told(product)
    assert news.business == BUSINESS and news.verdict is not None and news.verdict.standing is Standing.STOPPED


async def test_the_profile_is_written_within_its_limits(emulator: Client) -> None:
    path = f"{ACCOUNT}/whatsapp_business_profile"
    whole = {"messaging_product": "whatsapp"}
    assert (await emulator.ask("POST", path, json={**whole, "about": "Aberto"}))[0] == 200
    for wrong in ({"about": "x" * 140}, {"name": "Cantina"}, {"websites": ["a"] * 3}):
        assert (await emulator.ask("POST", path, json={**whole, **wrong}))[0] == 400
    _, shown = await emulator.ask("GET", f"{path}?fields=about,email")
    assert shown["data"] == [{**whole, "about": "Aberto", "email": "oi@cantina.example"}]
