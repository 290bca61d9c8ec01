"""How a state, of a conversation or of a request, stands in a sentence: its code in English, a word in Portuguese."""

from __future__ import annotations

from enum import Enum

from conversation.said import Said, say

_WORDS = {
    # who answers
    "bot": say("bot"),
    "pending": say("pending"),
    "human": say("human"),
    # a conversation
    "open": say("open"),
    "snoozed": say("snoozed"),
    "resolved": say("resolved"),
    "closed": say("closed"),
    # a request that is over
    "approved": say("approved"),
    "rejected": say("rejected"),
    "expired": say("expired"),
    "cancelled": say("cancelled"),
    "answered": say("answered"),
}


def word_of(state: Enum) -> Said:
    return _WORDS[state.value]
