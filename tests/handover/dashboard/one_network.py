"""A stage whose account is on Instagram or on Messenger, with a customer's and an operator's hands on it."""

from __future__ import annotations

from typing import Any

from conversation.account import Account, Channel
from conversation.message import Author, MessageStatus
from runtime.settings import RuntimeSettings
from store import messages
from store.database import Database
from store.vault import Vault
from tests.house import HOLDER, OTHER_NUMBER, START, ScriptedDialogue, Stage, WoundClock, add_account, set_up

RITA, SAUL = "7000000000000001", "7000000000000002"
#: What the dashboard's contract has as dates that its pages read without a guard.
MOMENTS = ("created_at", "sent_at")


def stage_on(channel: Channel, db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings) -> Stage:
    account, agent = set_up(db, vault, clock, channel)
    return Stage(
        db=db,
        clock=clock,
        vault=vault,
        settings=settings,
        account=account,
        agent=agent,
        holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )


def add_other(stage: Stage) -> Account:
    """Another account on the same channel."""
    made: Account = stage.db.write_now(
        add_account, stage.vault, stage.agent, OTHER_NUMBER, channel=stage.account.channel
    )
    return made


async def bot_said(stage: Stage, conversation_id: Any, text: str, status: MessageStatus = MessageStatus.SENT) -> None:
    """Written just now; never sent by a test's channel."""

    def write(tx: Any) -> None:
        what: dict[str, Any] = {"kind": "text", "text": text, "content": {}, "at": stage.clock.now()}
        message_id = messages.add_outbound(tx, conversation_id, author=Author.BOT, **what)
        messages.set_status(tx, message_id, status, provider_id=f"m_{message_id}")

    await stage.db.write(write)


__all__ = ["MOMENTS", "RITA", "SAUL", "START", "add_other", "bot_said", "stage_on"]
