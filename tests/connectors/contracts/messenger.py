"""Messenger's part of the contract suite."""

from __future__ import annotations

from tests.connectors.contract import Contract
from tests.connectors.contracts import meta

CONTRACT = Contract(
    name="messenger",
    split=meta.split,
    join=meta.join,
    kept_only=frozenset({"comment"}),  # under a Page's post: told in its feed, which names people by other ids
    cases={
        "edited": "edit",
        "unknown": "unknown_kind",
        "choice": "quick_reply",
        "echo": "echo_of_the_inbox",
        "own_echo": "echo_of_ours",
        "delivered": "delivery",
        "taken_back": "reaction_removed",
        "signal": "referral",
    },
)
