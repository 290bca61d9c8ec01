"""An operator's commands: one transaction each, then, where it must be silent, a wait for what is under way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from conversation.account import Account
from conversation.agent import Agent, AgentStatus
from conversation.conversation import Conversation, HandoverState
from conversation.errors import BadInput
from conversation.gate import why_silent
from conversation.handover import Command
from conversation.ids import new_id
from conversation.message import Author
from runtime.channel import Channels, Utterance
from runtime.clock import Clock
from runtime.saying import write_message
from runtime.settings import RuntimeSettings
from store import accounts, agents, conversations, handovers, mailbox, notices, outbox, trackers
from store.database import Database
from store.outbox import Draft
from store.vault import Vault

#: How soon a waiting take looks again whether the claims are settled, and how seldom at last.
_STEP_S, _LONGEST_STEP_S = 0.004, 0.05


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command led to. `in_flight`: requests of the assistant's, claimed before, that may still reach Meta."""

    conversation: Conversation
    in_flight: int = 0
    message_ids: tuple[int, ...] = ()


class Ownership:
    """Take, reply, release; switching agents and accounts. Used by the REST API and the command line alike."""

    def __init__(self, db: Database, vault: Vault, channels: Channels, clock: Clock, settings: RuntimeSettings) -> None:
        self._db, self._vault, self._channels, self._clock, self._settings = db, vault, channels, clock, settings

    async def take(self, conversation_id: str, *, by: str) -> Done:
        """The conversation is `by`'s. With `in_flight` 0, no request of the assistant's reaches Meta after this."""
        conversation = await self._db.write(_take, conversation_id, Command.TAKE, by, self._clock.now())
        return Done(conversation=conversation, in_flight=await self._settled(conversation_id=conversation.id))

    async def reply(self, conversation_id: str, text: str, *, by: str) -> Done:
        """Writes to the customer as a person; where nobody has the conversation, takes it in the same transaction."""
        if not text.strip():
            raise BadInput("A reply needs a text.")
        conversation, ids = await self._db.write(self._reply, conversation_id, text, by, self._clock.now())
        return Done(
            conversation=conversation,
            in_flight=await self._settled(conversation_id=conversation.id),
            message_ids=ids,
        )

    async def release(self, conversation_id: str, *, by: str, force: bool = False) -> Done:
        """Gives it back: what arrived before is recorded, the next message is answered from the known point."""
        conversation = await self._db.write(_release, conversation_id, by, force, self._clock.now())
        return Done(conversation=conversation)

    async def switch_agent(self, name: str, status: AgentStatus) -> tuple[Agent, int]:
        """With 0 in flight, a switched-off agent sends nothing after this returns."""
        agent = await self._db.write(_switch_agent, name, status, self._clock.now())
        off = status is not AgentStatus.ACTIVE
        return agent, await self._settled(agent_id=agent.id) if off else 0

    async def change_account(self, account_id: str, **changes: object) -> tuple[Account, int]:
        account = await self._db.write(self._change_account, account_id, changes)
        silent = not (account.active and account.auto_response)
        return account, await self._settled(account_id=account.id) if silent else 0

    def _change_account(self, tx: Connection, account_id: str, changes: dict[str, object]) -> Account:
        if "agent_id" in changes:
            changes = {**changes, "agent_id": agents.get(tx, str(changes["agent_id"])).id}
        return accounts.change(tx, self._vault, accounts.get(tx, account_id).id, **changes)

    async def _settled(self, **whose: str) -> int:
        """Waits for the claims made before, at most `take_settle_s`; how many are left."""
        loop = asyncio.get_running_loop()
        deadline, step = loop.time() + self._settings.take_settle_s, _STEP_S
        while left := await self._db.read(outbox.in_flight, **whose):
            if loop.time() >= deadline:
                return left
            await asyncio.sleep(step)
            step = min(step * 1.5, _LONGEST_STEP_S)
        return 0

    def _reply(
        self, tx: Connection, conversation_id: str, text: str, by: str, now: datetime
    ) -> tuple[Conversation, tuple[int, ...]]:
        conversation = _take(tx, conversation_id, Command.REPLY, by, now)
        account = accounts.get(tx, conversation.account_id)
        ids = []
        for rendered in self._channels[account.channel.value].render(Utterance(text=text), _no_token):
            message_id = write_message(tx, conversation.id, rendered, Author.OPERATOR, now, by)
            draft = Draft(body=rendered.body, author=Author.OPERATOR, message_id=message_id)
            outbox.queue(tx, draft, conversation=conversation, account=account, agent=None, now=now)
            ids.append(message_id)
        trackers.append(tx, conversation.id, [_said_by_person(text, by, now)], now=now)
        return conversation, tuple(ids)


def _no_token() -> str:
    return new_id("b")


def _take(tx: Connection, conversation_id: str, order: Command, by: str, now: datetime) -> Conversation:
    change = handovers.command(tx, conversation_id, order, by=by, now=now)
    if change.moved:
        outbox.withdraw_bot_rows(tx, change.after.id, now)
        _note_in_tracker(tx, change.after, order, by, now)
    return change.after


def _release(tx: Connection, conversation_id: str, by: str, force: bool, now: datetime) -> Conversation:
    """Never to an assistant that may not speak: then it waits for the next person."""
    conversation = conversations.get(tx, conversation_id)
    account = accounts.lock_shared(tx, conversation.account_id)
    agent = agents.lock_shared(tx, account.agent_id)
    silent = why_silent(account, agent)
    change = handovers.command(
        tx,
        conversation_id,
        Command.RELEASE,
        by=by,
        now=now,
        force=force,
        state=HandoverState.PENDING if silent else None,
        reason=silent.value if silent else None,
    )
    mailbox.mark_seen_by_person(tx, change.after.id)
    outbox.withdraw_bot_rows(tx, change.after.id, now)
    _note_in_tracker(tx, change.after, Command.RELEASE, by, now)
    return change.after


def _switch_agent(tx: Connection, name: str, status: AgentStatus, now: datetime) -> Agent:
    before = agents.get(tx, name)
    after = agents.set_status(tx, name, status)
    if before.activation != after.activation:
        notices.add(tx, "agent", None, {"agent": after.name, "status": after.status.value}, now)
    return after


def _note_in_tracker(tx: Connection, conversation: Conversation, order: Command, by: str, now: datetime) -> None:
    """The tracker is the one history: it also holds who had the conversation when. An utterance without words changes
    nothing that a policy looks at."""
    facts = {"handover": order.value, "state": conversation.state.value, "by": by}
    trackers.append(tx, conversation.id, [_bot_event(None, facts, now)], now=now)


def _said_by_person(text: str, by: str, now: datetime) -> dict[str, object]:
    return _bot_event(text, {"author": Author.OPERATOR.value, "operator": by}, now)


def _bot_event(text: str | None, metadata: dict[str, str], now: datetime) -> dict[str, object]:
    return {"event": "bot", "timestamp": now.timestamp(), "text": text, "data": {}, "metadata": metadata}
