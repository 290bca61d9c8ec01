"""What becomes of a message that Meta did not take, or took and could not deliver: by the course its error asks for."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation import course
from conversation.account import Account, AccountId
from conversation.alert import Event
from conversation.arrivals import StatusReport
from conversation.conversation import ConversationId
from conversation.course import Course
from conversation.errors import SendError
from conversation.message import MessageStatus
from runtime import opting, pacing, uploading
from runtime.settings import RuntimeSettings
from store import (
    account_alerts,
    accounts,
    alerts,
    conversations,
    notices,
    outbox,
    pauses,
    witnesses,
)
from store.outbox import Lane, OutboxState, Row

log = structlog.get_logger()

#: How often a message goes out that waits only for its file.
_TRIES_FOR_A_FILE = 2
_OUTBOX_ID = re.compile(r"[0-9]{1,18}")


def settle(
    tx: Connection, row: Row, account: Account, error: SendError, settings: RuntimeSettings, now: datetime
) -> None:
    """Writes down what became of a claim. `account`: as it was when the row was claimed."""
    if not error.unknown and error.course in course.OF_THE_ACCOUNT:
        _pause(tx, row, account, error, now)
    state, not_before = _after(row, error, settings, now)
    counts = error.unknown or error.course not in course.NOT_THE_MESSAGE
    if not outbox.settle(tx, row, state, now=now, error=str(error), not_before=not_before, counts=counts):
        return
    pacing.refused(tx, account, row.conversation_id, error, now)
    if error.course is Course.ONCE_MORE and not error.unknown:
        uploading.forget(tx, account.id, row.body)
    log.warning(
        "send_not_done", outbox=row.id, state=state.value, code=error.error_code, conversation=row.conversation_id
    )
    if state is not OutboxState.QUEUED and row.message_id is not None:
        facts = {"message": row.message_id, "state": state.value}
        notices.add(tx, "failed", row.conversation_id, facts, now)
        tell(tx, row.conversation_id, account, error.error_code, now)


def _after(row: Row, error: SendError, settings: RuntimeSettings, now: datetime) -> tuple[OutboxState, datetime | None]:
    """What the row is from now on, and when it may be claimed again."""
    if error.unknown:
        return OutboxState.UNKNOWN, None
    if error.course is Course.GIVE_UP or row.lane is Lane.SIGNAL:
        return OutboxState.REFUSED, None
    if error.course in course.OF_THE_ACCOUNT:
        return OutboxState.QUEUED, None  # as soon as its account goes on
    if error.course is Course.PAUSE_CONVERSATION:
        wait_s = course.wait_s(error.course, asked_s=error.retry_after_s, last_s=_last_wait_s(row))
        return OutboxState.QUEUED, now + timedelta(seconds=wait_s)
    most = _TRIES_FOR_A_FILE if error.course is Course.ONCE_MORE else settings.send_tries
    if row.attempts >= most:
        return OutboxState.REFUSED, None
    wait_s = error.retry_after_s or settings.send_retry_s * 2 ** (row.attempts - 1)
    return OutboxState.QUEUED, now + timedelta(seconds=wait_s * random.uniform(1.0, 1.25))


def _last_wait_s(row: Row) -> float:
    if row.not_before is None or row.settled_at is None:
        return 0.0
    return (row.not_before - row.settled_at).total_seconds()


def _pause(tx: Connection, row: Row, account: Account, error: SendError, now: datetime) -> None:
    """For longer than the last time: that began when this row was refused, and ended when it was to try."""
    last = account.paused_until - row.settled_at if account.paused_until and row.settled_at else timedelta()
    wait_s = course.wait_s(error.course, asked_s=error.retry_after_s, last_s=last.total_seconds())
    fault = str(error) if error.course is Course.STOP_ACCOUNT else None
    if pauses.pause(tx, account.id, now + timedelta(seconds=wait_s), fault=fault):
        _tell_it_stopped(tx, account, str(error), now)


def _tell_it_stopped(tx: Connection, account: Account, fault: str, now: datetime) -> None:
    log.warning("account_stopped", account=account.id, fault=fault)
    account_alerts.raise_fault(tx, account, reason=fault, now=now)
    notices.add(tx, "account", None, {"account": account.id, "fault": fault}, now)


def tell(tx: Connection, conversation_id: ConversationId, account: Account, code: int | None, now: datetime) -> None:
    """Whoever is to know that a message was not sent."""
    opting.refused(tx, conversation_id, account, code, now)
    conversation = conversations.get(tx, conversation_id)
    alerts.raise_event(
        tx,
        Event.FAILED,
        conversation=conversation,
        account=account,
        facts={"reason": code},
        now=now,
        team_id=conversation.team_id,
        owner=conversation.owner,
    )


def may_go_out_again(told: StatusReport) -> bool:
    failed = told.status is MessageStatus.FAILED and told.course not in (None, Course.GIVE_UP)
    return failed and told.opaque is not None and _OUTBOX_ID.fullmatch(told.opaque) is not None


def sent_again(tx: Connection, account_id: AccountId, told: StatusReport, now: datetime) -> bool:
    """Whether a message that Meta took, and now says it could not deliver, goes out a second time.

    The same courses hold as for a refusal, for one more request.
    """
    row = outbox.find(tx, int(told.opaque or 0), account_id)
    if row is None or told.course is None:
        return False
    until = now + timedelta(seconds=course.wait_s(told.course))
    if told.course is Course.ONCE_MORE:
        uploading.forget(tx, account_id, row.body)
    if told.course not in course.OF_THE_ACCOUNT:
        return witnesses.send_again(tx, row, told.error, now, until)
    fault = (told.error or told.course.value) if told.course is Course.STOP_ACCOUNT else None
    if pauses.pause(tx, account_id, until, fault=fault):
        _tell_it_stopped(tx, accounts.get(tx, account_id), fault or told.course.value, now)
    return witnesses.send_again(tx, row, told.error, now, None)
