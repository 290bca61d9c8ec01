"""A WhatsApp number, and a template of its business, as the dashboard's pages read them. Never a token or a secret."""

from __future__ import annotations

from typing import Any, TypedDict

from conversation.account import Account
from conversation.agent import NOBODY
from handover.dashboard.objects.instagram import standing_of
from handover.schemas import instant
from runtime.abilities import Template


class WhatsAppAccount(TypedDict):
    """`phone_number_id`: as webhooks call it. `webhook_verified`: somebody's message has come in by it.
    `token_version`: moves with each change of the account."""

    id: str
    name: str
    phone_number: str
    display_phone_number: str
    phone_number_id: str
    waba_id: str
    status: str
    is_active: bool
    webhook_verified: bool
    auto_response_enabled: bool
    human_handoff_enabled: bool
    default_agent: str | None
    default_agent_name: str | None
    token_version: int
    metadata: dict[str, Any]
    created_at: str
    updated_at: str


class TemplateShown(TypedDict):
    id: str
    account: str
    name: str
    language: str
    category: str
    status: str
    components: list[Any]


def account_json(account: Account, *, agent: str | None, heard: bool) -> WhatsAppAccount:
    """`agent`: what its assistant is called. `heard`: something has come in by it."""
    settings, has_agent = account.channel_settings, account.agent_id != NOBODY
    made_at = instant(account.created_at) or ""  # when it was changed last, nobody writes down
    return {
        "id": account.id,
        "name": account.name,
        "phone_number": settings.phone_number or "",
        "display_phone_number": settings.phone_number or "",
        "phone_number_id": account.provider_id,
        "waba_id": settings.waba_id or "",
        "status": standing_of(account),
        "is_active": account.active,
        "webhook_verified": heard,
        "auto_response_enabled": account.auto_response,
        "human_handoff_enabled": account.handover.enabled,
        "default_agent": account.agent_id if has_agent else None,
        "default_agent_name": agent if has_agent else None,
        "token_version": account.version,
        "metadata": {},
        "created_at": made_at,
        "updated_at": made_at,
    }


def template_json(template: Template, account: Account) -> TemplateShown:
    return {
        "id": template.id,
        "account": account.id,
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "status": template.status,
        "components": [dict(each) for each in template.components],
    }
