"""What a rule of alerts looks like as JSON; the command line prints the same."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from conversation.alert import Means
from handover.shapes.alerts import AlertRule
from runtime.alert_rulebook import Shown


class _Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """When, and in what words. `chat_id` is Telegram's."""

    events: list[str] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    quiet_hours: list[str] | UnsetType = UNSET
    quiet_days: list[str] | UnsetType = UNSET
    shape: str | UnsetType = UNSET
    chat_id: str | UnsetType | None = UNSET
    include_text: bool | UnsetType = UNSET

    def given_settings(self) -> dict[str, Any]:
        given = {name: getattr(self, name) for name in _Settings.__struct_fields__}
        return {name: value for name, value in given.items() if value is not UNSET}


class NewRuleBody(_Settings, kw_only=True):
    """POST /alerts. For whom: nobody named is oneself."""

    means: Means
    target: str
    operator: str | None = None
    team: str | None = None
    secret: str | None = None
    after_s: int = 0


class RuleChangesBody(_Settings, kw_only=True):
    """PATCH /alerts/{id}."""

    target: str | None = None
    secret: str | None = None
    after_s: int | None = None
    active: bool | None = None


def rule_json(shown: Shown) -> AlertRule:
    """Never the target's whole address, nor a secret but the one that was just made."""
    rule, settings = shown.rule, shown.rule.settings
    made: AlertRule = {
        "id": rule.id,
        "operator": rule.operator,
        "team": {"id": rule.team_id, "name": shown.team or ""} if rule.team_id else None,
        "means": rule.means.value,
        "host": shown.host,
        "after_s": rule.after_s,
        "active": rule.active,
        "fault": rule.fault,
        "events": [each.value for each in settings.events],
        "language": settings.language,
        "time_zone": settings.time_zone,
        "quiet_hours": list(settings.quiet_hours),
        "quiet_days": list(settings.quiet_days),
        "shape": settings.shape.value,
        "chat_id": settings.chat_id,
        "include_text": settings.include_text,
    }
    if shown.secret:
        made["secret"] = shown.secret
    return made
