"""What comes before the first words to somebody: that no person answers, and what is kept of them. Once to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from conversation.account import Account
from conversation.conversation import Conversation
from conversation.message import Author
from conversation.words import Saying, language_of, say
from runtime.channel import Utterance
from store import introductions


def by_assistant(
    tx: Connection, utterances: Sequence[Utterance], conversation: Conversation, account: Account, now: datetime
) -> Sequence[Utterance]:
    """The assistant's answer with what is due before it, joined to its words where it begins with plain ones."""
    if not utterances:
        return utterances
    due = []
    if account.privacy.says_assistant and not introductions.has_spoken(tx, conversation.id, Author.BOT):
        due.append(say(Saying.ASSISTANT, _language(conversation, account)))
    due += _notice(tx, conversation, account, now)
    if not due:
        return utterances
    first, words = utterances[0], "\n".join(due)
    if first == Utterance(text=first.text) and first.text:
        return [replace(first, text=f"{words}\n\n{first.text}"), *utterances[1:]]
    return [Utterance(text=words), *utterances]


def by_person(tx: Connection, text: str, conversation: Conversation, account: Account, now: datetime) -> str:
    """An operator's words with the notice before them, where nobody has given it yet."""
    return "\n\n".join([*_notice(tx, conversation, account, now), *([text] if text else [])])


def _notice(tx: Connection, conversation: Conversation, account: Account, now: datetime) -> list[str]:
    """Given from now on. One that was withdrawn before it left is due again."""
    if not account.privacy.has_notice or introductions.has_notice(tx, conversation):
        return []
    introductions.note(tx, conversation, now)
    return [account.privacy.notice_in(_language(conversation, account))]


def _language(conversation: Conversation, account: Account) -> str:
    return language_of(conversation.language, account.handover.language)
