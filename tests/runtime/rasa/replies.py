"""A process of its own: what a model answers, with TensorFlow or, where BATON_LIGHT is set, without.

python -m tests.runtime.rasa.replies MODEL WORDS…
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from app import light


def main(model: Path, words: list[str]) -> None:
    if light.wanted():
        light.install()
    from rasa.core.agent import Agent

    light.check(model)
    agent = Agent.load(model)
    print(json.dumps({"replies": asyncio.run(_replies(agent, words)), "tensorflow": _origin("tensorflow")}))


async def _replies(agent: Any, words: list[str]) -> list[Any]:
    return [[await agent.parse_message(each), await agent.handle_text(each, sender_id="ana")] for each in words]


def _origin(module: str) -> str | None:
    """The file a module was loaded from; None for a stand-in."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    return spec.origin if spec else None


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
