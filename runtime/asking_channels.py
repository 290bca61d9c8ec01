"""What a person waits for that only a channel can answer: it is asked for a while, and its no is told in its words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from conversation.errors import Refused, SendError
from conversation.said import say
from runtime.within import within

T = TypeVar("T")
#: Whoever waits, waits no longer than a page does.
WITHIN_S = 10.0


async def answered(asking: Awaitable[T], *, within_s: float = WITHIN_S) -> T:
    """The channel's answer, or `Refused`."""
    try:
        return await within(within_s, asking)
    except asyncio.TimeoutError:
        raise Refused(say("The channel does not answer. Try again later."), code="channel_silent") from None
    except SendError as error:
        raise Refused(str(error), code="channel_refused") from error
