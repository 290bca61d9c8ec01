"""Every way in which a language model answers or does not, over HTTP, in both ways of speaking."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.llm import LlmClient
from connectors.llm_openai import parameters_for
from conversation.agent import Provider
from runtime.llm.provider import Ask, Line, LlmFailed, Outcome
from tests.house import eventually
from tests.llm_server import LlmServer, llm_server

OPENAI, ANTHROPIC = Provider.OPENAI, Provider.ANTHROPIC


@pytest.fixture
async def server() -> AsyncIterator[LlmServer]:
    async with llm_server() as running:
        yield running


@pytest.fixture
async def client(server: LlmServer) -> AsyncIterator[LlmClient]:
    async with server.client() as client:
        yield client


@pytest.fixture(params=[OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
def provider(request: pytest.FixtureRequest) -> Provider:
    chosen: Provider = request.param
    return chosen


async def failure(client: LlmClient, ask: Ask) -> LlmFailed:
    with pytest.raises(LlmFailed) as failed:
        await client.ask(ask)
    return failed.value


async def test_it_gives_the_words_and_what_they_cost(server: LlmServer, client: LlmClient, provider: Provider) -> None:
    server.script(text="São dois cafés ☕.", tokens_in=31, tokens_out=7)
    thought = await client.ask(server.ask("Oi", provider=provider))
    assert (thought.text, thought.tokens_in, thought.tokens_out) == ("São dois cafés ☕.", 31, 7)


async def test_it_tells_who_it_is_and_what_was_said_by_turns(
    server: LlmServer, client: LlmClient, provider: Provider
) -> None:
    lines = [
        *(Line("assistant", "Welcome!"), Line("user", "Hi"), Line("user", "  "), Line("user", "two coffees")),
        *(Line("assistant", "With milk?"), Line("user", "no")),
    ]
    await client.ask(server.ask(provider=provider, lines=lines, temperature=1.5))
    (asked,) = server.requests
    told = [(message["role"], message["content"]) for message in asked["messages"]]
    turns = [("user", "Hi\ntwo coffees"), ("assistant", "With milk?"), ("user", "no")]
    if provider is ANTHROPIC:  # its first turn is the customer's, and it knows no warmth above 1
        assert (asked["system"], told) == ("You are Bia, of the Cantina.", turns)
        assert asked["parameters"]["temperature"] == 1.0
    else:
        assert told == [("system", "You are Bia, of the Cantina."), ("assistant", "Welcome!"), *turns]
        assert asked["parameters"]["temperature"] == 1.5
    assert (asked["parameters"]["max_tokens"], asked["stream"]) == (200, True)
    assert "tools" not in asked["parameters"]


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ({"kind": "hang"}, Outcome.TIMEOUT),
        ({"kind": "stall"}, Outcome.TIMEOUT),
        ({"kind": "endless", "text": "x" * 1_500}, Outcome.GARBAGE),
        ({"kind": "answer", "text": "x" * 16_001}, Outcome.GARBAGE),
        ({"kind": "flood"}, Outcome.GARBAGE),
        ({"kind": "garbage"}, Outcome.GARBAGE),
        ({"kind": "garbled"}, Outcome.GARBAGE),
        ({"kind": "strange"}, Outcome.GARBAGE),
        ({"kind": "unfinished"}, Outcome.GARBAGE),
        ({"kind": "cut"}, Outcome.GARBAGE),
        ({"kind": "error", "status": 500}, Outcome.FAILED),
        ({"kind": "error", "status": 529}, Outcome.FAILED),
        ({"kind": "late-error"}, Outcome.FAILED),
        ({"kind": "error", "status": 400}, Outcome.REFUSED),
        ({"kind": "error", "status": 401}, Outcome.REFUSED),
        ({"kind": "error", "status": 404}, Outcome.REFUSED),
        ({"kind": "error", "status": 429}, Outcome.RATE_LIMITED),
        ({"kind": "redirect", "to": "http://127.0.0.1:1/"}, Outcome.UNREACHABLE),
        ({"kind": "orders"}, Outcome.ORDERED),
        ({"kind": "empty"}, Outcome.EMPTY),
        ({"kind": "refusal"}, Outcome.EMPTY),
        ({"kind": "filtered"}, Outcome.EMPTY),
    ],
    ids=lambda value: "-".join(str(each)[:12] for each in value.values()) if isinstance(value, dict) else "",
)
async def test_each_failure_is_one_word_after_one_request(
    server: LlmServer, client: LlmClient, provider: Provider, step: dict[str, Any], outcome: Outcome
) -> None:
    server.script(**step)
    timeout_s = 0.7 if outcome is Outcome.TIMEOUT else 20.0
    failed = await failure(client, server.ask("Oi", provider=provider, timeout_s=timeout_s))
    assert failed.outcome is outcome, failed
    assert len(server.requests) == 1
    if outcome is Outcome.TIMEOUT:
        await eventually(lambda: server.requests[0]["cut"] == "caller", "the closing of its connection")


async def test_whom_nobody_answers_is_unreachable(client: LlmClient, provider: Provider) -> None:
    async with llm_server() as gone:
        ask = gone.ask(provider=provider)
        client = LlmClient(local=gone.local)
    assert (await failure(client, ask)).outcome is Outcome.UNREACHABLE


async def test_words_count_though_a_tool_is_called_beside_them(
    server: LlmServer, client: LlmClient, provider: Provider
) -> None:
    server.script(kind="orders-too", text="One moment.")
    assert (await client.ask(server.ask(provider=provider))).text == "One moment."


async def test_a_failure_tells_what_it_cost_and_when_to_come_again(
    server: LlmServer, client: LlmClient, provider: Provider
) -> None:
    server.script({"kind": "empty", "tokens_in": 40, "tokens_out": 2})
    server.script({"kind": "error", "status": 429, "retry_after_s": 17})
    server.script({"kind": "error", "status": 429, "retry_after_s": 99_999})
    empty, limited, patient = [await failure(client, server.ask(provider=provider)) for _ in range(3)]
    assert (empty.tokens_in, empty.tokens_out, empty.retry_after_s) == (40, 2, None)
    assert (limited.retry_after_s, patient.retry_after_s) == (17, 3600)


async def test_thoughts_are_no_words(server: LlmServer, client: LlmClient, provider: Provider) -> None:
    server.script(
        {"kind": "thinks", "text": "Two coffees."}, {"text": "<think>They want… two?</think>\n\nTwo coffees."}
    )
    server.script(text="<think>and then the tokens were over")
    assert [(await client.ask(server.ask(provider=provider))).text for _ in range(2)] == ["Two coffees."] * 2
    assert (await failure(client, server.ask(provider=provider))).outcome is Outcome.EMPTY


async def test_what_no_message_can_hold_is_left_out(server: LlmServer, client: LlmClient, provider: Provider) -> None:
    server.script({"text": " a\x00b\ud800c\x1b[31m\n\td "}, {"text": "\x00 \x07"})
    assert (await client.ask(server.ask(provider=provider))).text == "abc[31m\n\td"
    assert (await failure(client, server.ask(provider=provider))).outcome is Outcome.EMPTY


async def test_a_parameter_that_is_refused_is_left_out_or_renamed_and_that_is_remembered(
    server: LlmServer, client: LlmClient
) -> None:
    server.script(refuses=["max_tokens", "temperature", "stream_options"], times=0)
    for _ in range(2):
        thought = await client.ask(server.ask())
        assert (thought.tokens_in, thought.tokens_out) == (0, 0)  # nobody told
    assert [sorted(asked["parameters"]) for asked in server.requests[3:]] == [["max_completion_tokens"]] * 2


async def test_a_model_of_anthropic_that_takes_no_temperature_is_asked_without(
    server: LlmServer, client: LlmClient
) -> None:
    server.script(refuses=["temperature"], times=0)
    for _ in range(2):
        await client.ask(server.ask(provider=ANTHROPIC))
    assert [sorted(asked["parameters"]) for asked in server.requests[1:]] == [["max_tokens"]] * 2


async def test_what_can_not_be_left_out_is_refused_for_good(server: LlmServer, client: LlmClient) -> None:
    server.script(refuses=["max_tokens", "max_completion_tokens"], times=0)
    assert (await failure(client, server.ask())).outcome is Outcome.REFUSED
    assert len(server.requests) == 2


def test_openai_itself_is_asked_by_the_newer_name_of_the_limit() -> None:
    asked = LlmServer(port=1, llm=None).ask(base_url="")  # type: ignore[arg-type]
    assert parameters_for(asked)["max_completion_tokens"] == 200
    assert "max_tokens" not in parameters_for(asked)


async def test_an_endless_answer_is_let_go_early(server: LlmServer, client: LlmClient, provider: Provider) -> None:
    server.script(kind="flood")
    await failure(client, server.ask(provider=provider, timeout_s=20.0))
    asked = await eventually(lambda: next((each for each in server.requests if each["cut"]), None))
    # A megabyte, and what was on its way when it was let go.
    assert asked["cut"] == "caller"
    assert asked["bytes"] < 16 * 1024 * 1024
