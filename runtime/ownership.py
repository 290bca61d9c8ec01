"""Commands over who answers: one transaction each, then, where it must be silent, a wait for what is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from conversation import outbound as rules
from conversation.account import Account
from conversation.agent import Agent, AgentStatus
from conversation.conversation import Conversation, ConversationId
from conversation.errors import BadInput, Refused
from conversation.handover import Command, Priority
from conversation.handover_settings import HandoverSettings
from conversation.mail import MailKind
from conversation.outbound import Outbound
from conversation.people import Presence
from conversation.said import say
from conversation.state_words import word_of
from runtime import agent_changes, beginning, leaving, sending, signs
from runtime.announcing import announce
from runtime.channel import Channels
from runtime.clock import Clock
from runtime.sending import Sent, SentBefore, is_there
from runtime.settings import RuntimeSettings
from store import (
    accounts,
    agents,
    assigning,
    conversations,
    deeds,
    handovers,
    mailbox,
    messages,
    notices,
    outbox,
    requests,
    teams,
)
from store.database import Database
from store.handovers import Change
from store.idempotency import Once
from store.requests import Wish
from store.vault import Vault

#: What else is done in a command's transaction.
Then = Callable[[Connection, Change, datetime], None]
#: How soon a waiting take looks again whether the claims are settled, and how seldom at last.
_STEP_S, _LONGEST_STEP_S = 0.004, 0.05


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command led to. `in_flight`: requests of the assistant's, claimed before, that may still reach Meta."""

    conversation: Conversation
    in_flight: int = 0
    message_ids: tuple[int, ...] = ()


class Ownership:
    """All that people, and the command line, may order. `by` is who orders it.

    `ownership`, where given, is the number of the conversation the order was decided on: `Refused` (moved) where
    somebody else was quicker. `force`: a supervisor, who may order over others' conversations.
    """

    def __init__(self, db: Database, vault: Vault, channels: Channels, clock: Clock, settings: RuntimeSettings) -> None:
        self._db, self._vault, self._channels, self._clock, self._settings = db, vault, channels, clock, settings

    async def take(
        self,
        conversation_id: str,
        *,
        by: str,
        ownership: int | None = None,
        force: bool = False,
        note: str | None = None,
    ) -> Done:
        """The conversation is `by`'s. With `in_flight` 0, no request of the assistant's reaches Meta after this."""
        return await self._command(conversation_id, Command.TAKE, by=by, ownership=ownership, force=force, reason=note)

    async def reply(
        self,
        conversation_id: str,
        text: str,
        *,
        by: str,
        ownership: int | None = None,
        media: Sequence[int] = (),
        comment: int | None = None,
        once: Once | None = None,
    ) -> Done:
        """Writes to the customer as a person; where nobody has the conversation, takes it in the same transaction.

        `media`: ids of files that were uploaded for it. `comment`: the message id of a comment that is answered in
        private.
        """
        outbound = Outbound(text=text, media=media, comment=comment)
        return await self.send(conversation_id, outbound, by=by, ownership=ownership, once=once)

    async def send(
        self,
        conversation_id: str,
        outbound: Outbound,
        *,
        by: str,
        ownership: int | None = None,
        once: Once | None = None,
    ) -> Done:
        """Whatever a person may send; as `reply` does. `once`: the key under which it is sent once only."""
        rules.check(outbound)
        if once is not None and (before := await self._db.read(sending.sent_before, conversation_id, once)):
            return await self._told(before)
        return await self._sent(sending.send, conversation_id, outbound, by=by, ownership=ownership, once=once)

    async def begin(
        self, account_id: str, to: str, outbound: Outbound, *, by: str, keep: bool = True, once: Once | None = None
    ) -> Done:
        """Writes to a number first, with a template; see `beginning.py`."""
        rules.check(outbound)
        how: dict[str, Any] = {"by": by, "keep": keep, "once": once, "deed": deeds.in_hand()}
        return await self._sent(beginning.begin, account_id, to, outbound, **how)

    async def show_typing(self, conversation_id: str, *, by: str) -> bool:
        """Whether the channel is asked to show it; reading is shown with it."""
        return await self._sign(conversation_id, by, typing=True)

    async def show_seen(self, conversation_id: str, *, by: str) -> bool:
        return await self._sign(conversation_id, by, typing=False)

    async def hide_typing(self, conversation_id: str, *, by: str) -> None:
        await self._db.write(signs.take_back, conversation_id, by=by, now=self._clock.now())

    async def release(
        self, conversation_id: str, *, by: str, force: bool = False, answer_last: bool = False, note: str | None = None
    ) -> Done:
        """Gives it back: what arrived before is recorded, the next message is answered from the known point.

        `answer_last`: the customer's last message is answered all the same.
        """
        last = self._ask_again if answer_last else None
        return await self._command(conversation_id, Command.RELEASE, by=by, force=force, reason=note, then=last)

    async def transfer(
        self,
        conversation_id: str,
        *,
        by: str,
        to_operator: str | None = None,
        to_team: str | None = None,
        force: bool = False,
        supervises: bool = False,
        note: str | None = None,
    ) -> Done:
        """To a person who is there and has room, or into a team's queue; `to_team` is its id or its name.

        `supervises`: it may be somebody else's. `force`: that, and whom it is given to may be offline or full.
        """
        if (to_operator is None) == (to_team is None):
            raise BadInput(say("A conversation is transferred to an operator or to a team: name one of them."))
        done = await self._db.write(
            self._transfer, conversation_id, by, to_operator, to_team, force, supervises, note, self._clock.now()
        )
        return await self._done(done)

    async def close(self, conversation_id: str, *, by: str, force: bool = False) -> Done:
        return await self._command(conversation_id, Command.CLOSE, by=by, force=force)

    async def resolve(self, conversation_id: str, *, by: str, force: bool = False) -> Done:
        """Settled; where the account asks for it, the customer is asked for a rating."""
        return await self._command(conversation_id, Command.RESOLVE, by=by, force=force)

    async def reopen(self, conversation_id: str, *, by: str, force: bool = False) -> Done:
        return await self._command(conversation_id, Command.REOPEN, by=by, force=force)

    async def snooze(self, conversation_id: str, *, by: str, until: datetime) -> Done:
        if until <= self._clock.now():
            raise BadInput(say("It would wake in the past: `until` must be a time to come."))
        return await self._command(conversation_id, Command.SNOOZE, by=by, until=until)

    async def request(
        self,
        conversation_id: str,
        *,
        by: str,
        reason: str = "asked",
        priority: Priority = Priority.MEDIUM,
        team: str | None = None,
    ) -> Done:
        """Asks for a person in the customer's place."""
        team_id = None if team is None else (await self._db.read(teams.get, team)).id
        wish = Wish(reason=reason, priority=priority, asked_by=by, team_id=team_id)
        return await self._command(conversation_id, Command.REQUEST, by=by, wish=wish, team=team_id)

    async def cancel(self, conversation_id: str, *, by: str) -> Done:
        return await self._command(conversation_id, Command.CANCEL, by=by)

    async def approve(self, request_id: int, *, by: str, to_operator: str | None = None, force: bool = False) -> Done:
        """The one who approves takes it, unless they name another."""
        return await self._done(
            await self._db.write(self._approve, request_id, by, to_operator, force, self._clock.now())
        )

    async def reject(self, request_id: int, *, by: str, note: str | None = None) -> Done:
        """Nobody will come; the customer is told, and how else to reach the shop."""
        return await self._done(await self._db.write(self._reject, request_id, by, note, self._clock.now()))

    async def set_presence(
        self, name: str, presence: Presence, *, first: Callable[[Connection], None] | None = None
    ) -> None:
        """Who goes offline gives all they have to the queue, in the same transaction. `first`: what else is changed in
        it."""
        await self._db.write(leaving.set_presence, self._channels, name, presence, self._clock.now(), first)

    async def remove_operator(self, name: str) -> list[str]:
        """What they have goes to the queue in the same transaction; the ids of their tokens, which end with it."""
        return await self._db.write(leaving.remove, self._channels, name, self._clock.now())

    async def switch_agent(
        self, name: str, status: AgentStatus | None, *, rename: str | None = None, version: int | None = None
    ) -> tuple[Agent, int]:
        """With 0 in flight, a switched-off agent sends nothing after this returns.

        `status`: None leaves it as it is. `version`: the one it was decided on.
        """
        changes: dict[str, Any] = {"status": status, "name": rename, "version": version}
        agent = await self._db.write(agent_changes.change, name, self._clock.now(), **changes)
        off = status is not None and status is not AgentStatus.ACTIVE
        return agent, await self._settled(agent_id=agent.id) if off else 0

    async def silence_all(self, *, by: str) -> tuple[list[Agent], int]:
        """Switches every assistant off, in one transaction."""
        silenced = await self._db.write(_silence_all, by, self._clock.now())
        return silenced, sum([await self._settled(agent_id=agent.id) for agent in silenced])

    async def change_account(self, account_id: str, **changes: object) -> tuple[Account, int]:
        account = await self._db.write(self._change_account, account_id, changes)
        if "handover" in changes:  # what was set by the old settings is worked out anew
            for conversation_id in await self._db.read(conversations.not_simply_the_assistants, account.id):
                await self._db.write(_refresh, conversation_id, self._clock.now())
        silent = not (account.active and account.auto_response)
        if "agent_id" in changes:
            silent = silent or not await self._db.read(_speaks, account)
        return account, await self._settled(account_id=account.id) if silent else 0

    async def _sent(self, job: Callable[..., Sent], *args: Any, **how: Any) -> Done:
        try:
            return await self._told(await self._db.write(job, self._channels, *args, now=self._clock.now(), **how))
        except SentBefore as meanwhile:
            return await self._told(meanwhile.sent)

    async def _told(self, sent: Sent) -> Done:
        in_flight = await self._settled(conversation_id=sent.conversation.id)
        return Done(conversation=sent.conversation, in_flight=in_flight, message_ids=sent.message_ids)

    async def _sign(self, conversation_id: str, by: str, *, typing: bool) -> bool:
        return await self._db.write(
            signs.give, self._channels, conversation_id, by=by, typing=typing, now=self._clock.now()
        )

    async def _command(self, conversation_id: str, order: Command, *, then: Then | None = None, **how: Any) -> Done:
        return await self._done(
            await self._db.write(self._carry_out, conversation_id, order, self._clock.now(), then, how)
        )

    async def _done(self, change: Change) -> Done:
        """Whoever now answers may have to wait for what the assistant has begun."""
        in_flight = await self._settled(conversation_id=change.after.id)
        return Done(conversation=change.after, in_flight=in_flight)

    def _carry_out(
        self,
        tx: Connection,
        conversation_id: str,
        order: Command,
        now: datetime,
        then: Then | None,
        how: dict[str, Any],
    ) -> Change:
        change = handovers.command(tx, conversation_id, order, now=now, **how)
        if order is Command.TAKE:
            is_there(tx, how["by"], now)
        announce(tx, self._channels, change, now)
        if then is not None:
            then(tx, change, now)
        return change

    def _transfer(
        self,
        tx: Connection,
        conversation_id: str,
        by: str,
        to_operator: str | None,
        to_team: str | None,
        force: bool,
        supervises: bool,
        note: str | None,
        now: datetime,
    ) -> Change:
        team_id = None if to_team is None else teams.get(tx, to_team).id
        if to_operator is not None:
            conversation = conversations.lock(tx, conversation_id)
            assigning.can_take(tx, to_operator, conversation.account_id, force=force)
        wish = Wish(reason="transferred", asked_by=by, team_id=team_id)
        change = handovers.command(
            tx,
            conversation_id,
            Command.TRANSFER,
            by=by,
            now=now,
            target=to_operator,
            team=team_id,
            force=force or supervises,
            reason=note,
            wish=wish,
        )
        announce(tx, self._channels, change, now)
        return change

    def _approve(
        self, tx: Connection, request_id: int, by: str, to_operator: str | None, force: bool, now: datetime
    ) -> Change:
        conversation_id = _still_waiting(tx, request_id)
        if to_operator is not None:
            conversation = conversations.get(tx, conversation_id)
            assigning.can_take(tx, to_operator, conversation.account_id, force=force)
        change = handovers.command(tx, conversation_id, Command.APPROVE, by=by, now=now, target=to_operator)
        if to_operator is None:
            is_there(tx, by, now)
        announce(tx, self._channels, change, now)
        return change

    def _reject(self, tx: Connection, request_id: int, by: str, note: str | None, now: datetime) -> Change:
        conversation_id = _still_waiting(tx, request_id)
        change = handovers.command(tx, conversation_id, Command.REJECT, by=by, now=now, reason=note)
        announce(tx, self._channels, change, now)
        return change

    def _ask_again(self, tx: Connection, change: Change, now: datetime) -> None:
        """The customer's last message once more, for the assistant: it arrives after the release."""
        last = messages.last_inbound(tx, change.after.id)
        if last is not None:
            mailbox.append(tx, change.after.id, MailKind.MESSAGE, now=now, message_id=last)

    def _change_account(self, tx: Connection, account_id: str, changes: dict[str, Any]) -> Account:
        if "agent_id" in changes:
            changes = {**changes, "agent_id": agents.get(tx, str(changes["agent_id"])).id}
        settings = changes.get("handover")
        if isinstance(settings, HandoverSettings) and settings.team is not None:
            changes = {**changes, "handover": replace(settings, team=teams.get(tx, settings.team).id)}
        return accounts.change(tx, self._vault, accounts.get(tx, account_id).id, **changes)

    async def settled(self, **whose: str) -> int:
        """Waits for the assistant's claims that were made before, at most `take_settle_s`; how many are left."""
        return await self._settled(**whose)

    async def _settled(self, **whose: str) -> int:
        loop = asyncio.get_running_loop()
        deadline, step = loop.time() + self._settings.take_settle_s, _STEP_S
        while left := await self._db.read(outbox.in_flight, **whose):
            if loop.time() >= deadline:
                return left
            await asyncio.sleep(step)
            step = min(step * 1.5, _LONGEST_STEP_S)
        return 0


def _refresh(tx: Connection, conversation_id: ConversationId, now: datetime) -> None:
    conversation = conversations.lock(tx, conversation_id)
    handovers.refresh_deadlines(tx, conversation, accounts.get(tx, conversation.account_id), now)


def _still_waiting(tx: Connection, request_id: int) -> str:
    """The conversation of a request that nobody has answered yet."""
    handovers.lock(tx, requests.get(tx, request_id).conversation_id)
    request = requests.get(tx, request_id)
    if request.ended_at is not None:
        state = word_of(request.state)
        told = say("The request is {state} already.", state=state)
        if request.ended_by:
            told = say("The request is {state} by {who} already.", state=state, who=request.ended_by)
        raise Refused(told, code=f"request_{request.state.value}")
    return request.conversation_id


def _speaks(tx: Connection, account: Account) -> bool:
    return agents.get(tx, account.agent_id).status is AgentStatus.ACTIVE


def _silence_all(tx: Connection, by: str, now: datetime) -> list[Agent]:
    speaking = [agent for agent in agents.all_of(tx) if agent.status is AgentStatus.ACTIVE]
    silenced = [agent_changes.change(tx, agent.id, now, status=AgentStatus.INACTIVE) for agent in speaking]
    notices.add(tx, "silence", None, {"by": by, "agents": [agent.name for agent in silenced]}, now)
    return silenced
