"""alert add | list | remove | test"""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.alert import CHOICES, Means, Shape
from conversation.errors import BadInput
from handover.alert_schemas import rule_json
from runtime.alert_rulebook import Shown


def register(commands: Any) -> None:
    words = commands.add_parser("alert", help="who is told outside the desk, of what, when").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    add = words.add_parser("add", help="a new rule; prints the secret its webhooks are signed with, once")
    whose = add.add_mutually_exclusive_group(required=True)
    whose.add_argument("--operator", help="whom it tells")
    whose.add_argument("--team", help="which team it tells, by name or id")
    where = add.add_mutually_exclusive_group(required=True)
    where.add_argument("--webhook", metavar="URL", help="`-` reads it from standard input")
    where.add_argument("--email", metavar="ADDRESS")
    add.add_argument("--shape", choices=[shape.value for shape in Shape], help="what the webhook's body looks like")
    add.add_argument("--chat-id", help="Telegram's")
    add.add_argument("--on", dest="events", metavar="EVENTS", help=f"some of {','.join(e.value for e in CHOICES)}")
    add.add_argument("--after", dest="after_s", type=int, default=0, metavar="SECONDS", help="if nobody reacts by then")
    add.add_argument("--quiet", dest="quiet_hours", action="append", metavar="22:00-07:00", help="not told then")
    add.add_argument("--quiet-days", metavar="DAYS", help="saturday,sunday")
    add.add_argument("--time-zone", metavar="ZONE", help="of the quiet hours; default: America/Sao_Paulo")
    add.add_argument("--language", choices=["pt", "en"])
    add.add_argument("--include-text", action="store_true", default=None, help="the customer's words and number too")
    add_json(add)
    add.set_defaults(run=_add)

    listing = words.add_parser("list", help="all rules, and why one did not arrive")
    add_json(listing)
    listing.set_defaults(run=_list)

    remove = words.add_parser("remove", help="with what it has still to tell")
    remove.add_argument("rule")
    remove.set_defaults(run=_remove)

    test = words.add_parser("test", help="tells one now, with nothing of any customer")
    test.add_argument("rule")
    test.set_defaults(run=_test)


def _add(chosen: argparse.Namespace) -> None:
    means, target = (Means.EMAIL, chosen.email) if chosen.email else (Means.WEBHOOK, _hidden(chosen.webhook))

    async def add(house: wiring.House) -> Shown:
        return await house.alerting.rules.add(
            means=means,
            target=target,
            operator=chosen.operator,
            team=chosen.team,
            settings=_settings(chosen),
            after_s=chosen.after_s,
        )

    made = with_house(add)
    if chosen.json:
        print_json(rule_json(made))
        return
    print(f"{made.rule.id} tells {made.rule.operator or made.team} at {made.host}.")
    if made.secret:
        print(f"Its webhooks are signed with this secret, shown this once: {made.secret}")


def _settings(chosen: argparse.Namespace) -> dict[str, Any]:
    given = {
        "events": chosen.events and chosen.events.split(","),
        "quiet_hours": chosen.quiet_hours,
        "quiet_days": chosen.quiet_days and chosen.quiet_days.split(","),
        "time_zone": chosen.time_zone,
        "language": chosen.language,
        "shape": chosen.shape,
        "chat_id": chosen.chat_id,
        "include_text": chosen.include_text,
    }
    return {name: value for name, value in given.items() if value is not None}


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Shown]:
        return await house.alerting.rules.all()

    for shown in with_house(read):
        if chosen.json:
            print_json(rule_json(shown))
            continue
        rule = shown.rule
        whose = rule.operator or f"team {shown.team}"
        when = f"after {rule.after_s} s" if rule.after_s else "at once"
        events = ",".join(event.value for event in rule.settings.events)
        fault = f"  FAULT: {rule.fault}" if rule.fault else ""
        print(f"{rule.id}  {whose:20} {rule.means.value:7} {shown.host:24} {when:13} {events}{fault}")


def _remove(chosen: argparse.Namespace) -> None:
    async def remove(house: wiring.House) -> None:
        await house.alerting.rules.remove(chosen.rule)

    with_house(remove)
    print(f"{chosen.rule} is removed.")


def _test(chosen: argparse.Namespace) -> None:
    async def test(house: wiring.House) -> str | None:
        return await house.alerting.try_out(chosen.rule)

    fault = with_house(test)
    if fault is not None:
        raise BadInput(f"It was not told. {fault}")
    print("It was told.")


def _hidden(value: str) -> str:
    if value != "-":
        return value
    return getpass.getpass("URL: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
