"""The same moves, carried out by the store on a real database."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.exploring.moves import Move
from bench.exploring.world import OPERATORS, Rules, There, World
from conversation import gate, handover_settings
from conversation.account import Account, AccountId, Channel, WhilePending
from conversation.agent import Agent, AgentStatus
from conversation.arrivals import TEXT
from conversation.contact import Address, AddressKind
from conversation.conversation import ConversationId, HandoverState, Status
from conversation.deadlines import Deadline
from conversation.errors import Refused
from conversation.gate import Answer
from conversation.handover import PHONE, Command
from conversation.handover_settings import Silence
from conversation.mail import Mail, MailKind, MailState
from conversation.message import Author
from conversation.people import Assignment, Presence, Role
from runtime import hearing
from store import (
    accounts,
    agents,
    assigning,
    contacts,
    conversations,
    handovers,
    mailbox,
    messages,
    operators,
    outbox,
    people,
    requests,
    teams,
    witnesses,
)
from store import deadlines as deadline_rows
from store.leases import Holder
from store.outbox import Draft, OutboxState, Row
from store.tables import mailbox as mail_table
from store.tables import outbox as outbox_table
from store.vault import Vault, new_key

_HOLDER = Holder(house="explore", name="1")
_BODY = {"text": "hello"}
_FALLS_DUE = {Deadline.EXPIRY: Command.EXPIRE, Deadline.IDLE: Command.RETURN, Deadline.WAKE: Command.WAKE}
_SNOOZED_FOR = timedelta(days=3_000)  # nothing falls due by itself here
_BY_FORCE = "_by_force"
_LIVE = (OutboxState.QUEUED.value, OutboxState.CLAIMED.value, OutboxState.UNKNOWN.value)


@dataclass(kw_only=True)
class _Turn:
    mail: Mail
    answers: bool
    mute: bool
    ownership: int
    activation: int


@dataclass(kw_only=True)
class Stage:
    """One path's conversation, and who is around it."""

    accounts: Sequence[AccountId]
    agent: Agent
    team: str
    account: AccountId = field(init=False)
    id: ConversationId = field(init=False)
    turn: _Turn | None = None
    passed: set[int] = field(default_factory=set)
    _path: int = 0

    @classmethod
    def made(cls, tx: Connection, rules: Sequence[Rules], now: datetime) -> Stage:
        vault = Vault(new_key())
        agent = agents.ensure_default(tx, now)
        team = teams.add(tx, "desk", Assignment.HAND, now)
        made = []
        for number, rule in enumerate(rules):
            account = Account(
                id=accounts.new_account_id(),
                channel=Channel.WHATSAPP,
                provider_id=f"10000000000000{number}",
                name=rule.name,
                agent_id=agent.id,
                emulated=True,
                while_pending=WhilePending.SILENT if rule.silent_while_pending else WhilePending.ASSISTANT,
                handover=handover_settings.read(handover_settings.plain(rule.settings)),
            )
            made.append(accounts.add(tx, vault, account, token=None, secrets=(), now=now).id)
        return cls(accounts=made, agent=agent, team=team.id)

    def begin(self, tx: Connection, world: World, now: datetime) -> None:
        self._path += 1
        self.account = self.accounts[world.rules]
        self.turn, self.passed = None, set()
        phone = Address(kind=AddressKind.PHONE, value=f"5511{self._path:09d}")
        contact = contacts.find_or_add(tx, self.account, (phone,), None, now)
        self.id = conversations.find_or_add(tx, self.account, contact, now)
        agents.set_status(tx, self.agent.id, AgentStatus.ACTIVE)
        for name in OPERATORS:
            if operators.find(tx, name) is None:
                operators.add(tx, name, Role.SUPERVISOR, now)
                people.set_capacity(tx, name, 1_000)
            self._hand_over_the_rest(tx, name)
            presence = Presence.ONLINE if world.there(name) is There.ONLINE else Presence.OFFLINE
            people.set_presence(tx, name, presence, now)

    def _hand_over_the_rest(self, tx: Connection, name: str) -> None:
        """What they have from paths before is nobody's business here."""
        for other in people.owned_by(tx, name):
            conversations.change(tx, other, owner="somebody")

    def visible(self, tx: Connection) -> dict[str, Any]:
        conversation = conversations.get(tx, self.id)
        known = requests.of_conversation(tx, self.id)
        waits = tx.execute(
            sa.select(mail_table.c.seen_by_person)
            .where(mail_table.c.conversation_id == self.id, mail_table.c.state == MailState.NEW.value)
            .order_by(mail_table.c.id)
        )
        return {
            "state": conversation.state,
            "status": conversation.status,
            "owner": conversation.owner,
            "ownership": conversation.ownership,
            "nobody_answers": conversation.nobody_answers,
            "waiting": conversation.waiting_since is not None,
            "last_owner": conversation.last_owner,
            "unread": conversation.unread > 0,
            "request": known[-1].state if known else None,
            "deadlines": frozenset(deadline_rows.of_conversation(tx, self.id)),
            "mail": tuple(bool(seen) for seen in waits.scalars()),
            "rows": tuple(row.state.value for row in self._rows(tx)),
        }

    def carry_out(self, tx: Connection, move: Move, now: datetime) -> bool:
        """Whether it applied."""
        if move.who in ("worker", "gateway"):
            return bool(getattr(self, f"_{move.who}_{move.what}")(tx, now))
        if move.who == "clock":
            return self._falls_due(tx, Deadline(move.what), now)
        if move.who == "customer":
            return self._writes(tx, now)
        if move.who == PHONE:
            return self._order(tx, Command.ECHO, PHONE, now)
        if move.who == "assistant":
            return self._switch(tx)
        if move.what in ("offline", "online", "removed"):
            return self._presence(tx, move, now)
        return self._people_order(tx, move, now)

    # --- customers and clocks ---

    def _writes(self, tx: Connection, now: datetime) -> bool:
        provider_id = f"wamid.{self.id}.{now.timestamp()}"
        message = messages.add_inbound(
            tx, self.id, provider_id=provider_id, kind=TEXT, text="oi", content={}, reply_to=None, at=now
        )
        conversation = conversations.get(tx, self.id)
        if (conversation.state, conversation.status) != (HandoverState.BOT, Status.OPEN):
            self._order(tx, Command.INBOUND, "customer", now)
        conversations.note_inbound(tx, self.id, provider_id, now)
        mailbox.append(tx, self.id, MailKind.MESSAGE, now=now, message_id=message)
        return True

    def _falls_due(self, tx: Connection, kind: Deadline, now: datetime) -> bool:
        conversation = handovers.lock(tx, self.id)
        settings = self._account(tx).handover
        if kind is Deadline.UPDATE:
            messages.add_outbound(tx, self.id, kind="text", text="…", content={}, author=Author.SYSTEM, at=now)
            handovers.refresh_deadlines(tx, conversation, self._account(tx), now)
            return True
        to_queue = settings.silence_to is Silence.QUEUE
        command = _FALLS_DUE.get(kind) or (Command.VANISH if to_queue else Command.RETURN)
        return self._order(tx, command, "rule", now)

    def _switch(self, tx: Connection) -> bool:
        speaks = agents.get(tx, self.agent.id).status is AgentStatus.ACTIVE
        agents.set_status(tx, self.agent.id, AgentStatus.INACTIVE if speaks else AgentStatus.ACTIVE)
        return True

    # --- people ---

    def _people_order(self, tx: Connection, move: Move, now: datetime) -> bool:
        what, force = move.what.removesuffix(_BY_FORCE), move.what.endswith(_BY_FORCE)
        if what in ("give", "assigned"):
            return self._give(tx, move, now)
        if what == "to_team":
            return self._order(tx, Command.TRANSFER, move.who, now, team=self.team)
        until = now + _SNOOZED_FOR if what == "snooze" else None
        self._order(tx, Command(what), move.who, now, force=force, until=until)
        if what in ("take", "reply", "approve"):
            people.set_presence(tx, move.who, Presence.ONLINE, now)
        return True

    def _give(self, tx: Connection, move: Move, now: datetime) -> bool:
        if move.what == "assigned" and conversations.get(tx, self.id).state is not HandoverState.PENDING:
            return False
        try:
            assigning.can_take(tx, move.whom, self.account)
        except Refused:
            return False
        return self._order(tx, Command.TRANSFER, move.who, now, target=move.whom)

    def _presence(self, tx: Connection, move: Move, now: datetime) -> bool:
        there = Presence(move.what) if move.what != "removed" else None
        if operators.get(tx, move.who).presence is there:
            return False
        if there is not None:
            people.set_presence(tx, move.who, there, now)
        if there is not Presence.ONLINE:
            for owned in people.owned_by(tx, move.who):
                handovers.command(tx, owned, Command.VANISH, by=move.who, now=now)
        if there is None:
            operators.remove(tx, move.who)
        return True

    def _order(self, tx: Connection, command: Command, by: str, now: datetime, **how: Any) -> bool:
        handovers.command(tx, self.id, command, by=by, now=now, **how)
        return True

    # --- a turn ---

    def _worker_look(self, tx: Connection, now: datetime) -> bool:
        mail = mailbox.lowest_waiting(tx, self.id, now)
        assert mail is not None
        conversation, account = conversations.get(tx, self.id), self._account(tx)
        agent = agents.get(tx, self.agent.id)
        verdict = gate.decide(
            account=account, agent=agent, conversation=conversation, mail=mail, bot_messages_last_hour=0
        )
        answers = verdict.answer is Answer.ANSWER
        begun = mailbox.begin(tx, mail) if answers else mail
        assert begun is not None
        self.turn = _Turn(
            mail=begun,
            answers=answers,
            mute=verdict.reason in gate.NOBODY_ANSWERS,
            ownership=conversation.ownership,
            activation=agent.activation,
        )
        return True

    def _worker_crash(self, tx: Connection, now: datetime) -> bool:
        self.turn = None
        return True

    def _worker_commit(self, tx: Connection, now: datetime) -> bool:
        self._commit(tx, now)
        return True

    def _worker_commit_asking(self, tx: Connection, now: datetime) -> bool:
        return self._worker_commit_with(tx, {"reason": "asked", "priority": "high"}, now)

    def _worker_commit_declining(self, tx: Connection, now: datetime) -> bool:
        return self._worker_commit_with(tx, None, now)

    def _worker_commit_with(self, tx: Connection, wish: Any, now: datetime) -> bool:
        if self._commit(tx, now):
            event = {"event": "slot", "name": handovers.REQUEST_SLOT, "value": wish}
            handovers.project(tx, self.id, [event], now)
        return True

    def _commit(self, tx: Connection, now: datetime) -> bool:
        turn, self.turn = self._begun(), None
        conversation, agent = conversations.lock(tx, self.id), agents.get(tx, self.agent.id)
        if (conversation.ownership, agent.activation) != (turn.ownership, turn.activation):
            mailbox.put_back(tx, turn.mail)
            return False
        assert mailbox.finish(tx, turn.mail, MailState.DONE, now)
        draft = Draft(body=_BODY, author=Author.BOT)
        outbox.queue(tx, draft, conversation=conversation, account=self._account(tx), agent=agent, now=now)
        return True

    def _worker_record(self, tx: Connection, now: datetime) -> bool:
        turn, self.turn = self._begun(), None
        account, agent = self._account(tx), agents.get(tx, self.agent.id)
        if turn.mute and gate.why_silent(account, agent) is None:
            return True
        assert mailbox.finish(tx, turn.mail, MailState.DONE, now, recorded=True)
        if turn.mute and account.handover.enabled:
            with contextlib.suppress(Refused):
                self._order(tx, Command.INBOUND, "customer", now)
        return True

    def _begun(self) -> _Turn:
        assert self.turn is not None
        return self.turn

    # --- a send ---

    def _gateway_claim(self, tx: Connection, now: datetime) -> bool:
        row = next(row for row in self._rows(tx) if row.state is OutboxState.QUEUED)
        claimed = outbox.claim(tx, row, claimer=_HOLDER, now=now, deadline=now + timedelta(seconds=5))
        if claimed is None:
            hearing.left_unanswered(tx, self.id, now)
        return True

    def _gateway_sent(self, tx: Connection, now: datetime) -> bool:
        return self._settle(tx, OutboxState.SENT, now)

    def _gateway_try_again(self, tx: Connection, now: datetime) -> bool:
        return self._settle(tx, OutboxState.QUEUED, now)

    def _gateway_crash(self, tx: Connection, now: datetime) -> bool:
        return self._settle(tx, OutboxState.UNKNOWN, now)

    def _gateway_once_more(self, tx: Connection, now: datetime) -> bool:
        row = self._first(tx, OutboxState.UNKNOWN)
        tx.execute(outbox_table.update().where(outbox_table.c.id == row.id).values(resent=False))  # as often as we like
        return witnesses.send_once_more(tx, row, now)

    def _gateway_pass_unknown(self, tx: Connection, now: datetime) -> bool:
        self.passed.add(self._first(tx, OutboxState.UNKNOWN).id)
        return True

    def _settle(self, tx: Connection, state: OutboxState, now: datetime) -> bool:
        return outbox.settle(tx, self._first(tx, OutboxState.CLAIMED), state, now=now)

    def _first(self, tx: Connection, state: OutboxState) -> Row:
        return next(row for row in self._rows(tx) if row.state is state)

    def _rows(self, tx: Connection) -> list[Row]:
        query = sa.select(outbox_table).where(
            outbox_table.c.conversation_id == self.id, outbox_table.c.state.in_(_LIVE)
        )
        rows = [outbox.from_row(row) for row in tx.execute(query.order_by(outbox_table.c.id))]
        return [row for row in rows if row.id not in self.passed]

    def _account(self, tx: Connection) -> Account:
        return accounts.get(tx, self.account)
