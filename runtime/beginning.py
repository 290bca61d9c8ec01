"""A conversation that we begin: the contact, the conversation and the template that is sent, in one transaction."""

from __future__ import annotations

from datetime import datetime

import regex
from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId, HandoverState
from conversation.errors import BadInput, NotOnChannel, Refused
from conversation.handover import Command
from conversation.outbound import Outbound, can
from conversation.said import say
from runtime import sending
from runtime.channel import Channels
from runtime.sending import Sent
from store import accounts, contact_list, contacts, conversations, handovers, idempotency, owed
from store.deeds import Deed
from store.idempotency import Once

#: With its country's code: 7 to 15 digits [ITU E.164]. Without the plus nobody knows which country is meant.
_NUMBER = regex.compile(r"\+[\d\s().\-/]{7,30}")
_DIGITS = range(7, 16)


def number_of(to: str) -> str:
    """Its digits, as WhatsApp has them."""
    digits = regex.sub(r"\D", "", to)
    if not _NUMBER.fullmatch(to.strip()) or len(digits) not in _DIGITS or digits.startswith("0"):
        raise BadInput(say("A number to write to begins with + and its country's code: +55 11 91234-5678."))
    return str(digits)


def begin(
    tx: Connection,
    channels: Channels,
    account_id: str,
    to: str,
    outbound: Outbound,
    *,
    by: str,
    keep: bool,
    once: Once | None,
    deed: Deed | None,
    now: datetime,
) -> Sent:
    """As `sending.send`, to a number. Who is known by it, in any of its spellings, is written to where they are.

    `keep`: the one who writes has the conversation, as after any reply; else the assistant has it again at once, where
    it had it before, and keeps it where it is about to answer. `deed`: what the audit log is told of it.
    """
    account = accounts.get(tx, account_id)
    if account.channel is not Channel.WHATSAPP:
        raise NotOnChannel(
            say("Only on WhatsApp can somebody be written to who has not written first."), can(account.channel)
        )
    if account.removed_at is not None:
        raise Refused(
            say("{account} was removed: nothing can be sent from it.", account=account.name), code="account_removed"
        )
    conversation_id = _conversation(tx, account, number_of(to), now)
    if deed is not None:
        deed.conversation = conversation_id
        deed.facts = {**deed.facts, "conversation_id": conversation_id, "account_id": account.id}
    before = handovers.lock(tx, conversation_id)
    leaves = not keep and before.state is HandoverState.BOT
    # Taken and given back, it would say nothing of what it is about to: a customer who has just written had no answer.
    takes = not (leaves and owed.anything(tx, before.id))
    sent = sending.send(tx, channels, before.id, outbound, by=by, ownership=None, once=once, now=now, takes=takes)
    if not leaves or not takes:
        return sent
    back = handovers.command(tx, conversation_id, Command.RELEASE, by=by, now=now)
    conversations.change(tx, conversation_id, arrival_due=False)  # nobody came, so nobody is said to have left
    given_back = Sent(conversation=back.after, message_ids=sent.message_ids)
    if once is not None:
        idempotency.keep(tx, once, sending.to_be_told(given_back))
    return given_back


def _conversation(tx: Connection, account: Account, digits: str, now: datetime) -> ConversationId:
    """Looked up without a lock: what is done in it takes the locks in their order."""
    known_by = [Address(kind=AddressKind.PHONE, value=digits)]
    contact_id = contacts.find(tx, account.id, known_by)
    found = None if contact_id is None else contact_list.one(tx, contact_id).conversation_id
    if found is not None:
        return ConversationId(found)
    return conversations.find_or_add(
        tx, account.id, contact_id or contacts.find_or_add(tx, account.id, known_by, None, now), now
    )
