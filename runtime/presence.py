"""Who looks at which conversation, as the processes tell each other on the bus. Nobody keeps it: who says nothing for
a while is taken to look at nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.bus import Bus

TOPIC = "presence"
#: How often it is said again what is still so, and for how long it is believed without that.
SAY_EVERY_S = 15.0
_BELIEVED_S = 40.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """`conversation`: None where they look at none."""

    operator: str
    conversation: str | None
    account: str | None


class Presence:
    """`changed` is called with an operator's name when what they look at may have changed."""

    def __init__(self, bus: Bus, changed: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._bus, self._changed, self._now = bus, changed, now
        self._looks: dict[str, tuple[float, Look]] = {}  # by socket

    async def say(self, socket: str, look: Look) -> None:
        facts = {"socket": socket, "operator": look.operator, "conversation": look.conversation}
        await self._bus.say(TOPIC, {**facts, "account": look.account})

    def heard(self, facts: Mapping[str, Any]) -> None:
        look = Look(operator=facts["operator"], conversation=facts["conversation"], account=facts["account"])
        socket, before = facts["socket"], self._looks.get(facts["socket"])
        if look.conversation is None:
            self._looks.pop(socket, None)
        else:
            self._looks[socket] = (self._now(), look)
        if (before[1].conversation if before else None) != look.conversation:
            self._changed(look.operator)

    def of(self, operator: str) -> Look | None:
        """What they look at: where that is more than one, what they turned to last."""
        looks = [each for each in self._looks.values() if each[1].operator == operator]
        return max(looks, key=lambda each: each[0])[1] if looks else None

    def forget_old(self) -> None:
        """Those of a process that is gone without a word."""
        oldest = self._now() - _BELIEVED_S
        for socket, (at, look) in list(self._looks.items()):
            if at < oldest:
                del self._looks[socket]
                self._changed(look.operator)
