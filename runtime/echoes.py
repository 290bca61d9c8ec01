"""Somebody on our side wrote elsewhere: kept for all to see, and where it was a person in the channel's own app,
theirs at once.

WhatsApp echoes nothing that we sent ourselves. Messenger and Instagram do, and Instagram's echo of ours may come before
the answer to our request, saying nothing of whose it is: while a request to this contact is under way such an echo is
held, and nothing more leaves, until that request is settled (`held_echoes.py`).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import structlog
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId, Channel
from conversation.arrivals import REACTION, TEXT, Arrival, Echo, EchoSource, StatusReport
from conversation.conversation import Conversation, ConversationId, HandoverState
from conversation.errors import Refused
from conversation.handover import PHONE, Command
from conversation.message import MessageStatus
from runtime import accept_repeats, merging, threads
from runtime.announcing import announce
from runtime.channel import Channels
from runtime.keys import echo_key
from runtime.tracker_notes import said_by_person
from store import (
    accounts,
    agents,
    conversations,
    echoes,
    handovers,
    held_echoes,
    mailbox,
    media,
    messages,
    notices,
    trackers,
    witnesses,
)
from store.vault import Vault

log = structlog.get_logger()

#: Nobody answers so soon with words they have used so soon before. Away messages and greetings of the app and of Meta's
#: Business Suite come as echoes that look like a person's (Meta's pages on echoes); the two seconds are our own guess.
AUTOMATION_S = 2.0
_OUTBOX_ID = re.compile(r"[0-9]{1,18}")


def lock_what_comes_first(tx: Connection, channel: Channel, arrivals: Sequence[Arrival]) -> None:
    """Giving back asks whether the assistant may speak: account and agent are locked before any conversation is."""
    from_phones = [a for a in arrivals if isinstance(a, Echo) and a.source is EchoSource.PHONE]
    for provider_id in sorted({echo.account for echo in from_phones}):
        account = accounts.by_provider_id(tx, channel, provider_id)
        if account is not None and any(_gives_back(echo, account) for echo in from_phones):
            agents.lock_shared(tx, accounts.lock_shared(tx, account.id).agent_id)


def settles_ours(tx: Connection, account_id: AccountId, echo: Echo, now: datetime) -> bool:
    """Whether it is a message of ours, and no other person's: then it only tells that it was sent."""
    message_id = None
    if echo.opaque is not None and _OUTBOX_ID.fullmatch(echo.opaque):
        row_id = int(echo.opaque)
        if echoes.is_row_of_ours(tx, row_id, account_id, echo):
            message_id = witnesses.witness(tx, row_id, account_id, now)
    if message_id is None:
        message_id = messages.outbound_by_provider_id(tx, account_id, echo.provider_id)
        if message_id is None or echoes.is_somebody_elses(tx, message_id):
            return False
        witnesses.note_reported(tx, message_id, now)
    return _told_sent(tx, message_id, echo)


def _told_sent(tx: Connection, message_id: int, echo: Echo) -> bool:
    sent = StatusReport(account=echo.account, provider_id=echo.provider_id, status=MessageStatus.SENT, at=echo.sent_at)
    messages.apply_report(tx, message_id, sent)
    return True


def accept(
    tx: Connection,
    channel: Channel,
    account: Account,
    echo: Echo,
    now: datetime,
    channels: Channels,
    vault: Vault | None,
) -> bool:
    """Ours, or kept, or held until it is known which. Whether it was new to us."""
    if settles_ours(tx, account.id, echo, now):
        return mailbox.first_time(tx, f"{channel.value}:{echo.account}:ours:{echo.provider_id}", now)
    if not mailbox.first_time(tx, echo_key(channel, echo.account, echo.provider_id), now):
        return accept_repeats.keep_if_it_says_otherwise(tx, channel, account.id, echo, now)
    contact_id = merging.contact_of(tx, account.id, echo.addresses, echo.name, now)
    conversation_id = conversations.find_or_add(tx, account.id, contact_id, now)
    if echo.may_be_ours and held_echoes.request_is_under_way(tx, conversation_id):
        held_echoes.add(tx, account.id, conversation_id, msgspec.to_builtins(echo), now)
        conversations.change(tx, conversation_id, echo_held=True)  # its row is locked: nothing is claimed from now on
    elif not (echo.may_be_ours and witnesses_unknown(tx, conversation_id, account.id, echo, now)):
        keep(tx, account, conversation_id, echo, now, channels, vault)
    return True


def witnesses_unknown(
    tx: Connection, conversation_id: ConversationId, account_id: AccountId, echo: Echo, now: datetime
) -> bool:
    """Whether it reads as a request to this contact of which nobody knew whether it was carried out: then it was."""
    row_id = echoes.unknown_like(tx, conversation_id, echo)
    if row_id is None:
        return False
    message_id = witnesses.witness(tx, row_id, account_id, now)
    return message_id is not None and _told_sent(tx, message_id, echo)


def keep(
    tx: Connection,
    account: Account,
    conversation_id: ConversationId,
    echo: Echo,
    now: datetime,
    channels: Channels,
    vault: Vault | None,
) -> None:
    """The message, its words in the tracker, its notice; then what it means for who answers."""
    message_id = echoes.add(tx, conversation_id, echo, echo.source.value)
    if echo.attachments and vault is not None:
        media.want(tx, vault, account.id, echo.attachments, message_id=message_id, now=now)
    notices.add(tx, "message", conversation_id, {"message": message_id, "direction": "outbound"}, now)
    if echo.kind != REACTION:
        trackers.append(tx, conversation_id, [said_by_person(echo.text, echo.source.value, now)], now=now)
    if echo.source is EchoSource.APP:
        threads.heard_in_standby(tx, conversation_id, echo.sent_at, now)
    elif _gives_back(echo, account):
        _give_back(tx, conversation_id, echo, now, channels)
    else:
        _take_over(tx, conversation_id, account, echo, now)


def _take_over(tx: Connection, conversation_id: ConversationId, account: Account, echo: Echo, now: datetime) -> None:
    why_not = _why_not(tx, conversations.lock(tx, conversation_id), account, echo, now)
    if why_not is not None:
        log.info("echo_kept", conversation=conversation_id, why=why_not)
        return
    with contextlib.suppress(Refused):
        handovers.command(tx, conversation_id, Command.ECHO, by=PHONE, now=now)


def _why_not(tx: Connection, conversation: Conversation, account: Account, echo: Echo, now: datetime) -> str | None:
    """Why the one who wrote it does not have the conversation now."""
    if echo.kind == REACTION:
        return "reaction"  # a nod is no answer
    if _is_our_apps(account, echo):
        return "our_app"  # sent by us, though nobody here remembers: before a restore, by another house
    if _is_before_the_end(conversation, echo):
        return "late"
    patience_s = account.handover.phone_return_s
    if patience_s and now - echo.sent_at >= timedelta(seconds=patience_s):
        return "old"  # had it come in time, the assistant would have it again by now
    if _is_listed(account, echo) or _is_automatic(tx, conversation, echo, now):
        return "automatic"
    return None


def _is_our_apps(account: Account, echo: Echo) -> bool:
    ours = account.channel_settings.app_id
    return ours is not None and echo.content.get("app_id") == ours


def _is_listed(account: Account, echo: Echo) -> bool:
    """Whether the shop has told us that its inbox sends this by itself: a greeting, an away message."""
    listed = {_plain(text) for text in account.channel_settings.automations}
    return bool(listed) and _plain(echo.text or "") in listed


def _is_before_the_end(conversation: Conversation, echo: Echo) -> bool:
    """Sent before the person who had it gave it back, and only now told. Meta's times are whole seconds."""
    ended_at = conversation.last_owned_at
    if conversation.state is HandoverState.HUMAN or ended_at is None:
        return False
    return echo.sent_at < ended_at.replace(microsecond=0)


def _is_automatic(tx: Connection, conversation: Conversation, echo: Echo, now: datetime) -> bool:
    """The same words as another time, both times at once after the customer's: an away message, not a person.

    The first time it is taken for a person: a silent assistant does less harm than one that talks over somebody.
    """
    since = echo.sent_at - timedelta(seconds=AUTOMATION_S)
    if not echo.text or not echoes.contact_wrote(tx, conversation.id, since, echo.sent_at):
        return False
    return not mailbox.first_time(tx, f"{conversation.account_id}:automatic:{_plain(echo.text)}", now)


def _gives_back(echo: Echo, account: Account) -> bool:
    word = account.handover.return_word
    if echo.kind != TEXT or not echo.text or not word:
        return False
    return bool(_plain(word)) and _plain(echo.text) == _plain(word)


def _give_back(tx: Connection, conversation_id: ConversationId, echo: Echo, now: datetime, channels: Channels) -> None:
    """The word gives back what the phone has, or what waits; not what an operator has, nor after a later answer."""
    if echoes.wrote_after(tx, conversation_id, PHONE, echo.sent_at):
        log.info("echo_kept", conversation=conversation_id, why="late_return_word")
        return
    try:
        change = handovers.command(tx, conversation_id, Command.RELEASE, by=PHONE, now=now, reason="return_word")
    except Refused as refused:
        log.info("echo_kept", conversation=conversation_id, why=refused.code)
        return
    # What she sent before the word may be told after it: it counts when she sent the word, not when we heard of it.
    conversations.change(tx, conversation_id, last_owned_at=echo.sent_at)
    if change.account.channel.value in channels:
        announce(tx, channels, change, now)


def _plain(text: str) -> str:
    return text.strip().casefold()
