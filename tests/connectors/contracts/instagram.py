"""Instagram's part of the contract suite. Its echoes do not tell our own from a person's."""

from __future__ import annotations

from tests.connectors.contract import Contract
from tests.connectors.contracts import meta

CONTRACT = Contract(
    name="instagram",
    split=meta.split,
    join=meta.join,
    cases={
        "edited": "edit",
        "choice": "quick_reply",
        "own_echo": "echo",
        "read": "seen",
        "removed": "unsent",
        "taken_back": "reaction_removed",
        "signal": "referral",
    },
)
