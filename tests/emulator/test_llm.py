"""The stand-in for language models: what it answers by itself, as it is told, and by a model's name."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.emulator.conftest import Client
from tests.house import eventually

OPENAI, ANTHROPIC = "openai/v1/chat/completions", "anthropic/v1/messages"
KEYS = {"Authorization": "Bearer sk-somebodys", "x-api-key": "sk-somebodys", "anthropic-version": "2023-06-01"}


async def asked(
    emulator: Client, path: str, text: str = "Oi", *, keys: dict[str, str] = KEYS, **body: Any
) -> tuple[int, str]:
    whole = {"model": "stand-in", "max_tokens": 50, "messages": [{"role": "user", "content": text}], **body}
    async with emulator.http.post(f"{emulator.base}/llm/{path}", json=whole, headers=keys) as response:
        return response.status, await response.text()


async def answered(emulator: Client, path: str, text: str = "Oi", **body: Any) -> Any:
    status, answer = await asked(emulator, path, text, **body)
    assert status == 200, answer
    return json.loads(answer)


def events(stream: str) -> list[Any]:
    """The data of a stream, in its order."""
    return [line.removeprefix("data: ") for line in stream.splitlines() if line.startswith("data: ")]


async def test_it_answers_as_openai_does(emulator: Client) -> None:
    answer = await answered(emulator, OPENAI)
    (choice,) = answer["choices"]
    assert answer["object"] == "chat.completion"
    assert (choice["message"]["role"], choice["finish_reason"]) == ("assistant", "stop")
    assert choice["message"]["content"] == "Olá! Como posso ajudar?"
    assert answer["usage"]["total_tokens"] == answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]


async def test_it_answers_as_anthropic_does(emulator: Client) -> None:
    answer = await answered(emulator, ANTHROPIC, "Hello!", system="Be kind.")
    assert (answer["type"], answer["role"], answer["stop_reason"]) == ("message", "assistant", "end_turn")
    assert answer["content"] == [{"type": "text", "text": "Hello! How can I help?"}]
    assert answer["usage"]["output_tokens"] > 0


async def test_it_streams_as_openai_does(emulator: Client) -> None:
    _, stream = await asked(emulator, OPENAI, stream=True, stream_options={"include_usage": True})
    *chunks, last = events(stream)
    assert last == "[DONE]"
    read = [json.loads(each) for each in chunks]
    assert {each["object"] for each in read} == {"chat.completion.chunk"}
    words = "".join(each["choices"][0]["delta"].get("content", "") for each in read if each["choices"])
    assert words == "Olá! Como posso ajudar?"
    assert (read[-2]["choices"][0]["finish_reason"], read[-1]["choices"]) == ("stop", [])
    assert read[-1]["usage"]["completion_tokens"] > 0
    _, stream = await asked(emulator, OPENAI, stream=True)  # who did not ask for it is told no usage
    assert '"usage"' not in stream


async def test_it_streams_as_anthropic_does(emulator: Client) -> None:
    _, stream = await asked(emulator, ANTHROPIC, "Hello!", stream=True)
    read = [json.loads(each) for each in events(stream)]
    kinds = [each["type"] for each in read]
    assert kinds[:3] == ["message_start", "ping", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(kinds[3:-3]) == {"content_block_delta"}
    assert "".join(each["delta"]["text"] for each in read[3:-3]) == "Hello! How can I help?"
    assert read[-2]["delta"]["stop_reason"] == "end_turn"


@pytest.mark.parametrize("path", [OPENAI, ANTHROPIC])
async def test_without_a_key_it_says_so(emulator: Client, path: str) -> None:
    status, answer = await asked(emulator, path, keys={"anthropic-version": "2023-06-01"})
    assert status == 401
    assert "API key" in json.loads(answer)["error"]["message"]


async def test_as_ollama_it_wants_no_key(emulator: Client) -> None:
    assert (await asked(emulator, "ollama/v1/chat/completions", keys={}))[0] == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (OPENAI, {"messages": []}),
        (OPENAI, {"messages": "none"}),
        (OPENAI, {"model": ""}),
        (OPENAI, {"messages": [{"role": "robot", "content": "Hi"}]}),
        (ANTHROPIC, {"max_tokens": None}),
        (ANTHROPIC, {"temperature": 1.5}),
        (ANTHROPIC, {"messages": [{"role": "assistant", "content": "Hi"}]}),
        (ANTHROPIC, {"messages": [{"role": "user", "content": ""}]}),
        (ANTHROPIC, {"messages": [{"role": "system", "content": "Be kind."}]}),
    ],
)
async def test_what_the_provider_would_refuse_is_refused(emulator: Client, path: str, body: Any) -> None:
    status, answer = await asked(emulator, path, **body)
    assert (status, json.loads(answer)["error"]["type"]) == (400, "invalid_request_error")


async def test_the_same_question_has_the_same_answer_in_its_own_language(emulator: Client) -> None:
    async def said(text: str) -> str:
        return str((await answered(emulator, OPENAI, text))["choices"][0]["message"]["content"])

    english, again = await said("What is a flat white?"), await said("What is a flat white?")
    portuguese = await said("Vocês têm pão de queijo?")
    assert english == again
    assert "What is a flat white?" in english
    assert portuguese.startswith("Entendi: “Vocês têm pão de queijo?”")


async def test_it_does_what_a_script_says_step_by_step(emulator: Client) -> None:
    steps = [
        {"text": "First.", "tokens_in": 3, "tokens_out": 2},
        {"kind": "error", "status": 429, "retry_after_s": 7},
        {"text": "For another.", "model": "another"},
        {"kind": "orders"},
    ]
    told = await emulator.control("POST", "llm", {"steps": steps})
    assert [step["kind"] for step in told["steps"]] == ["answer", "error", "answer", "orders"]
    assert (await answered(emulator, OPENAI))["choices"][0]["message"]["content"] == "First."
    assert (await asked(emulator, OPENAI))[0] == 429
    assert (await answered(emulator, ANTHROPIC))["content"][0]["type"] == "tool_use"
    assert (await answered(emulator, OPENAI, model="another"))["choices"][0]["message"]["content"] == "For another."
    assert (await emulator.control("GET", "llm"))["steps"] == []


async def test_a_step_may_hold_for_good_and_all_can_be_forgotten(emulator: Client) -> None:
    await emulator.control("POST", "llm", {"kind": "error", "status": 503, "times": 0})
    assert [(await asked(emulator, OPENAI))[0] for _ in range(3)] == [503] * 3
    await emulator.control("POST", "llm", {"steps": []})
    assert (await asked(emulator, OPENAI))[0] == 200


async def test_a_script_that_makes_no_sense_is_refused_with_every_reason(emulator: Client) -> None:
    answer = await emulator.control("POST", "llm", {"kind": "sing", "status": 200, "loud": True}, ok=False)
    assert len(answer["error"]["problems"]) == 3


@pytest.mark.parametrize(
    ("model", "status", "has"),
    [
        ("error-429", 429, "rate_limit"),
        ("local/error-500", 500, "error"),
        ("picky", 400, "temperature"),
        ("garbage", 200, "<!doctype html>"),
        ("orders", 200, "transfer_money"),
        ("empty", 200, '"content": null'),
    ],
)
async def test_a_models_name_is_enough_by_hand(emulator: Client, model: str, status: int, has: str) -> None:
    got, answer = await asked(emulator, OPENAI, model=model)
    if model == "picky":  # each parameter it does not take
        got, answer = await asked(emulator, ANTHROPIC, model=model, temperature=1)
    assert got == status
    assert has in answer


async def test_what_it_was_asked_is_in_its_journal_without_the_key(emulator: Client) -> None:
    await asked(emulator, ANTHROPIC, "Two coffees", system="Be kind.", temperature=0.5)
    journal = await emulator.control("GET", "llm/requests")
    (entry,) = journal["items"]
    assert (entry["system"], entry["messages"][0]["content"]) == ("Be kind.", "Two coffees")
    assert (entry["authorized"], entry["status"], entry["parameters"]["temperature"]) == (True, 200, 0.5)
    assert "x-api-key" in entry["headers"]
    assert "sk-somebodys" not in json.dumps(journal)
    assert (await emulator.control("GET", f"llm/requests?after={journal['last']}"))["items"] == []


async def test_one_who_is_kept_waiting_is_seen_to_leave_and_a_reset_lets_go(emulator: Client) -> None:
    waiting = [asyncio.create_task(asked(emulator, OPENAI, model="hang")) for _ in range(2)]

    async def entries() -> list[Any]:
        found: list[Any] = (await emulator.control("GET", "llm/requests"))["items"]
        return found

    async def hanging() -> bool:
        return sum(entry["did"] == "hang" for entry in await entries()) == 2

    async def left() -> bool:
        return any(entry["cut"] == "caller" for entry in await entries())

    await eventually(hanging)
    waiting[0].cancel()
    await eventually(left, "its leaving")
    await emulator.control("POST", "reset")
    assert (await asyncio.wait_for(waiting[1], 5))[0] == 500
    assert await entries() == []


async def test_it_lists_models(emulator: Client) -> None:
    async with emulator.http.get(f"{emulator.base}/llm/openai/v1/models", headers=KEYS) as response:
        listed = await response.json()
    assert {"stand-in", "hang", "error-429"} <= {model["id"] for model in listed["data"]}
