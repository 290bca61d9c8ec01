"""What stands beside the words of the message a turn is about, read with the situation."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from conversation import sent
from conversation.mail import Mail, MailKind
from conversation.message import Message
from conversation.sent import Besides, Vocabulary
from store import media, messages, quotes


def read(tx: Connection, mail: Mail, vocabulary: Vocabulary) -> Besides:
    found = messages.find(tx, mail.message_id) if mail.kind is MailKind.MESSAGE and mail.message_id else None
    if found is None:
        return Besides()
    kind = mail.message_kind or found.kind
    intent = next(filter(vocabulary.has, sent.intents(kind, found.content)), None)
    given = sent.entities(kind, mail.text, found.content) if intent else {}
    files = media.of_messages(tx, [found.id]).get(found.id, ()) if sent.intents(kind, found.content) else ()
    return Besides(
        intent=intent,
        entities={name: value for name, value in given.items() if name in vocabulary.entities},
        metadata=sent.metadata(kind, found.content, _quoted(tx, found), [file.id for file in files]),
        in_group=sent.writer_in_group(kind, found.content) is not None,
    )


def _quoted(tx: Connection, message: Message) -> tuple[str, str | None] | None:
    """What it answers. Of one that is not here, or was taken back, only the id is told."""
    if not message.reply_to:
        return None
    quoted = quotes.of(tx, message.conversation_id, [message.reply_to]).get(message.reply_to)
    return message.reply_to, quoted.text if quoted and quoted.removed_at is None else None
