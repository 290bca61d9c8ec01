"""An assistant, and a talk of its, as the dashboard's pages read them. Never a key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from conversation import agent_model, providers
from conversation.account import Account
from conversation.agent import Agent, AgentStatus
from handover.dashboard.objects.message import number_of
from handover.schemas import instant
from store.agent_statistics import AgentStatistics
from store.sessions import Numbered, Session, moment

#: The dashboard's names for what an agent's model has under another one of ours.
RENAMED: Mapping[str, str] = {"timeout": "timeout_s", "memory_ttl": "memory_ttl_s"}


def agent_json(agent: Agent, made_at: datetime) -> dict[str, Any]:
    """`updated_at`: when it was changed last, nobody writes down. `is_active`: the switch of the first generation."""
    model = agent.model
    return {
        "id": agent.id,
        "name": agent.name,
        "description": agent.description,
        "provider": agent.provider.value,
        "model_name": model.model_name,
        "status": agent.status.value,
        "is_active": agent.status is AgentStatus.ACTIVE,
        "temperature": model.temperature,
        "max_tokens": model.max_tokens,
        "use_memory": model.use_memory,
        "created_at": instant(made_at),
        "updated_at": instant(made_at),
    }


def detail_json(agent: Agent, made_at: datetime, its_accounts: Iterable[Account]) -> dict[str, Any]:
    """`base_url`: where it is asked, its provider's own address too. `has_api_key`: whether one is kept."""
    model = agent_model.whole(agent.model)
    return {
        **agent_json(agent, made_at),
        "base_url": providers.base_url(agent.provider, agent.model.base_url),
        "system_prompt": model["system_prompt"],
        "context_prompt": model["context_prompt"],
        **{theirs: model[ours] for theirs, ours in RENAMED.items()},
        "has_api_key": agent.has_key,
        "accounts": [
            {
                "id": account.id,
                "name": account.name,
                "phone_number": account.channel_settings.phone_number or account.provider_id,
            }
            for account in its_accounts
        ],
    }


def stats_json(found: AgentStatistics, days: int) -> dict[str, Any]:
    """Numbers all: the page would show none of them else."""
    return {
        "total_conversations": found.conversations,
        "total_messages": found.messages,
        "avg_response_time_ms": found.average_response_ms or 0,
        "active_sessions": found.active_sessions,
        "days": days,
    }


def talk_json(session: Session, events: Sequence[Numbered]) -> dict[str, Any]:
    """The latest session of a conversation. `events`: its last ones."""
    talk = session.conversation
    began_at = session.began_at or talk.created_at
    last_at = session.last_active_at or talk.last_inbound_at or began_at
    return {
        "id": talk.id,
        "session_id": talk.id,
        "phone_number": number_of(session.contact),
        "message_count": session.messages,
        "tokens_used": session.spent.tokens_in + session.spent.tokens_out,
        "last_message_at": instant(last_at),
        "created_at": instant(began_at),
        "memory_cleared_at": instant(session.forgotten_at),
        "messages": lines_json(events, began_at),
    }


def lines_json(events: Iterable[Numbered], otherwise: datetime) -> list[dict[str, Any]]:
    """What was said, the oldest first. What a person of ours said is `assistant` too, and has their name.
    `otherwise`: the moment of what has none."""
    return [
        {
            "id": str(seq),
            "role": "user" if event["event"] == "user" else "assistant",
            "content": event["text"],
            "operator": (event.get("metadata") or {}).get("operator") if event["event"] == "bot" else None,
            "created_at": instant(moment(event) or otherwise),
        }
        for seq, event in events
        if event["event"] in ("user", "bot") and event.get("text")
    ]
