"""What the pages of Instagram and of Messenger ask for alike: whose an account or a conversation is, lists, sends,
signs. What is not of their channel, or not theirs, is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import regex
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.conversation import Conversation
from conversation.errors import NotFound, Refused
from conversation.message import Message
from conversation.outbound import Outbound
from conversation.said import say
from handover import once
from handover.auth import theirs, visible, visible_account
from store import accounts, conversations, deeds, listing, media, message_list, messages
from store.listing import Line, Wanted
from store.media import File
from store.operators import Operator

_NUMBER = regex.compile(r"-?\d{1,18}")


@dataclass(frozen=True, kw_only=True)
class Said:
    """Messages of a conversation, which stands as it does, with their files; `count`: of all its messages."""

    line: Line
    messages: Sequence[Message]
    files: Mapping[int, Sequence[File]]
    count: int


async def accounts_of(request: Request, operator: Operator, channel: Channel) -> list[Account]:
    found: list[Account] = await request.app.ctx.baton.db.read(accounts.all_of)
    return [each for each in found if each.channel is channel and operator.may_see(each.id)]


async def account_of(request: Request, operator: Operator, channel: Channel, account_id: str) -> Account:
    account = await visible_account(request, operator, account_id)
    if account.channel is not channel:
        raise NotFound(say("There is no account {account}.", account=account_id))
    return account


async def conversation_of(request: Request, operator: Operator, channel: Channel, conversation_id: str) -> Conversation:
    conversation = await visible(request, operator, conversation_id)
    account: Account = await request.app.ctx.baton.db.read(accounts.get, conversation.account_id)
    if account.channel is not channel:
        raise NotFound(say("There is no conversation {conversation}.", conversation=conversation_id))
    return conversation


async def conversation_with(
    request: Request, operator: Operator, channel: Channel, account_id: str, address: str
) -> Conversation:
    """By whom it is with, as the channel calls them."""
    account = await account_of(request, operator, channel, account_id)
    found = await request.app.ctx.baton.db.read(_with, account.id, address)
    if found is None:
        raise NotFound(say("Nobody on this account is called {address}.", address=address))
    conversation: Conversation = found
    deeds.concerns(conversation.id, account_id=account.id)
    return conversation


async def lines(
    request: Request, operator: Operator, channel: Channel, account_id: str | None, *, offset: int, limit: int
) -> tuple[list[Line], int]:
    """Conversations, the latest first, and how many there are of them."""
    house = request.app.ctx.baton
    account = await account_of(request, operator, channel, account_id) if account_id else None
    wanted = Wanted(account_ids=theirs(operator), channel=channel, account=account.id if account else None)
    found: tuple[list[Line], int] = await house.db.read(_listed, wanted, house.clock.now(), offset, limit)
    return found


async def line_of(request: Request, conversation_id: str) -> Line:
    house = request.app.ctx.baton
    found: Line = await house.db.read(listing.one, conversation_id, house.clock.now())
    return found


async def said(request: Request, conversation: Conversation, *, offset: int, limit: int) -> Said:
    """The newest first."""
    house = request.app.ctx.baton
    found: Said = await house.db.read(_said, conversation.id, house.clock.now(), offset, limit)
    return found


async def send(request: Request, operator: Operator, conversation: Conversation, outbound: Outbound, body: Any) -> Said:
    """The message as it was written; of a text that is split, its first part."""
    house = request.app.ctx.baton
    done = await house.ownership.send(
        conversation.id, outbound, by=operator.name, once=once.asked(request, operator, conversation.id, body)
    )
    found: Said = await house.db.read(_one, done.message_ids[0], house.clock.now())
    return found


async def mark_read(request: Request, conversation: Conversation) -> None:
    """Somebody has looked at it. The customer is not told by this."""
    if conversation.unread:
        await request.app.ctx.baton.db.write(conversations.change, conversation.id, unread=0)


async def show(request: Request, operator: Operator, conversation: Conversation, *, typing: bool) -> bool:
    """Whether the channel is asked to show it. These pages show it by themselves, whoever has the conversation: from
    who has it not, the customer is shown nothing."""
    ownership = request.app.ctx.baton.ownership
    give = ownership.show_typing if typing else ownership.show_seen
    try:
        asked: bool = await give(conversation.id, by=operator.name)
    except Refused:
        return False
    return asked


def number_of(message_id: str) -> int:
    """The number of a message, by its id as a page has it."""
    if not _NUMBER.fullmatch(message_id):
        raise NotFound(say("There is no message {message}.", message=message_id))
    return int(message_id)


def _with(tx: Connection, account_id: str, address: str) -> Conversation | None:
    found = conversations.listed(tx, account=account_id, address=address, limit=1)
    return found[0].conversation if found else None


def _listed(tx: Connection, wanted: Wanted, now: datetime, offset: int, limit: int) -> tuple[list[Line], int]:
    found = listing.numbered_page(tx, wanted, now, offset=offset, limit=limit)
    return found, listing.count(tx, wanted, now)


def _said(tx: Connection, conversation_id: str, now: datetime, offset: int, limit: int) -> Said:
    of_this = message_list.Wanted(conversation=conversation_id)
    found = message_list.page(tx, of_this, offset=offset, limit=limit)
    return _whole(tx, conversation_id, now, found)


def _one(tx: Connection, message_id: int, now: datetime) -> Said:
    message = messages.find(tx, message_id)
    assert message is not None, "it was written just now"
    return _whole(tx, message.conversation_id, now, [message])


def _whole(tx: Connection, conversation_id: str, now: datetime, found: Sequence[Message]) -> Said:
    return Said(
        line=listing.one(tx, conversation_id, now),
        messages=found,
        files=media.of_messages(tx, [each.id for each in found]),
        count=message_list.count(tx, message_list.Wanted(conversation=conversation_id)),
    )
