"""What is sent to somebody who did not ask for it: refused here, in words, where the platform or they don't want it.

Asked in the transaction that queues it. A template that goes out though its window is closed begins a conversation;
the platform counts with how many people a business does that in 24 hours, over all of its numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from conversation import opt_outs, window
from conversation.account import Account, AccountId, Channel
from conversation.conversation import Conversation
from conversation.errors import BatonError, MessagingLimit, OptedOut
from conversation.opt_outs import By
from conversation.said import say
from runtime.channel import Rendered
from store import accounts, contacts, initiations, templates
from store import opt_outs as store

#: "In a moving 24-hour period" [WA docs: messaging limits].
_PERIOD = timedelta(hours=24)
_TEMPLATE = "template"


def begin(
    tx: Connection, account: Account, conversation: Conversation, made: Sequence[Rendered], now: datetime
) -> None:
    """All of these may go, and are counted; or `OptedOut`, or `MessagingLimit`."""
    unasked = [rendered for rendered in made if rendered.kind == _TEMPLATE]
    for rendered in unasked:
        _need_their_leave(tx, account, conversation, rendered, now)
    if unasked and account.channel is Channel.WHATSAPP and not window.is_open(conversation.last_inbound_at, now):
        _count(tx, account, conversation, now)


def may_begin(
    tx: Connection, account: Account, conversation: Conversation, rendered: Rendered, now: datetime
) -> str | None:
    """The same for what nobody waits for an answer about: the code of what stands in the way."""
    try:
        begin(tx, account, conversation, [rendered], now)
    except BatonError as refused:
        return refused.code
    return None


def left(tx: Connection, account: Account, now: datetime) -> int | None:
    """With how many more people a conversation may be begun now; None: nobody has told of a limit."""
    most = limit_of(account)
    if most is None:
        return None
    return max(most - len(initiations.since(tx, _of_the_business(tx, account), now - _PERIOD)), 0)


def limit_of(account: Account) -> int | None:
    """What was set by hand; else what the platform says."""
    by_hand = account.channel_settings.messaging_limit
    if by_hand is not None:
        return by_hand
    return None if account.meta.unlimited else account.meta.messaging_limit


def _count(tx: Connection, account: Account, conversation: Conversation, now: datetime) -> None:
    initiations.hold(tx, account.channel_settings.waba_id or account.id)
    most = limit_of(account)
    if most is not None:
        known = initiations.since(tx, _of_the_business(tx, account), now - _PERIOD)
        if conversation.id not in known and len(known) >= most:
            first_ends = sorted(known.values())[len(known) - most] + _PERIOD
            raise MessagingLimit(
                say(
                    "{account} has written first to {count} people in 24 hours, and WhatsApp allows {most}. "
                    "One more may be written to at {when} UTC; who writes to you can be answered at any time.",
                    account=account.name,
                    count=len(known),
                    most=most,
                    when=f"{first_ends:%Y-%m-%d %H:%M}",
                ),
                retry_after_s=max((first_ends - now).total_seconds(), 1.0),
            )
    initiations.note(tx, conversation.id, account.id, now)


def _of_the_business(tx: Connection, account: Account) -> list[AccountId]:
    """Its numbers, removed ones too: what was sent from them is counted still."""
    business = account.channel_settings.waba_id
    if business is None:
        return [account.id]
    return [each.id for each in accounts.even_removed(tx) if each.channel_settings.waba_id == business]


def _need_their_leave(
    tx: Connection, account: Account, conversation: Conversation, rendered: Rendered, now: datetime
) -> None:
    category = _category(tx, account, rendered)
    contact = contacts.get(tx, conversation.contact_id)
    if contact.opted_out_at is not None and account.channel_settings.opt_outs:
        is_open = window.is_open(conversation.last_inbound_at, now)
        by, since = By(contact.opted_out_by or By.OPERATOR), f"{contact.opted_out_at:%Y-%m-%d}"
        if opt_outs.is_kept_back(by, category, window_open=is_open):
            raise _kept_back(by, since)
    if not opt_outs.is_marketing(category):
        return
    capped_at = store.capped_at(tx, conversation.id, now - opt_outs.CAP_FOR)
    if capped_at is not None:
        raise OptedOut(
            say(
                "WhatsApp lets this contact get no more marketing for now (131049): try again after {when} UTC.",
                when=f"{capped_at + opt_outs.CAP_FOR:%Y-%m-%d %H:%M}",
            ),
            code="marketing_cap",
        )


def _kept_back(by: By, since: str) -> OptedOut:
    if by is By.WORDS:
        return OptedOut(
            say("On {since} this contact wrote that they want no messages they did not ask for.", since=since)
        )
    if by is By.OPERATOR:
        return OptedOut(
            say("Since {since} this contact is marked as wanting nothing they did not ask for.", since=since)
        )
    return OptedOut(say("Since {since} this contact wants no marketing, as WhatsApp tells.", since=since))


def _category(tx: Connection, account: Account, rendered: Rendered) -> str | None:
    """As Meta has it; None where the template is not known here."""
    made = rendered.body.get(_TEMPLATE)
    business = account.channel_settings.waba_id
    if not isinstance(made, dict) or business is None:
        return None
    language = made.get("language")
    code = language.get("code") if isinstance(language, dict) else language
    found = templates.get(tx, business, str(made.get("name")), str(code))
    return found.category if found is not None and found.category else None
