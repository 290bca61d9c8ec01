"""Every webhook is kept as it came; what meets a fault of ours is tried again, and has its effect once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conversation.webhook import Webhook, WebhookState
from runtime import accept, accept_inbound
from store import conversations, notices, tables, webhook_events, webhooks
from store.failures import DatabaseUnavailable
from tests import services
from tests.house import ANA, BEN, NUMBER, OTHER_NUMBER, Stage, add_account
from tests.whatsapp_bodies import body_with, comes, kept, redriver, wrote

S = WebhookState
_BAD = "o que ninguém lê"


class Fault:
    """Planted in accepting: whoever writes `_BAD` meets it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.there, self.met = True, 0
        self.raises: Exception = KeyError("and here is what the customer wrote")
        self._accept = accept_inbound.accept
        patch.setattr(accept_inbound, "accept", self)

    def __call__(self, tx: Any, channel: Any, account_id: Any, inbound: Any, *rest: Any) -> bool:
        if self.there and inbound.text == _BAD:
            self.met += 1
            raise self.raises
        return self._accept(tx, channel, account_id, inbound, *rest)


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Fault:
    return Fault(monkeypatch)


async def the_one(stage: Stage) -> Webhook:
    (webhook,) = await kept(stage)
    return webhook


async def test_what_came_is_kept_with_what_became_of_it(stage: Stage) -> None:
    first, unknown = body_with(wrote("oi", "w1")), body_with(wrote("oi", "w9"), account="999")
    for body in (first, first, unknown):
        await comes(stage, body)
    ours = [stage.account.id]
    assert [(w.state, w.accounts, w.kinds, w.attempts) for w in await kept(stage)] == [
        (S.PROCESSED, ours, ["message"], 1),
        (S.IGNORED, ours, ["message"], 1),  # repeated by Meta
        (S.IGNORED, ["unknown"], ["unknown_account"], 1),
    ]
    assert [row.body for row in await stage.rows(tables.webhooks)] == [first, first, unknown]


async def test_a_body_of_many_messages_has_one_row_which_says_what_became_of_all(stage: Stage) -> None:
    many = [wrote(f"mensagem {n}", f"w{n}", by=f"55119000{n:04}") for n in range(90)]
    await comes(stage, body_with(*many))
    assert (await the_one(stage)).state is S.PROCESSED
    await comes(stage, body_with(*many))
    assert [w.state for w in await kept(stage)] == [S.PROCESSED, S.IGNORED]
    assert len(await stage.rows(tables.messages)) == 90


async def test_a_fault_of_ours_keeps_the_body_and_nobody_elses_message_back(stage: Stage, fault: Fault) -> None:
    await comes(stage, body_with(wrote("bom dia", "w1", by=BEN), wrote(_BAD, "w2"), wrote("e eu?", "w3", by=BEN)))
    webhook = await the_one(stage)
    assert (webhook.state, webhook.attempts, webhook.ended_at) == (S.RECEIVED, 1, None)
    assert "KeyError" in str(webhook.error)
    assert "customer wrote" not in str(webhook.error)
    assert [row.text for row in await stage.rows(tables.messages)] == ["bom dia", "e eu?"]


async def test_it_is_tried_again_then_parked_and_once_the_fault_is_gone_answered_exactly_once(
    stage: Stage, fault: Fault
) -> None:
    redrive = redriver(stage)
    await comes(stage, body_with(wrote(_BAD, "w1", at=int(stage.clock.now().timestamp()))))
    await redrive.look()
    assert (await the_one(stage)).attempts == 1, "it is not its time yet"
    stage.clock.wind(31)
    await redrive.look()
    assert (await the_one(stage)).attempts == 2
    stage.clock.wind(301)
    await redrive.look()
    webhook = await the_one(stage)
    assert (webhook.state, webhook.attempts, webhook.due_at) == (S.PARKED, 3, None)
    told = [n["facts"] for n in await stage.db.read(notices.after, 0) if n["kind"] == "webhook"]
    assert told == [{"webhook": webhook.id, "state": "parked"}]
    stage.clock.wind(600)
    await redrive.look()
    assert (await the_one(stage)).attempts == 3, "a person is to say what becomes of it"

    fault.there = False
    assert (await redrive.again(webhook.id)).state is S.PROCESSED
    for _ in range(3):
        assert (await redrive.again(webhook.id)).state is S.PROCESSED
    (line,) = await stage.db.read(conversations.listed, address=ANA)
    await stage.all_turns(line.conversation.id)
    assert len(stage.dialogue.asked) == 1
    assert await stage.texts(line.conversation.id) == ["Olá!"]


async def test_later_messages_of_the_same_customer_do_not_wait_for_it(stage: Stage, fault: Fault) -> None:
    await comes(stage, body_with(wrote(_BAD, "w1")))
    await comes(stage, body_with(wrote("alô?", "w2")))
    assert [w.state for w in await kept(stage)] == [S.RECEIVED, S.PROCESSED]
    fault.there = False
    stage.clock.wind(31)
    await redriver(stage).look()
    assert [w.state for w in await kept(stage)] == [S.PROCESSED, S.PROCESSED]
    assert [row.text for row in await stage.rows(tables.messages)] == ["alô?", _BAD]


@services.sqlite_only
async def test_a_database_that_is_away_keeps_nothing_so_that_meta_comes_again(stage: Stage, fault: Fault) -> None:
    fault.raises = DatabaseUnavailable("gone")
    with pytest.raises(DatabaseUnavailable):
        await comes(stage, body_with(wrote("oi", "w1"), wrote(_BAD, "w2")))
    assert await kept(stage) == []


@services.sqlite_only
async def test_without_a_body_to_keep_a_fault_is_its_callers(stage: Stage, fault: Fault) -> None:
    with pytest.raises(KeyError):
        await stage.accept(stage.inbound(_BAD))


@services.sqlite_only
async def test_of_two_that_try_the_same_one_does(stage: Stage, fault: Fault) -> None:
    await comes(stage, body_with(wrote(_BAD, "w1")))
    stage.clock.wind(31)
    due = await stage.db.read(webhooks.due, stage.clock.now())
    until = stage.clock.now().replace(year=2030)
    tries = [
        await stage.db.write(webhooks.claim, due[0], now=stage.clock.now(), until=until, asked_for=False)
        for _ in range(2)
    ]
    assert tries == [True, False]


async def test_a_body_is_never_taken_for_an_account_that_was_added_after_it_came(stage: Stage) -> None:
    """It was signed by whoever it was of then, not by the new account's app."""
    await comes(stage, body_with(wrote("oi", "w1"), account=OTHER_NUMBER))
    await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    webhook = await redriver(stage).again((await the_one(stage)).id)
    assert webhook.state is S.IGNORED
    assert await stage.rows(tables.messages) == []


@services.sqlite_only
async def test_what_cannot_be_read_is_parked_at_once_and_read_by_a_better_reader(stage: Stage) -> None:
    from conversation.arrivals import Unfamiliar
    from conversation.webhook import Came

    body = body_with(wrote("oi", "w1"))
    unreadable = Unfamiliar(account=None, kind="unreadable_body", body={}, key="k")
    came = Came(body=body, accounts=frozenset({NUMBER}), unreadable="KeyError")
    await stage.entrance.accept("whatsapp", [unreadable], came)
    webhook = await the_one(stage)
    assert (webhook.state, webhook.error) == (S.PARKED, "KeyError")
    assert [e["kind"] for e in await stage.db.read(webhook_events.latest)] == ["unreadable_body"]
    assert (await redriver(stage).again(webhook.id)).state is S.PROCESSED
    assert [row.text for row in await stage.rows(tables.messages)] == ["oi"]


@services.sqlite_only
async def test_the_row_is_committed_with_what_it_tells_of(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = []
    write = stage.db.write

    async def counted(job: Any, *args: Any, **given: Any) -> Any:
        writes.append(job)
        return await write(job, *args, **given)

    monkeypatch.setattr(stage.db, "write", counted)
    await comes(stage, body_with(wrote("oi", "w1")))
    assert len(writes) == 1
    assert accept._AT_ONCE < 90, "the test of many messages splits its body"


@services.sqlite_only
async def test_one_that_can_not_even_be_tried_does_not_keep_the_others(
    stage: Stage, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in (1, 2):
        await comes(stage, body_with(wrote(_BAD, f"w{n}")))
    fault.there = False
    stage.clock.wind(31)
    again = stage.entrance.again

    async def first_fails(webhook: Webhook, *rest: Any) -> None:
        if webhook.id == 1:
            raise ZeroDivisionError
        await again(webhook, *rest)

    monkeypatch.setattr(stage.entrance, "again", first_fails)
    await redriver(stage).look()
    assert [w.state for w in await kept(stage)] == [S.RECEIVED, S.PROCESSED]
    monkeypatch.undo()
    stage.clock.wind(121)
    await redriver(stage).look()
    assert [w.state for w in await kept(stage)] == [S.PROCESSED, S.PROCESSED]


@services.sqlite_only
async def test_of_an_address_book_nothing_is_kept_though_it_was_only_taken_in_when_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"type": "contact", "action": "add", "contact": {"full_name": "Dona Rita", "phone_number": "5511955551234"}}
    value = {"metadata": {"phone_number_id": NUMBER}, "state_sync": [entry]}
    change = {"field": "smb_app_state_sync", "value": value}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "80", "changes": [change]}]})
    await stage.hears(phone="5511955551234")
    with monkeypatch.context() as broken:
        broken.setattr("runtime.accept_wishes.contact_list.call", _meets_a_fault)
        await comes(stage, body)
    (row,) = await stage.rows(tables.webhooks)
    assert (row.state, row.body) == (S.RECEIVED.value, body), "else it could not be tried again"
    stage.clock.wind(31)
    await redriver(stage).look()
    (row,) = await stage.rows(tables.webhooks)
    assert (row.state, row.body) == (S.PROCESSED.value, "")
    assert (await redriver(stage).again(row.id)).state is S.PROCESSED, "and there is nothing to try"


@services.sqlite_only
async def test_of_an_address_book_that_cant_be_read_nothing_is_kept_either(stage: Stage) -> None:
    entry = {"type": "contact", "action": "add", "contact": {"full_name": "Dona Rita"}}
    value = {"metadata": {"phone_number_id": NUMBER}, "state_sync": [entry]}
    change = {"field": "smb_app_state_sync", "value": value}
    await comes(
        stage, json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "80", "changes": [change]}]})
    )
    (row,) = await stage.rows(tables.webhooks)
    (event,) = await stage.rows(tables.webhook_events)
    assert (row.body, "Rita" in str(event.body)) == ("", False)


def _meets_a_fault(*of: Any) -> bool:
    raise KeyError("fault")
