"""The facts about a shop, as actions see them: the account's own settings over those in shop.yml."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from rasa_sdk import Tracker

from actions.opening_hours import WEEKDAYS, Opening, openings_of

SHOP_FILE = Path(__file__).resolve().parent.parent / "shop.yml"


class ShopError(ValueError):
    """A fact about the shop is missing or cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What customers ask about, checked."""

    name: str
    time_zone: zoneinfo.ZoneInfo
    hours: tuple[tuple[Opening, ...], ...]  # Monday first
    address: str
    phone: str
    menu_link: str
    delivery_area: tuple[str, ...]

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Shop:
        return cls(
            name=text_in(facts, "name"),
            time_zone=time_zone_in(facts),
            hours=hours_in(facts),
            address=text_in(facts, "address"),
            phone=text_in(facts, "phone"),
            menu_link=text_in(facts, "menu_link"),
            delivery_area=names_in(facts, "delivery_area"),
        )


def shop_of(tracker: Tracker) -> Shop:
    """The shop this message was written to. A fact the account does not give is the one in shop.yml."""
    metadata = (tracker.latest_message or {}).get("metadata") or {}
    own = {key: value for key, value in (metadata.get("shop") or {}).items() if value is not None}
    path = Path(os.environ.get("SHOP_FILE") or SHOP_FILE)
    # The time of change is part of the key: an edited file is read again without a restart.
    return Shop.from_dict({**facts_in_file(path, path.stat().st_mtime_ns), **own})


@lru_cache(maxsize=8)
def facts_in_file(path: Path, changed_ns: int) -> Mapping[str, Any]:
    facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(facts, dict):
        raise ShopError(f"{path.name} does not hold the facts about a shop")
    return MappingProxyType(facts)


def text_in(facts: Mapping[str, Any], key: str) -> str:
    value = facts.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ShopError(f"the shop's {key} is not a text")
    return value.strip()


def names_in(facts: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = facts.get(key)
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ShopError(f"the shop's {key} is not a list of names")
    return tuple(value)


def time_zone_in(facts: Mapping[str, Any]) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(text_in(facts, "time_zone"))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as fault:
        raise ShopError("the shop's time_zone is not one like America/Sao_Paulo") from fault


def hours_in(facts: Mapping[str, Any]) -> tuple[tuple[Opening, ...], ...]:
    value = facts.get("hours")
    if not isinstance(value, dict) or not set(value) <= set(WEEKDAYS):
        raise ShopError(f"the shop's hours are not given by weekday ({', '.join(WEEKDAYS)})")
    try:
        return tuple(openings_of(value.get(day) or []) for day in WEEKDAYS)
    except (TypeError, ValueError) as fault:
        raise ShopError('the shop\'s hours are not like ["11:30-15:00"]') from fault
