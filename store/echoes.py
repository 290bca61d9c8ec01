"""What our side wrote to a contact elsewhere, as messages, and what is asked about those before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.arrivals import REACTION, Echo
from conversation.conversation import ConversationId
from conversation.message import Author, Direction, MessageStatus
from store.tables import addresses, conversations, messages, outbox

#: Our clock and Meta's may differ by so much.
_SKEW = timedelta(seconds=5)


def add(tx: Connection, conversation_id: ConversationId, echo: Echo, operator: str) -> int:
    """The row people read: sent already, by somebody who is no operator here."""
    added = tx.execute(
        messages.insert(),
        dict(
            conversation_id=conversation_id,
            direction=Direction.OUTBOUND.value,
            author=Author.OPERATOR.value,
            operator=operator,
            kind=echo.kind,
            text=echo.text,
            content=echo.content,
            provider_id=echo.provider_id,
            reply_to=echo.reply_to,
            status=MessageStatus.SENT.value,
            at=echo.sent_at,
            sent_at=echo.sent_at,
        ),
    )
    return int(added.inserted_primary_key[0])


def is_row_of_ours(tx: Connection, row_id: int, account_id: AccountId, echo: Echo) -> bool:
    """Whether this is a request of ours to this contact whose message has no id of Meta's yet.

    Anything else of that number is another app's own: numbers are what everybody sends along.
    """
    known_by = sa.or_(
        *(sa.and_(addresses.c.kind == a.kind.value, addresses.c.value == a.value) for a in echo.addresses)
    )
    this = (
        sa.select(outbox.c.id)
        .join(messages, messages.c.id == outbox.c.message_id)
        .join(conversations, conversations.c.id == outbox.c.conversation_id)
        .join(addresses, addresses.c.contact_id == conversations.c.contact_id)
        .where(
            outbox.c.id == row_id,
            outbox.c.account_id == account_id,
            messages.c.provider_id.is_(None),
            addresses.c.account_id == account_id,
            known_by,
        )
    )
    return tx.execute(this).first() is not None


def is_somebody_elses(tx: Connection, message_id: int) -> bool:
    """Whether this message was itself an echo: no request of ours made it."""
    return tx.execute(sa.select(outbox.c.id).where(outbox.c.message_id == message_id).limit(1)).first() is None


def unknown_like(tx: Connection, conversation_id: ConversationId, echo: Echo) -> int | None:
    """The oldest request to this contact that nobody knows the fate of, and that reads like this echo."""
    words = messages.c.text == echo.text if echo.text else messages.c.text.is_(None)
    query = (
        sa.select(outbox.c.id)
        .join(messages, messages.c.id == outbox.c.message_id)
        .where(
            outbox.c.conversation_id == conversation_id,
            outbox.c.state == "unknown",
            outbox.c.claimed_at <= sa.literal(echo.sent_at + _SKEW, outbox.c.claimed_at.type),
            messages.c.provider_id.is_(None),
            words,
        )
        .order_by(outbox.c.id)
    )
    found: int | None = tx.execute(query.limit(1)).scalar()
    return found


def contact_wrote(tx: Connection, conversation_id: ConversationId, since: datetime, until: datetime) -> bool:
    """Whether the contact wrote something between these, by Meta's times."""
    return _wrote(tx, conversation_id, messages.c.author == Author.CONTACT.value, since, until)


def wrote_after(tx: Connection, conversation_id: ConversationId, operator: str, at: datetime) -> bool:
    """Whether there are words of theirs that were sent later than this."""
    theirs = sa.and_(messages.c.author == Author.OPERATOR.value, messages.c.operator == operator)
    return _wrote(tx, conversation_id, sa.and_(theirs, messages.c.at > at), at, None)


def _wrote(
    tx: Connection,
    conversation_id: ConversationId,
    who: Any,
    since: datetime,
    until: datetime | None,
) -> bool:
    query = sa.select(messages.c.id).where(
        messages.c.conversation_id == conversation_id, who, messages.c.kind != REACTION, messages.c.at >= since
    )
    if until is not None:
        query = query.where(messages.c.at <= until)
    return tx.execute(query.limit(1)).first() is not None
