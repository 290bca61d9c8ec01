"""Asks a language model, whoever's, and gives its words or one word for why there are none.

The providers' own clients do the asking, without their retries; they take seconds to import, so that is done where
the first agent needs one, beside the loop. What bounds an answer, in time, bytes and characters, is ours.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from connectors.llm_address import Address, Local, NotAllowed, address_of
from connectors.llm_heard import Heard
from conversation.agent import Provider
from runtime.llm.provider import Ask, LlmFailed, Outcome, Thought

if TYPE_CHECKING:
    import httpx

_QUIET = ("openai", "anthropic", "httpx", "httpcore")  # below a warning they tell what was said
_LETTING_GO_S = 2.0


class _Caller(Protocol):
    def secret(self, key: str) -> dict[str, str]: ...

    async def listen(self, ask: Ask, address: Address, http: httpx.AsyncClient, heard: Heard) -> None: ...


class LlmClient:
    """Satisfies `runtime.llm.provider.LlmProvider`. `hide`: told of each key before it is used. `tls` and
    `door` (of `OneHost`): for tests."""

    def __init__(
        self,
        *,
        local: Local = frozenset(),
        hide: Callable[[str], None] | None = None,
        tls: ssl.SSLContext | None = None,
        **door: Any,
    ) -> None:
        self._local, self._hide, self._tls, self._door = local, hide, tls, door
        self._hidden: set[str] = set()
        self._callers: dict[bool, asyncio.Future[_Caller]] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def ask(self, ask: Ask) -> Thought:
        heard = Heard()
        try:
            address = address_of(ask.provider, ask.base_url, self._local)
        except NotAllowed as why:
            raise LlmFailed(Outcome.UNREACHABLE, str(why)) from None
        if ask.key is not None and not _can_be_sent(ask.key):
            raise LlmFailed(Outcome.REFUSED, "the key is none")
        asking = asyncio.create_task(self._listen(ask, address, heard))
        self._asking.add(asking)
        asking.add_done_callback(self._gone)
        try:
            done, _ = await asyncio.wait({asking}, timeout=ask.timeout_s)
        finally:
            await _let_go(asking)
        if not heard.ended:  # what breaks after the last word takes no word back
            _check(asking, heard, in_time=bool(done))
        return heard.thought()

    async def warm_up(self, provider: Provider) -> None:
        """What takes seconds, before the first question: they would be seconds of its time."""
        await self._caller(provider)

    async def close(self) -> None:
        for asking in list(self._asking):
            await _let_go(asking)

    def _gone(self, asking: asyncio.Task[None]) -> None:
        self._asking.discard(asking)
        if not asking.cancelled():
            asking.exception()  # else it would be told of as never looked at, where the time was over before

    async def _listen(self, ask: Ask, address: Address, heard: Heard) -> None:
        caller = await self._caller(ask.provider)
        import httpx

        from connectors.llm_transport import OneHost

        if ask.key and self._hide is not None and ask.key not in self._hidden:
            self._hidden.add(ask.key)
            self._hide(ask.key)
        secret = caller.secret(ask.key) if ask.key else {}
        if self._tls is None:
            self._tls = await asyncio.to_thread(ssl.create_default_context)  # it reads every authority there is
        way = OneHost(address, secret, self._local, self._tls, **self._door)
        async with httpx.AsyncClient(transport=way, trust_env=False, follow_redirects=False, timeout=None) as http:
            await caller.listen(ask, address, http, heard)

    async def _caller(self, provider: Provider) -> _Caller:
        """Imported once, for all who wait for it; a question that is given up does not stop that."""
        other = provider is Provider.ANTHROPIC
        if other not in self._callers:
            self._callers[other] = asyncio.ensure_future(asyncio.to_thread(_anthropic if other else _openai))
        return await asyncio.shield(self._callers[other])


def _check(asking: asyncio.Task[None], heard: Heard, *, in_time: bool) -> None:
    if not in_time:
        raise heard.failed(Outcome.TIMEOUT)
    if asking.cancelled():
        raise heard.failed(Outcome.CANCELLED)
    error = asking.exception()
    if error is not None:
        from connectors.llm_failures import meaning_of

        raise heard.failed(*meaning_of(error))


def _openai() -> _Caller:
    from connectors.llm_openai import OpenAiCaller

    _hush()
    return OpenAiCaller()


def _anthropic() -> _Caller:
    from connectors.llm_anthropic import AnthropicCaller

    _hush()
    return AnthropicCaller()


def _hush() -> None:
    """Whatever their own variables of the environment want."""
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _can_be_sent(key: str) -> bool:
    return key.isascii() and key.isprintable() and " " not in key


async def _let_go(asking: asyncio.Task[None]) -> None:
    """Its connection is closed before we go on, unless that takes long."""
    if not asking.done():
        asking.cancel()
        await asyncio.wait({asking}, timeout=_LETTING_GO_S)
