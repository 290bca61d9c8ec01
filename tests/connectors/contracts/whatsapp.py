"""WhatsApp's part of the contract suite."""

from __future__ import annotations

from tests.connectors.contract import Contract
from tests.connectors.contracts import meta

CONTRACT = Contract(
    name="whatsapp",
    split=meta.split,
    join=meta.join,
    cases={
        "edited": "edit",
        "unknown": "unknown_type",
        "choice": "button_reply",
        "echo": "smb_message_echoes",
        "removed": "revoke",
        "reports": "statuses",
        "taken_back": "reaction_removed",
    },
)
