"""Asks Anthropic, or who speaks as it does."""

from __future__ import annotations

from typing import Any

import anthropic
import anthropic.resources.messages  # here, for the client would import it in the middle of its first question
import httpx

from connectors.llm_address import Address
from connectors.llm_heard import Heard, turns
from connectors.llm_manners import Manners
from runtime.llm.provider import Ask


class AnthropicCaller:
    def __init__(self) -> None:
        self._manners = Manners(renames=False)

    def secret(self, key: str) -> dict[str, str]:
        return {"x-api-key": key}

    async def listen(self, ask: Ask, address: Address, http: httpx.AsyncClient, heard: Heard) -> None:
        client = anthropic.AsyncAnthropic(
            api_key="put there on the way out", base_url=address.url, http_client=http, max_retries=0, timeout=None
        )
        messages: Any = [{"role": role, "content": text} for role, text in turns(ask.lines, customer_first=True)]

        async def create(parameters: dict[str, Any]) -> anthropic.AsyncStream[Any]:
            stream: anthropic.AsyncStream[Any] = await client.messages.create(
                model=ask.model_name, messages=messages, stream=True, **parameters
            )
            return stream

        stream = await self._manners.ask((address.url, ask.model_name), _parameters(ask), create)
        async with stream:
            async for event in stream:
                _hear(event, heard)


def _parameters(ask: Ask) -> dict[str, Any]:
    system = {"system": ask.system} if ask.system.strip() else {}
    return {**system, "max_tokens": ask.max_tokens, "temperature": min(ask.temperature, 1.0)}  # it knows none above


def _hear(event: Any, heard: Heard) -> None:
    if event.type == "message_start":
        usage = event.message.usage
        parts = (usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens)
        heard.tokens(sum(each for each in parts if isinstance(each, int)), usage.output_tokens)
    elif event.type == "content_block_start":
        kind = str(event.content_block.type)
        heard.ordered |= kind.endswith("tool_use")
        if kind == "text":
            heard.word(event.content_block.text)
    elif event.type == "content_block_delta" and event.delta.type == "text_delta":
        heard.word(event.delta.text)
    elif event.type == "message_delta":
        if event.usage is not None:
            heard.tokens(None, event.usage.output_tokens)
        heard.withheld |= event.delta.stop_reason == "refusal"
        heard.ended |= bool(event.delta.stop_reason)
