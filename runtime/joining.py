"""What was said in several messages and becomes one turn: read, begun, tried again and put back together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from conversation import bursts
from conversation.bursts import Burst
from conversation.gate import Verdict
from conversation.mail import Mail
from conversation.sent import Besides
from store import gathering, mailbox

#: What stands beside a mail's words, and what the gate says of it.
Of = Callable[[Connection, Mail], tuple[Besides, Verdict]]


def gathered(
    tx: Connection, first: Mail, beside: Besides, within_s: float, of: Of, now: datetime
) -> tuple[Burst, Besides]:
    """What is one turn with this mail, which may be answered, and what stands beside all of that; or beside what is to
    be recorded before it. In a group everybody speaks for themselves."""
    if not within_s or beside.in_group or not bursts.may_be_joined(first):
        return Burst(mails=(first,)), beside
    following = [(mail, *of(tx, mail)) for mail in gathering.following(tx, first)]
    burst = bursts.gather(first, [(mail, verdict) for mail, _, verdict in following], within_s, now)
    stands = {first.id: beside, **{mail.id: theirs for mail, theirs, _ in following}}
    if burst.between is not None:
        return burst, stands[burst.between[0].id]
    return burst, _all_of([stands[mail.id] for mail in burst.mails])


def _all_of(besides: Sequence[Besides]) -> Besides:
    """Of what two of them say, the first is told."""
    told: dict[str, Any] = {}
    for each in reversed(besides):
        told.update(each.metadata)
    return replace(besides[0], metadata=told)


def words_of(mails: Sequence[Mail]) -> str:
    return "\n".join(mail.text or "" for mail in mails)


def note_of(joined: Sequence[Mail]) -> dict[str, str]:
    """For the message's metadata: which messages its words are, by our numbers."""
    return {"joined": " ".join(str(mail.message_id) for mail in joined)} if len(joined) > 1 else {}


def begin(tx: Connection, joined: Sequence[Mail]) -> tuple[Mail, ...]:
    """Those that are as they were read, marked as under way; any other is not of this turn."""
    begun = [mailbox.begin(tx, mail) for mail in joined]
    return tuple(mail for mail in begun if mail is not None)


def put_back(tx: Connection, mails: Sequence[Mail]) -> None:
    for mail in mails:
        mailbox.put_back(tx, mail)


def try_again(tx: Connection, mails: Sequence[Mail], not_before: datetime, error: str) -> None:
    for mail in mails:
        mailbox.try_again(tx, mail, not_before=not_before, error=error)
