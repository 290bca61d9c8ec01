"""account check | register | subscribe: from the first setting to the first message of a real number."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from connectors.whatsapp_setting_up import WhatsAppSettingUp
from conversation.account import Channel
from conversation.checks import Checked, Verdict
from conversation.errors import BadInput, SendError
from handover.account_check import check_json
from handover.schemas import account_json
from runtime.checking import Trial

_SIGNS = {Verdict.OK: "ok     ", Verdict.FAILED: "FAILED ", Verdict.SKIPPED: "-      "}


def register(words: Any) -> None:
    check = words.add_parser("check", help="walk every step from the public address to a test message")
    check.add_argument("account", help="our id, or the id as it stands in the webhook")
    check.add_argument("--to", metavar="PHONE", help="write a test message to this number, and wait for its report")
    check.add_argument("--template", help="with --to: by this template; else Meta's sample, or plain words")
    check.add_argument("--language", default="en_US", help="with --template: its language")
    add_json(check)
    check.set_defaults(run=_check)

    registering = words.add_parser("register", help="register a WhatsApp number with the Cloud API")
    registering.add_argument("account", help="our id, or the id as it stands in the webhook")
    registering.add_argument(
        "--pin", required=True, help="six digits of two-step verification; `-` reads them from standard input"
    )
    add_json(registering)
    registering.set_defaults(run=_register)

    subscribing = words.add_parser("subscribe", help="have Meta tell us of this account")
    subscribing.add_argument("account", help="our id, or the id as it stands in the webhook")
    add_json(subscribing)
    subscribing.set_defaults(run=_subscribe)


def _check(chosen: argparse.Namespace) -> None:
    if chosen.to is None and chosen.template is not None:
        raise BadInput("--template needs --to.")
    test = None if chosen.to is None else Trial(to=chosen.to, template=chosen.template, language=chosen.language)
    checked = with_house(lambda house: house.checking.check(chosen.account, test))
    if chosen.json:
        print_json(check_json(checked, "en"))
    else:
        _print(checked)
    if checked.first_failed is not None:
        sys.exit(1)


def _print(checked: Checked) -> None:
    for step in checked.steps:
        print(f"{_SIGNS[step.verdict]}{step.place.value:13}{step.found}")
        if step.cure:
            print(f"{'':20}-> {step.cure}")
    meta = checked.meta
    told = {
        "last webhook": checked.last_webhook_at and f"{checked.last_webhook_at:%Y-%m-%d %H:%M:%S} UTC",
        "last send": checked.last_sent_at and f"{checked.last_sent_at:%Y-%m-%d %H:%M:%S} UTC",
        "quality": meta.quality,
        "first contacts in 24 h": "unlimited" if meta.unlimited else meta.messaging_limit,
        "throughput": meta.throughput,
        "on the phone's app too": None if meta.on_phone_app is None else "yes" if meta.on_phone_app else "no",
    }
    print("; ".join(f"{name}: {value or 'none known'}" for name, value in told.items()))
    first = checked.first_failed
    print("All is well." if first is None else f"First to mend: {first.place.value}. {first.found} {first.cure}")


def _register(chosen: argparse.Namespace) -> None:
    pin = _pin(chosen.pin)
    if len(pin) != 6 or not (pin.isascii() and pin.isdigit()):
        raise BadInput("--pin must be six digits.")

    async def work(house: wiring.House) -> Any:
        reach = await house.reach(chosen.account)
        if reach.account.channel is not Channel.WHATSAPP:
            raise BadInput("Only WhatsApp numbers are registered.")
        await _asked(WhatsAppSettingUp(house.graph).register(reach, pin))
        return account_json(reach.account, [])

    _say(chosen, with_house(work), "is registered: keep the PIN.")


def _subscribe(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> Any:
        reach = await house.reach(chosen.account)
        account = reach.account
        if account.channel is Channel.WHATSAPP:
            if account.channel_settings.waba_id is None:
                raise BadInput("Give the business account's id first: ./baton account set ID --waba-id WABA_ID.")
            setting_up = WhatsAppSettingUp(house.graph)
            await _asked(setting_up.subscribe(reach, account.channel_settings.waba_id))
        else:
            subscription = house.ways_out[account.channel.value].subscription
            assert subscription is not None, "Messenger and Instagram have one"
            await _asked(subscription.turn_on(reach))
        return account_json(account, [])

    _say(chosen, with_house(work), "tells us what happens on it.")


async def _asked(asking: Any) -> None:
    try:
        await asking
    except SendError as error:
        raise BadInput(str(error)) from error


def _say(chosen: argparse.Namespace, account: dict[str, Any], what: str) -> None:
    if chosen.json:
        print_json(account)
    else:
        print(f"{account['name']} {what}")


def _pin(text: str) -> str:
    if text != "-":
        return text
    return getpass.getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
