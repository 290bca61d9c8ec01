"""An agent that thinks with a language model, through the whole product: set up by REST, asked over HTTP, given up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.product import ACCOUNT, Product, until

WORDS = "Temos moqueca de peixe e de palmito."


@pytest.fixture
def thinking(shared: Product) -> Iterator[Product]:
    """The number's agent thinks with the stand-in for language models; afterwards it is who it was."""
    model = {
        "model_name": "stand-in",
        "base_url": f"{shared.emulator_url}/llm/openai/v1",
        "system_prompt": "You are Bia.",
    }
    status, bia = shared.rest(
        "POST", "/agents", {"name": "Bia", "provider": "openai", "model": model, "api_key": "sk-1"}
    )
    assert status in (200, 201), bia
    account = given(shared, "GET", f"/accounts/{ACCOUNT}")
    before = account["agent_id"]
    given(shared, "PATCH", f"/agents/{bia['id']}", {"status": "active"})
    given(shared, "PATCH", f"/accounts/{ACCOUNT}", {"agent": bia["id"]})
    try:
        yield shared
    finally:
        given(shared, "PATCH", f"/accounts/{ACCOUNT}", {"agent": before})
        given(shared, "DELETE", f"/agents/{bia['id']}")
        shared.emulator("POST", "llm", {"steps": []})


def given(product: Product, method: str, path: str, body: Any = None) -> Any:
    status, answer = product.rest(method, path, body)
    assert status == 200, (path, status, answer)
    return answer


def asked(product: Product, text: str) -> list[dict[str, Any]]:
    """The requests to the stand-in that end with this message."""
    items = product.emulator("GET", "llm/requests?after=0")["items"]
    return [each for each in items if each["messages"] and each["messages"][-1]["content"] == text]


def test_its_words_reach_the_phone_a_failure_is_made_up_for_and_a_take_ends_the_request(
    thinking: Product, customer: str
) -> None:
    thinking.emulator("POST", "llm", {"text": WORDS})
    thinking.say(customer, "o que vocês têm de bom? meu número é 11 98888-7777")
    until(lambda: thinking.answers(customer) == [WORDS], "the model's words on the phone", within=20)
    (first,) = asked(thinking, "o que vocês têm de bom? meu número é NUMBER")
    assert first["messages"][0]["role"] == "system"
    assert first["messages"][0]["content"].startswith("You are Bia.")

    thinking.emulator("POST", "llm", {"kind": "garbled"})
    thinking.say(customer, "qual é o horário de vocês?")
    until(lambda: len(thinking.answers(customer)) == 2, "the trained model's answer on the phone")
    assert "segunda" in thinking.answers(customer)[1]

    thinking.emulator("POST", "llm", {"kind": "hang"})
    thinking.say(customer, "e a sobremesa?")
    until(lambda: asked(thinking, "e a sobremesa?"), "the third request")
    taken = thinking.order(thinking.conversation(customer)["id"], "take")
    assert taken["in_flight"] == 0
    ended = until(lambda: asked(thinking, "e a sobremesa?")[0]["ended_ns"], "the request's end", within=10)
    assert ended
    assert len(thinking.answers(customer)) == 2
