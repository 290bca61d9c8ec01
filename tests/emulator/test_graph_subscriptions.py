"""Who is told of what happens: subscriptions, how they end, and what becomes of an outage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.people import account_from
from emulator.settings import Settings
from emulator.subscriptions import Subscriptions

NUMBER, PAGE, GRAM = "100000000000001", "200000000000001", "17840000000000001"
ANA = "5511988887777"


@pytest.fixture
def settings(settings: Any) -> Any:
    accounts = [
        {"id": NUMBER, "business_id": "300000000000001"},
        {"channel": "messenger", "id": PAGE},
        {"channel": "instagram", "id": GRAM, "page_id": PAGE},
    ]
    return {**settings, "accounts": accounts, "conversation_calls_per_s": 0}


def said_in(webhook: Any) -> Any:
    """The text of the one message, whichever network it is of."""
    entry = json.loads(webhook.raw)["entry"][0]
    if "messaging" in entry:
        return entry["messaging"][0]["message"]["text"]
    return entry["changes"][0]["value"]["messages"][0]["text"]["body"]


async def say(emulator: Any, account: str, text: str = "oi") -> Any:
    return await emulator.control("POST", "say", {"account": account, "customer": ANA, "text": text})


async def subscribed(emulator: Any, node: str) -> Any:
    status, answer = await emulator.ask("GET", f"{node}/subscribed_apps")
    assert status == 200, answer
    return answer["data"]


@pytest.mark.parametrize("account", [NUMBER, PAGE, GRAM])
async def test_webhooks_are_posted_only_while_the_product_is_subscribed(
    emulator: Any, product: Any, account: str
) -> None:
    node = "300000000000001" if account == NUMBER else account
    fields = {} if account == NUMBER else {"subscribed_fields": "messages,messaging_postbacks"}
    assert await subscribed(emulator, node)

    await emulator.ask("DELETE", f"{node}/subscribed_apps")
    unheard = await say(emulator, account, "nobody hears this")
    while_off = await subscribed(emulator, node)
    status, answer = await emulator.ask("POST", f"{node}/subscribed_apps", params=fields)
    heard = await say(emulator, account, "somebody hears this")

    assert (unheard["status"], unheard["problem"]) == (0, "the product is not subscribed")
    assert (while_off, status, answer, heard["status"]) == ([], 200, {"success": True}, 200)
    assert [said_in(webhook) for webhook in product.webhooks] == ["somebody hears this"]


async def test_an_instagram_account_is_subscribed_through_its_page(emulator: Any) -> None:
    await emulator.ask("DELETE", f"{GRAM}/subscribed_apps")
    before = await subscribed(emulator, PAGE)

    await emulator.ask("POST", f"{PAGE}/subscribed_apps", json={"subscribed_fields": ["messages", "standby"]})

    assert before == []
    assert (await subscribed(emulator, GRAM))[0]["subscribed_fields"] == ["messages", "standby"]


async def test_a_field_the_network_does_not_know_is_refused_by_name(emulator: Any) -> None:
    fields = {"subscribed_fields": "messages,messaging_handover"}
    refused, answer = await emulator.ask("POST", f"{PAGE}/subscribed_apps", params=fields)
    taken, _ = await emulator.ask("POST", f"{GRAM}/subscribed_apps", params=fields)

    assert (refused, answer["error"]["code"], taken) == (400, 100, 200)
    assert "subscribed_fields[1] must be one of" in answer["error"]["message"]
    assert 'got "messaging_handover"' in answer["error"]["message"]


@pytest.mark.parametrize(("account", "ends"), [(PAGE, True), (GRAM, True), (NUMBER, False)])
async def test_failures_for_long_enough_end_the_subscription_except_on_whatsapp(
    emulator: Any, product: Any, account: str, ends: bool
) -> None:
    await emulator.control("PUT", "settings", {"outage_after_ms": 1, "retry_times": 0})
    product.answers = [500] * 3
    for _ in range(3):
        await say(emulator, account)

    node = "300000000000001" if account == NUMBER else account
    assert (await subscribed(emulator, node) == []) is ends


@pytest.mark.parametrize(("well_at_s", "subscribed_at_the_end"), [(None, False), (1, True), (1800, True)])
def test_an_hour_counts_from_the_last_success(well_at_s: int | None, subscribed_at_the_end: bool) -> None:
    now = 0
    page = account_from({"channel": "messenger", "id": PAGE}, ["messenger"])
    subscriptions = Subscriptions(Settings, monotonic=lambda: now)

    for now in (0, 1, 1800, 3599, 3601):
        subscriptions.told(page, well=now == well_at_s)

    assert subscriptions.is_on(page) is subscribed_at_the_end


async def test_what_nobody_took_from_whatsapp_comes_when_the_product_is_back(emulator: Any, product: Any) -> None:
    await emulator.control("PUT", "settings", {"retry_times": 1, "retry_first_ms": 1})
    product.answers = [500] * 4
    for text in ("one", "two"):
        await say(emulator, NUMBER, text)
    await emulator.until_health(retrying=0, undelivered=2)

    await say(emulator, NUMBER, "three")
    await emulator.until_health(undelivered=0)

    assert sorted(said_in(webhook) for webhook in product.webhooks[4:]) == ["one", "three", "two"]


async def test_what_nobody_took_from_messenger_is_not_repeated_for_days(emulator: Any, product: Any) -> None:
    await emulator.control("PUT", "settings", {"retry_times": 1, "retry_first_ms": 1})
    product.answers = [500] * 2
    await say(emulator, PAGE, "lost")
    await emulator.until_health(retrying=0)

    assert (await emulator.control("GET", "health"))["undelivered"] == 0


async def test_a_body_made_by_hand_goes_out_all_the_same(emulator: Any, product: Any) -> None:
    await emulator.ask("DELETE", f"{PAGE}/subscribed_apps")

    await emulator.control("POST", "webhook", {"account": PAGE, "body": {"object": "page", "entry": []}})

    assert len(product.webhooks) == 1


async def test_after_an_outage_whatsapp_brings_everything_late_and_some_of_it_twice(
    emulator: Any, product: Any
) -> None:
    asked = {"account": NUMBER, "hours": 24, "customers": 20, "each": 3, "seed": 7}
    written = (await emulator.control("POST", "outage", asked))["written"]
    await emulator.until_health(undelivered=0)

    came = [message for webhook in product.webhooks for message in webhook.value["messages"]]
    ids = [message["id"] for message in came]
    told = {message["id"]: int(message["timestamp"]) for message in came}
    assert told == {one["id"]: one["timestamp"] // 1000 for one in written}
    assert len(written) == 60
    assert len(ids) > 60
    assert ids[:60] != [one["id"] for one in written]
    assert 23 * 3600 <= max(told.values()) - min(told.values()) <= 24 * 3600


async def test_the_same_seed_makes_the_same_outage(emulator: Any) -> None:
    asked = {"account": PAGE, "hours": 2, "customers": 5, "each": 2, "seed": 7}
    first, second = [(await emulator.control("POST", "outage", asked))["written"] for _ in range(2)]

    assert [(one["customer"], one["text"]) for one in first] == [(one["customer"], one["text"]) for one in second]


@pytest.mark.parametrize("account", [PAGE, GRAM])
async def test_after_an_outage_messenger_and_instagram_are_silent_but_can_be_read_again(
    emulator: Any, product: Any, account: str
) -> None:
    messages = [
        {"customer": ANA, "text": "tem alguém aí?"},
        {"customer": ANA, "text": "oi?"},
        {"customer": ANA, "by": "shop", "text": "Sou a Lu"},
    ]
    told = await emulator.control("POST", "outage", {"account": account, "hours": 24, "messages": messages})
    live = await say(emulator, account, "agora")

    platform = "messenger" if account == PAGE else "instagram"
    query = f"platform={platform}&fields=messages{{id,message,from,created_time}}"
    _, answer = await emulator.ask("GET", f"{account}/conversations?{query}")
    again = answer["data"][0]["messages"]["data"]

    assert (told["subscribed"], product.webhooks) == (False, [])
    assert [m["id"] for m in reversed(again)] == [*[one["id"] for one in told["written"]], live["id"]]
    assert [m["message"] for m in again] == ["agora", "Sou a Lu", "oi?", "tem alguém aí?"]
    assert again[1]["from"]["id"] == account
    assert again[-1]["created_time"] < again[0]["created_time"]


async def test_an_outage_opens_the_window_only_from_when_they_wrote(emulator: Any) -> None:
    messages = [{"customer": ANA, "text": "oi", "timestamp": 1_700_000_000}]
    await emulator.control("POST", "outage", {"account": NUMBER, "messages": messages})

    status, answer = await emulator.send(type="text", text={"body": "oi"})

    assert (status, answer["error"]["code"]) == (400, 131047)


async def test_an_outage_in_which_nobody_writes_is_refused(emulator: Any) -> None:
    answer = await emulator.control("POST", "outage", {"account": PAGE}, ok=False)

    assert "messages or customers must be given" in answer["error"]["message"]
