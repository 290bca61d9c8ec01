"""Who is not there any more gives all they have to the queue, in the transaction in which they go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.engine import Connection

from conversation.handover import Command
from conversation.people import Presence
from runtime.announcing import announce
from runtime.channel import Channels
from store import handovers, notices, operator_tokens, operators, people, staff

#: What gives a conversation on when its owner is gone.
GONE, REMOVED, AWAY_TOO_LONG = "owner_offline", "owner_removed", "owner_unseen"


def set_presence(
    tx: Connection,
    channels: Channels,
    name: str,
    presence: Presence,
    now: datetime,
    first: Callable[[Connection], None] | None,
) -> None:
    if first is not None:
        first(tx)
    people.set_presence(tx, name, presence, now)
    if presence is Presence.OFFLINE:
        vanish(tx, channels, name, GONE, now)


def remove(tx: Connection, channels: Channels, name: str, now: datetime) -> list[str]:
    """The ids of their tokens, which end with it. The last admin stays."""
    vanish(tx, channels, name, REMOVED, now)
    staff.keep_an_admin(tx, name)
    ended = operator_tokens.revoke_all(tx, name)
    operators.remove(tx, name)
    notices.add(tx, "operator", None, {"name": name, "presence": Presence.OFFLINE.value}, now)
    return ended


def vanish(tx: Connection, channels: Channels, name: str, why: str, now: datetime) -> None:
    for conversation_id in people.owned_by(tx, name):
        change = handovers.command(tx, conversation_id, Command.VANISH, by=name, now=now, reason=why)
        announce(tx, channels, change, now)
