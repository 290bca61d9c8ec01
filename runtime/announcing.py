"""What a customer is told of a change of who answers, written in the same transaction and under the new number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from conversation import window
from conversation.account import Account
from conversation.conversation import Conversation, HandoverState
from conversation.handover import PHONE, Command
from conversation.handover_settings import Announce
from conversation.ids import new_id
from conversation.message import Author, MessageStatus
from conversation.words import Saying, language_of, say, what_next
from runtime import spending
from runtime.channel import Channels, Utterance
from runtime.saying import write_message
from store import conversations, messages, outbox, queue, ratings
from store.handovers import Change
from store.outbox import Draft

#: In a text of the dialogue's: stands for what one who waits can expect, which only the commit knows.
WHAT_NEXT = "[[what_next]]"
#: Such a message is about now: later it would be wrong.
_STALE_AFTER = timedelta(minutes=10)
_OF_ONE_WHO_WAITS = frozenset({Saying.REQUEUED, Saying.WAITING, Saying.NOBODY})
_NAMED = frozenset({Command.TAKE, Command.APPROVE, Command.TRANSFER, Command.INBOUND})


def announce(tx: Connection, channels: Channels, change: Change, now: datetime) -> None:
    """Says what is to be said at once; what is joined to the next message waits there as `arrival_due`."""
    saying = _saying(change)
    if saying is not None:
        tell(tx, channels, change.after, change.account, saying, now)
    if change.command is Command.RESOLVE and change.account.handover.ask_rating and _had_a_person(change):
        _ask_for_a_rating(tx, channels, change, now)


def _saying(change: Change) -> Saying | None:
    before, after, settings = change.before, change.after, change.account.handover
    if after.state is HandoverState.HUMAN:
        came = after.owner not in (before.owner, PHONE) and change.command in _NAMED
        return Saying.ARRIVED if came and settings.announce_arrival is Announce.MESSAGE else None
    if after.state is HandoverState.PENDING:
        return Saying.REQUEUED if before.state is HandoverState.HUMAN and not after.nobody_answers else None
    if change.command is Command.EXPIRE:
        return Saying.EXPIRED
    if change.command is Command.REJECT:
        return Saying.REJECTED
    return Saying.BACK if after.arrival_due and settings.announce_return is Announce.MESSAGE else None


def tell(
    tx: Connection, channels: Channels, conversation: Conversation, account: Account, saying: Saying, now: datetime
) -> None:
    """Tells the customer, if we may write to them now; else it is withheld, and shown as that."""
    language = language_of(conversation.language, account.handover.language)
    # The whole queue is put in order for a place in it: only for one who waits.
    next_ = expectation(tx, conversation, account, now) if saying in _OF_ONE_WHO_WAITS else ""
    text = say(saying, language, name=shown_name(conversation.owner), what_next=next_)
    if saying is Saying.REJECTED and (other := account.handover.other_ways.get(language)):
        text = f"{text} {other}"
    if saying in (Saying.ARRIVED, Saying.BACK):
        conversations.change(tx, conversation.id, arrival_due=False)
    write_by_rule(tx, channels, conversation, account, Utterance(text=text), now)


def write_by_rule(
    tx: Connection,
    channels: Channels,
    conversation: Conversation,
    account: Account,
    utterance: Utterance,
    now: datetime,
) -> None:
    if not account.active:
        return
    allowed = window.may_write(account, Author.SYSTEM, conversation.last_inbound_at, now)
    for rendered in channels[account.channel.value].render(utterance, lambda: new_id("b")):
        closed = isinstance(allowed, window.Rule)
        affordable = closed or spending.may_leave(tx, account, rendered, now)
        message_id = write_message(tx, conversation.id, rendered, Author.SYSTEM, now)
        if isinstance(allowed, window.Rule):
            messages.set_status(tx, message_id, MessageStatus.WITHDRAWN, error=allowed.name)
            continue
        if not affordable:
            messages.set_status(tx, message_id, MessageStatus.WITHDRAWN, error=spending.LIMIT)
            continue
        draft = Draft(body=rendered.body, author=Author.SYSTEM, message_id=message_id, expires_at=now + _STALE_AFTER)
        outbox.queue(tx, draft, conversation=conversation, account=account, agent=None, now=now)


def expectation(tx: Connection, conversation: Conversation, account: Account, now: datetime) -> str:
    """What one who waits can expect, in a sentence of their language."""
    settings = account.handover
    language = language_of(conversation.language, settings.language)
    return what_next(
        language,
        ahead=queue.ahead_of(tx, conversation.id, now),
        opens_at=settings.opening.opens_at(now),
        now=now,
        zone=settings.opening.zone,
    )


def complete(
    tx: Connection, utterances: Sequence[Utterance], conversation: Conversation, account: Account, now: datetime
) -> list[Utterance]:
    """The dialogue's answer with what only the commit knows: what one who waits can expect, and who answers again."""
    completed = []
    named = False
    for utterance in utterances:
        text = utterance.text
        if text and WHAT_NEXT in text:
            text = text.replace(WHAT_NEXT, expectation(tx, conversation, account, now)).strip()
        if text and not named and conversation.state is not HandoverState.HUMAN:
            text, named = joined(text, conversation, account), True
        completed.append(utterance if text == utterance.text else replace(utterance, text=text))
    return completed


def joined(text: str, conversation: Conversation, account: Account) -> str:
    """The text, and before it who answers, where that is due and the account has it joined to the next message."""
    settings = account.handover
    by_person = conversation.state is HandoverState.HUMAN
    how = settings.announce_arrival if by_person else settings.announce_return
    if not conversation.arrival_due or how is not Announce.JOINED:
        return text
    known = conversation.language or settings.language
    if known is None:  # in a wrong language it is worse than not said
        return text
    language = language_of(known)
    saying = Saying.ARRIVED if by_person else Saying.BACK
    return say(saying, language, name=shown_name(conversation.owner)) + "\n\n" + text


def shown_name(operator: str | None) -> str:
    """An operator's name as customers see it: without what follows an @, which is nobody's business."""
    name = (operator or "").partition("@")[0].replace(".", " ").replace("_", " ").strip()
    return name if name[:1].isupper() else name.title()


def _had_a_person(change: Change) -> bool:
    return change.before.state is HandoverState.HUMAN and change.before.owner != PHONE


def _ask_for_a_rating(tx: Connection, channels: Channels, change: Change, now: datetime) -> None:
    """Inside the window only: a rating is no reason for a template."""
    if not window.is_open(change.after.last_inbound_at, now):
        return
    ratings.ask(tx, change.after.id, change.before.owner, now)
    tell(tx, channels, change.after, change.account, Saying.RATE, now)
