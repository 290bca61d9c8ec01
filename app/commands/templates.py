"""template list | sync | show | create | remove"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app import wiring
from app.cli import path_of
from app.commands import add_json, print_json, with_house
from conversation.account import Account
from conversation.errors import BadInput
from conversation.template_draft import CATEGORIES, Draft
from handover.template_words import readable, template_json
from store import accounts, templates
from store.templates import Synced, Template


def register(commands: Any) -> None:
    words = commands.add_parser("template", help="messages that Meta approves beforehand (WhatsApp)").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = _word(words, "list", "those of the account's business, as Meta last told of them")
    listing.add_argument("--status", help="APPROVED, PENDING, REJECTED, PAUSED …")
    listing.add_argument("--name")
    listing.add_argument("--language", help="pt_BR, en_US …")
    listing.set_defaults(run=_list)

    _word(words, "sync", "ask Meta for all of them now").set_defaults(run=_sync)

    show = _word(words, "show", "one, in each of its languages, as customers read it")
    show.add_argument("name")
    show.set_defaults(run=_show)

    create = _word(words, "create", "ask Meta to approve one")
    create.add_argument("name", help="small letters, digits and underscores")
    create.add_argument("--language", required=True, help="pt_BR, en_US …")
    create.add_argument("--category", required=True, choices=CATEGORIES)
    create.add_argument("--body", help="its words; {{1}}, {{2}} are its fields")
    create.add_argument("--example", action="append", default=[], help="of a field, in their order (once each)")
    create.add_argument("--footer")
    create.add_argument("--components", type=path_of, metavar="FILE", help="all its parts in Meta's form, as JSON")
    create.set_defaults(run=_create)

    remove = _word(words, "remove", "take one away at Meta, in all its languages")
    remove.add_argument("name")
    remove.set_defaults(run=_remove)


def _word(words: Any, name: str, what: str) -> Any:
    parser = words.add_parser(name, help=what)
    parser.add_argument("account", help="our id, or the id as it stands in the webhook")
    add_json(parser)
    return parser


def _list(chosen: argparse.Namespace) -> None:
    wanted = {"status": chosen.status, "name": chosen.name, "language": chosen.language}

    async def work(house: wiring.House) -> list[Template]:
        business_id = house.businesses.business_id(await _account(house, chosen))
        found: list[Template] = await house.db.read(templates.of_business, business_id, **wanted)
        return found

    for each in with_house(work):
        if chosen.json:
            print_json(template_json(each))
            continue
        beyond = [each.quality, each.reason, "not in Meta's list any more" if each.missing_since else None]
        told = f"  ({', '.join(filter(None, beyond))})" if any(beyond) else ""
        print(f"{each.name:32} {each.language:6} {each.category:15} {each.status}{told}")


def _sync(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> Synced:
        return await house.businesses.sync(await _account(house, chosen))

    done = with_house(work)
    if chosen.json:
        print_json({"count": done.count, "added": done.added, "changed": done.changed, "missing": done.missing})
    else:
        print(f"{done.count} templates: {done.added} new, {done.changed} changed, {done.missing} gone.")


def _show(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> list[Template]:
        business_id = house.businesses.business_id(await _account(house, chosen))
        found: list[Template] = await house.db.read(templates.known, business_id, chosen.name)
        return found

    _print(with_house(work), as_json=chosen.json)


def _create(chosen: argparse.Namespace) -> None:
    draft = Draft(name=chosen.name, language=chosen.language, category=chosen.category, components=_components(chosen))

    async def work(house: wiring.House) -> Template:
        return await house.businesses.create(await _account(house, chosen), draft)

    _print([with_house(work)], as_json=chosen.json)


def _components(chosen: argparse.Namespace) -> list[dict[str, Any]]:
    if (chosen.components is None) == (chosen.body is None):
        raise BadInput("Give its words by --body, or all its parts by --components.")
    if chosen.components is not None:
        return _read(chosen.components)
    body: dict[str, Any] = {"type": "BODY", "text": chosen.body}
    if chosen.example:
        body["example"] = {"body_text": [chosen.example]}
    return [body, *([{"type": "FOOTER", "text": chosen.footer}] if chosen.footer else [])]


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_text())
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadInput(f"{path} is not JSON.") from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadInput(f"{path} must hold a list of components.")
    return found


def _remove(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> int:
        return await house.businesses.remove(await _account(house, chosen), chosen.name)

    count = with_house(work)
    if chosen.json:
        print_json({"name": chosen.name, "count": count})
    else:
        print(f"{chosen.name} is gone, in {count} language(s).")


async def _account(house: wiring.House, chosen: argparse.Namespace) -> Account:
    account: Account = await house.db.read(accounts.get, chosen.account)
    return account


def _print(found: Sequence[Template], *, as_json: bool) -> None:
    for each in found:
        if as_json:
            print_json(template_json(each))
            continue
        print(
            f"{each.name}  {each.language}  {each.category}  {each.status}"
            + (f"  ({each.reason})" if each.reason else "")
        )
        print(readable(each.components) + "\n")
