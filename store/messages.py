"""Messages: what a person reads when they open a conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.arrivals import StatusReport
from conversation.conversation import ConversationId
from conversation.deadlines import Told
from conversation.message import Author, Direction, Message, MessageStatus, after_report, pricing_after
from store.prepared import Prepared
from store.tables import conversations, messages

_ADD_INBOUND = Prepared(
    messages.insert().values(
        direction=Direction.INBOUND.value, author=Author.CONTACT.value, status=MessageStatus.RECEIVED.value
    ),
    "conversation_id",
    "kind",
    "text",
    "content",
    "provider_id",
    "reply_to",
    "at",
    new_id=messages.c.id,
)


def from_row(row: Any) -> Message:
    return Message(
        id=row.id,
        conversation_id=ConversationId(row.conversation_id),
        provider_id=row.provider_id,
        direction=Direction(row.direction),
        author=Author(row.author),
        operator=row.operator,
        kind=row.kind,
        text=row.text,
        content=row.content,
        intent=row.intent,
        confidence=row.confidence,
        verdict=row.verdict,
        reason=row.reason,
        status=MessageStatus(row.status),
        error=row.error,
        at=row.at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        read_at=row.read_at,
        edited_at=row.edited_at,
        removed_at=row.removed_at,
        reply_to=row.reply_to,
        pricing=row.pricing,
    )


def add_inbound(
    tx: Connection,
    conversation_id: ConversationId,
    *,
    provider_id: str,
    kind: str,
    text: str | None,
    content: dict[str, Any],
    reply_to: str | None,
    at: datetime,
) -> int:
    return _ADD_INBOUND.added(
        tx,
        conversation_id=conversation_id,
        kind=kind,
        text=text,
        content=content,
        provider_id=provider_id,
        reply_to=reply_to,
        at=at,
    )


def add_outbound(
    tx: Connection,
    conversation_id: ConversationId,
    *,
    author: Author,
    kind: str,
    text: str | None,
    content: dict[str, Any],
    at: datetime,
    operator: str | None = None,
    reply_to: str | None = None,
) -> int:
    result = tx.execute(
        messages.insert(),
        dict(
            conversation_id=conversation_id,
            direction=Direction.OUTBOUND.value,
            author=author.value,
            operator=operator,
            kind=kind,
            text=text,
            content=content,
            status=MessageStatus.QUEUED.value,
            reply_to=reply_to,
            at=at,
        ),
    )
    return int(result.inserted_primary_key[0])


def find(tx: Connection, message_id: int) -> Message | None:
    row = tx.execute(sa.select(messages).where(messages.c.id == message_id)).first()
    return from_row(row) if row else None


def set_verdict(
    tx: Connection,
    message_id: int,
    *,
    verdict: str,
    reason: str,
    intent: str | None = None,
    confidence: float | None = None,
) -> None:
    tx.execute(
        messages.update()
        .where(messages.c.id == message_id)
        .values(verdict=verdict, reason=reason, intent=intent, confidence=confidence)
    )


def set_status(
    tx: Connection,
    message_id: int,
    status: MessageStatus,
    *,
    provider_id: str | None = None,
    error: str | None = None,
    at: datetime | None = None,
) -> None:
    """Our own knowledge of a send. What Meta reported in the meantime (a status may come first) is not undone."""
    values: dict[str, Any] = {}
    if not reported_on(tx, message_id):
        values = {"status": status.value, "error": error}
    if provider_id is not None:
        values["provider_id"] = provider_id
    if status is MessageStatus.ACCEPTED:
        values["sent_at"] = sa.func.coalesce(messages.c.sent_at, sa.literal(at, messages.c.sent_at.type))
    if values:
        tx.execute(messages.update().where(messages.c.id == message_id).values(**values))


def queue_again(tx: Connection, message_id: int, error: str | None) -> None:
    """What Meta told of it was told of a request that has failed for good; another is made."""
    values = {"status": MessageStatus.QUEUED.value, "error": error, "sent_at": None}
    tx.execute(messages.update().where(messages.c.id == message_id).values(**values))


def reported_on(tx: Connection, message_id: int) -> bool:
    """Whether Meta has told us what became of it; a refusal of ours is final too."""
    query = sa.select(messages.c.status).where(messages.c.id == message_id).with_for_update()
    status = tx.execute(query).scalar_one()
    return MessageStatus(status) in _REPORTED


_REPORTED = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ, MessageStatus.FAILED)


def apply_report(tx: Connection, message_id: int, report: StatusReport) -> ConversationId | None:
    """The conversation whose message has another status from now on; None where the report told nothing new."""
    row = tx.execute(sa.select(messages).where(messages.c.id == message_id).with_for_update()).one()
    status = after_report(MessageStatus(row.status), report.status)
    values: dict[str, Any] = {"status": status.value}
    pricing = pricing_after(row.pricing, MessageStatus(row.status), report.pricing, report.status)
    if pricing != row.pricing:
        values["pricing"] = pricing
    if row.provider_id is None:
        values["provider_id"] = report.provider_id
    if status is not MessageStatus(row.status):
        values["error"] = report.error
    if report.status is MessageStatus.SENT and row.sent_at is None:
        values["sent_at"] = report.at
    if report.status is MessageStatus.DELIVERED and row.delivered_at is None:
        values["delivered_at"] = report.at
    if report.status is MessageStatus.READ and row.read_at is None:
        values["read_at"] = report.at
    tx.execute(messages.update().where(messages.c.id == message_id).values(**values))
    return None if status is MessageStatus(row.status) else ConversationId(row.conversation_id)


def outbound_by_provider_id(tx: Connection, account_id: AccountId, provider_id: str) -> int | None:
    """One of this account's own: a report on another account's message is not believed."""
    return tx.execute(
        sa.select(messages.c.id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(
            messages.c.provider_id == provider_id,
            messages.c.direction == Direction.OUTBOUND.value,
            conversations.c.account_id == account_id,
        )
    ).scalar()


def of_conversation(
    tx: Connection, conversation_id: str, *, after: int | None = None, limit: int = 10_000
) -> list[Message]:
    """Oldest first. What was fetched from the past has negative numbers, so that it comes before what we heard."""
    this = messages.c.conversation_id == conversation_id
    which = this if after is None else sa.and_(this, messages.c.id > after)
    return [from_row(row) for row in tx.execute(sa.select(messages).where(which).order_by(messages.c.id).limit(limit))]


def count_by_author_since(tx: Connection, conversation_id: str, author: Author, since: datetime) -> int:
    return tx.execute(
        sa.select(sa.func.count())
        .select_from(messages)
        .where(messages.c.conversation_id == conversation_id, messages.c.author == author.value, messages.c.at >= since)
    ).scalar_one()


def told_since(tx: Connection, conversation_id: str, since: datetime) -> Told:
    """What the rules have told the customer by themselves since then."""
    found = tx.execute(
        sa.select(sa.func.count(), sa.func.max(messages.c.at)).where(
            messages.c.conversation_id == conversation_id,
            messages.c.author == Author.SYSTEM.value,
            messages.c.at >= since,
        )
    ).one()
    return Told(times=found[0], last_at=found[1])


def last_inbound(tx: Connection, conversation_id: str) -> int | None:
    """The customer's last message."""
    found: int | None = tx.execute(
        sa.select(sa.func.max(messages.c.id)).where(
            messages.c.conversation_id == conversation_id, messages.c.direction == Direction.INBOUND.value
        )
    ).scalar()
    return found


def first_inbound_at(tx: Connection, contact_id: str) -> datetime | None:
    """When the contact first wrote, by the channel's time."""
    found: datetime | None = tx.execute(
        sa.select(sa.func.min(messages.c.at, type_=messages.c.at.type))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.contact_id == contact_id, messages.c.direction == Direction.INBOUND.value)
    ).scalar()
    return found
