"""What an account has by the channel it is on, as words of `account add` and `account set`."""

from __future__ import annotations

import argparse
from typing import Any

from app import wiring
from conversation import channel_settings
from conversation.account import Account, Channel
from conversation.channel_settings import ChannelSettings, Login
from conversation.errors import BadInput, SendError

_SWITCHES = {
    "human_agent": "Meta has granted the app the Human Agent feature: people may write for seven days",
    "personas": "operators are shown to customers by their name (Messenger)",
    "profiles": "names and pictures of contacts are asked for (Messenger, Instagram)",
    "fetch_media": "files that contacts send are fetched and kept",
    "join_bubbles": "what the assistant says in one turn goes as one message, where it is all words",
    "answer_groups": "WhatsApp: the assistant answers in groups too; else people do",
    "opt_outs": "WhatsApp: who writes STOP or PARAR, alone, is sent no template they did not ask for",
    "appsecret_proof": "requests prove that they come from the app, where its secret is known",
}
_OF_META = frozenset({Channel.MESSENGER, Channel.INSTAGRAM})
#: Numbers, and what each is.
_NUMBERS = {
    "messages_per_s": (float, "WhatsApp: messages a second from this number; Meta's 80, or 1,000 for the largest"),
    "pair_every_s": (float, "WhatsApp: seconds between two messages to one contact, in the long run; 0: no such pace"),
    "pair_burst": (int, "WhatsApp: messages to one contact that may go at once, and are made up for later"),
    "messaging_limit": (int, "WhatsApp: contacts written to first in 24 hours; without it, what Meta says"),
}
#: What only a channel or two have.
_CHANNELS = {
    "login": frozenset({Channel.INSTAGRAM}),
    "page_id": frozenset({Channel.INSTAGRAM}),
    "waba_id": frozenset({Channel.WHATSAPP}),
    "phone_number": frozenset({Channel.WHATSAPP}),
    "human_agent": _OF_META,
    "personas": frozenset({Channel.MESSENGER}),
    "profiles": _OF_META,
    **{name: frozenset({Channel.WHATSAPP}) for name in ("answer_groups", "opt_outs", *_NUMBERS)},
}


def add_for_life(parser: argparse.ArgumentParser) -> None:
    """Which of Meta's sign-ins an account came through is settled when it is added."""
    parser.add_argument(
        "--login", choices=[each.value for each in Login], help="Instagram: through its Page, or by its own sign-in"
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--page-id", help="Instagram through Facebook: the Page that it is linked to")
    parser.add_argument("--waba-id", help="WhatsApp: the business account it belongs to, which has its templates")
    parser.add_argument("--phone-number", help="WhatsApp: the number as people write it")
    parser.add_argument("--app-id", help="our app's id at Meta: tells our own messages from those of other apps")
    for name, what in _SWITCHES.items():
        parser.add_argument("--" + name.replace("_", "-"), choices=["on", "off"], help=what)
    parser.add_argument(
        "--stale-after-s", type=float, metavar="S", help="what comes later than this is a person's to answer; 0: never"
    )
    parser.add_argument(
        "--join-within-s",
        type=float,
        metavar="S",
        help="short messages that follow each other sooner than this become one turn; 0: each is one",
    )
    for name, (kind, what) in _NUMBERS.items():
        parser.add_argument("--" + name.replace("_", "-"), type=kind, metavar="N", help=what)
    parser.add_argument(
        "--automation",
        dest="automations",
        action="append",
        metavar="TEXT",
        help='what the channel\'s own inbox sends by itself, word by word (more than once; "" for none)',
    )
    parser.add_argument(
        "--also-known-as",
        action="append",
        metavar="ID",
        help='another id under which webhooks speak of it (more than once; "" for none)',
    )
    parser.add_argument("--check", action="store_true", help="ask Meta whether it knows the account, and say so")


def given(chosen: argparse.Namespace) -> dict[str, Any]:
    """Only what was said."""
    facts: dict[str, Any] = {
        "login": getattr(chosen, "login", None),
        "page_id": chosen.page_id,
        "waba_id": chosen.waba_id,
        "phone_number": chosen.phone_number,
        "app_id": chosen.app_id,
        "stale_after_s": chosen.stale_after_s,
        "join_within_s": chosen.join_within_s,
        **{name: getattr(chosen, name) for name in _NUMBERS},
        "automations": _listed(chosen.automations),
        **{name: _switch(getattr(chosen, name)) for name in _SWITCHES},
    }
    return {name: value for name, value in facts.items() if value is not None}


def over(before: ChannelSettings, facts: dict[str, Any], channel: Channel) -> ChannelSettings:
    """The settings with these in place; `BadInput` where the channel has no such thing."""
    for name in facts:
        if channel not in _CHANNELS.get(name, frozenset(Channel)):
            raise BadInput(f"--{name.replace('_', '-')} is not for {channel.value}.")
    settings = channel_settings.read({**channel_settings.whole(before), **facts})
    if settings.login is Login.INSTAGRAM and settings.page_id is not None:
        raise BadInput("--page-id belongs to --login facebook: with Instagram's own sign-in there is no Page.")
    return settings


def other_ids(chosen: argparse.Namespace) -> list[str] | None:
    return _listed(chosen.also_known_as)


async def check(house: wiring.House, account: Account) -> str | None:
    """What is wrong with it, by Meta's word; None: Meta knows it, and takes its token."""
    reach = await house.reach(account.id)
    by_itself = account.channel_settings.login is Login.INSTAGRAM
    path, fields = ("me", "user_id,username") if by_itself else (account.provider_id, "id")
    try:
        answer = await house.graph.get(path, {"fields": fields}, base_url=reach.base_url, token=reach.token)
    except SendError as error:
        return str(error)
    found = str(answer.get("user_id" if by_itself else "id") or "")
    if found != account.provider_id:
        return f"Meta knows this token's account as {found or 'nobody'}: give that as --id, or with --also-known-as."
    return None


def _switch(text: str | None) -> bool | None:
    return None if text is None else text == "on"


def _listed(words: list[str] | None) -> list[str] | None:
    return None if words is None else [word.strip() for word in words if word.strip()]
