"""Who answers in a conversation, and whether it is done with, in the dashboard's words."""

from __future__ import annotations

from conversation.account import Account, WhilePending
from conversation.conversation import Conversation, HandoverState, Status

_STATUSES = {Status.SNOOZED: "pending"}


def handover_status_of(conversation: Conversation) -> str:
    """bot, pending or human: the words are the same."""
    return conversation.state.value


def mode_of(conversation: Conversation, account: Account) -> str:
    """`hybrid`: a person is waited for, and the assistant goes on meanwhile. Where it is silent, it is a person's."""
    return mode(conversation.state, account, nobody_answers=conversation.nobody_answers)


def mode(state: HandoverState, account: Account, *, nobody_answers: bool) -> str:
    if state is HandoverState.PENDING:
        silent = nobody_answers or account.while_pending is WhilePending.SILENT
        return "human" if silent else "hybrid"
    return "human" if state is HandoverState.HUMAN else "auto"


def status_of(status: Status) -> str:
    return _STATUSES.get(status, status.value)
