"""One turn: read the lowest mail, ask the gate, ask the dialogue, and make all of it true in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from enum import Enum

import structlog
from sqlalchemy.engine import Connection

from conversation import bursts
from conversation.alert import Event
from conversation.conversation import ConversationId
from conversation.errors import NotFound, Refused
from conversation.gate import NOBODY_ANSWERS, Answer, Reason, Verdict, why_silent
from conversation.handover import Command
from conversation.mail import MailKind, MailState
from conversation.rating import score_in
from conversation.words import Saying
from runtime import hearing, introducing, joining, points
from runtime.announcing import complete, tell
from runtime.channel import Channels
from runtime.clock import Clock
from runtime.dialogue import Dialogue, Discarded, Reply
from runtime.saying import queue_answer, queue_typing
from runtime.settings import RuntimeSettings
from runtime.situation import Situation, question_of, read_situation, still_ours, user_event
from runtime.within import within
from store import (
    accounts,
    agents,
    alerts,
    conversations,
    gathering,
    handovers,
    leases,
    mailbox,
    messages,
    notices,
    ratings,
    snapshots,
    timers,
    trackers,
)
from store.database import Database
from store.leases import Holder
from store.requests import Wish
from store.trackers import TrackerMoved

log = structlog.get_logger()


class Step(str, Enum):
    """What became of one look at a mailbox."""

    TAKEN = "taken"  # a mail is done, or moved under our hands; look again
    EMPTY = "empty"
    GATHERING = "gathering"  # more may follow what there is
    NOT_READY = "not_ready"  # it is to be answered, and there is no model yet
    ELSEWHERE = "elsewhere"  # another worker has the conversation


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
        holder: Holder,
        unseen: Unseen = _nothing_hidden,
    ) -> None:
        """`holder`: who takes the leases. `unseen`: keeps a text out of every log line while its context is open."""
        self._db, self._dialogue, self._channels = db, dialogue, channels
        self._clock, self._settings, self._holder = clock, settings, holder
        self._unseen = unseen
        #: Told in how many seconds there is mail that only waits for what may follow it.
        self.look_again: Callable[[float], object] = lambda seconds: None

    async def take(self, conversation_id: ConversationId) -> Step:
        """One mail of this conversation, to its end."""
        vocabulary = self._dialogue.vocabulary
        situation = await self._db.read(read_situation, conversation_id, self._clock.now(), vocabulary)
        if situation is None:
            return Step.EMPTY
        bound = structlog.contextvars.bound_contextvars(conversation=conversation_id, mail=situation.mail.id)
        with bound, self._all_unseen(situation):
            if situation.until is not None:
                if not await self._db.write(self._wait, situation, situation.until):
                    return Step.TAKEN
                self.look_again((situation.until - self._clock.now()).total_seconds())
                return Step.GATHERING
            if situation.verdict.answer is not Answer.ANSWER:
                await self._db.write(self._record, situation)
                return Step.TAKEN
            if not self._dialogue.ready or not vocabulary.loaded:
                return Step.NOT_READY
            return await self._begin_and_answer(situation)

    def _wait(self, tx: Connection, situation: Situation, until: datetime) -> bool:
        """Not where somebody took it, or switched the assistant off, since it was read: that has ended the window."""
        account = accounts.lock_shared(tx, situation.account.id)
        agent = agents.lock_shared(tx, situation.agent.id)
        if conversations.find(tx, situation.conversation.id) is None:
            return False  # the contact was erased
        if not still_ours(situation, account, agent, conversations.lock(tx, situation.conversation.id)):
            return False
        gathering.wait(tx, situation.mail, until)
        return True

    @contextlib.contextmanager
    def _all_unseen(self, situation: Situation) -> Iterator[None]:
        words = [mail.text for mail in situation.mails]
        words += [situation.besides.payload] if situation.besides.payload else []
        with contextlib.ExitStack() as hidden:
            for text in [joining.words_of(situation.mails), *words] if situation.joined else words:
                hidden.enter_context(self._unseen(text))
            yield

    async def _begin_and_answer(self, situation: Situation) -> Step:
        begun = await self._db.write(self._begin, situation)
        if begun is None:
            return Step.ELSEWHERE
        await points.reach_async(points.BEGUN, begun.mail.conversation_id)
        if not begun.joined and begun.mail.crashes >= self._most_crashes(begun):
            log.error("mail_ends_processes", crashes=begun.mail.crashes)
            await self._db.write(self._park, begun, "the process ended each time it was tried")
        else:
            await self._answer(begun)
        return Step.TAKEN

    def _most_crashes(self, situation: Situation) -> int:
        """Where words are joined it may have been another's fault so often: each is tried alone once."""
        joins = situation.account.channel_settings.join_within_s > 0 and bursts.may_have_been_joined(situation.mail)
        return max(self._settings.tries, bursts.TRIED_TOGETHER + 1) if joins else self._settings.tries

    def _begin(self, tx: Connection, situation: Situation) -> Situation | None:
        """Takes the lease and marks the mail as under way: who finds the mark later knows that a process ended here."""
        now = self._clock.now()
        mail = situation.mail
        if not leases.take(tx, mail.conversation_id, self._holder, now=now, ttl_s=self._settings.lease_s):
            return None
        begun = mailbox.begin(tx, mail)
        if begun is None and not conversations.is_there(tx, mail.conversation_id):
            leases.forget(tx, mail.conversation_id)  # erased, or another conversation by now: nothing names it again
        return None if begun is None else situation.at(begun, joining.begin(tx, situation.joined))

    async def _answer(self, situation: Situation) -> None:
        """Thinks and commits. What was decided under numbers that moved is thrown away, and the gate asked again."""
        conversation_id = situation.conversation.id
        try:
            async with self._typing_if_slow(situation):
                reply = await within(self._settings.turn_timeout_s, self._ask(situation))
            await points.reach_async(points.IN_TURN, conversation_id)
            seq = await self._db.write(self._commit, situation, reply)
        except (Discarded, TrackerMoved) as moved:
            self._dialogue.forget(conversation_id)
            log.info("turn_discarded", why=moved.code)
            await self._db.write(joining.put_back, situation.mails)
        except Exception as failure:
            self._dialogue.forget(conversation_id)
            await self._failed(situation, failure)
        except BaseException:  # cancelled: the process is ending, in good order
            self._dialogue.forget(conversation_id)
            await self._db.write(joining.put_back, situation.mails)
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
        try:
            conversation = conversations.lock(tx, situation.conversation.id)
        except NotFound as gone:
            raise Discarded("the contact was erased") from gone
        if not still_ours(situation, account, agent, conversation):
            raise Discarded("who may speak has changed")
        if not mailbox.finish(tx, situation.mail, MailState.DONE, now):
            raise Discarded("the mail is not ours any more")
        if not gathering.finish_with(tx, situation.joined, situation.mail, now):
            raise Discarded("what was joined is not ours any more")
        position = trackers.append(tx, conversation.id, reply.events, now=now, expected_seq=reply.base_seq)
        if reply.snapshot is not None:
            snapshots.put(tx, conversation.id, reply.snapshot)
        conversation = conversations.get(tx, conversation.id)
        if conversation.return_due and situation.mail.kind is MailKind.MESSAGE:
            conversations.change(tx, conversation.id, return_due=False, arrival_due=False)
        whole = queue_answer(
            tx,
            self._channels[account.channel.value],
            introducing.by_assistant(
                tx, complete(tx, reply.utterances, conversation, account, now), conversation, account, now
            ),
            conversation=conversation,
            account=account,
            agent=agent,
            settings=self._settings,
            now=now,
        )
        if not whole:
            hearing.left_unanswered(tx, conversation.id, now)
        timers.apply(tx, conversation.id, reply.timers)
        for mail in situation.mails:
            if mail.message_id is not None:
                messages.set_verdict(
                    tx,
                    mail.message_id,
                    verdict=situation.verdict.answer.value,
                    reason=situation.verdict.reason.value,
                    intent=reply.intent,
                    confidence=reply.confidence,
                )
        points.reach(points.IN_COMMIT, conversation.id)
        return position.seq

    def _record(
        self, tx: Connection, situation: Situation, reason: Reason | None = None, state: MailState = MailState.DONE
    ) -> bool:
        """Keeps the customer's words in the tracker, without a model and without a word of the assistant's."""
        now = self._clock.now()
        mail = situation.mail
        verdict = Verdict(answer=Answer.RECORD, reason=reason) if reason else situation.verdict
        if verdict.reason in NOBODY_ANSWERS and self._may_speak_again(tx, situation):
            return False  # switched on meanwhile: put away now, it would have no answer
        if conversations.find(tx, mail.conversation_id) is None:
            return False  # the contact was erased
        conversations.lock(tx, mail.conversation_id)
        has_words = verdict.answer is Answer.RECORD and bool(mail.text)
        if not mailbox.finish(tx, mail, state, now, recorded=mail.recorded or has_words):
            return False
        if has_words and not mail.recorded:  # a mail that was parked is in the tracker already
            trackers.append(tx, mail.conversation_id, [user_event(situation, verdict, now)], now=now)
        if mail.message_id is not None:
            messages.set_verdict(tx, mail.message_id, verdict=verdict.answer.value, reason=verdict.reason.value)
            notices.add(tx, "recorded", mail.conversation_id, {"message": mail.message_id}, now)  # why it is silent
        self._follow_up(tx, situation, verdict, now)
        log.info("mail_recorded", reason=verdict.reason.value)
        return True

    def _may_speak_again(self, tx: Connection, situation: Situation) -> bool:
        account = accounts.lock_shared(tx, situation.account.id)
        return why_silent(account, agents.lock_shared(tx, account.agent_id)) is None

    def _follow_up(self, tx: Connection, situation: Situation, verdict: Verdict, now: datetime) -> None:
        """What is not answered by the assistant may ask for a person, or be the rating a person asked for."""
        mail, settings = situation.mail, situation.account.handover
        if verdict.reason is Reason.RATING:
            score = score_in(mail.text)
            if score is not None and ratings.give(tx, mail.conversation_id, score, now):
                tell(tx, self._channels, situation.conversation, situation.account, Saying.RATED, now)
        elif verdict.reason is Reason.STALE and settings.enabled:
            wish = Wish(reason=verdict.reason.value, asked_by="assistant")
            with contextlib.suppress(Refused):
                handovers.command(tx, mail.conversation_id, Command.REQUEST, by="assistant", now=now, wish=wish)
        elif verdict.reason in NOBODY_ANSWERS and settings.enabled and settings.off_opens_request:
            wish = Wish(reason=verdict.reason.value, asked_by="assistant")
            with contextlib.suppress(Refused):
                handovers.command(tx, mail.conversation_id, Command.INBOUND, by="customer", now=now, wish=wish)

    async def _failed(self, situation: Situation, failure: Exception) -> None:
        """Tried again later, unless it was tried enough: then parked, recorded, and shown to people."""
        mail = situation.mail
        tries = mail.attempts + 1
        log.error("turn_failed", error=type(failure).__name__, tries=tries, exc_info=failure)
        if tries < self._settings.tries or situation.joined:  # which of several it is, each shows when tried alone
            wait = timedelta(seconds=self._settings.retry_after_s * 4**mail.attempts)
            not_before = self._clock.now() + wait
            await self._db.write(joining.try_again, situation.mails, not_before, type(failure).__name__)
            return
        await self._db.write(self._park, situation, type(failure).__name__)

    def _park(self, tx: Connection, situation: Situation, error: str) -> None:
        if self._record(tx, situation, Reason.PARKED, MailState.PARKED):
            mailbox.note_error(tx, situation.mail, error)
            now, conversation = self._clock.now(), situation.conversation
            notices.add(tx, "parked", conversation.id, {"mail": situation.mail.id}, now)
            alerts.raise_event(
                tx,
                Event.PARKED,
                conversation=conversation,
                account=situation.account,
                facts={"reason": error},
                now=now,
                team_id=conversation.team_id,
                owner=conversation.owner,
            )

    @contextlib.asynccontextmanager
    async def _typing_if_slow(self, situation: Situation) -> AsyncIterator[None]:
        task = asyncio.create_task(self._type_later(situation))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _type_later(self, situation: Situation) -> None:
        await asyncio.sleep(self._settings.typing_after_s)
        if situation.mail.kind is not MailKind.MESSAGE:
            return
        try:
            await self._db.write(
                queue_typing,
                self._channels[situation.account.channel.value],
                conversation=situation.conversation,
                account=situation.account,
                agent=situation.agent,
                now=self._clock.now(),
            )
        except Exception as failure:  # a sign that can't be given must not cost the answer
            log.warning("typing_not_shown", error=type(failure).__name__)
