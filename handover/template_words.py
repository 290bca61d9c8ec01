"""A template as JSON, and as people read it; the command line prints the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handover.schemas import instant
from handover.shapes import templates as shapes
from store.templates import Template

_NO_WORDS = {"IMAGE": "[image]", "VIDEO": "[video]", "DOCUMENT": "[document]", "LOCATION": "[location]"}


def template_json(template: Template) -> shapes.Template:
    return {
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "status": template.status,
        "quality": template.quality,
        "reason": template.reason,
        "text": readable(template.components),
        "components": [dict(each) for each in template.components],
        "updated_at": instant(template.updated_at) or "",
        "missing_since": instant(template.missing_since),
    }


def readable(components: Sequence[Mapping[str, Any]]) -> str:
    """Its parts as a customer sees them, one below the other; each button in brackets."""
    return "\n\n".join(filter(None, (_part(each) for each in components)))


def _part(component: Mapping[str, Any]) -> str:
    kind = str(component.get("type") or "").upper()
    if kind == "BUTTONS":
        return " ".join(f"[{_label(each)}]" for each in _listed(component, "buttons"))
    if kind == "CAROUSEL":
        cards = (readable(_listed(card, "components")) for card in _listed(component, "cards"))
        return "\n---\n".join(filter(None, cards))
    words = component.get("text")
    return words if isinstance(words, str) else _NO_WORDS.get(str(component.get("format") or "").upper(), "")


def _label(button: Mapping[str, Any]) -> str:
    told = button.get("text") or button.get("type") or ""
    beyond = button.get("url") or button.get("phone_number")
    return f"{told}: {beyond}" if beyond else str(told)


def _listed(component: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = component.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
