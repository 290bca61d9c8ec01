"""Meta at its worst: the clock moves, webhooks go wrong on their way, Graph API refuses for real reasons."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from typing import Any

import aiohttp
import pytest

from emulator.clock import Clock, clock

ACCOUNT, ANA, BEN = "100000000000001", "5511988887777", "14155550123"
DAY_S = 86_400


async def faults(emulator: Any, **what: Any) -> Any:
    return await emulator.control("PUT", "faults", what)


async def advance(emulator: Any, seconds: float) -> Any:
    return await emulator.control("POST", "clock", {"advance_s": seconds})


async def send(emulator: Any, **more: Any) -> tuple[int, int | None]:
    """The HTTP status and the Graph code."""
    status, answer = await emulator.send(type="text", text={"body": "Olá"}, **more)
    return status, answer.get("error", {}).get("code")


async def log(emulator: Any) -> Any:
    return (await emulator.control("GET", "webhooks"))["items"]


async def test_what_is_due_is_done_in_its_order_and_before_the_clock_moves_on() -> None:
    moved, done = Clock(), []

    async def repeat(name: str, every_s: float) -> None:
        for _ in range(3):
            await moved.wait(every_s * 1000)
            await asyncio.sleep(0)
            done.append((name, round(moved.monotonic() - began)))

    began = moved.monotonic()
    tasks = [asyncio.create_task(repeat("slow", 500)), asyncio.create_task(repeat("fast", 200))]
    await asyncio.sleep(0)

    assert await moved.advance(1200) == 5
    assert done == [("fast", 200), ("fast", 400), ("slow", 500), ("fast", 600), ("slow", 1000)]
    assert round(moved.monotonic() - began) == 1200
    for task in tasks:
        task.cancel()


async def test_a_wait_ends_by_itself_when_nobody_moves_the_clock() -> None:
    began = clock.monotonic()
    await clock.wait(5)
    assert clock.monotonic() - began >= 0.005


async def test_windows_media_and_the_time_of_messages_go_by_the_clock(emulator: Any, product: Any) -> None:
    await emulator.say(text="oi")
    media = (await emulator.control("POST", "media"))["url"]
    before = int(product.values("messages")[0]["timestamp"])
    assert await send(emulator) == (200, None)

    moved = await advance(emulator, DAY_S + 60)

    assert moved["ahead_s"] == DAY_S + 60
    assert await send(emulator) == (400, 131047)
    async with emulator.http.get(media) as response:
        assert response.status != 200
    await emulator.say(text="de novo")
    assert int(product.values("messages")[-1]["timestamp"]) - before >= DAY_S
    assert await send(emulator) == (200, None)
    await emulator.control("POST", "reset")
    assert (await emulator.control("GET", "clock"))["ahead_s"] == 0


@pytest.mark.parametrize(
    "wrong", [{}, {"advance_s": -1}, {"advance_s": 1, "at": 5}, {"at": "2020-01-01T00:00:00Z"}, {"at": "soon"}]
)
async def test_a_clock_that_would_go_back_or_nowhere_is_refused(emulator: Any, wrong: Any) -> None:
    assert "error" in await emulator.control("POST", "clock", wrong, ok=False)


async def test_whatsapp_tries_for_seven_days_less_and_less_often_and_gives_up(emulator: Any, product: Any) -> None:
    await emulator.control("PUT", "settings", {"retry_plan": "days", "retry_first_ms": 1000})
    product.answers = [500] * 1000
    await emulator.say(text="oi")

    await advance(emulator, 3 * DAY_S)
    kept = await emulator.control("GET", "undelivered")
    assert (len(kept["waiting"]), kept["given_up"]) == (1, [])
    assert kept["waiting"][0]["next_ms"] > kept["waiting"][0]["since_ms"] + 3 * DAY_S * 1000
    await advance(emulator, 5 * DAY_S)

    kept = await emulator.control("GET", "undelivered")
    assert (kept["waiting"], len(kept["given_up"])) == ([], 1)
    moments = [entry["at_ms"] for entry in await log(emulator)]
    waits = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert waits[0] < 1000, "the first repeat is at once"
    assert all(later >= earlier - 1000 for earlier, later in itertools.pairwise(waits))
    assert 40 < len(moments) < 80
    assert moments[-1] - moments[0] <= 7 * DAY_S * 1000 < moments[-1] - moments[0] + 5 * 3600 * 1000
    await advance(emulator, DAY_S)
    assert len(await log(emulator)) == len(moments)


async def test_what_the_desk_kept_is_given_up_after_seven_days_too(emulator: Any, product: Any) -> None:
    asked = {"retry_longest_ms": 2 * 3600 * 1000, "retry_times": 1, "retry_first_ms": 1}
    await emulator.control("PUT", "settings", asked)
    product.answers = [500] * 1000
    await emulator.say(text="oi")
    await emulator.until_health(undelivered=1)

    await advance(emulator, 8 * DAY_S)

    health = await emulator.control("GET", "health")
    assert (health["undelivered"], health["given_up"]) == (0, 1)


async def test_the_same_webhook_comes_as_often_as_asked_at_once(emulator: Any, product: Any) -> None:
    await faults(emulator, webhooks={"doubled_rate": 1, "copies": 4})
    await emulator.say(text="oi")
    assert Counter(message["id"] for message in product.values("messages")).most_common(1)[0][1] == 4
    assert len({webhook.raw for webhook in product.webhooks}) == 1


async def test_gathered_webhooks_leave_shuffled_by_the_seed(emulator: Any, product: Any) -> None:
    orders = []
    for _ in range(2):
        await faults(emulator, seed=4, webhooks={"gather": 6, "gather_ms": 5000, "shuffled": True, "at_once": 1})
        product.webhooks.clear()
        says = []
        for n in range(6):
            says.append(asyncio.create_task(emulator.say(text=str(n))))
            await asyncio.sleep(0.01)
        assert {said["status"] for said in await asyncio.gather(*says)} == {200}
        orders.append([message["text"]["body"] for message in product.values("messages")])
    assert orders[0] == orders[1] != sorted(orders[0])
    assert sorted(orders[0]) == list("012345")


async def test_a_thousand_updates_come_in_one_body_reports_among_them(emulator: Any, product: Any) -> None:
    await emulator.say(text="oi")
    sent = await emulator.send_text()
    await emulator.until_health(statuses_pending=0)
    product.webhooks.clear()
    messages = [{"customer": f"55119{n:08}", "text": f"n{n}"} for n in range(999)]

    batch = {"account": ACCOUNT, "messages": messages, "statuses": [{"id": sent, "status": "read"}]}
    assert (await emulator.control("POST", "batch", batch))["status"] == 200

    assert len(product.webhooks) == 1
    values = [c["value"] for entry in json.loads(product.webhooks[0].raw)["entry"] for c in entry["changes"]]
    assert [len(value.get("messages", [])) for value in values] == [999, 0]
    assert [value["statuses"][0]["status"] for value in values[1:]] == ["read"]
    refused = await emulator.control("POST", "batch", {**batch, "statuses": [{"id": "x", "status": "read"}]}, ok=False)
    assert "statuses[0]" in refused["error"]["message"]


async def test_gathered_webhooks_can_be_joined_into_one(emulator: Any, product: Any) -> None:
    await faults(emulator, webhooks={"gather": 3, "joined": True})

    said = await asyncio.gather(*(emulator.say(text=str(n)) for n in range(3)))

    assert [one["status"] for one in said] == [200] * 3
    assert len(product.webhooks) == 1
    assert len(json.loads(product.webhooks[0].raw)["entry"]) == 3
    assert [entry["about"] for entry in await log(emulator)] == ["3 joined"]


async def test_a_slow_body_takes_its_time_and_comes_whole(emulator: Any, product: Any) -> None:
    await faults(emulator, webhooks={"bytes_per_s": 4000})

    said = await emulator.say(text="x" * 400)

    # All but the last piece are waited after.
    assert said["ms"] > (len(product.webhooks[0].raw) - 200) / 4000 * 1000
    assert product.values("messages")[0]["text"]["body"] == "x" * 400


@pytest.mark.parametrize(("where", "arrive"), [("before", 1), ("body", 1), ("answer", 2), ("reset", 2)])
async def test_a_cut_webhook_comes_again(emulator: Any, product: Any, where: str, arrive: int) -> None:
    """After the whole body was said nobody knows whether it was taken: it comes twice."""
    await faults(emulator, webhooks={"cut": where, "cut_times": 1})

    said = await emulator.say(text="oi")

    assert (said["status"], said["problem"]) == (0, f"cut off on purpose ({where})")
    await product.until(lambda: len(product.webhooks) == arrive)
    await emulator.until_health(retrying=0)
    assert [entry["status"] for entry in await log(emulator)] == [0, 200]
    assert (await log(emulator))[0]["next_ms"] is not None
    assert len(product.webhooks) == arrive


async def test_the_log_has_headers_without_the_signature_and_a_body_can_be_sent_again(
    emulator: Any, product: Any
) -> None:
    await emulator.say(text="oi")
    entry = (await log(emulator))[0]
    whole = product.webhooks[0].headers["X-Hub-Signature-256"]
    assert entry["headers"]["X-Hub-Signature-256"] == whole[:15] + "…"

    await emulator.control("POST", "resend", {"n": entry["n"]})

    assert product.webhooks[0].raw == product.webhooks[1].raw
    assert product.webhooks[1].headers["X-Hub-Signature-256"] == whole
    assert "error" in await emulator.control("POST", "resend", {"n": 99}, ok=False)


async def test_a_number_takes_so_many_messages_a_second(emulator: Any) -> None:
    await emulator.control("PUT", "settings", {"enforce_window": False})
    await faults(emulator, limits={"messages_per_s": 3})

    answers = [await send(emulator, to=f"+55119{n:08}") for n in range(4)]

    assert answers == [(200, None)] * 3 + [(400, 130429)]
    await advance(emulator, 1.1)
    assert await send(emulator) == (200, None)


async def test_one_person_takes_a_burst_and_then_one_in_six_seconds(emulator: Any) -> None:
    await emulator.say(text="oi")
    await emulator.say(BEN, text="hi")
    await faults(emulator, limits=True)

    answers = Counter([await send(emulator) for _ in range(47)])

    assert answers == {(200, None): 45, (400, 131056): 2}
    assert await send(emulator, to=BEN) == (200, None)
    await advance(emulator, 6.1)
    assert [await send(emulator) for _ in range(2)] == [(200, None), (400, 131056)]


async def test_management_calls_are_counted_by_the_hour_and_told_in_headers(emulator: Any) -> None:
    await faults(emulator, limits={"management_per_h": 4})
    url = f"{emulator.base}/v24.0/{ACCOUNT}"
    seen = []
    for _ in range(5):
        async with emulator.http.get(url, headers={"Authorization": "Bearer any"}) as response:
            use = json.loads(response.headers["X-Business-Use-Case-Usage"])
            seen.append((response.status, *(one[0]["call_count"] for one in use.values())))
    assert seen == [(200, 25), (200, 50), (200, 75), (200, 100), (400, 100)]
    await faults(emulator, limits=None, usage={"call_count": 90, "regain_min": 7})
    async with emulator.http.get(url, headers={"Authorization": "Bearer any"}) as response:
        assert response.status == 200
        assert json.loads(response.headers["X-App-Usage"])["call_count"] == 90
        assert '"estimated_time_to_regain_access": 7' in response.headers["X-Business-Use-Case-Usage"]


async def test_the_token_of_before_is_dead_everywhere_and_another_one_is_taken(emulator: Any) -> None:
    await emulator.say(text="oi")
    assert (await emulator.send(type="text", text={"body": "oi"}))[0] == 200
    await faults(emulator, access="expired")

    status, answer = await emulator.send(type="text", text={"body": "oi"})
    assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (401, 190, 463)
    assert (await emulator.ask("GET", ACCOUNT))[1]["error"]["code"] == 190
    assert (await emulator.ask("GET", ACCOUNT, token="another"))[0] == 200
    body = {"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {"body": "oi"}}
    assert (await emulator.graph(body, token="another"))[0] == 200


@pytest.mark.parametrize(("state", "code"), [("revoked", 10), ("locked", 131031), ("policies", 368)])
async def test_an_account_can_lose_what_it_may_do(emulator: Any, state: str, code: int) -> None:
    await emulator.say(text="oi")
    await faults(emulator, access=state, account=ACCOUNT)
    assert (await send(emulator))[1] == code
    assert (await emulator.ask("GET", ACCOUNT))[1]["error"]["code"] == code
    await faults(emulator, access="ok", account=ACCOUNT)
    assert await send(emulator) == (200, None)


async def test_a_gateways_error_has_no_graph_body(emulator: Any) -> None:
    await emulator.say(text="oi")
    await faults(emulator, error={"code": 2, "http_status": 502, "bare": True, "times": 1})
    body = {"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {"body": "oi"}}
    url = f"{emulator.base}/v24.0/{ACCOUNT}/messages"
    async with emulator.http.post(url, json=body, headers={"Authorization": "Bearer any"}) as response:
        assert (response.status, response.content_type) == (502, "text/html")
    assert await send(emulator) == (200, None)


async def test_a_request_can_be_lost_before_anything_was_done_about_it(emulator: Any) -> None:
    await emulator.say(text="oi")
    await faults(emulator, drop_before_rate=1)
    with pytest.raises(aiohttp.ClientError):
        await send(emulator)
    entry = (await emulator.requests())["items"][-1]
    assert (entry["cut"], entry["status"], entry["id"]) == ("fault", None, None)


async def test_the_journal_shows_answers_to_who_asks_and_no_secret(emulator: Any) -> None:
    await emulator.say(text="oi")
    await send(emulator, to="nobody")
    plain, whole = (await emulator.requests())["items"][-1], (await emulator.requests("answers=1"))["items"][-1]
    assert "answer" not in plain
    assert (plain["code"], whole["answer"]["error"]["code"]) == (131009, 131009)
    assert "any" not in json.dumps(whole["answer"])


async def test_each_kind_a_phone_can_do_has_an_example(emulator: Any) -> None:
    networks = (await emulator.control("GET", "kinds"))["networks"]
    assert set(networks) == {"whatsapp", "messenger", "instagram"}
    id_ = (await emulator.say(text="oi"))["id"]
    refused = {}
    for kind, example in networks["whatsapp"].items():
        if isinstance(example, dict) and "message_id" in example:
            example["message_id"] = id_
        asked = {"account": ACCOUNT, "customer": ANA, kind: example}
        answer = await emulator.control("POST", "say", asked, ok=False)
        if answer.get("status") != 200:
            refused[kind] = answer
    assert refused == {}
