"""What somebody is doing just now, so that it is written to the audit log in the transaction that does it.

A deed is in hand from when an order is taken to when it is answered. The first write that is committed meanwhile
carries it: what is done and not written down, or written down and not done, is not possible.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection


@dataclass(kw_only=True)
class Deed:
    """`by`: an operator's name, or what orders in nobody's. `facts`: ids and codes. `words`: what was written, of which
    only a fingerprint is kept, under the salt of the contact that `conversation` is with, or that `contact` names."""

    by: str
    action: str
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    words: str | None = None
    conversation: str | None = None
    contact: str | None = None
    is_recorded: bool = False


_in_hand: ContextVar[Deed | None] = ContextVar("deed", default=None)


def in_hand() -> Deed | None:
    """The deed that the next write records."""
    deed = _in_hand.get()
    return deed if deed is not None and not deed.is_recorded else None


def concerns(conversation_id: str, **facts: str) -> None:
    """What is in hand is about this conversation, which its path does not name."""
    deed = in_hand()
    if deed is not None:
        deed.conversation = conversation_id
        deed.facts = {**deed.facts, "conversation_id": conversation_id, **facts}


def nothing_of_ours(tx: Connection) -> None:
    """Written by whoever has changed something elsewhere, and nothing here, so that the deed is written down."""


@contextlib.contextmanager
def doing(deed: Deed | None) -> Iterator[Deed | None]:
    """What is written inside is this deed; None: nobody's."""
    token = _in_hand.set(deed)
    try:
        yield deed
    finally:
        _in_hand.reset(token)
