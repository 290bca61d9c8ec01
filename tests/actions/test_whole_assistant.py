"""The trained assistant, talked to: model, rules, responses and actions together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.given import ROOT

# Rasa warns about every domain that has slots, and its old stack about itself.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

SILENT = {"verdict": "RECORD", "reason": "agent_inactive"}
Say = Callable[..., Awaitable[list[str]]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    command = [sys.executable, "-m", "rasa", "train", "--out", str(folder), "--fixed-model-name", "assistant"]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / "assistant.tar.gz"


@pytest.fixture(scope="module")
def executor() -> ActionExecutor:
    found = ActionExecutor()
    found.register_package("actions")
    return found


@pytest.fixture
async def say(model: Path, executor: ActionExecutor, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Says something as one customer; gives back what the assistant answered. Actions run in this process."""
    from rasa.core.agent import load_agent
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    class InProcess(EndpointConfig):
        async def request(self, *args: Any, **kwargs: Any) -> Any:
            return await executor.run(kwargs["json"])

    monkeypatch.delenv("ORDERS_URL", raising=False)
    monkeypatch.delenv("SHOP_FILE", raising=False)
    endpoints = AvailableEndpoints(action=InProcess("http://in-process"))
    agent = await load_agent(model_path=str(model), endpoints=endpoints)

    async def speak(text: str, metadata: dict[str, Any] | None = None) -> list[str]:
        out = CollectingOutputChannel()
        await agent.handle_message(UserMessage(text, out, sender_id="c1", metadata=metadata))
        return [message["text"] for message in out.messages]

    return speak


async def test_a_customer_is_answered_in_the_language_last_written(say: Say) -> None:
    assert "Aqui é o assistente virtual de Cantina da Praça" in (await say("oi, boa noite"))[0]
    assert (await say("show me the menu please")) == ["Our menu, with prices: https://cantina.example/menu"]
    # What could be either language turns nothing around.
    assert "All right" in (await say("ok"))[0]
    assert "Estamos em" in (await say("qual o endereco de vcs"))[0]


async def test_the_form_asks_again_answers_in_between_and_ends_with_the_order(say: Say) -> None:
    assert "Qual é o número do pedido?" in (await say("kd meu pedido"))[0]
    refused = await say("é o do meu marido")
    assert "não encontrei um número" in refused[0] and "Qual é o número" in refused[1]
    between = await say("vcs entregam na bela vista?")
    assert "Sim, entregamos em Bela Vista" in between[0] and "Qual é o número" in between[1]
    told = await say("1043")
    assert "O pedido 1043 saiu para entrega" in told[0] and "Dados de exemplo" in told[1]
    assert (await say("brigada"))[0].startswith("Por nada")


async def test_the_form_can_be_left(say: Say) -> None:
    await say("where is my order?")

    assert "let's leave it" in (await say("never mind"))[0]
    assert "We deliver to" in (await say("do you deliver?"))[-1]


async def test_what_is_never_understood_ends_with_a_person_in_the_customers_language(say: Say) -> None:
    await say("hello")
    assert "not sure I understood" in (await say("zxqv wkjp"))[0]
    assert "other words" in (await say("/out_of_scope"))[0]
    await say("zxqv bqtz")
    assert "Would you like to talk to someone" in (await say("/out_of_scope"))[0]
    assert "I have called someone" in (await say('/ask_human{"handover_reason": "fallback"}'))[0]


async def test_a_typed_yes_calls_the_person_that_was_offered(say: Say) -> None:
    assert "Quer que eu chame" in (await say("a comida chegou fria"))[0]
    assert "chamei uma pessoa" in (await say("sim"))[0]
    assert "não vou mais chamar" in (await say("nao precisa mais de atendente"))[0]


@pytest.mark.parametrize("before", [[], ["cadê meu pedido?"]])
async def test_the_rest_of_the_rule_is_silent_where_the_assistant_may_not_answer(before: list[str], say: Say) -> None:
    for text in before:
        await say(text)

    assert await say("quero falar com uma pessoa", SILENT) == []
    assert "chamei uma pessoa" in (await say("quero falar com uma pessoa", {"verdict": "ANSWER"}))[0]


async def test_two_shops_answer_from_one_model_with_their_own_facts(say: Say) -> None:
    one = await say("oi", {"shop": {"name": "Bar do Zé"}})
    other = await say("oi", {"shop": {"name": "Casa da Ana"}})

    assert "Bar do Zé" in one[0] and "Casa da Ana" in other[0]
