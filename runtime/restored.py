"""What the runtime does with a restored database before anybody may look into its mailboxes and its outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from conversation.gate import Answer, Reason, Verdict
from conversation.mail import MailState
from runtime.situation import Situation, read_situation, user_event
from store import alerts, conversations, mailbox, messages, notices, restoring, trackers
from store.restoring import WHY, Former

#: Mail that waits to be tried again is looked at too.
_WHENEVER = timedelta(days=36500)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """How much of what was open at the backup is not done again, and how much silence was carried over."""

    sends: int
    mails: int
    reminders: int
    silenced: int


def settle(tx: Connection, former: Former, now: datetime) -> Settled:
    restoring.forget_leases(tx)
    restoring.skip_numbers(tx, former)
    silenced = restoring.keep_silence(tx, former, now)
    settled = Settled(
        sends=restoring.forget_sends(tx, now),
        reminders=restoring.forget_due_timers(tx, now),
        mails=_park_all(tx, now),
        silenced=silenced,
    )
    restoring.start_from_known_points(tx)
    alerts.forget_due(tx, now)
    return settled


def _park_all(tx: Connection, now: datetime) -> int:
    """It was probably answered since. Its words are kept in the tracker, and a person says what becomes of it."""
    parked = 0
    for conversation_id in restoring.conversations_with_mail(tx):
        while (situation := read_situation(tx, conversation_id, now + _WHENEVER)) is not None:
            _park(tx, situation, now)
            parked += 1
    return parked


def _park(tx: Connection, situation: Situation, now: datetime) -> None:
    mail = situation.mail
    verdict = Verdict(answer=Answer.RECORD, reason=Reason.RESTORED)
    conversations.lock(tx, mail.conversation_id)
    mailbox.finish(tx, mail, MailState.PARKED, now, recorded=mail.recorded or bool(mail.text))
    mailbox.note_error(tx, mail, WHY)
    if mail.text and not mail.recorded:
        trackers.append(tx, mail.conversation_id, [user_event(situation, verdict, now)], now=now)
    if mail.message_id is not None:
        messages.set_verdict(tx, mail.message_id, verdict=verdict.answer.value, reason=verdict.reason.value)
    notices.add(tx, "parked", mail.conversation_id, {"mail": mail.id}, now)
