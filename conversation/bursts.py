"""Several short messages that follow each other are one thing said: which of them become one turn, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.arrivals import TEXT
from conversation.gate import ALLOWED, Answer, Reason, Verdict
from conversation.mail import Mail, MailKind

#: Who goes on writing is answered after so many windows all the same.
LONGEST = 4
#: So many characters are said on purpose: nothing is waited for after them.
LONG = 200
#: So often they are tried together; then each alone, so that only the one that fails is parked.
TRIED_TOGETHER = 2


@dataclass(frozen=True, kw_only=True)
class Burst:
    """`mails`: what is one turn, in order. `between`: what is to be recorded before it, by itself.

    `until`: not before then, since more may follow; None: now.
    """

    mails: tuple[Mail, ...]
    between: tuple[Mail, Verdict] | None = None
    until: datetime | None = None


def may_be_joined(mail: Mail) -> bool:
    """Words, never tried in vain so often that each is to be tried alone, nor kept for people before."""
    return may_have_been_joined(mail) and not mail.recorded and mail.failures < TRIED_TOGETHER


def may_have_been_joined(mail: Mail) -> bool:
    return mail.kind is MailKind.MESSAGE and mail.message_kind == TEXT and bool(mail.text) and not mail.payload


def gather(first: Mail, following: Sequence[tuple[Mail, Verdict]], within_s: float, now: datetime) -> Burst:
    """What becomes one turn with `first`, which may be answered. `following`: all that waits after it, in order.

    Each follows the one before it within the window, by when it arrived. What is for people only (a file, what was
    taken back) stands between and is recorded first; it holds no window open. Whatever else comes ends the burst.
    """
    window, mails, ended = timedelta(seconds=within_s), [first], _is_long(first)
    latest = first.arrived_at + LONGEST * window
    for mail, verdict in following:
        if ended or mail.arrived_at > min(mails[-1].arrived_at + window, latest):
            ended = True
        elif _stands_between(verdict):
            return Burst(mails=tuple(mails), between=(mail, verdict))
        elif verdict == ALLOWED and may_be_joined(mail):
            mails.append(mail)
            ended = _is_long(mail)
        else:
            ended = True
        if ended:
            break
    until = min(mails[-1].arrived_at + window, latest)
    waits = not ended and not first.begins and not first.attempts and until > now
    return Burst(mails=tuple(mails), until=until if waits else None)


def ends_at_once(kind: str, text: str | None) -> bool:
    """Whether what came just now says that nothing of its burst will follow."""
    return kind not in _WAITED_FOR_AFTER if text is None or kind != TEXT else len(text) > LONG


#: The kinds after which more words may come.
_WAITED_FOR_AFTER = frozenset({TEXT, "image", "video", "audio", "document", "sticker", "location", "contacts"})


def _is_long(mail: Mail) -> bool:
    return len(mail.text or "") > LONG


def _stands_between(verdict: Verdict) -> bool:
    return verdict.answer is Answer.RECORD or verdict.reason is Reason.REMOVED
