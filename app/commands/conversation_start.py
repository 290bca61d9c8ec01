"""conversation start: a template to a number, whoever it is; as the API does it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, Literal, get_args

from app import wiring
from app.commands import add_json, print_json, with_house
from app.commands.orders import add_as
from conversation.errors import BadInput, Refused
from conversation.outbound import Outbound
from conversation.template import Header, Template
from handover.schemas import done_json
from runtime.ownership import Done
from store import accounts, operators

_Kind = Literal["image", "video", "document"]
_HEADERS: tuple[_Kind, ...] = get_args(_Kind)


def register(words: Any) -> None:
    start = words.add_parser("start", help="write to a number first, with a template that Meta has approved")
    start.add_argument("account", metavar="ACCOUNT")
    start.add_argument("to", metavar="NUMBER", help="with its country: +5511912345678")
    start.add_argument("--template", required=True, metavar="NAME")
    start.add_argument("--language", default="pt_BR", help="of the template (pt_BR)")
    start.add_argument(
        "--field", action="append", default=[], metavar="VALUE", help="in their order, or NAME=VALUE with --named"
    )
    start.add_argument("--named", action="store_true", help="the template's fields have names")
    start.add_argument("--header", help="the words of its header")
    for kind in _HEADERS:
        start.add_argument(f"--{kind}", metavar="URL", help=f"its header is this {kind}")
    start.add_argument("--link", action="append", default=[], metavar="END", help="what a button's address ends with")
    start.add_argument("--leave", action="store_true", help="the assistant answers what comes back")
    add_as(start)
    add_json(start)
    start.set_defaults(run=_start)


def _start(chosen: argparse.Namespace) -> None:
    template = Template(
        name=chosen.template,
        language=chosen.language,
        body=fields(chosen.field) if chosen.named else tuple(chosen.field),
        header=header_of(chosen),
        links=tuple(chosen.link),
    )

    async def work(house: wiring.House) -> Done:
        account = await house.db.read(accounts.get, chosen.account)
        operator = await house.db.read(operators.find, chosen.by)
        if operator is not None and not operator.may_see(account.id):
            raise Refused(f"{chosen.by} does not see this account's conversations.", code="no_account")
        outbound = Outbound(special=template)
        return await house.ownership.begin(account.id, chosen.to, outbound, by=chosen.by, keep=not chosen.leave)

    done = with_house(work)
    if chosen.json:
        print_json(done_json(done))
        return
    owner = f" ({done.conversation.owner})" if done.conversation.owner else ""
    print(f"{done.conversation.id}: {done.conversation.state.value}{owner}, queued as message {done.message_ids[0]}.")


def fields(given: Sequence[str]) -> dict[str, str]:
    named = dict(each.partition("=")[::2] for each in given)
    if len(named) < len(given) or not all(each.partition("=")[0] and "=" in each for each in given):
        raise BadInput("With --named every --field is NAME=VALUE, each name once.")
    return named


def header_of(chosen: argparse.Namespace) -> str | Header | None:
    files = [(kind, link) for kind in _HEADERS if (link := getattr(chosen, kind))]
    if len(files) + (chosen.header is not None) > 1:
        raise BadInput("A template has one header.")
    if not files:
        header: str | None = chosen.header
        return header
    kind, link = files[0]
    if not link.startswith("https://"):
        raise BadInput("A file of a header is given by its address, which begins with https://.")
    return Header(kind=kind, link=link)
