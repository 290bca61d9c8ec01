"""A person's private reply to a comment: one message, to whoever wrote it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from conversation import private_reply
from conversation.conversation import ConversationId
from conversation.errors import BadInput
from conversation.message import Message
from conversation.said import say
from runtime.channel import Rendered
from store import comments


def answerable(tx: Connection, conversation_id: ConversationId, message_id: int, now: datetime) -> Message:
    """The comment, or why it can't be answered now. The conversation's row is locked by whoever asks."""
    comment = comments.get(tx, conversation_id, message_id)
    had_one = comments.answered(tx, conversation_id, [comment.provider_id])
    private_reply.need_leave(comment, answered=bool(had_one), now=now)
    return comment


def addressed(rendered: Sequence[Rendered], comment: Message) -> list[Rendered]:
    """To the comment in place of the contact, who may never have written to us."""
    if len(rendered) != 1:
        raise BadInput(say("A private reply is one message: this text is too long for one."))
    (only,) = rendered
    return [replace(only, body={**only.body, "recipient": {"comment_id": comment.provider_id}})]
