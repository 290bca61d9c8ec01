"""One turn: read the lowest mail, ask the gate, ask the dialogue, and make all of it true in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import structlog
from sqlalchemy.engine import Connection

from conversation import gate
from conversation.account import Account
from conversation.agent import Agent
from conversation.conversation import Conversation, ConversationId
from conversation.errors import BatonError
from conversation.gate import Answer, Reason, Verdict
from conversation.ids import new_id
from conversation.mail import Mail, MailKind, MailState
from conversation.message import Author
from runtime import points
from runtime.channel import Channels, Rendered, Utterance
from runtime.clock import Clock
from runtime.dialogue import Dialogue, Question, Reply
from runtime.settings import RuntimeSettings
from store import (
    accounts,
    agents,
    buttons,
    conversations,
    leases,
    mailbox,
    messages,
    notices,
    outbox,
    timers,
    trackers,
)
from store.database import Database
from store.leases import Lease
from store.outbox import Draft, Lane
from store.trackers import TrackerMoved

log = structlog.get_logger()

_HOUR = timedelta(hours=1)


class Step(str, Enum):
    """What became of one look at a mailbox."""

    TAKEN = "taken"  # a mail is done; look again
    EMPTY = "empty"
    NOT_READY = "not_ready"  # it is to be answered, and there is no model yet


class Discarded(BatonError):
    """Who may speak changed while the dialogue was thinking: its answer is worth nothing."""

    code = "discarded"


class LeaseLost(BatonError):
    """Another worker has the conversations now; nothing of ours may be written."""

    code = "lease_lost"


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything a turn is decided on, read in one transaction."""

    mail: Mail
    conversation: Conversation
    account: Account
    agent: Agent
    verdict: Verdict


#: Hides a text from the log while the context is open.
Unseen = Callable[[str | None], contextlib.AbstractContextManager[None]]


def _nothing_hidden(text: str | None) -> contextlib.AbstractContextManager[None]:
    return contextlib.nullcontext()


class Turns:
    def __init__(
        self,
        db: Database,
        dialogue: Dialogue,
        channels: Channels,
        clock: Clock,
        settings: RuntimeSettings,
        lease: Lease,
        unseen: Unseen = _nothing_hidden,
    ) -> None:
        """`unseen`: keeps a text out of every log line for as long as the context it gives is open."""
        self._db, self._dialogue, self._channels = db, dialogue, channels
        self._clock, self._settings, self._lease = clock, settings, lease
        self._unseen = unseen

    async def take(self, conversation_id: ConversationId) -> Step:
        """One mail of this conversation, to its end."""
        situation = await self._db.read(read_situation, conversation_id, self._clock.now())
        if situation is None:
            return Step.EMPTY
        bound = structlog.contextvars.bound_contextvars(conversation=conversation_id, mail=situation.mail.id)
        with bound, self._unseen(situation.mail.text):
            if situation.verdict.answer is not Answer.ANSWER:
                await self._db.write(self._record, situation)
            elif not self._dialogue.ready:
                return Step.NOT_READY
            else:
                await self._answer(situation)
            return Step.TAKEN

    async def _answer(self, situation: Situation) -> None:
        """Thinks and commits. What was decided under numbers that moved is thrown away, and the gate asked again."""
        conversation_id = situation.conversation.id
        try:
            async with self._typing_if_slow(situation):
                reply = await asyncio.wait_for(self._ask(situation), self._settings.turn_timeout_s)
            await points.reach_async(points.IN_TURN, conversation_id)
            seq = await self._db.write(self._commit, situation, reply)
        except (Discarded, TrackerMoved) as moved:
            self._dialogue.forget(conversation_id)
            log.info("turn_discarded", why=moved.code)
        except LeaseLost:
            self._dialogue.forget(conversation_id)
            raise
        except Exception as failure:
            self._dialogue.forget(conversation_id)
            await self._failed(situation, failure)
        except BaseException:  # cancelled: the process is ending
            self._dialogue.forget(conversation_id)
            raise
        else:
            self._dialogue.committed(conversation_id, seq)
            await points.reach_async(points.COMMITTED, conversation_id)

    async def _ask(self, situation: Situation) -> Reply:
        question = question_of(situation)
        if situation.mail.kind is MailKind.REMINDER:
            return await self._dialogue.remind(question)
        return await self._dialogue.answer(question)

    def _commit(self, tx: Connection, situation: Situation, reply: Reply) -> int:
        """The one transaction of an answered turn. Locks in the order of the house: account, agent, conversation."""
        now = self._clock.now()
        account = accounts.lock_shared(tx, situation.account.id)
        agent = agents.lock_shared(tx, situation.agent.id)
        conversation = conversations.lock(tx, situation.conversation.id)
        self._must_hold_lease(tx)
        if not still_ours(situation, account, agent, conversation):
            raise Discarded("who may speak has changed")
        if not mailbox.finish(tx, situation.mail, MailState.DONE, now):
            raise Discarded("the mail is not ours any more")
        position = trackers.append(tx, conversation.id, reply.events, now=now, expected_seq=reply.base_seq)
        conversation = conversations.get(tx, conversation.id)
        if conversation.return_due and situation.mail.kind is MailKind.MESSAGE:
            conversations.change(tx, conversation.id, return_due=False)
        self._queue(tx, conversation, account, agent, reply.utterances, now)
        timers.apply(tx, conversation.id, reply.timers)
        if situation.mail.message_id is not None:
            messages.set_verdict(
                tx,
                situation.mail.message_id,
                verdict=situation.verdict.answer.value,
                reason=situation.verdict.reason.value,
                intent=reply.intent,
                confidence=reply.confidence,
            )
        points.reach(points.IN_COMMIT, conversation.id)
        return position.seq

    def _queue(
        self,
        tx: Connection,
        conversation: Conversation,
        account: Account,
        agent: Agent,
        utterances: Sequence[Utterance],
        now: datetime,
    ) -> None:
        channel = self._channels[account.channel.value]
        expires_at = now + timedelta(seconds=self._settings.answer_ttl_s)
        outbox.withdraw_signals(tx, conversation.id, now)
        if self._settings.read_receipts and conversation.last_inbound_id:
            seen = channel.seen(conversation.last_inbound_id, typing=False, author=Author.BOT)
            if seen is not None:
                draft = Draft(body=seen, author=Author.BOT, lane=Lane.SIGNAL, expires_at=expires_at)
                outbox.queue(tx, draft, conversation=conversation, account=account, agent=agent, now=now)
        for utterance in utterances:
            for rendered in channel.render(utterance, lambda: new_id("b")):
                message_id = write_message(tx, conversation.id, rendered, Author.BOT, now)
                draft = Draft(body=rendered.body, author=Author.BOT, message_id=message_id, expires_at=expires_at)
                outbox.queue(tx, draft, conversation=conversation, account=account, agent=agent, now=now)

    def _record(
        self, tx: Connection, situation: Situation, reason: Reason | None = None, state: MailState = MailState.DONE
    ) -> None:
        """Keeps the customer's words in the tracker, without a model and without a word of the assistant's."""
        now = self._clock.now()
        mail = situation.mail
        conversations.lock(tx, mail.conversation_id)
        self._must_hold_lease(tx)
        if not mailbox.finish(tx, mail, state, now):
            return
        verdict = Verdict(answer=Answer.RECORD, reason=reason) if reason else situation.verdict
        if verdict.answer is Answer.RECORD and mail.text:
            event = user_event(situation, verdict, now)
            trackers.append(tx, mail.conversation_id, [event], now=now)
        if mail.message_id is not None:
            messages.set_verdict(tx, mail.message_id, verdict=verdict.answer.value, reason=verdict.reason.value)
        log.info("mail_recorded", reason=verdict.reason.value)

    async def _failed(self, situation: Situation, failure: Exception) -> None:
        """Tried again later, unless it was tried enough: then parked, recorded, and shown to people."""
        mail = situation.mail
        tries = mail.attempts + 1
        log.error("turn_failed", error=type(failure).__name__, tries=tries, exc_info=failure)
        if tries < self._settings.tries:
            wait = timedelta(seconds=self._settings.retry_after_s * 4**mail.attempts)
            await self._db.write(self._try_again, mail, self._clock.now() + wait, type(failure).__name__)
            return
        await self._db.write(self._park, situation)

    def _try_again(self, tx: Connection, mail: Mail, not_before: datetime, error: str) -> None:
        self._must_hold_lease(tx)
        mailbox.try_again(tx, mail, not_before=not_before, error=error)

    def _park(self, tx: Connection, situation: Situation) -> None:
        self._record(tx, situation, Reason.PARKED, MailState.PARKED)
        notices.add(tx, "parked", situation.conversation.id, {"mail": situation.mail.id}, self._clock.now())

    def _must_hold_lease(self, tx: Connection) -> None:
        if not leases.held(tx, self._lease):
            raise LeaseLost("another worker has taken over")

    @contextlib.asynccontextmanager
    async def _typing_if_slow(self, situation: Situation):  # type: ignore[no-untyped-def]
        task = asyncio.create_task(self._type_later(situation))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _type_later(self, situation: Situation) -> None:
        await asyncio.sleep(self._settings.typing_after_s)
        try:
            await self._db.write(self._queue_typing, situation)
        except Exception as failure:  # a sign that can't be given must not cost the answer
            log.warning("typing_not_shown", error=type(failure).__name__)

    def _queue_typing(self, tx: Connection, situation: Situation) -> None:
        """The sign carries the numbers the turn was started under, so it does not outlive the right to speak."""
        conversation, now = situation.conversation, self._clock.now()
        if not conversation.last_inbound_id or situation.mail.kind is not MailKind.MESSAGE:
            return
        channel = self._channels[situation.account.channel.value]
        body = channel.seen(conversation.last_inbound_id, typing=True, author=Author.BOT)
        if body is None:
            return
        draft = Draft(body=body, author=Author.BOT, lane=Lane.SIGNAL, expires_at=now + timedelta(seconds=10))
        outbox.queue(tx, draft, conversation=conversation, account=situation.account, agent=situation.agent, now=now)


def read_situation(tx: Connection, conversation_id: ConversationId, now: datetime) -> Situation | None:
    mail = mailbox.lowest_waiting(tx, conversation_id, now)
    if mail is None:
        return None
    conversation = conversations.get(tx, conversation_id)
    account = accounts.get(tx, conversation.account_id)
    agent = agents.get(tx, account.agent_id)
    said = messages.count_by_author_since(tx, conversation_id, Author.BOT, now - _HOUR)
    verdict = gate.decide(
        account=account, agent=agent, conversation=conversation, mail=mail, bot_messages_last_hour=said
    )
    return Situation(mail=mail, conversation=conversation, account=account, agent=agent, verdict=verdict)


def still_ours(situation: Situation, account: Account, agent: Agent, conversation: Conversation) -> bool:
    """The fence: nothing that decides who may speak has moved since the gate was asked."""
    return (
        conversation.ownership == situation.conversation.ownership
        and agent.activation == situation.agent.activation
        and account.activation == situation.account.activation
        and account.agent_id == situation.account.agent_id
    )


def question_of(situation: Situation) -> Question:
    mail, account = situation.mail, situation.account
    chosen = (mail.payload.get("payload") or None) if mail.kind is MailKind.MESSAGE else None
    return Question(
        mail=mail,
        channel=account.channel.value,
        text=chosen or mail.text or "",
        chosen=chosen is not None,
        metadata=metadata_of(situation, situation.verdict),
        shop=account.shop,
        return_due=situation.conversation.return_due,
    )


def metadata_of(situation: Situation, verdict: Verdict) -> dict[str, str]:
    """What actions find in the latest message's metadata. Small: Rasa stores it with every message and session."""
    return {
        "channel": situation.account.channel.value,
        "account": situation.account.id,
        "verdict": verdict.answer.value,
        "reason": verdict.reason.value,
        "turn_key": situation.mail.turn_key,
    }


def user_event(situation: Situation, verdict: Verdict, now: datetime) -> dict[str, object]:
    """The customer's words as Rasa's event, not interpreted: whoever reads the tracker later sees what was said."""
    return {
        "event": "user",
        "timestamp": now.timestamp(),
        "text": situation.mail.text,
        "parse_data": {
            "intent": {"name": None, "confidence": 0.0},
            "entities": [],
            "text": situation.mail.text,
            "message_id": situation.mail.provider_id,
            "metadata": metadata_of(situation, verdict),
        },
        "metadata": metadata_of(situation, verdict),
        "input_channel": situation.account.channel.value,
        "message_id": situation.mail.provider_id,
    }


def write_message(
    tx: Connection,
    conversation_id: ConversationId,
    rendered: Rendered,
    author: Author,
    now: datetime,
    operator: str | None = None,
) -> int:
    """The row people read, with what each button of it stands for."""
    buttons.add(tx, conversation_id, list(rendered.buttons), now)
    content = {"buttons": [button.title for button in rendered.buttons]} if rendered.buttons else {}
    message_id = messages.add_outbound(
        tx,
        conversation_id,
        author=author,
        kind=rendered.kind,
        text=rendered.text,
        content=content,
        at=now,
        operator=operator,
    )
    notices.add(tx, "message", conversation_id, {"message": message_id, "direction": "outbound"}, now)
    return message_id
