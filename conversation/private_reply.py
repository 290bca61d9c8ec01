"""A comment is answered in private once, and within a week of it; that opens no window until the customer writes.

[MSG docs: private replies; IG docs: private replies]
"""

from __future__ import annotations

from datetime import datetime, timedelta

from conversation.arrivals import COMMENT
from conversation.errors import BadInput, Refused
from conversation.message import Message
from conversation.said import say

FOR = timedelta(days=7)


def until(comment: Message) -> datetime:
    return comment.at + FOR


def need_leave(comment: Message, *, answered: bool, now: datetime) -> None:
    """Raises what stands in the way of answering it now."""
    if comment.kind != COMMENT or comment.provider_id is None:
        raise BadInput(say("Only a comment is answered in private; to anything else, reply without `comment`."))
    if answered:
        raise Refused(say("This comment has had its private reply: Meta takes one of each."), code="comment_answered")
    if now >= until(comment):
        raise Refused(
            say("Meta takes a private reply for 7 days after the comment (rule private_replies)."),
            code="comment_too_old",
        )
