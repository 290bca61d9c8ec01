"""What was said in a conversation as JSON, with all that is shown beside a message read for all of them together."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from conversation import cures, private_reply
from conversation.arrivals import COMMENT
from conversation.message import Direction, Message
from conversation.words import DEFAULT_LANGUAGE
from handover.schemas import file_json, instant
from handover.shapes import messages as shapes
from store import comments, gathering, media, quotes
from store.media import File


def messages_json(tx: Connection, found: Sequence[Message], language: str = DEFAULT_LANGUAGE) -> list[shapes.Message]:
    """Messages of one conversation: with their files, what each refers to, which comments had their private reply."""
    if not found:
        return []
    here = found[0].conversation_id
    files = media.of_messages(tx, [each.id for each in found])
    quoted = quotes.of(tx, here, {each.reply_to for each in found if each.reply_to})
    answered = comments.answered(tx, here, {each.provider_id for each in found if each.kind == COMMENT})
    together = gathering.together(tx, [each.id for each in found if each.direction is Direction.INBOUND])
    shown: list[shapes.Message] = []
    for each in found:
        message = _message_json(each, files.get(each.id, ()), language)
        message["reply_to"] = _quote_json(each.reply_to, quoted.get(each.reply_to)) if each.reply_to else None
        message["answered_with"] = together.get(each.id)
        if each.kind == COMMENT:
            message["private_reply"] = _private_reply_json(each, answered)
        shown.append(message)
    return shown


def _message_json(message: Message, files: Sequence[File], language: str) -> shapes.Message:
    """`reason`: why the assistant was silent. `cure`: what helps where it was not sent, in this language."""
    return {
        "id": message.id,
        "provider_id": message.provider_id,
        "direction": message.direction.value,
        "author": message.author.value,
        "operator": message.operator,
        "kind": message.kind,
        "text": message.text,
        "content": message.content,
        "files": [file_json(each) for each in files],
        "intent": message.intent,
        "confidence": message.confidence,
        "verdict": message.verdict,
        "reason": message.reason,
        "status": message.status.value,
        "error": message.error,
        "cure": cures.cure(message.status, message.error, language),
        "at": instant(message.at),
        "sent_at": instant(message.sent_at),
        "delivered_at": instant(message.delivered_at),
        "read_at": instant(message.read_at),
        "edited_at": instant(message.edited_at),
        "removed_at": instant(message.removed_at),
        "pricing": message.pricing,
        "reply_to": None,
        "answered_with": None,
    }


def _quote_json(provider_id: str, quoted: Message | None) -> shapes.Quote:
    """What a message answers, or reacts to; of one that is not here nothing is known but its id."""
    if quoted is None:
        return {"provider_id": provider_id, "id": None}
    return {
        "provider_id": provider_id,
        "id": quoted.id,
        "author": quoted.author.value,
        "operator": quoted.operator,
        "kind": quoted.kind,
        "text": quoted.text,
        "removed_at": instant(quoted.removed_at),
    }


def _private_reply_json(comment: Message, answered: set[str]) -> shapes.PrivateReply:
    """Whether a comment may still be answered in private."""
    return {"until": instant(private_reply.until(comment)), "answered": comment.provider_id in answered}
