"""Who answers, who asked for a person, and what became of it, as the dashboard's pages read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from conversation.conversation import Conversation, HandoverState
from conversation.handover import Priority, RequestState
from conversation.said import in_language, say
from conversation.state_words import word_of
from handover.dashboard.objects.standing import handover_status_of
from handover.schemas import instant
from store.requests import Request

#: What the dashboard has no word for. One that was taken back ended without anybody having refused it.
_STATUSES = {RequestState.ANSWERED: RequestState.APPROVED, RequestState.CANCELLED: RequestState.EXPIRED}
_APPROVED = (RequestState.APPROVED, RequestState.ANSWERED)
_PRIORITIES = {
    Priority.LOW: say("low"),
    Priority.MEDIUM: say("medium"),
    Priority.HIGH: say("high"),
    Priority.URGENT: say("urgent"),
}


class _Answering(TypedDict):
    handover_status: str
    status_display: str
    assigned_to: str | None
    assigned_to_name: str | None


class HandoverResponse(_Answering):
    success: bool
    message: str


class HandoverStatus(_Answering):
    last_transfer_at: str | None
    last_transfer_reason: str | None


class HandoverLog(TypedDict):
    id: str
    conversation: str
    from_status: str
    to_status: str
    performed_by: str
    performed_by_name: str
    reason: str | None
    created_at: str


class HandoverRequest(TypedDict):
    """`approved_by`: who took it, whether by a click on it or by answering."""

    id: str
    conversation: str
    status: str
    status_display: str
    priority: str
    priority_display: str
    reason: str
    requested_by: str
    approved_by: str | None
    approved_at: str | None
    assigned_to: str | None
    created_at: str
    expires_at: str | None


class Asked(TypedDict):
    success: bool
    request_id: str | None
    status: str
    message: str


class Approved(TypedDict):
    success: bool
    message: str
    conversation_id: str
    assigned_to: str | None


class Rejected(TypedDict):
    success: bool
    message: str


def response_json(conversation: Conversation, language: str) -> HandoverResponse:
    """What is true now, which need not be what was ordered: no assistant may speak where it is switched off."""
    told = in_language(_TOLD[conversation.state], language)
    return {"success": True, "message": told, **_answering(conversation, language)}


_TOLD = {
    HandoverState.BOT: say("The assistant answers."),
    HandoverState.PENDING: say("It waits for a person: no assistant may answer here now."),
    HandoverState.HUMAN: say("A person answers; the assistant is silent."),
}


def status_json(conversation: Conversation, last: Mapping[str, Any] | None, language: str) -> HandoverStatus:
    """`last`: the last line of its log."""
    return {
        **_answering(conversation, language),
        "last_transfer_at": instant(last["at"]) if last else None,
        "last_transfer_reason": last["reason"] if last else None,
    }


def log_json(entry: Mapping[str, Any]) -> HandoverLog:
    return {
        "id": str(entry["id"]),
        "conversation": entry["conversation_id"],
        "from_status": entry["before"],
        "to_status": entry["after"],
        "performed_by": entry["by"],
        "performed_by_name": entry["by"],
        "reason": entry["reason"],
        "created_at": instant(entry["at"]) or "",
    }


def request_json(request: Request, language: str) -> HandoverRequest:
    state = status_of(request.state)
    taken_by = request.ended_by if request.state in _APPROVED else None
    return {
        "id": str(request.id),
        "conversation": request.conversation_id,
        "status": state.value,
        "status_display": in_language(word_of(state), language),
        "priority": request.priority.value,
        "priority_display": in_language(_PRIORITIES[request.priority], language),
        "reason": request.reason,
        "requested_by": request.asked_by,
        "approved_by": taken_by,
        "approved_at": instant(request.ended_at) if taken_by else None,
        "assigned_to": taken_by if request.state is RequestState.ANSWERED else None,
        "created_at": instant(request.created_at) or "",
        "expires_at": instant(request.expires_at),
    }


def status_of(state: RequestState) -> RequestState:
    """Of the four that the dashboard knows."""
    return _STATUSES.get(state, state)


def _answering(conversation: Conversation, language: str) -> _Answering:
    return {
        "handover_status": handover_status_of(conversation),
        "status_display": in_language(word_of(conversation.state), language),
        "assigned_to": conversation.owner,
        "assigned_to_name": conversation.owner,
    }
