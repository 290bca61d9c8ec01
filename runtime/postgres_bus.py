"""The bus over PostgreSQL's own LISTEN and NOTIFY: several gateways on one database need nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog

from runtime.bus import BACK, LocalBus, until
from store.line import Line

log = structlog.get_logger()

#: PostgreSQL takes less than 8,000 bytes.
_LONGEST = 7_900


class PostgresBus(LocalBus):
    """On the connections that tell of commits. It is `wake.watching()` that runs them."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line, self._number = line, 0
        line.heard = self._read
        line.heard_again = lambda: self.heard(BACK, {})

    @property
    def reaches(self) -> bool:
        return self._line.hears

    def tell(self, topic: str, facts: Mapping[str, Any]) -> None:
        self._number += 1  # PostgreSQL drops a word that was said twice in a transaction
        word = json.dumps([self._number, topic, facts])
        if len(word.encode()) > _LONGEST:
            log.error("bus_word_too_long", topic=topic)
            return
        self._line.say(word)

    async def settled(self) -> None:
        await until(self._line.has_said_all)

    def _read(self, word: str) -> None:
        try:
            _, topic, facts = json.loads(word)
        except ValueError:  # somebody else's, on a name that is ours
            return
        self.heard(topic, facts)
