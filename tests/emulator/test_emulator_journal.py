"""The journal, from which leaks and losses are counted, and the faults."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest

ACCOUNT, ANA = "100000000000001", "5511988887777"


@pytest.fixture
async def open_window(emulator: Any, product: Any) -> None:
    await emulator.say(text="oi")
    product.webhooks.clear()


@pytest.mark.usefixtures("open_window")
async def test_every_request_is_numbered_and_timed(emulator: Any) -> None:
    before = time.monotonic_ns()
    message_id = await emulator.send_text("primeira", biz_opaque_callback_data="row 1")
    await emulator.graph({}, path="/v24.0/999/messages", token="")
    after = time.monotonic_ns()

    journal = await emulator.requests()

    first, second = journal["items"]
    assert (first["n"], second["n"], journal["last"], journal["dropped"]) == (1, 2, 2, 0)
    times = [
        before,
        first["received_ns"],
        first["answered_ns"],
        second["received_ns"],
        second["answered_ns"],
        after,
    ]
    assert times == sorted(times)
    wanted = {
        "account": ACCOUNT,
        "to": f"+{ANA}",
        "kind": "text",
        "text": "primeira",
        "opaque": "row 1",
        "token_ok": True,
        "status": 200,
        "id": message_id,
        "cut": None,
    }
    assert {key: first[key] for key in wanted} == wanted
    assert first["body"]["text"] == {"body": "primeira"}
    assert (second["account"], second["token_ok"], second["status"], second["id"]) == (
        "999",
        False,
        401,
        None,
    )
    assert "Bearer" not in str(journal)


async def test_received_is_stamped_before_the_body_is_read(emulator: Any) -> None:
    reader, writer = await asyncio.open_connection(*emulator.base.removeprefix("http://").split(":"))
    head = f"POST /{ACCOUNT}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n"
    writer.write(f"{head}Content-Length: 2\r\n\r\n".encode())
    await emulator.until_health(reading=1)
    body_sent = time.monotonic_ns()
    writer.write(b"{}")
    await reader.readline()
    writer.close()

    entry = (await emulator.requests())["items"][0]
    assert entry["received_ns"] < body_sent < entry["answered_ns"]


async def test_a_request_whose_caller_leaves_in_the_middle_is_there_too(emulator: Any) -> None:
    _, writer = await asyncio.open_connection(*emulator.base.removeprefix("http://").split(":"))
    writer.write(f"POST /{ACCOUNT}/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{{".encode())
    await emulator.until_health(reading=1)
    writer.close()

    journal = await emulator.requests("wait_ms=5000")
    assert [(e["kind"], e["answered_ns"]) for e in journal["items"]] == [("broken", None)]


@pytest.mark.usefixtures("open_window")
async def test_many_at_once_are_all_there_once(emulator: Any) -> None:
    sent = await asyncio.gather(*(emulator.send_text(f"text {n}") for n in range(200)))

    items = (await emulator.requests("kind=text"))["items"]

    assert [entry["n"] for entry in items] == list(range(1, 201))
    assert {entry["id"] for entry in items} == set(sent)
    assert {entry["text"] for entry in items} == {f"text {n}" for n in range(200)}


@pytest.mark.usefixtures("open_window")
async def test_waiting_ends_with_the_first_request_of_the_kind(emulator: Any) -> None:
    waiting = asyncio.create_task(emulator.requests("kind=text&wait_ms=5000"))
    async with emulator.http.get(f"{emulator.base}/{ACCOUNT}"):
        pass
    message_id = await emulator.send_text()

    journal = await asyncio.wait_for(waiting, 3)

    assert [entry["id"] for entry in journal["items"]] == [message_id]
    assert (await emulator.requests("after=2&wait_ms=10"))["items"] == []
    assert [e["kind"] for e in (await emulator.requests("kind=node,read"))["items"]] == ["node"]


@pytest.mark.usefixtures("open_window")
async def test_it_is_bounded_and_says_what_it_let_go(emulator: Any) -> None:
    await emulator.control("PUT", "settings", {"journal_limit": 2})

    for text in ("a", "b", "c"):
        await emulator.send_text(text)

    journal = await emulator.requests()
    assert [entry["n"] for entry in journal["items"]] == [2, 3]
    assert journal["dropped"] == 1


@pytest.mark.usefixtures("open_window")
async def test_clearing_forgets_and_numbers_go_on_but_a_reset_starts_anew(emulator: Any) -> None:
    await emulator.send_text()
    await emulator.control("DELETE", "requests")
    await emulator.send_text()
    assert [entry["n"] for entry in (await emulator.requests())["items"]] == [2]

    await emulator.control("POST", "reset")
    await emulator.say(text="oi")
    await emulator.send_text()
    assert [entry["n"] for entry in (await emulator.requests())["items"]] == [1]


@pytest.mark.usefixtures("open_window")
async def test_latency_delays_the_answer_not_the_arrival(emulator: Any) -> None:
    await emulator.control("PUT", "faults", {"latency_ms": 120})

    await emulator.send_text()

    entry = (await emulator.requests())["items"][0]
    assert entry["answered_ns"] - entry["received_ns"] >= 120_000_000


@pytest.mark.usefixtures("open_window")
async def test_an_error_comes_as_often_as_was_asked(emulator: Any, product: Any) -> None:
    await emulator.control("PUT", "faults", {"error": {"code": 131056, "times": 2}})

    answers = [await emulator.send(type="text", text={"body": "oi"}) for _ in range(3)]

    assert [status for status, _ in answers] == [400, 400, 200]
    assert answers[0][1]["error"]["code"] == 131056
    await emulator.control("PUT", "faults", {"error": {"code": 2, "http_status": 503}})
    assert (await emulator.send(type="text", text={"body": "oi"}))[0] == 503
    await emulator.control("PUT", "faults", {"error": None})
    assert (await emulator.send(type="text", text={"body": "oi"}))[0] == 200


@pytest.mark.usefixtures("open_window")
async def test_a_dropped_request_was_accepted_but_is_never_answered(emulator: Any, product: Any) -> None:
    await emulator.control("PUT", "faults", {"drop_rate": 1.0})

    with pytest.raises(aiohttp.ClientError):
        await emulator.send_text("perdida?", biz_opaque_callback_data="row 9")

    entry = (await emulator.requests())["items"][0]
    assert (entry["status"], entry["answered_ns"], entry["cut"]) == (200, None, "fault")
    await product.until(lambda: product.values("statuses"))
    assert product.values("statuses")[0]["biz_opaque_callback_data"] == "row 9"


@pytest.mark.usefixtures("open_window")
async def test_held_answers_leave_when_they_are_released(emulator: Any, product: Any) -> None:
    await emulator.control("PUT", "faults", {"hold": True})
    sending = asyncio.create_task(emulator.send_text())

    arrived = await emulator.requests("wait_ms=5000")

    assert (arrived["items"][0]["answered_ns"], arrived["unanswered"]) == (None, 1)
    assert (await emulator.control("GET", "faults"))["holding"] == 1
    assert not sending.done()
    assert product.values("statuses") == []
    released = time.monotonic_ns()
    assert (await emulator.control("PUT", "faults", {"hold": False}))["holding"] == 0
    assert await asyncio.wait_for(sending, 3) == arrived["items"][0]["id"]
    journal = await emulator.requests()
    assert journal["items"][0]["answered_ns"] > released
    assert journal["unanswered"] == 0


@pytest.mark.usefixtures("open_window")
async def test_a_caller_that_gave_up_is_not_counted_as_answered(emulator: Any) -> None:
    await emulator.control("PUT", "faults", {"hold": True})
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(emulator.send_text(), 0.2)

    await emulator.control("PUT", "faults", {"hold": False})
    await emulator.until_health(unanswered=0)

    journal = await emulator.requests()
    assert (journal["items"][0]["answered_ns"], journal["items"][0]["cut"]) == (None, "caller")


@pytest.mark.usefixtures("open_window")
async def test_statuses_can_be_doubled_late_or_left_out(emulator: Any, product: Any) -> None:
    await emulator.control("PUT", "faults", {"statuses": "doubled"})
    await emulator.send_text()
    await product.until(lambda: len(product.values("statuses")) == 4)
    assert [s["status"] for s in product.values("statuses")] == ["sent", "sent", "delivered", "delivered"]

    product.webhooks.clear()
    await emulator.control("PUT", "faults", {"statuses": {"late_ms": 150}})
    started = time.monotonic()
    await emulator.send_text()
    await product.until(lambda: product.values("statuses"))
    assert time.monotonic() - started >= 0.15
    await product.until(lambda: len(product.values("statuses")) == 2)

    await emulator.control("PUT", "faults", {"statuses": "none"})
    await emulator.send_text()
    assert (await emulator.control("GET", "health"))["statuses_pending"] == 0
    assert len(product.values("statuses")) == 2


@pytest.mark.usefixtures("open_window")
async def test_some_messages_reports_go_wrong_the_same_ones_for_the_same_seed(emulator: Any, product: Any) -> None:
    mixed = {"late_ms": 5, "late_rate": 0.3, "doubled_rate": 0.4, "dropped_rate": 0.3}
    courses = []
    for _ in range(2):
        product.webhooks.clear()
        shown = await emulator.control("PUT", "faults", {"statuses": mixed, "seed": 7})
        sent = [await emulator.send_text() for _ in range(20)]
        await emulator.until_health(statuses_pending=0)
        reported = [s["id"] for s in product.values("statuses") if s["status"] == "sent"]
        courses.append([reported.count(message) for message in sent])

    assert shown["statuses"] == mixed
    assert courses[0] == courses[1]
    assert set(courses[0]) == {0, 1, 2}


@pytest.mark.parametrize("statuses", [{"late_rate": 2}, {"tripled_rate": 1}, "sometimes"])
async def test_status_faults_that_are_none_are_refused(emulator: Any, statuses: Any) -> None:
    answer = await emulator.control("PUT", "faults", {"statuses": statuses}, ok=False)

    assert answer["error"]["code"] == "invalid"
    assert (await emulator.control("GET", "faults"))["statuses"] == "normal"


@pytest.mark.usefixtures("open_window")
async def test_an_accounts_own_faults_leave_the_others_alone(emulator: Any) -> None:
    await emulator.control("POST", "accounts", {"id": "222", "name": "B", "display_phone_number": "+1 555 0199"})
    await emulator.control("PUT", "faults", {"account": "222", "error": {"code": 131000}})

    status, answer = await emulator.graph({"messaging_product": "whatsapp"}, path="/222/messages")
    await emulator.send_text()

    assert (status, answer["error"]["code"]) == (500, 131000)


async def test_a_fault_nobody_knows_is_refused_and_changes_nothing(emulator: Any) -> None:
    answer = await emulator.control("PUT", "faults", {"latency_ms": -1, "earthquake": True}, ok=False)

    assert len(answer["error"]["problems"]) == 2
    assert (await emulator.control("GET", "faults"))["latency_ms"] == 0
