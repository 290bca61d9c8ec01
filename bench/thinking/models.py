"""Agents whose language models misbehave, each in its own way, and what the stand-in for them was asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.harness.entry import CannotMeasure
from bench.harness.product import Product

#: What a model does, by its name; `emulator/llm_steps.py` says what each is.
TROUBLES = ("error-429", "error-500", "garbage", "garbled", "endless", "orders", "orders-too", "empty", "cut", "slow")
HANGS, LATER, WELL = "hang", "later", "stand-in"
#: How late `later` answers: time enough for a take.
LATER_MS = 1_500
_LOOK_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that reached the stand-in. `ended_ns` None: it is under way."""

    model: str
    text: str
    received_ns: int
    ended_ns: int | None

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Asked:
        last = entry["messages"][-1] if entry["messages"] else {}
        return cls(
            model=entry["model"] or "",
            text=str(last.get("content", "")),
            received_ns=entry["received_ns"],
            ended_ns=entry["ended_ns"],
        )


async def thinks(running: Product, agent: str, model: str, timeout_s: float) -> None:
    """The agent asks this model from now on."""
    facts = {"model_name": model, "base_url": f"{running.emulator.base_url}/llm/openai/v1", "timeout_s": timeout_s}
    body = {"provider": "openai", "model": facts, "api_key": "sk-of-the-bench"}
    answer = await running.operators.ask("PATCH", f"agents/{agent}", body)
    if answer.status != 200:
        raise CannotMeasure(f"The agent {agent} could not be set up: {answer.status} {answer.body}")


async def answers_late(running: Product) -> None:
    await running.emulator.ask("POST", "llm", {"model": LATER, "latency_ms": LATER_MS, "times": 0})


async def asked(running: Product) -> list[Asked]:
    found = await running.emulator.ask("GET", "llm/requests?after=0")
    return [Asked.from_entry(entry) for entry in found["items"]]


async def until_asked(running: Product, text: str, timeout_s: float) -> bool:
    """Until the stand-in has a request about this message."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if any(text in each.text for each in await asked(running)):
            return True
        await asyncio.sleep(_LOOK_S)
    return False
