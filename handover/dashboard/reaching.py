"""The conversation that an account has with a number, as the dashboard names them; and a message of it."""

from __future__ import annotations

from dataclasses import dataclass

import regex
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId, Channel
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId
from conversation.errors import BadInput, NotFound
from conversation.said import say
from handover.auth import visible_account
from store import contact_list, contacts, deeds, quotes
from store.operators import Operator

_PHONE = regex.compile(r"\+?[\d\s().\-/]+")
_NUMBER = regex.compile(r"-?\d{1,18}")


@dataclass(frozen=True, kw_only=True)
class Reached:
    account: Account
    conversation_id: ConversationId


async def reach(request: Request, operator: Operator, account_id: str, to: str) -> Reached:
    """`BadInput` where nobody has written from there: who has not written can't be written to."""
    account = await visible_account(request, operator, account_id)
    found: ConversationId | None = await request.app.ctx.baton.db.read(conversation_with, account.id, to)
    if found is None:
        raise BadInput(say("Nobody has written from this number yet: a conversation begins with their first message."))
    deeds.concerns(found, account_id=account.id)
    return Reached(account=account, conversation_id=found)


@dataclass(frozen=True, kw_only=True)
class Number:
    """`to`: with its plus, as somebody new is written to."""

    account: Account
    to: str


async def number_of(request: Request, operator: Operator, account_id: str, to: str) -> Number | None:
    """Of WhatsApp, whether anybody has written from it or not; None: it is none."""
    account = await visible_account(request, operator, account_id)
    if account.channel is not Channel.WHATSAPP or not _PHONE.fullmatch(to.strip()):
        return None
    return Number(account=account, to="+" + regex.sub(r"\D", "", to))


def conversation_with(tx: Connection, account_id: AccountId, to: str) -> ConversationId | None:
    """A phone number with or without its plus; else the channel's own id of somebody, as it is."""
    value = to.strip()
    known_by = [Address(kind=kind, value=value) for kind in AddressKind]
    if _PHONE.fullmatch(value):
        known_by.insert(0, Address(kind=AddressKind.PHONE, value=regex.sub(r"\D", "", value)))
    contact_id = contacts.find(tx, account_id, known_by)
    return None if contact_id is None else contact_list.one(tx, contact_id).conversation_id


def message_named(tx: Connection, conversation_id: ConversationId, name: str) -> int:
    """The number of a message, by that number or by the channel's own id: whether it is one of this conversation's,
    who sends asks."""
    if _NUMBER.fullmatch(name):
        return int(name)
    found = quotes.of(tx, conversation_id, {name}).get(name)
    if found is None:
        raise NotFound(say("There is no message {message} in this conversation.", message=name[:80]))
    return found.id
