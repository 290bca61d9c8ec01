"""A person orders which app Meta lets write to a contact. It decides nothing about who of ours answers.

Meta is asked first; what is written down is what it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import structlog
from sqlalchemy.engine import Connection

from conversation.contact import Address
from conversation.conversation import Conversation
from conversation.errors import BadInput, Refused, SendError
from conversation.said import say
from runtime import threads
from runtime.abilities import Reach, ReachOf, Threads
from runtime.channel import WayOut
from runtime.clock import Clock
from store import contacts, conversations
from store.database import Database

log = structlog.get_logger()

#: The channel's own app.
INBOX = "inbox"


class Control(str, Enum):
    TAKE = "take"  # we may write
    RELEASE = "release"  # nobody has it: the account's default app is asked next
    PASS = "pass"  # another app may write


class ThreadOrders:
    def __init__(self, db: Database, ways_out: Mapping[str, WayOut], reach_of: ReachOf, clock: Clock) -> None:
        self._db, self._ways_out, self._reach_of, self._clock = db, ways_out, reach_of, clock

    async def order(
        self, conversation_id: str, control: Control, *, by: str, app: str | None = None, metadata: str = ""
    ) -> Conversation:
        """`app`: whom it is passed to, an app's id or `inbox`. Raises `Refused` with Meta's words where it says no."""
        if (control is Control.PASS) != (app is not None):
            raise BadInput(say("A thread is passed to an app: name it, by its id or `inbox`; and only then."))
        if app is not None and app != INBOX and not (app.isascii() and app.isdigit()):
            raise BadInput(say("An app is named by its id, which is a number, or by `{inbox}`.", inbox=INBOX))
        conversation, addresses = await self._db.read(_whose, conversation_id)
        reach = await self._reach_of(conversation.account_id)
        asked_at = self._clock.now()
        try:
            await _ask(self._ability(reach), reach, addresses, control, app, metadata)
        except SendError as error:
            raise Refused(str(error), code="thread_refused") from error
        log.info("thread_ordered", conversation=conversation.id, control=control.value, by=by)
        write = (threads.ordered, conversation.id, app, metadata or None, asked_at, self._clock.now())
        return await self._db.write(*write)

    def _ability(self, reach: Reach) -> Threads:
        channel = reach.account.channel.value
        way = self._ways_out.get(channel)
        if way is None or way.threads is None:
            raise BadInput(
                say(
                    "On {channel} there is no thread control: no other app can be let write, or kept from it.",
                    channel=channel,
                )
            )
        return way.threads


async def _ask(
    ability: Threads, reach: Reach, addresses: tuple[Address, ...], control: Control, app: str | None, metadata: str
) -> None:
    if control is Control.TAKE:
        await ability.take(reach, addresses, metadata=metadata)
    elif control is Control.RELEASE:
        await ability.release(reach, addresses)
    else:
        await ability.pass_on(reach, addresses, app=app or INBOX, metadata=metadata)


def _whose(tx: Connection, conversation_id: str) -> tuple[Conversation, tuple[Address, ...]]:
    conversation = conversations.get(tx, conversation_id)
    return conversation, tuple(contacts.addresses_of(tx, conversation.contact_id))
