"""Named places in the path of a message where a test may stop, kill or look. In production nobody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

BEFORE_ACCEPT = "before_accept"  # a webhook is verified; nothing of it is committed
IN_ACCEPT = "in_accept"  # inside the transaction that accepts a webhook
ACCEPTED = "accepted"  # committed, not yet answered
BEGUN = "begun"  # the mail is marked as under way; the dialogue was not asked yet
IN_TURN = "in_turn"  # the gate said yes; the dialogue has answered; nothing is committed
IN_COMMIT = "in_commit"  # inside the turn's transaction
COMMITTED = "committed"
CLAIMED = "between_claim_and_request"
IN_REQUEST = "in_request"  # the channel has answered; nothing of it is written down

#: What to do at a place: given its name and the conversation. Set by the test harness only.
Hook = Callable[[str, str], None]
hook: Hook | None = None


def reach(name: str, conversation_id: str) -> None:
    """To be called off the event loop: what listens may block."""
    if hook is not None:
        hook(name, conversation_id)


async def reach_async(name: str, conversation_id: str) -> None:
    if hook is not None:
        await asyncio.to_thread(hook, name, conversation_id)
