"""The order number, and what becomes of it: a real server for ORDERS_URL, well and unwell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from aiohttp import web
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import orders
from actions.answer_order_status import AnswerOrderStatus
from actions.validate_order_form import ValidateOrderForm
from tests.actions.given import make_tracker, said


async def answered(request: web.Request) -> web.StreamResponse:
    number = request.match_info["number"]
    answers: dict[str, Callable[[], web.StreamResponse]] = {
        "1001": lambda: web.json_response({"number": number, "status": "on_the_way", "eta_minutes": 12}),
        "1002": lambda: web.json_response({"number": number, "status": "waiting for the rain to stop"}),
        "1003": lambda: web.json_response({"number": number, "status": "ready", "eta_minutes": "soon"}),
        "5000": lambda: web.Response(status=500),
        "5001": lambda: web.Response(text="<html>"),
        "5002": lambda: web.json_response({"number": number}),
        "5003": lambda: web.json_response([]),
    }
    answer = answers.get(number)
    return answer() if answer else web.Response(status=404)


@pytest_asyncio.fixture
async def orders_url(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    asked_too_long = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        await asked_too_long.wait()
        return web.Response()

    app = web.Application()
    app.router.add_get("/orders/6000", slow)
    app.router.add_get("/orders/{number}", answered)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    url = f"http://{host}:{port}/orders/"
    monkeypatch.setenv("ORDERS_URL", url)
    yield url
    asked_too_long.set()
    await runner.cleanup()


async def ask(dispatcher: CollectingDispatcher, number: str) -> list[dict[str, object]]:
    tracker = make_tracker(slots={"order_number": number})
    return list(await AnswerOrderStatus().run(dispatcher, tracker, {}))


async def test_a_known_order_is_told_with_its_time(orders_url: str, dispatcher: CollectingDispatcher) -> None:
    events = await ask(dispatcher, "1001")

    (message,) = dispatcher.messages
    assert message["response"] == "utter_order_on_the_way"
    assert (message["number"], message["eta"]) == ("1001", " 🕐 12 min")
    assert events == [SlotSet("order_number", None)]


async def test_a_status_nobody_foresaw_is_told_as_it_is(orders_url: str, dispatcher: CollectingDispatcher) -> None:
    await ask(dispatcher, "1002")

    (message,) = dispatcher.messages
    assert (message["response"], message["status"]) == ("utter_order_other", "waiting for the rain to stop")


async def test_a_time_that_is_no_number_is_left_out(orders_url: str, dispatcher: CollectingDispatcher) -> None:
    await ask(dispatcher, "1003")

    assert dispatcher.messages[0]["eta"] == ""


async def test_an_unknown_order_is_said_to_be_unknown(orders_url: str, dispatcher: CollectingDispatcher) -> None:
    await ask(dispatcher, "4040")

    assert said(dispatcher) == ["utter_order_unknown"]


@pytest.mark.parametrize("number", ["5000", "5001", "5002", "5003"])
async def test_an_answer_that_makes_no_sense_offers_a_person(
    number: str, orders_url: str, dispatcher: CollectingDispatcher
) -> None:
    events = await ask(dispatcher, number)

    assert said(dispatcher) == ["utter_order_unreachable"]
    assert events == [SlotSet("order_number", None)]


async def test_a_server_that_takes_too_long_offers_a_person(
    orders_url: str, dispatcher: CollectingDispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "TIMEOUT_S", 0.2)

    await asyncio.wait_for(ask(dispatcher, "6000"), timeout=5)

    assert said(dispatcher) == ["utter_order_unreachable"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "not a url", "http://"])
async def test_a_server_that_is_not_there_offers_a_person(
    url: str, dispatcher: CollectingDispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERS_URL", url)

    await ask(dispatcher, "1001")

    assert said(dispatcher) == ["utter_order_unreachable"]


async def test_without_a_server_the_sample_says_that_it_is_one(
    dispatcher: CollectingDispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORDERS_URL", raising=False)

    await ask(dispatcher, "1042")

    assert said(dispatcher) == ["utter_order_preparing", "utter_order_sample"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1042", "1042"),
        ("#1042", "1042"),
        ("é o pedido nº 1042, por favor", "1042"),
        (" 10 42 ", "1042"),
        ("12", None),
        ("123456789", None),
        ("não sei", None),
        ("cheguei 10 minutos atrás", None),
    ],
)
def test_what_counts_as_an_order_number(text: str, number: str | None, dispatcher: CollectingDispatcher) -> None:
    slots = ValidateOrderForm().validate_order_number(text, dispatcher, make_tracker(), {})

    assert slots["order_number"] == number
    assert said(dispatcher) == ([] if number else ["utter_order_number_invalid"])


def useless_answer(after: int | None, dispatcher: CollectingDispatcher) -> dict[str, object]:
    tracker = make_tracker(slots={"useless_answers": after, "requested_slot": "order_number"})
    return ValidateOrderForm().validate_order_number("não sei", dispatcher, tracker, {})


def test_the_third_answer_without_a_number_ends_the_form(dispatcher: CollectingDispatcher) -> None:
    assert useless_answer(None, dispatcher)["useless_answers"] == 1
    assert useless_answer(1, dispatcher) == {"order_number": None, "useless_answers": 2}

    assert useless_answer(2, dispatcher) == {"order_number": None, "useless_answers": None, "requested_slot": None}
    assert said(dispatcher) == ["utter_order_number_invalid"] * 2


async def test_a_form_that_begins_anew_counts_from_the_beginning(dispatcher: CollectingDispatcher) -> None:
    begins = make_tracker(slots={"useless_answers": 2, "requested_slot": None})
    goes_on = make_tracker(slots={"useless_answers": 2, "requested_slot": "order_number"})

    assert await ValidateOrderForm().run(dispatcher, begins, {}) == [SlotSet("useless_answers", None)]
    assert await ValidateOrderForm().run(dispatcher, goes_on, {}) == []


async def test_a_form_that_ended_without_a_number_has_given_up(dispatcher: CollectingDispatcher) -> None:
    events = await AnswerOrderStatus().run(dispatcher, make_tracker(slots={"order_number": None}), {})

    assert events == [SlotSet("handover_reason", "form_failed")]
    assert said(dispatcher) == ["utter_order_number_missing"]
