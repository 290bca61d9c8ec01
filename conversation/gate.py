"""May the assistant answer this? One rule, asked when a turn begins, in its commit, and in the claim of each send."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conversation.account import Account, WhilePending
from conversation.agent import Agent, AgentStatus
from conversation.arrivals import BUTTON, COMMENT, REACTION, SIGNALS, TEXT
from conversation.conversation import Conversation, HandoverState, Status
from conversation.mail import Mail, MailKind


class Answer(str, Enum):
    ANSWER = "ANSWER"  # ask the dialogue
    RECORD = "RECORD"  # keep the words where the dialogue will see them; say nothing
    IGNORE = "IGNORE"  # nothing for the dialogue at all


class Reason(str, Enum):
    """Why, in one word for logs and pages."""

    MAY_ANSWER = "may_answer"
    ACCOUNT_INACTIVE = "account_inactive"
    AUTO_RESPONSE_OFF = "auto_response_off"
    AGENT_INACTIVE = "agent_inactive"
    AGENT_DRAFT = "agent_draft"
    HUMAN_OWNS = "human_owns"
    PENDING_SILENT = "pending_silent"  # a person was asked for, and this account is silent until one comes
    SEEN_BY_PERSON = "seen_by_person"  # arrived while, or before, a person had it
    BOT_LIMIT = "bot_limit"  # too many bot messages to this contact within an hour
    NOT_TEXT = "not_text"  # a picture, a place …, and the dialogue has no intent for it: for a person to see
    REACTION = "reaction"
    SIGNAL = "signal"  # something was done that nobody waits for an answer to: a link followed, a subscription
    GROUP = "group"  # in a group, and the account does not say that its assistant answers there
    COMMENT = "comment"  # under a post: for a person to answer in private
    STALE = "stale"  # came to us too long after it was written: a person answers
    REMOVED = "removed"  # taken back before the assistant came to it
    REMINDER_WHILE_HUMAN = "reminder_while_human"
    REMINDER_AFTER_END = "reminder_after_end"  # the conversation is resolved or closed
    PARKED = "parked"  # the dialogue failed on it too often
    THREAD_ELSEWHERE = "thread_elsewhere"  # Meta lets another app write in this thread
    RATING = "rating"  # the customer rates the conversation that has just ended
    RESTORED = "restored"  # waited when the backup was made that was restored: probably answered since


@dataclass(frozen=True, kw_only=True)
class Verdict:
    answer: Answer
    reason: Reason


#: No assistant may answer on this account now, whoever writes.
NOBODY_ANSWERS = frozenset(
    {Reason.ACCOUNT_INACTIVE, Reason.AUTO_RESPONSE_OFF, Reason.AGENT_INACTIVE, Reason.AGENT_DRAFT}
)
ALLOWED = Verdict(answer=Answer.ANSWER, reason=Reason.MAY_ANSWER)


def why_silent(account: Account | None, agent: Agent) -> Reason | None:
    """Why the assistant may not speak on this account at all, whatever the conversation; None when it may.

    Without an account (`rasa shell`, Rasa's other channels) only the agent is asked.
    """
    if account is not None and not account.active:
        return Reason.ACCOUNT_INACTIVE
    if account is not None and not account.auto_response:
        return Reason.AUTO_RESPONSE_OFF
    if agent.status is AgentStatus.INACTIVE:
        return Reason.AGENT_INACTIVE
    if agent.status is AgentStatus.DRAFT:
        return Reason.AGENT_DRAFT
    return None


def decide(
    *,
    account: Account,
    agent: Agent,
    conversation: Conversation,
    mail: Mail,
    bot_messages_last_hour: int,
    in_group: bool = False,
    understood: bool = False,
) -> Verdict:
    """What is to be done with this mail, as things stand. `understood`: the dialogue has an intent for such a thing."""
    if mail.kind is MailKind.REMINDER:
        return _decide_reminder(account, agent, conversation)
    unsaid = _not_said(mail)
    if unsaid is not None:
        return Verdict(answer=Answer.IGNORE, reason=unsaid)
    reason = (
        who_has_it(account, conversation)
        or (Reason.THREAD_ELSEWHERE if conversation.thread_owner or mail.payload.get("standby") else None)
        or (Reason.SEEN_BY_PERSON if mail.seen_by_person else None)
        or (Reason.COMMENT if mail.message_kind == COMMENT else None)
        or (Reason.STALE if is_stale(account, mail) else None)
        or why_silent(account, agent)
        or (Reason.GROUP if in_group and not account.channel_settings.answer_groups else None)
        or (Reason.NOT_TEXT if mail.message_kind not in (TEXT, BUTTON) and not understood else None)
        or (Reason.BOT_LIMIT if bot_messages_last_hour >= account.max_bot_messages_per_hour else None)
    )
    return ALLOWED if reason is None else Verdict(answer=Answer.RECORD, reason=reason)


def _not_said(mail: Mail) -> Reason | None:
    """Why there is nothing in it for the dialogue."""
    if mail.removed:
        return Reason.REMOVED
    if mail.message_kind == REACTION:
        return Reason.REACTION
    return Reason.SIGNAL if mail.message_kind in SIGNALS else None


def is_stale(account: Account, mail: Mail) -> bool:
    """Whether it came to us too long after it was written: after an outage, an answer would fall from the sky."""
    patience_s = account.channel_settings.stale_after_s
    if not patience_s or mail.sent_at is None:
        return False
    return (mail.arrived_at - mail.sent_at).total_seconds() > patience_s


def who_has_it(account: Account, conversation: Conversation) -> Reason | None:
    """Why the assistant may not speak in this conversation, whoever it is."""
    if conversation.state is HandoverState.HUMAN:
        return Reason.HUMAN_OWNS
    if conversation.state is HandoverState.PENDING and account.while_pending is WhilePending.SILENT:
        return Reason.PENDING_SILENT
    return None


def _decide_reminder(account: Account, agent: Agent, conversation: Conversation) -> Verdict:
    """A reminder that may not speak when it falls due is dropped: saved up, it would speak at the wrong moment."""
    if conversation.state is not HandoverState.BOT:
        return Verdict(answer=Answer.IGNORE, reason=Reason.REMINDER_WHILE_HUMAN)
    if conversation.status is not Status.OPEN:
        return Verdict(answer=Answer.IGNORE, reason=Reason.REMINDER_AFTER_END)
    reason = (Reason.THREAD_ELSEWHERE if conversation.thread_owner else None) or why_silent(account, agent)
    return ALLOWED if reason is None else Verdict(answer=Answer.IGNORE, reason=reason)
