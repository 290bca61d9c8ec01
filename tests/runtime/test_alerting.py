"""People outside are told: over a real wire, signed, again where that failed, and never of what is over."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from conversation.alert import Event, Means
from conversation.conversation import ConversationId, HandoverState
from runtime.alert_settings import AlertingSettings
from runtime.alerting import Alerting
from store import accounts, alert_rules, alerts, conversations, notices, operators, tables
from store.leases import Holder
from store.operators import Role
from store.vault import Vault, new_key
from tests.house import HOLDER, START, Script, Stage, eventually
from tests.receivers import Receiver, receiving

SETTINGS = AlertingSettings(local=True, look_s=0.01, tries=3, retry_s=5, request_timeout_s=5)
LINKS = "https://baton.example.com"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@dataclasses.dataclass
class Bells:
    """A stage whose operators are told."""

    stage: Stage
    alerting: Alerting
    conversation_id: ConversationId

    def of(self, holder: Holder, settings: AlertingSettings = SETTINGS) -> Alerting:
        """As another process would have it."""
        return Alerting(self.stage.db, self.stage.vault, self.stage.clock, holder, settings, LINKS)

    async def rule(self, target: str, operator: str = "ana", **given: Any) -> str:
        settings = {name: given.pop(name) for name in list(given) if name not in ("means", "after_s", "secret")}
        made = await self.alerting.rules.add(
            means=given.pop("means", Means.WEBHOOK),
            target=target,
            operator=operator,
            team=None,
            settings=settings,
            **given,
        )
        self.stage.clock.wind(1)  # rules are asked in the order they were made in
        return made.rule.id

    async def rise(self, event: Event = Event.REQUESTED, **given: Any) -> None:
        def rise(tx: Any) -> None:
            conversation = conversations.get(tx, self.conversation_id)
            facts = {"reason": "asked", "priority": "high", **given.pop("facts", {})}
            account = accounts.get(tx, conversation.account_id)
            now = self.stage.clock.now()
            alerts.raise_event(tx, event, conversation=conversation, account=account, facts=facts, now=now, **given)

        await self.stage.db.write(rise)

    async def state(self, state: HandoverState, owner: str | None = None) -> None:
        await self.stage.db.write(conversations.change, self.conversation_id, state=state.value, owner=owner)

    async def rows(self) -> list[dict[str, Any]]:
        return await self.stage.db.read(alerts.of_conversation, self.conversation_id)

    async def states(self, *wanted: str) -> None:
        async def are() -> bool:
            return [row["state"] for row in await self.rows()] == list(wanted)

        await eventually(are, f"alerts being {wanted}")

    @contextlib.asynccontextmanager
    async def running(self, alerting: Alerting | None = None) -> AsyncIterator[None]:
        task = asyncio.create_task((alerting or self.alerting).run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def bells(stage: Stage) -> Bells:
    conversation_id = await stage.hears("quero uma pessoa")
    for name in ("ana", "ben"):
        await stage.db.write(operators.add, name, Role.OPERATOR, START)
    alerting = Alerting(stage.db, stage.vault, stage.clock, HOLDER, SETTINGS, LINKS)
    made = Bells(stage=stage, alerting=alerting, conversation_id=conversation_id)
    await made.state(HandoverState.PENDING)
    return made


async def test_what_is_told_says_what_and_where_and_nothing_the_customer_said(bells: Bells, receiver: Receiver) -> None:
    await bells.rule(f"{receiver.url}/hook")
    await bells.rise(facts={"queue_place": 2, "waiting_since": START})
    async with bells.running():
        await bells.states("told")
    (got,) = receiver.got
    told = json.loads(got.body)
    (row,) = await bells.rows()
    assert got.headers["Baton-Alert-Id"] == told["id"] == f"alert-{row['id']}"
    assert told["link"] == f"{LINKS}/desk#{bells.conversation_id}"
    assert (told["event"], told["reason"], told["priority"], told["queue_place"]) == ("requested", "asked", "high", 2)
    assert "quero uma pessoa" not in got.body.decode()
    assert "5511" not in got.body.decode() + str(got.headers)


async def test_it_is_signed_with_the_rules_own_secret(bells: Bells, receiver: Receiver) -> None:
    from runtime.alert_signature import signature

    await bells.rule(receiver.url, secret="bs_one")
    await bells.rise()
    async with bells.running():
        await bells.states("told")
    (got,) = receiver.got
    given = got.headers["Baton-Signature"]
    at = int(bells.stage.clock.now().timestamp())
    assert given == signature("bs_one", got.body, at)
    assert given != signature("bs_one", got.body + b" ", at)
    assert given != signature("bs_one", got.body, at + 1)
    assert given != signature("bs_two", got.body, at)


async def test_who_fails_is_asked_again_with_growing_patience_under_the_same_id(
    bells: Bells, receiver: Receiver
) -> None:
    await bells.rule(receiver.url)
    await bells.rise()
    receiver.answers.extend([web.Response(status=500), web.Response(status=503)])
    async with bells.running():
        await bells.states("waiting")
        (row,) = await eventually(lambda: _tried(bells, 1), "the first try")
        now = bells.stage.clock.now()
        assert now + timedelta(seconds=5) <= row["due_at"] <= now + timedelta(seconds=7)
        bells.stage.clock.wind(7)
        (row,) = await eventually(lambda: _tried(bells, 2), "the second try")
        assert row["due_at"] >= bells.stage.clock.now() + timedelta(seconds=20)
        bells.stage.clock.wind(30)
        await bells.states("told")
    assert len(receiver.got) == 3
    assert len({got.headers["Baton-Alert-Id"] for got in receiver.got}) == 1


async def _tried(bells: Bells, times: int) -> Any:
    """The rows, once each was tried so often and waits again."""
    rows = await bells.rows()
    return rows if all(row["attempts"] == times and row["state"] == "waiting" for row in rows) else None


async def test_it_is_given_up_after_some_tries_and_people_see_why(bells: Bells, receiver: Receiver) -> None:
    rule_id = await bells.rule(receiver.url)
    await bells.rise()
    receiver.answers.extend(web.Response(status=500) for _ in range(3))
    async with bells.running():
        for times in (1, 2):
            await eventually(functools.partial(_tried, bells, times), "a try")
            bells.stage.clock.wind(60)
        await bells.states("failed")
    assert (await bells.alerting.rules.get(rule_id)).rule.fault == "It answered 500."
    told = [notice for notice in await bells.stage.db.read(notices.after, 0) if notice["kind"] == "alert"]
    assert [notice["facts"] for notice in told] == [
        {"rule": rule_id, "event": "requested", "error": "It answered 500."}
    ]

    # and when somebody has mended it
    await bells.rise(Event.EXPIRED)
    async with bells.running():
        await bells.states("failed", "told")
    assert (await bells.alerting.rules.get(rule_id)).rule.fault is None


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
async def test_what_will_never_be_taken_is_not_tried_again(bells: Bells, receiver: Receiver, status: int) -> None:
    await bells.rule(f"{receiver.url}/first")
    await bells.rise()
    receiver.answers.append(web.Response(status=status, headers={"Location": f"{receiver.url}/second"}))
    async with bells.running():
        await bells.states("failed")
    assert [got.path for got in receiver.got] == ["/first"]  # a redirect is not followed


async def test_who_asks_for_time_is_given_it(bells: Bells, receiver: Receiver) -> None:
    await bells.rule(receiver.url)
    await bells.rise()
    receiver.answers.append(web.Response(status=429, headers={"Retry-After": "120"}))
    async with bells.running():
        (row,) = await eventually(lambda: _tried(bells, 1), "the first try")
    assert row["due_at"] == bells.stage.clock.now() + timedelta(seconds=120)


async def test_who_does_not_answer_is_not_waited_for_for_ever(bells: Bells, receiver: Receiver) -> None:
    await bells.rule(receiver.url)
    await bells.rise()
    receiver.open.clear()
    hasty = bells.of(HOLDER, dataclasses.replace(SETTINGS, request_timeout_s=0.05))
    async with bells.running(hasty):
        (row,) = await eventually(lambda: _tried(bells, 1), "the try")
    assert row["error"] == "It did not answer in time."


async def test_a_crash_between_request_and_settling_tells_it_again_under_the_same_id(
    bells: Bells, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bells.rule(receiver.url)
    await bells.rise()

    # given a process that ends when it was told, and nothing of that is written down
    async def never(*_: Any) -> None:
        await asyncio.Event().wait()

    first = bells.of(Holder(house=HOLDER.house, name="0"))
    with monkeypatch.context() as patched:
        patched.setattr("runtime.alerting.written", never)
        patched.setattr("runtime.alerting._DRAIN_S", 0.01)
        async with bells.running(first):
            await eventually(lambda: receiver.got, "the first request")
    await bells.states("claimed")

    # when its parent starts another
    async with bells.running():
        await bells.states("told")

    # then it was told twice, and the receiver can see that
    assert [got.headers["Baton-Alert-Id"] for got in receiver.got] == [receiver.got[0].headers["Baton-Alert-Id"]] * 2


async def test_what_is_under_way_at_the_end_is_finished(bells: Bells, receiver: Receiver) -> None:
    await bells.rule(receiver.url)
    await bells.rise()
    receiver.open.clear()
    async with bells.running():
        await eventually(lambda: receiver.got, "the request")
        asyncio.get_running_loop().call_later(0.05, receiver.open.set)
    await bells.states("told")
    assert len(receiver.got) == 1


async def test_who_is_next_is_told_when_nobody_reacts(bells: Bells, receiver: Receiver) -> None:
    await bells.rule(f"{receiver.url}/ana")
    await bells.rule(f"{receiver.url}/ben", "ben", after_s=300)
    await bells.rise(facts={"waiting_since": bells.stage.clock.now()})
    async with bells.running():
        await bells.states("told", "waiting")
        bells.stage.clock.wind(299)
        await bells.rise(Event.FAILED)  # something else is told meanwhile, so it was looked
        await bells.states("told", "waiting", "told", "waiting")
        bells.stage.clock.wind(1)
        await bells.states("told", "told", "told", "waiting")
    told = json.loads(receiver.got[-1].body)
    assert (receiver.got[-1].path, told["event"]) == ("/ben", "waiting")
    assert told["title"] == "Um cliente espera por uma pessoa há 5 min, e ninguém assumiu"


async def test_who_is_next_is_not_told_when_somebody_takes(bells: Bells, receiver: Receiver) -> None:
    await bells.rule(receiver.url, after_s=300)
    await bells.rise()
    await bells.state(HandoverState.HUMAN, "ben")
    bells.stage.clock.wind(301)
    async with bells.running():
        await bells.states("dropped")
    assert receiver.got == []


async def test_nobody_is_woken_in_their_quiet_hours(bells: Bells, receiver: Receiver) -> None:
    await bells.rule(f"{receiver.url}/ana", quiet_hours=["09:00-10:00"])  # 12:00 to 13:00 UTC
    await bells.rule(f"{receiver.url}/ben", "ben")
    await bells.rise()
    async with bells.running():
        await bells.states("waiting", "told")
        bells.stage.clock.wind(3600)
        await bells.states("told", "told")
    assert [got.path for got in receiver.got] == ["/ben", "/ana"]


async def test_one_that_is_held_keeps_no_other_waiting(bells: Bells, receiver: Receiver) -> None:
    async with receiving() as slow:
        slow.open.clear()
        await bells.rule(slow.url)
        await bells.rule(receiver.url, "ben")
        await bells.rise()
        async with bells.running():
            await eventually(lambda: slow.got and receiver.got, "both requests")
            slow.open.set()
            await bells.states("told", "told")


async def test_one_whose_address_no_key_opens_is_given_up_and_shown(bells: Bells, receiver: Receiver) -> None:
    rule_id = await bells.rule(receiver.url)
    await bells.rise()
    sealed = Vault(new_key()).seal(receiver.url)
    table = tables.alert_rules
    await bells.stage.db.write(lambda tx: tx.execute(table.update().values(target=sealed)))
    async with bells.running():
        await bells.states("failed")
    (shown,) = await bells.alerting.rules.all()
    assert (shown.rule.id, shown.host) == (rule_id, "")
    assert "can't be read with this key" in str(shown.rule.fault)
    await bells.alerting.rules.change(rule_id, settings={}, target=receiver.url)
    assert await bells.alerting.try_out(rule_id) is None


async def test_what_breaks_in_our_own_hands_is_tried_again(
    bells: Bells, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bells.rule(receiver.url)
    await bells.rise()
    monkeypatch.setattr("runtime.alert_shapes.body_of", lambda *_: 1 / 0)
    async with bells.running():
        (row,) = await eventually(lambda: _tried(bells, 1), "the try")
    assert row["error"] == "It broke (ZeroDivisionError)."


class TestTryingOut:
    async def test_tells_now_whatever_the_hour(self, bells: Bells, receiver: Receiver) -> None:
        rule_id = await bells.rule(receiver.url, quiet_hours=["09:00-10:00"], language="en", after_s=60)
        assert await bells.alerting.try_out(rule_id) is None
        told = json.loads(receiver.got[0].body)
        assert (told["event"], told["title"]) == ("test", "Test: Baton's alerts arrive here")

    async def test_says_why_it_was_not(self, bells: Bells, receiver: Receiver) -> None:
        rule_id = await bells.rule(receiver.url)
        receiver.answers.append(web.Response(status=404))
        assert await bells.alerting.try_out(rule_id) == "It answered 404."
        assert (await bells.alerting.rules.get(rule_id)).rule.fault == "It answered 404."
        assert await bells.alerting.try_out(rule_id) is None
        assert (await bells.alerting.rules.get(rule_id)).rule.fault is None

    async def test_no_fault_tells_the_address(self, bells: Bells) -> None:
        rule_id = await bells.rule("http://127.0.0.1:9/T0/secret")
        fault = await bells.alerting.try_out(rule_id)
        assert fault == "It could not be reached (ClientConnectorError)."


async def test_the_log_names_no_address_and_no_customer(
    bells: Bells, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    await bells.rule(f"{receiver.url}/T0/secret", secret="bs_secret")
    await bells.rise()
    receiver.answers.append(web.Response(status=400))
    async with bells.running():
        await bells.states("failed")
    said = "".join(capsys.readouterr())
    assert "alert_not_told" in said
    for word in ("secret", "127.0.0.1", "5511", "quero"):
        assert word not in said


async def test_the_rules_outlive_their_own_change(bells: Bells, receiver: Receiver) -> None:
    rule_id = await bells.rule("http://127.0.0.1:9")
    await bells.alerting.rules.change(rule_id, settings={"language": "en"}, target=receiver.url)
    await bells.rise()
    async with bells.running():
        await bells.states("told")
    assert json.loads(receiver.got[0].body)["title"] == "A customer asks for a person"
    await bells.alerting.rules.remove(rule_id)
    assert await bells.stage.db.read(alert_rules.all_of) == []


async def test_from_the_customers_wish_to_whoever_is_next_until_somebody_takes(
    bells: Bells, receiver: Receiver
) -> None:
    # given one who is told at once, one who is next, and a customer who asks the assistant for a person
    stage = bells.stage
    await bells.rule(f"{receiver.url}/ana", language="en")
    await bells.rule(f"{receiver.url}/ben", "ben", after_s=300)
    await bells.state(HandoverState.BOT)
    wish = {"reason": "anger", "priority": "high", "intent": "angry", "language": "pt"}
    slot = {"event": "slot", "timestamp": 1.0, "name": "handover_request", "value": wish}
    stage.dialogue.script.append(Script(says=(), events=[slot]))
    async with bells.running():
        await stage.all_turns(bells.conversation_id)
        await bells.states("told", "waiting")
        told = json.loads(receiver.got[0].body)
        assert (told["event"], told["reason"], told["priority"]) == ("requested", "anger", "high")
        assert told["waiting_since"] == stage.clock.now().isoformat()

        # when somebody takes it
        await stage.ownership.take(bells.conversation_id, by="ben")

        # then it is over for who was to be next
        await bells.states("told", "dropped")
        stage.clock.wind(600)
        await bells.rise(Event.FAILED)
        await bells.states("told", "dropped", "told", "waiting")
    assert [got.path for got in receiver.got] == ["/ana", "/ana"]


async def test_who_has_the_conversation_is_told_that_the_customer_writes(bells: Bells, receiver: Receiver) -> None:
    stage = bells.stage
    await bells.rule(f"{receiver.url}/ana")
    await bells.rule(f"{receiver.url}/ben", "ben")
    await stage.all_turns(bells.conversation_id)
    await stage.ownership.take(bells.conversation_id, by="ana")
    before = len(await bells.rows())
    await stage.hears("alguém?")
    await stage.all_turns(bells.conversation_id)
    async with bells.running():
        await eventually(lambda: receiver.got, "the alert")
    new = (await bells.rows())[before:]
    assert [(row["event"], row["facts"]["owner"]) for row in new] == [("message", "ana")]
    assert [got.path for got in receiver.got] == ["/ana"]
