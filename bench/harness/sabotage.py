"""The guards, each removed alone: a bench that cannot see its absence measures nothing.

Only here, never in the product. Each function changes modules of the process it is called in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bench.harness import sabotage_dashboard, sabotage_llm


def no_fence() -> None:
    """A turn's commit does not ask again who may speak. The tracker's number, which a take moves too and which would
    refuse the same commit, is not looked at either: otherwise it would hide that the fence is gone."""
    from runtime import turn
    from store import trackers

    append = trackers.append

    def append_anyway(*args: Any, **kwargs: Any) -> trackers.Position:
        return append(*args, **{**kwargs, "expected_seq": None})

    turn.still_ours = lambda *_: True  # type: ignore[attr-defined]
    trackers.append = append_anyway


def no_gate_at_claim() -> None:
    """What was said leaves whenever its turn comes: a claim asks nothing, and a take withdraws nothing."""
    from store import outbox

    outbox.why_not_leave = lambda *_: None
    outbox.withdraw_bot_rows = lambda *_: 0


def no_wait() -> None:
    """A take or a switch-off answers at once, whatever is claimed."""
    from runtime.ownership import Ownership

    async def settled_at_once(self: Ownership, **whose: str) -> int:
        return 0

    Ownership._settled = settled_at_once  # type: ignore[method-assign]


def no_owner() -> None:
    """Whoever orders something may: nobody asks whose conversation it is, or on which number it was decided."""
    from dataclasses import replace

    from conversation import handover
    from store import handovers

    after, command = handover.after, handovers.command

    def after_anyway(standing: Any, order: Any, facts: Any = None) -> Any:
        return after(replace(standing, owner=None), order, facts)

    def command_anyway(*args: Any, **kwargs: Any) -> Any:
        return command(*args, **{**kwargs, "ownership": None})

    handover.after, handovers.command = after_anyway, command_anyway


def early_200() -> None:
    """Meta is told that all is well, and then it is written down."""
    from runtime.accept import Entrance

    accept, under_way = Entrance.accept, set[Any]()

    async def accept_later(self: Entrance, channel: str, arrivals: Any, came: Any = None) -> None:
        task = asyncio.ensure_future(accept(self, channel, arrivals, came))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    Entrance.accept = accept_later  # type: ignore[method-assign]


def no_key() -> None:
    """What comes again is taken for new."""
    from store import mailbox

    mailbox.first_time = lambda *_: True


def two_commits() -> None:
    """A turn's effects are committed, and then, in a transaction of its own, that its mail is done."""
    from conversation.mail import MailState
    from runtime.turn import Turns
    from store import mailbox

    answer, finish = Turns._answer, mailbox.finish

    def finish_if_recorded(tx: Any, mail: Any, state: MailState, now: Any, **recorded: bool) -> bool:
        return finish(tx, mail, state, now, **recorded) if recorded else True

    async def answer_and_finish(self: Turns, situation: Any) -> None:
        await answer(self, situation)
        await self._db.write(finish, situation.mail, MailState.DONE, self._clock.now())

    mailbox.finish = finish_if_recorded  # type: ignore[assignment]
    Turns._answer = answer_and_finish  # type: ignore[method-assign]


def no_turn_fence() -> None:
    """A turn's commit asks neither whether the mail is still its own nor whether the tracker is as it was read."""
    from conversation.mail import MailState
    from store import mailbox

    no_fence()
    finish = mailbox.finish

    def finish_anyway(tx: Any, mail: Any, state: MailState, now: Any, **recorded: bool) -> bool:
        return finish(tx, mail, state, now, **recorded) or True

    mailbox.finish = finish_anyway  # type: ignore[assignment]


def no_order() -> None:
    """Of what waits in a mailbox the newest comes first."""
    from store import mailbox
    from store.tables import mailbox as table

    mailbox._LOWEST = mailbox._LOWEST.order_by(None).order_by(table.c.id.desc())


def claim_late() -> None:
    """A claim is written down together with what became of its request, not before it."""
    from datetime import timedelta

    from runtime import points
    from runtime.deliver import Delivery

    class Undone(Exception):
        """Takes the claim back; what it would have been goes with it."""

    def claim_and_undo(tx: Any, claim: Callable[..., Any], *told: Any) -> None:
        raise Undone(claim(tx, *told))

    async def deliver(self: Delivery, row: Any) -> None:
        now = self._clock.now()
        told = (row, now, now + timedelta(seconds=self._settings.claim_s))
        try:
            await self._db.write(claim_and_undo, self._claim, *told)
        except Undone as undone:
            claimed = undone.args[0]
        if claimed is None:
            await self._db.write(self._claim, *told)
            return
        await points.reach_async(points.CLAIMED, row.conversation_id)
        settle = await self._request(claimed, told[2])
        await points.reach_async(points.IN_REQUEST, row.conversation_id)
        await self._db.write(lambda tx: (self._claim(tx, *told), settle(tx)))

    Delivery._deliver = deliver  # type: ignore[method-assign]


def blind_resend() -> None:
    """What nobody knows the fate of is sent again at once, without asking any witness."""
    from store import outbox
    from store.outbox import OutboxState

    settle = outbox.settle

    def settle_or_send_again(tx: Any, row: Any, state: OutboxState, **what: Any) -> bool:
        return settle(tx, row, OutboxState.QUEUED if state is OutboxState.UNKNOWN else state, **what)

    outbox.settle = settle_or_send_again


def own_echo_is_a_person() -> None:
    """What we sent ourselves and hear of again is told from nobody's: it must have been a person in the inbox."""
    from runtime import echoes
    from store import held_echoes

    echoes.settles_ours = lambda *_: False
    echoes.witnesses_unknown = lambda *_: False
    held_echoes.request_is_under_way = lambda *_: False


def no_catch_up() -> None:
    """Back from an outage, nobody asks for what was missed, nor to be told again."""
    from store import syncs

    syncs.ask = lambda *_, **__: None  # type: ignore[assignment, return-value]


def no_stale_rule() -> None:
    """However late a message comes to us, the assistant answers it."""
    from conversation import gate

    gate.is_stale = lambda *_: False


def throttle_burns() -> None:
    """Too many requests: the message is tried again and given up like any other, and the account goes on."""
    _otherwise("PAUSE_ACCOUNT", "TRY_AGAIN")


def stop_burns() -> None:
    """An account that can't send: each message is refused, one after the other."""
    _otherwise("STOP_ACCOUNT", "GIVE_UP")


def pair_stops() -> None:
    """Too many messages to one contact: nobody of that account is written to."""
    _otherwise("PAUSE_CONVERSATION", "PAUSE_ACCOUNT")


def _otherwise(course: str, other: str) -> None:
    from dataclasses import replace

    from connectors import graph_errors
    from conversation.course import Course

    graph_errors.ERRORS = {
        key: replace(rule, course=Course[other]) if rule.course is Course[course] else rule
        for key, rule in graph_errors.ERRORS.items()
    }


def drop_unknown() -> None:
    """What nobody here knows what to do with is not kept."""
    from store import webhook_events

    webhook_events.add = lambda *_: None


def one_of_a_batch() -> None:
    """Of a body only the first event is taken, as Rasa's own channel does."""
    from runtime.accept import Entrance

    accept = Entrance.accept

    async def accept_first(self: Entrance, channel: str, arrivals: Any, came: Any = None) -> None:
        await accept(self, channel, arrivals[:1], came)

    Entrance.accept = accept_first  # type: ignore[method-assign]


def odd_input_fails() -> None:
    """A canned reply with an emoji in its name is more than the API can bear."""
    from store import canned

    add = canned.add

    def add_or_fail(tx: Any, **given: Any) -> Any:
        if any(ord(sign) > 0xFFFF for sign in given["shortcut"]):
            raise RuntimeError("an odd sign")
        return add(tx, **given)

    canned.add = add_or_fail


def odd_status() -> None:
    """What is not there is a teapot."""
    from handover import schemas

    status = schemas._status
    schemas._status = lambda error: 418 if status(error) == 404 else status(error)


def any_body() -> None:
    """A body that does not fit is taken for an empty one, where that would do."""
    from conversation.errors import BadInput
    from handover import auth

    body_of = auth.body_of

    def body_or_nothing(request: Any, kind: Any) -> Any:
        try:
            return body_of(request, kind)
        except BadInput as error:
            try:
                return kind()
            except TypeError:
                raise error from None

    auth.body_of = body_or_nothing


def no_token() -> None:
    """Who comes without a token is taken for who came last."""
    from handover import auth

    who, last = auth._who, list[Any]()

    async def who_or_last(request: Any, manner: Any) -> Any:
        found = await who(request, manner)
        if found is not None:
            last[:] = [found]
        return found or (last[0] if last else None)

    auth._who = who_or_last


def number_by_id() -> None:
    """An event is told under the id it was written under, on PostgreSQL too, where that is given before the commit."""
    import sqlalchemy as sa

    from store import feed
    from store.tables import notices

    feed._key = lambda tx: notices.c.id
    feed.newest = lambda tx: int(tx.execute(sa.select(sa.func.coalesce(sa.func.max(notices.c.id), 0))).scalar_one())


def resume_off_by_one() -> None:
    """Whoever comes again goes on one later than they said."""
    from handover import feed_messages

    read = feed_messages.read

    def read_later(raw: bytes | str) -> Any:
        found = read(raw)
        if isinstance(found, feed_messages.Auth) and found.after is not None:
            found.after += 1
        return found

    feed_messages.read = read_later


def dropping_queue() -> None:
    """Whoever is behind is given the newest only, as from a queue that drops what does not fit."""
    import dataclasses

    from runtime.hub import Batch, Hub

    after = Hub.after

    async def newest_after(self: Hub, number: int) -> Batch:
        batch = await after(self, number)
        return dataclasses.replace(batch, events=batch.events[-1:])

    Hub.after = newest_after  # type: ignore[method-assign]


def no_llm_fence() -> None:
    """Neither the request nor the commit asks again who may speak: the one would hide that the other is gone."""
    sabotage_llm.no_giving_up()
    no_fence()
    no_gate_at_claim()


SABOTAGES: dict[str, Callable[[], None]] = {
    "bare-list": sabotage_dashboard.bare_list,
    "cors-closed": sabotage_dashboard.cors_closed,
    "no-mode": sabotage_dashboard.no_mode,
    "null-date": sabotage_dashboard.null_date,
    "token-shown": sabotage_dashboard.token_shown,
    "odd-input-fails": odd_input_fails,
    "odd-status": odd_status,
    "any-body": any_body,
    "no-token": no_token,
    "no-fence": no_fence,
    "no-gate-at-claim": no_gate_at_claim,
    "no-wait": no_wait,
    "no-owner": no_owner,
    "early-200": early_200,
    "no-key": no_key,
    "two-commits": two_commits,
    "no-turn-fence": no_turn_fence,
    "no-order": no_order,
    "claim-late": claim_late,
    "blind-resend": blind_resend,
    "own-echo-is-a-person": own_echo_is_a_person,
    "no-catch-up": no_catch_up,
    "no-stale-rule": no_stale_rule,
    "throttle-burns": throttle_burns,
    "stop-burns": stop_burns,
    "pair-stops": pair_stops,
    "drop-unknown": drop_unknown,
    "one-of-a-batch": one_of_a_batch,
    "no-dedup": no_key,
    "number-by-id": number_by_id,
    "resume-off-by-one": resume_off_by_one,
    "dropping-queue": dropping_queue,
    "no-fallback": sabotage_llm.no_fallback,
    "no-lending": sabotage_llm.no_lending,
    "no-giving-up": sabotage_llm.no_giving_up,
    "no-llm-fence": no_llm_fence,
}
#: Which of them which bench can see.
OF_SILENCE = ("no-fence", "no-gate-at-claim", "no-wait")
#: On the channels that tell us of our own sends.
OF_ECHOES = ("own-echo-is-a-person",)
OF_OUTAGES = ("no-catch-up", "no-stale-rule", *OF_ECHOES)
OF_RACES = ("no-owner",)
OF_CRASHES = ("blind-resend", "claim-late", "early-200", "no-key", "no-order", "no-turn-fence", "two-commits")
OF_ERRORS = ("pair-stops", "stop-burns", "throttle-burns")
OF_FEEDS = ("number-by-id", "resume-off-by-one", "dropping-queue")
OF_WEBHOOKS = ("drop-unknown", "no-dedup", "one-of-a-batch")
OF_LLMS = ("no-fallback", "no-giving-up", "no-lending", "no-llm-fence")
OF_DASHBOARDS = ("bare-list", "cors-closed", "no-mode", "null-date", "token-shown")
OF_SCHEMAS = ("any-body", "no-token", "odd-input-fails", "odd-status")
