"""The body of a webhook, in the shape its receiver reads: our JSON, or what Slack, Telegram or ntfy take as it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conversation.alert import AlertRule, Shape
from conversation.alert_texts import Telling

_JSON = {"Content-Type": "application/json"}
_NTFY_PRIORITY = {"low": "2", "medium": "3", "high": "4", "urgent": "5"}


@dataclass(frozen=True, kw_only=True)
class Body:
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def body_of(rule: AlertRule, telling: Telling, facts: Mapping[str, Any]) -> Body:
    """`facts`: what our own JSON has besides the text."""
    shape = rule.settings.shape
    if shape is Shape.SLACK:
        return _json({"text": _for_slack(telling.text)})
    if shape is Shape.TELEGRAM:
        return _json({"chat_id": rule.settings.chat_id, "text": telling.text, "disable_web_page_preview": True})
    if shape is Shape.NTFY:
        return _for_ntfy(telling, facts)
    return _json({**facts, "title": telling.title, "text": telling.text})


def _json(facts: Mapping[str, Any]) -> Body:
    return Body(content=json.dumps(facts, ensure_ascii=False).encode(), headers=_JSON)


def _for_slack(text: str) -> str:
    """A customer's name must not become a mention of everybody, or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _for_ntfy(telling: Telling, facts: Mapping[str, Any]) -> Body:
    headers = {"Title": _header(telling.title), "Content-Type": "text/plain; charset=utf-8"}
    if telling.link:
        headers["Click"] = telling.link
    priority = _NTFY_PRIORITY.get(str(facts.get("priority")))
    if priority:
        headers["Priority"] = priority
    return Body(content="\n".join(telling.lines or (telling.title,)).encode(), headers=headers)


def _header(text: str) -> str:
    """As RFC 2047 writes what is not ASCII; on one line, whatever its length."""
    if text.isascii() and text.isprintable():
        return text
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="
