"""account add | list | set | remove; handover and hours are in `account_handover.py`"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.engine import Connection

from app import settings, wiring
from app.cli import COMMAND_LINE, path_of
from app.commands import (
    account_channel,
    account_check,
    account_connect,
    account_facts,
    account_handover,
    account_limits,
    account_privacy,
    account_sync,
    add_json,
    print_json,
    with_house,
)
from conversation import cures
from conversation.account import Account, Channel, WhilePending
from conversation.channel_settings import ChannelSettings
from conversation.errors import BadInput
from handover.schemas import account_json, instant
from runtime.account_setup import NewAccount
from store import account_aliases, accounts

_HIDDEN = "; `-` reads it from standard input, so that it is in no shell history"


def register(commands: Any) -> None:
    words = commands.add_parser("account", help="numbers, Pages and Instagram accounts").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    add = words.add_parser("add", help="a new account; it answers at once")
    add.add_argument("--channel", required=True, choices=[c.value for c in Channel])
    add.add_argument("--id", required=True, dest="provider_id", help="as it stands in the webhook (phone number id …)")
    add.add_argument("--name", help="what people call it")
    add.add_argument("--token", help="Meta's access token" + _HIDDEN)
    add.add_argument(
        "--app-secret",
        "--secret",
        dest="secret",
        action="append",
        default=[],
        help="its app's secret (twice while one is replaced)" + _HIDDEN,
    )
    add.add_argument("--agent", help="which agent answers; default: the first")
    account_channel.add_for_life(add)
    account_channel.add_settings(add)
    add_json(add)
    add.set_defaults(run=_add)

    listing = words.add_parser("list", help="all accounts")
    add_json(listing)
    listing.set_defaults(run=_list)

    change = words.add_parser("set", help="change an account's settings, at once")
    change.add_argument("account", help="our id, or the id as it stands in the webhook")
    change.add_argument("--name")
    change.add_argument("--active", choices=["on", "off"])
    change.add_argument("--auto-response", choices=["on", "off"])
    change.add_argument(
        "--resend-unknown",
        choices=["on", "off"],
        help="whether a message of unknown fate, which no report has named, is sent once more",
    )
    change.add_argument("--agent")
    change.add_argument("--while-pending", choices=[w.value for w in WhilePending])
    change.add_argument("--max-bot-messages-per-hour", type=int)
    change.add_argument("--token", help="a new access token" + _HIDDEN)
    change.add_argument("--app-secret", "--secret", dest="secret", action="append")
    change.add_argument(
        "--shop", metavar="FILE", type=path_of, help="a YAML file of shop facts, over those of shop.yml"
    )
    account_channel.add_settings(change)
    add_json(change)
    change.set_defaults(run=_set)

    remove = words.add_parser("remove", help="take one out of use for good; to add it again brings it back")
    remove.add_argument("account", help="our id, or the id as it stands in the webhook")
    add_json(remove)
    remove.set_defaults(run=_remove)
    account_handover.register(words)
    account_limits.register(words)
    account_privacy.register(words)
    account_connect.register(words)
    account_sync.register(words)
    account_facts.register(words)
    account_check.register(words)


def _add(chosen: argparse.Namespace) -> None:
    if not chosen.provider_id.strip():
        raise BadInput("--id must not be empty.")
    account, others, fault = with_house(lambda house: _add_to(house, chosen))
    if chosen.json:
        print_json({**account_json(account, others), **_checked(chosen, fault)})
    else:
        where = "the emulator" if account.emulated else "Meta" if not settings.read().graph_url else "GRAPH_URL"
        print(
            f"Added {account.name} ({account.channel.value} {account.provider_id}) as {account.id};"
            f" it sends to {where}."
        )
        _say_checked(chosen, fault)


async def _add_to(house: wiring.House, chosen: argparse.Namespace) -> tuple[Account, list[str], str | None]:
    """The account, its other ids, and what Meta has against it, where that was asked."""
    channel, others = Channel(chosen.channel), account_channel.other_ids(chosen) or []
    token, secrets = _hidden(chosen.token, "Access token"), tuple(_hidden(s, "App secret") for s in chosen.secret)
    if token is not None and not secrets and not house.settings.app_secret_is_given:
        raise BadInput(
            "An account with a token is a real one, and needs its app's secret too (--app-secret, or META_APP_SECRET):"
            " without it no webhook could be told from a forgery."
        )
    new = NewAccount(
        channel=channel,
        provider_id=chosen.provider_id.strip(),
        name=chosen.name,
        agent=chosen.agent,
        token=token,
        secrets=secrets,
        channel_settings=account_channel.over(ChannelSettings(), account_channel.given(chosen), channel),
        also_known_as=others,
    )
    account = await house.account_setup.add(new)
    return account, others, await account_channel.check(house, account) if chosen.check else None


def _checked(chosen: argparse.Namespace, fault: str | None) -> dict[str, Any]:
    return {"check": fault or "ok"} if chosen.check else {}


def _say_checked(chosen: argparse.Namespace, fault: str | None) -> None:
    if chosen.check:
        print("Meta knows it, and takes its token." if fault is None else f"CHECK FAILED: {fault}")


def _list(chosen: argparse.Namespace) -> None:
    for account, others in with_house(lambda house: house.db.read(_all_of)):
        if chosen.json:
            print_json(account_json(account, others))
            continue
        state = "on" if account.active and account.auto_response else "silent"
        fault = _stopped(account)
        line = f"{account.id}  {account.channel.value:10} {account.provider_id:20} {state:7} {account.name}"
        print(line + _besides(account, others) + fault)


def _stopped(account: Account) -> str:
    """Why nothing leaves, and what helps; in red where somebody looks."""
    if account.fault is None:
        return ""
    said = f"  FAULT: {account.fault} {cures.of_account(account.fault, 'en')}"
    return f"\033[31m{said}\033[0m" if sys.stdout.isatty() else said


def _all_of(tx: Connection) -> list[tuple[Account, list[str]]]:
    return [(account, account_aliases.of_account(tx, account.id)) for account in accounts.all_of(tx)]


def _besides(account: Account, others: Sequence[str]) -> str:
    """Its sign-in, until when its token is good, and its other ids."""
    said = [f"login {account.channel_settings.login.value}"] if account.channel is Channel.INSTAGRAM else []
    if account.token_expires_at is not None:
        said.append(f"token until {account.token_expires_at:%Y-%m-%d}")
    said += [f"also {other}" for other in others]
    return f"  ({', '.join(said)})" if said else ""


def _set(chosen: argparse.Namespace) -> None:
    changes, of_channel = _changes(chosen), account_channel.given(chosen)
    others = account_channel.other_ids(chosen)
    if not changes and not of_channel and others is None and not chosen.check:
        raise BadInput("Nothing to change was given; see `./baton account set --help`.")

    async def work(house: wiring.House) -> tuple[Account, list[str], int, str | None]:
        before = await house.db.read(accounts.get, chosen.account)
        if of_channel:
            changes["channel_settings"] = account_channel.over(before.channel_settings, of_channel, before.channel)
        if changes.get("token"):
            await house.businesses.prove(before, changes["token"])
        account, in_flight = await house.ownership.change_account(before.id, **changes)
        if others is not None:
            await house.db.write(account_aliases.put, account.channel, account.id, others)
        known_as = await house.db.read(account_aliases.of_account, account.id)
        return account, known_as, in_flight, await account_channel.check(house, account) if chosen.check else None

    account, known_as, in_flight, fault = with_house(work)
    if chosen.json:
        print_json({**account_json(account, known_as), "in_flight": in_flight, **_checked(chosen, fault)})
    else:
        print(f"{account.name} is changed." + (f" In flight: {in_flight}." if in_flight else ""))
        _say_checked(chosen, fault)


def _remove(chosen: argparse.Namespace) -> None:
    removed, in_flight = with_house(lambda house: house.account_setup.remove(chosen.account, by=COMMAND_LINE))
    if chosen.json:
        print_json({"id": removed.id, "removed_at": instant(removed.removed_at), "in_flight": in_flight})
    else:
        flying = f" In flight: {in_flight}." if in_flight else ""
        print(f"{removed.name} is removed; what was said on it is kept.{flying}")


def _changes(chosen: argparse.Namespace) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "name": chosen.name,
        "active": None if chosen.active is None else chosen.active == "on",
        "auto_response": None if chosen.auto_response is None else chosen.auto_response == "on",
        "resend_unknown": None if chosen.resend_unknown is None else chosen.resend_unknown == "on",
        "agent_id": chosen.agent,
        "while_pending": chosen.while_pending,
        "max_bot_messages_per_hour": chosen.max_bot_messages_per_hour,
        "token": _hidden(chosen.token, "Access token"),
        "secrets": None if chosen.secret is None else [_hidden(s, "App secret") for s in chosen.secret],
        "shop": None if chosen.shop is None else _shop(chosen.shop),
    }
    return {name: value for name, value in changes.items() if value is not None}


def _shop(path: Path) -> dict[str, Any]:
    try:
        facts = yaml.safe_load(path.read_text())
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path} is not YAML: {error}.") from error
    if not isinstance(facts, dict):
        raise BadInput(f"{path} must hold names and values, as shop.yml does.")
    return facts


def _hidden(value: str | None, what: str) -> Any:
    if value != "-":
        return value or None
    return getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
