"""How many days each kind of thing is kept; None: for ever."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from conversation.errors import BadInput
from conversation.said import say

#: By kind. What a person said, and what was decided about them, goes only where somebody has set a number of days.
DEFAULTS: Mapping[str, int | None] = MappingProxyType(
    {
        "webhooks": 30,  # as they came, with what became of them
        "unplaced": 30,  # what has no place in a conversation
        "notices": 30,  # what the feed tells
        "alerts": 30,  # what was told outside the desk, or could not be
        "mailbox": 30,  # what the assistant is done with
        "outbox": 90,  # what was sent, refused, withdrawn
        "messages": None,
        "history": None,  # the assistant's memory of sessions that are over
        "media": None,  # files; not contacts' pictures
        "handovers": None,  # who had a conversation when, and the requests that ended
        "idempotency": 2,  # keys of sends
        "sessions": 1,  # sign-ins, after they ended
        "llm_calls": 90,  # what language models were asked: tokens and cost, no words
        "deletion_requests": None,  # that were carried out, and apps that were taken out
    }
)
_MOST = 36_500


def checked(facts: Mapping[str, Any]) -> dict[str, int | None]:
    """Every kind, with its days."""
    for kind, days in facts.items():
        if kind not in DEFAULTS:
            raise BadInput(say("Nothing is kept as {kind}. Known: {kinds}.", kind=kind, kinds=", ".join(DEFAULTS)))
        if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= _MOST):
            raise BadInput(say("Days are a whole number from 1 to {most}, or null for ever.", most=_MOST))
    return {kind: facts.get(kind, days) for kind, days in DEFAULTS.items()}
