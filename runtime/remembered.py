"""What a channel remembers, put among what we know: the past is kept for people to read, what we missed is accepted.

Either way a message that was here before changes nothing, whichever way it came first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.arrivals import Arrival, Echo, Inbound
from runtime.keys import echo_key, message_key, plain_id
from store import contacts, conversations, mailbox, media, past
from store.past import Said
from store.vault import Vault

#: So long the answer to a send of ours may be under way: until then nobody knows that the message is ours.
_IN_FLIGHT = timedelta(minutes=2)


def keep_past(
    tx: Connection, vault: Vault | None, account: Account, found: Sequence[Arrival], before: datetime, now: datetime
) -> int:
    """What was said in one conversation up to `before`, oldest first; how many of it we did not have."""
    said = [each for each in _said(found) if each.sent_at < _end_of(each, before)]
    known = _known(tx, account, said)
    new = [each for each in said if _plain(account, each) not in known and _claimed(tx, account, each, now)]
    if not new:
        return 0
    name = next((each.name for each in new if each.name), None)
    contact_id = contacts.find_or_add(tx, account.id, new[0].addresses, name, now)
    conversation_id = conversations.find_or_add(tx, account.id, contact_id, new[-1].sent_at)
    for each in new:
        message_id = past.add(tx, conversation_id, each)
        if account.channel_settings.fetch_media and vault is not None:
            media.want(tx, vault, account.id, each.attachments, message_id=message_id, now=now)
    return len(new)


def told(tx: Connection, vault: Vault | None, account: Account, said: Said, now: datetime) -> bool:
    """One message that a channel tells of the past by itself; whether it was new. What is younger than this moment
    comes by itself, and would be taken for a repetition then. A file that was only named before is put in its place."""
    if said.sent_at >= _end_of(said, now - _IN_FLIGHT):
        return False
    if said.attachments and _puts_the_file(tx, vault, account, said, now):
        return True
    without = said if vault is not None else replace(said, attachments=())
    return keep_past(tx, vault, account, [without], now, now) > 0


def _puts_the_file(tx: Connection, vault: Vault | None, account: Account, said: Said, now: datetime) -> bool:
    message_id = past.fill(tx, account.id, said)
    if message_id is not None and vault is not None and account.channel_settings.fetch_media:
        media.want(tx, vault, account.id, said.attachments, message_id=message_id, now=now)
    return message_id is not None


def missed(tx: Connection, account: Account, found: Sequence[Arrival], since: datetime | None) -> list[Arrival]:
    """What was said in one conversation since then and is not here, oldest first."""
    said = [each for each in _said(found) if since is None or each.sent_at >= since]
    known = _known(tx, account, said)
    return [
        each for each in said if _plain(account, each) not in known and not mailbox.seen(tx, _key_of(account, each))
    ]


def _said(found: Sequence[Arrival]) -> list[Said]:
    return [each for each in found if isinstance(each, (Inbound, Echo))]


def _end_of(said: Said, before: datetime) -> datetime:
    return before - _IN_FLIGHT if isinstance(said, Echo) else before


def _known(tx: Connection, account: Account, said: Sequence[Said]) -> Collection[str]:
    """The plain ids of those that are rows of ours, what we sent among them."""
    forms = {form for each in said for form in _forms(account.channel, _plain(account, each))}
    return {plain_id(account.channel, form) for form in past.known(tx, account.id, forms)}


def _forms(channel: Channel, plain: str) -> tuple[str, ...]:
    """How it may stand in a row: as it was told, by whoever told it."""
    return (plain, f"m_{plain}") if channel is Channel.MESSENGER else (plain,)


def _plain(account: Account, said: Said) -> str:
    return plain_id(account.channel, said.provider_id)


def _claimed(tx: Connection, account: Account, said: Said, now: datetime) -> bool:
    """Whether it was never told before: a webhook of it that comes later falls on this."""
    return mailbox.first_time(tx, _key_of(account, said), now)


def _key_of(account: Account, said: Said) -> str:
    key = echo_key if isinstance(said, Echo) else message_key
    return key(account.channel, account.provider_id, said.provider_id)
