"""account handover | hours: how an account hands over, and when there are people."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from app import wiring
from app.cli import path_of
from app.commands import add_json, print_json, with_house
from conversation import handover_settings
from conversation.account import Account
from conversation.errors import BadInput
from conversation.handover_settings import HandoverSettings
from store import accounts

_NO_SETTINGS: dict[str, Any] = {}


def register(words: Any) -> None:
    handover = words.add_parser("handover", help="show how it hands over to people, or set it")
    handover.add_argument("account", help="our id, or the id as it stands in the webhook")
    handover.add_argument("file", nargs="?", type=path_of, metavar="FILE.yml", help="all settings; others get defaults")
    handover.add_argument(
        "--set",
        dest="changes",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one of them; the value as in YAML, null or nothing for the default",
    )
    add_json(handover)
    handover.set_defaults(run=_handover)

    hours = words.add_parser("hours", help="whether there are people now, and when there are again")
    hours.add_argument("account", help="our id, or the id as it stands in the webhook")
    hours.add_argument("--at", metavar="TIME", help="then, by the account's clock: 2026-12-24T09:00; default: now")
    add_json(hours)
    hours.set_defaults(run=_hours)


def _handover(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> Account:
        account = await house.db.read(accounts.get, chosen.account)
        if chosen.file is None and not chosen.changes:
            return account
        settings = _given(chosen, account.handover)
        changed, _ = await house.ownership.change_account(account.id, handover=settings)
        return changed

    settings = handover_settings.whole(with_house(work).handover)
    if chosen.json:
        print_json(settings)
    else:
        print(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), end="")


def _given(chosen: argparse.Namespace, before: HandoverSettings) -> HandoverSettings:
    """A file stands in the place of all that was; single settings over it, or over what was."""
    facts = handover_settings.plain(before) if chosen.file is None else _read(chosen.file)
    for change in chosen.changes:
        name, equals, text = change.partition("=")
        if not equals:
            raise BadInput(f"{change!r} is not NAME=VALUE.")
        value = _value(name, text)
        facts = {**facts, name: value} if value is not None else {n: v for n, v in facts.items() if n != name}
        handover_settings.read({name: value} if value is not None else _NO_SETTINGS)
    return handover_settings.read(facts)


def _read(path: Path) -> dict[str, Any]:
    try:
        facts = yaml.safe_load(path.read_text())
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from error
    return _mapping(facts or _NO_SETTINGS, str(path))


def _value(name: str, text: str) -> Any:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"{name}: {text!r} is not YAML.") from error
    return _plain(name, value)


def _mapping(facts: Any, whose: str) -> dict[str, Any]:
    if not isinstance(facts, dict):
        raise BadInput(f"{whose} must hold names and values.")
    return {str(name): _plain(str(name), value) for name, value in facts.items()}


def _plain(name: str, value: Any) -> Any:
    """As JSON has it: YAML reads 2026-12-25 as a day, and off as a no."""
    if value is False and isinstance(getattr(HandoverSettings(), name, None), Enum):
        return "off"
    return json.loads(json.dumps(value, default=str))


def _hours(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> tuple[Account, datetime]:
        return await house.db.read(accounts.get, chosen.account), house.clock.now()

    account, now = with_house(read)
    opening, zone = account.handover.opening, account.handover.opening.zone
    at = _moment(chosen.at).replace(tzinfo=zone) if chosen.at else now.astimezone(zone)
    is_open = opening.is_open(at)
    opens_at = None if is_open else opening.opens_at(at)
    there = opens_at.astimezone(zone) if opens_at else None
    if chosen.json:
        print_json(
            {
                "account": account.id,
                "time_zone": account.handover.time_zone,
                "at": at.isoformat(timespec="minutes"),
                "open": is_open,
                "opens_at": there.isoformat(timespec="minutes") if there else None,
            }
        )
    elif is_open:
        print(f"{account.name}: there are people at {at:%Y-%m-%d %H:%M} ({account.handover.time_zone}).")
    else:
        when = f"from {there:%Y-%m-%d %H:%M} on" if there else "never, by its hours"
        print(f"{account.name}: nobody at {at:%Y-%m-%d %H:%M} ({account.handover.time_zone}); {when}.")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise BadInput(f"{text!r} is not a time like 2026-12-24T09:00.") from error
