"""A contact says that they want nothing unasked, or want it again: written down, and they are told once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from conversation import opt_outs
from conversation.account import Account, AccountId
from conversation.arrivals import BUTTON, TEXT, Inbound, MarketingWish
from conversation.contact import ContactId
from conversation.conversation import ConversationId
from conversation.opt_outs import By, Wish
from conversation.words import Saying
from runtime import announcing, merging
from runtime.channel import Channels
from store import accounts, conversations
from store import opt_outs as store


def heard(
    tx: Connection, conversation_id: ConversationId, inbound: Inbound, kind: str, channels: Channels, now: datetime
) -> None:
    """Most messages end at the first line. Words of a group are nobody's own wish."""
    wish = opt_outs.wish_in(inbound.text) if kind in (TEXT, BUTTON) and not inbound.group else None
    if wish is None:
        return
    conversation = conversations.get(tx, conversation_id)
    account = accounts.get(tx, conversation.account_id)
    if not account.channel_settings.opt_outs:
        return
    if wish is Wish.OUT:
        is_news = store.out(tx, conversation.contact_id, By.WORDS, inbound.sent_at, now)
    else:
        is_news = store.back(tx, conversation.contact_id, inbound.sent_at, now)
    may_tell = account.channel.value in channels and not inbound.standby and not inbound.recovered
    if is_news and may_tell:
        saying = Saying.OPTED_OUT if wish is Wish.OUT else Saying.OPTED_BACK
        announcing.tell(tx, channels, conversation, account, saying, now)


def wished(tx: Connection, account_id: AccountId, told: MarketingWish, now: datetime) -> None:
    """They told the platform, which keeps to it too: they are not told what they know."""
    if not accounts.get(tx, account_id).channel_settings.opt_outs:
        return
    contact_id: ContactId = merging.contact_of(tx, account_id, told.addresses, None, now)
    if told.wanted:
        store.back(tx, contact_id, told.at, now)
    else:
        store.out(tx, contact_id, By.PREFERENCE, told.at, now)


def refused(tx: Connection, conversation_id: ConversationId, account: Account, code: int | None, now: datetime) -> None:
    """The platform did not let a message through, because they want none."""
    if code == opt_outs.REFUSED_CODE and account.channel_settings.opt_outs:
        store.out(tx, conversations.get(tx, conversation_id).contact_id, By.REFUSAL, now, now)
