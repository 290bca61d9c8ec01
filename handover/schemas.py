"""What a conversation, a message, an agent look like as JSON; the command line prints the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from conversation.account import Account
from conversation.agent import Agent
from conversation.errors import BadInput, BatonError, NotFound, NotOwner, Refused, Unavailable
from conversation.message import Message
from runtime.ownership import Done
from store.conversations import Listed
from store.mailbox import Parked


class ReplyBody(msgspec.Struct):
    """POST …/reply: what the customer is to read, 1 to 4096 characters a message; longer text is split."""

    text: str


class AgentBody(msgspec.Struct):
    """PATCH …/agents/{name}."""

    status: str


def conversation_json(listed: Listed) -> dict[str, Any]:
    conversation = listed.conversation
    return {
        "id": conversation.id,
        "account": listed.account.provider_id,
        "account_id": listed.account.id,
        "channel": listed.account.channel.value,
        "contact": {
            "id": listed.contact.id,
            "name": listed.contact.name,
            "addresses": [{"kind": a.kind.value, "value": a.value} for a in listed.contact.addresses],
        },
        "state": conversation.state.value,
        "owner": conversation.owner,
        "unread": conversation.unread,
        "last_inbound_at": instant(conversation.last_inbound_at),
        "created_at": instant(conversation.created_at),
    }


def message_json(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "provider_id": message.provider_id,
        "direction": message.direction.value,
        "author": message.author.value,
        "operator": message.operator,
        "kind": message.kind,
        "text": message.text,
        "content": message.content,
        "intent": message.intent,
        "confidence": message.confidence,
        "verdict": message.verdict,
        "reason": message.reason,
        "status": message.status.value,
        "error": message.error,
        "at": instant(message.at),
        "sent_at": instant(message.sent_at),
        "delivered_at": instant(message.delivered_at),
        "read_at": instant(message.read_at),
    }


def done_json(done: Done) -> dict[str, Any]:
    conversation = done.conversation
    return {
        "id": conversation.id,
        "state": conversation.state.value,
        "owner": conversation.owner,
        "in_flight": done.in_flight,
        **({"messages": list(done.message_ids)} if done.message_ids else {}),
    }


def agent_json(agent: Agent) -> dict[str, Any]:
    return {"id": agent.id, "name": agent.name, "status": agent.status.value}


def account_json(account: Account, *, has_token: bool | None = None) -> dict[str, Any]:
    """Never a token or a secret; only whether there is one."""
    return {
        "id": account.id,
        "channel": account.channel.value,
        "provider_id": account.provider_id,
        "name": account.name,
        "agent_id": account.agent_id,
        "active": account.active,
        "auto_response": account.auto_response,
        "emulated": account.emulated,
        "while_pending": account.while_pending.value,
        "max_bot_messages_per_hour": account.max_bot_messages_per_hour,
        "resend_unknown": account.resend_unknown,
        "shop": dict(account.shop),
        "fault": account.fault,
        **({"has_token": has_token} if has_token is not None else {}),
    }


def parked_json(parked: Parked) -> dict[str, Any]:
    return {
        "id": parked.id,
        "conversation_id": parked.conversation_id,
        "kind": parked.kind.value,
        "text": parked.text,
        "error": parked.error,
        "failed": parked.attempts,
        "crashed": parked.crashes,
        "arrived_at": instant(parked.arrived_at),
        "parked_at": instant(parked.parked_at),
    }


def error_json(error: BatonError) -> tuple[int, dict[str, Any]]:
    """The one error shape, and its HTTP status."""
    facts: dict[str, Any] = {"code": error.code, "message": str(error)}
    if isinstance(error, NotOwner):
        facts["owner"] = error.owner
    status = 404 if isinstance(error, NotFound) else 409 if isinstance(error, Refused) else 400
    if not isinstance(error, (NotFound, Refused, BadInput)):
        status = 503 if isinstance(error, Unavailable) else 500
    return status, {"error": facts}


def instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")
