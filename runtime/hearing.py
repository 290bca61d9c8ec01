"""What a customer's message means for who answers: it reopens, wakes, and starts the clock of who lets them wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from conversation.alert import Event
from conversation.conversation import ConversationId, HandoverState, Status
from conversation.errors import Refused
from conversation.handover import Command
from runtime.announcing import announce
from runtime.channel import Channels
from store import accounts, alerts, conversations, handovers
from store.requests import Wish


def heard(tx: Connection, conversation_id: ConversationId, channels: Channels, now: datetime) -> None:
    """Of a conversation that is not simply the assistant's."""
    try:
        wish = Wish(reason="wrote_again", asked_by="customer")
        change = handovers.command(tx, conversation_id, Command.INBOUND, by="customer", now=now, wish=wish)
    except Refused:
        return
    if change.account.channel.value in channels:
        announce(tx, channels, change, now)
    if change.after.state is HandoverState.HUMAN:
        facts = {"waiting_since": change.after.waiting_since}
        alerts.raise_event(
            tx,
            Event.MESSAGE,
            conversation=change.after,
            account=change.account,
            facts=facts,
            now=now,
            team_id=change.after.team_id,
            owner=change.after.owner,
        )


def left_unanswered(tx: Connection, conversation_id: ConversationId, now: datetime) -> None:
    """The assistant was switched off before its answer left, or the account's limit of a day was reached: a person is
    asked for, though it be on again."""
    conversation = conversations.get(tx, conversation_id)
    if (conversation.state, conversation.status) != (HandoverState.BOT, Status.OPEN):
        return
    settings = accounts.get(tx, conversation.account_id).handover
    if settings.enabled and settings.off_opens_request:
        wish = Wish(reason="answer_withdrawn", asked_by="assistant")
        change = handovers.command(tx, conversation_id, Command.INBOUND, by="customer", now=now, wish=wish)
        if change.after.state is HandoverState.BOT:
            handovers.command(tx, conversation_id, Command.REQUEST, by="assistant", now=now, wish=wish)
