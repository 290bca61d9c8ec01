"""Asks whoever speaks as OpenAI does: OpenAI, Kimi, NVIDIA, Ollama and many more."""

from __future__ import annotations

from typing import Any

import httpx
import openai
import openai.resources.chat  # here, for the client would import it in the middle of its first question

from connectors.llm_address import Address
from connectors.llm_heard import Heard, Unreadable, turns
from connectors.llm_manners import Manners
from conversation.agent import Provider
from runtime.llm.provider import Ask


class OpenAiCaller:
    def __init__(self) -> None:
        self._manners = Manners(renames=True)

    def secret(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"}

    async def listen(self, ask: Ask, address: Address, http: httpx.AsyncClient, heard: Heard) -> None:
        client = openai.AsyncOpenAI(
            api_key="put there on the way out", base_url=address.url, http_client=http, max_retries=0, timeout=None
        )
        messages = _messages(ask)

        async def create(parameters: dict[str, Any]) -> openai.AsyncStream[Any]:
            stream: openai.AsyncStream[Any] = await client.chat.completions.create(
                model=ask.model_name, messages=messages, stream=True, **parameters
            )
            return stream

        stream = await self._manners.ask((address.url, ask.model_name), parameters_for(ask), create)
        async with stream:
            async for chunk in stream:
                _hear(chunk, heard)


def parameters_for(ask: Ask) -> dict[str, Any]:
    """OpenAI's own newer models take the newer name of the limit only, its older ones both; other servers know the
    older."""
    newer = ask.provider is Provider.OPENAI and not ask.base_url
    return {
        "max_completion_tokens" if newer else "max_tokens": ask.max_tokens,
        "temperature": ask.temperature,
        "stream_options": {"include_usage": True},
    }


def _messages(ask: Ask) -> Any:
    first = [{"role": "system", "content": ask.system}] if ask.system.strip() else []
    return [*first, *({"role": role, "content": text} for role, text in turns(ask.lines))]


def _hear(chunk: Any, heard: Heard) -> None:
    usage = getattr(chunk, "usage", None)
    if usage is not None:
        heard.tokens(getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None))
    if not isinstance(chunk.choices, list):
        raise Unreadable("choices that are none")
    for choice in chunk.choices[:1]:
        delta = choice.delta
        if not heard.ended:  # what comes after its end is not its answer
            heard.word(getattr(delta, "content", None))
        heard.ordered |= bool(getattr(delta, "tool_calls", None) or getattr(delta, "function_call", None))
        heard.withheld |= bool(getattr(delta, "refusal", None)) or choice.finish_reason == "content_filter"
        heard.ended |= bool(choice.finish_reason)
