"""What was kept for as long as it is to be kept goes by itself; what is still needed stays, however old it is."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conversation.mail import MailState
from conversation.retention_settings import DEFAULTS
from conversation.webhook import WebhookState
from runtime import retention as module
from runtime.media_files import MediaFolder
from runtime.retention import EVERY, SETTING, Retention
from store import (
    buttons,
    deletion_requests,
    llm_calls,
    mailbox,
    media,
    notices,
    outbox,
    pulses,
    retention,
    settings,
    tables,
    trackers,
    webhooks,
)
from store.buttons import Button
from tests import services
from tests.files import upload
from tests.house import ANA, BEN, Stage, eventually
from tests.whatsapp_bodies import body_with, comes, wrote


def keeper(stage: Stage) -> Retention:
    return Retention(stage.db, stage.clock, pause_s=0)


async def keeps(stage: Stage, **days: int | None) -> None:
    await stage.db.write(settings.change, SETTING, days, by="chefe", now=stage.clock.now())


async def texts(stage: Stage) -> list[str | None]:
    return [row.text for row in await stage.rows(tables.messages)]


async def aged(stage: Stage, table: Any, column: str, days: float, ids: Sequence[int] | None = None) -> None:
    """They are from so many days ago."""
    which = table.update().values(**{column: stage.clock.now() - timedelta(days=days)})
    await stage.db.write(lambda tx: tx.execute(which if ids is None else which.where(table.c.id.in_(list(ids)))))


async def test_a_webhook_of_31_days_goes_and_one_of_29_stays(stage: Stage) -> None:
    await comes(stage, body_with(wrote("antes", "w1")))
    stage.clock.wind(2 * 86_400)
    await comes(stage, body_with(wrote("depois", "w2")))
    stage.clock.wind(29 * 86_400)
    assert (await keeper(stage).sweep())["webhooks"] == 1
    assert ["depois" in row.body for row in await stage.rows(tables.webhooks)] == [True]
    assert await texts(stage) == ["antes", "depois"], "what was said is kept for ever"


async def test_what_is_still_to_be_tried_stays(stage: Stage) -> None:
    given: dict[str, Any] = {"channel": "whatsapp", "accounts": [], "kinds": [], "body": "{}", "now": stage.clock.now()}
    for state in WebhookState:
        await stage.db.write(webhooks.add, state=state, due_at=stage.clock.now(), **given)
    stage.clock.wind(40 * 86_400)
    await keeper(stage).sweep()
    assert [row.state for row in await stage.rows(tables.webhooks)] == ["received"]


async def test_many_go_a_few_at_a_time(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 20)
    given: dict[str, Any] = {"channel": "whatsapp", "accounts": [], "kinds": [], "state": WebhookState.IGNORED}

    def add(tx: Any) -> None:
        for _ in range(50):
            webhooks.add(tx, body="{}", now=stage.clock.now(), **given)

    await stage.db.write(add)
    stage.clock.wind(31 * 86_400)
    largest = 0
    delete = retention.Sweep.delete

    def counted(self: Any, tx: Any, keys: Any, *rest: Any) -> int:
        nonlocal largest
        largest = max(largest, len(keys))
        return delete(self, tx, keys, *rest)

    monkeypatch.setattr(retention.Sweep, "delete", counted)
    assert (await keeper(stage).sweep())["webhooks"] == 50
    assert largest == 20


async def test_the_newest_notices_stay_and_no_number_is_given_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "NEWEST_NOTICES", 3)

    def tell(tx: Any) -> None:
        for n in range(10):
            notices.add(tx, "agent", None, {"n": n}, stage.clock.now())

    await stage.db.write(tell)
    newest = (await stage.rows(tables.notices))[-1].id
    stage.clock.wind(31 * 86_400)
    assert (await keeper(stage).sweep())["notices"] == 7
    await stage.db.write(notices.add, "agent", None, {"n": 10}, stage.clock.now())
    assert [row.facts["n"] for row in await stage.rows(tables.notices)] == [7, 8, 9, 10]
    assert (await stage.rows(tables.notices))[-1].id == newest + 1


async def test_mail_that_is_done_goes_and_what_waits_or_is_parked_stays(stage: Stage) -> None:
    done = await stage.hears("feito", phone=ANA)
    await stage.all_turns(done)
    await stage.hears("ainda não", phone=BEN)
    parked = await stage.hears("nunca", phone="5511900000001")
    lowest = await stage.db.read(mailbox.lowest_waiting, parked, stage.clock.now())
    assert lowest is not None
    await stage.db.write(mailbox.finish, lowest, MailState.PARKED, stage.clock.now())
    stage.clock.wind(31 * 86_400)
    assert (await keeper(stage).sweep())["mailbox"] == 1
    assert [row.state for row in await stage.rows(tables.mailbox)] == ["new", "parked"]


async def test_sends_that_are_settled_go_and_open_ones_stay(stage: Stage) -> None:
    conversation_id = await stage.hears()
    await stage.all_turns(conversation_id)
    async with stage.delivering():
        await stage.sent(1)
        await eventually(lambda: stage.db.read_now(_settled), "the send is settled")
    await stage.hears("e agora?")
    await stage.all_turns(conversation_id)
    stage.clock.wind(91 * 86_400)
    await keeper(stage).sweep()
    assert [row.state for row in await stage.outbox()] == ["queued"]


def _settled(tx: Any) -> bool:
    rows = tx.execute(sa.select(tables.outbox.c.state).where(tables.outbox.c.lane == "message")).scalars()
    return set(rows) == {"sent"}


async def test_old_messages_go_with_their_files_and_the_rest_stays_right(stage: Stage, tmp_path: Any) -> None:
    folder = MediaFolder(tmp_path / "media", max_mb=1)
    conversation_id = await stage.hears("primeira")
    await stage.hears("segunda")
    (old, _) = [m.id for m in await stage.messages(conversation_id)]
    file = await stage.db.write(upload, folder, stage.account.id, b"{}")
    await stage.db.write(lambda tx: tx.execute(tables.media.update().values(message_id=old)))
    token = Button(token="tok", title="Sim", payload="/sim")
    await stage.db.write(buttons.add, conversation_id, [token], stage.clock.now() - timedelta(days=400))
    await stage.all_turns(conversation_id)
    await aged(stage, tables.messages, "at", 400, [old])
    await keeps(stage, messages=365)
    assert (await keeper(stage).sweep())["messages"] == 1
    assert (await texts(stage))[0] == "segunda"
    assert (await stage.conversation(conversation_id)).unread == 1, "as many as there are"
    assert await stage.db.read(buttons.find, conversation_id, "tok") is None
    (row,) = await stage.rows(tables.media)
    assert (row.id, row.message_id, row.state, row.source) == (file.id, None, "wanted", None), "it is erased next"
    await stage.hears("terceira")
    assert await stage.heard(conversation_id) == ["primeira", "segunda"], "what the assistant remembers is another kind"


async def test_the_last_message_and_what_is_waited_for_stay(stage: Stage) -> None:
    waits = await stage.hears("espera resposta", phone=ANA)
    await stage.hears("também", phone=ANA)
    only = await stage.hears("só isto", phone=BEN)
    await stage.all_turns(only)
    await aged(stage, tables.messages, "at", 400)
    await keeps(stage, messages=30)
    await keeper(stage).sweep()
    assert [m.text for m in await stage.messages(waits)] == ["espera resposta", "também"]
    assert [m.text for m in await stage.messages(only)] == ["Olá!"], "its send is not settled; it is the last"


async def test_of_the_assistants_memory_only_sessions_before_the_current_one_go(stage: Stage) -> None:
    def event(kind: str, at: float, **facts: Any) -> dict[str, Any]:
        return {"event": kind, "timestamp": at, **facts}

    old = stage.clock.now().timestamp() - 400 * 86_400
    first = [event("session_started", old), event("user", old, text="antiga")]
    second = [event("session_started", old), event("user", old, text="desta sessão")]
    for sender in ("one", "two"):
        await stage.db.write(trackers.append, sender, first, now=stage.clock.now())
        await stage.db.write(trackers.append, sender, second, now=stage.clock.now())
    before = await stage.db.read(trackers.position, "one")
    await keeps(stage, history=30)
    assert (await keeper(stage).sweep())["history"] == 4
    assert await stage.db.read(trackers.position, "one") == before
    kept = await stage.db.read(trackers.numbered_after, "one", 0)
    assert [(seq, event["event"], event.get("text")) for seq, event in kept] == [
        (3, "session_started", None),
        (4, "user", "desta sessão"),
    ]
    after = await stage.db.write(trackers.append, "one", [event("user", old, text="depois")], now=stage.clock.now())
    assert after.seq == 5


@services.sqlite_only
async def test_what_language_models_cost_is_known_for_90_days(stage: Stage) -> None:
    given: dict[str, Any] = {"agent_id": stage.agent.id, "conversation_id": None, "model": "m", "outcome": "answered"}
    for age in (89, 91):
        at = stage.clock.now() - timedelta(days=age)
        await stage.db.write(llm_calls.add, **given, tokens_in=age, tokens_out=0, cost=0, ms=1, at=at)
    assert (await keeper(stage).sweep())["llm_calls"] == 1
    assert [row.tokens_in for row in await stage.rows(tables.llm_calls)] == [89]


async def test_old_files_are_erased_unless_another_of_the_same_bytes_is_kept(stage: Stage, tmp_path: Any) -> None:
    folder = MediaFolder(tmp_path / "media", max_mb=1)
    old = await stage.db.write(upload, folder, stage.account.id, b"one")
    shared = await stage.db.write(upload, folder, stage.account.id, b"two")
    young = await stage.db.write(upload, folder, stage.account.id, b"two")
    await aged(stage, tables.media, "created_at", 40, [old.id, shared.id])
    await keeps(stage, media=30)
    assert (await keeper(stage).sweep())["media"] == 2
    for file_id in (old.id, shared.id):
        await stage.db.write(media.erase, file_id, forget=folder.forget)
    assert not folder.path_of(str(old.sha256)).exists()
    assert folder.path_of(str(young.sha256)).exists()


async def test_a_wish_to_be_deleted_is_kept_while_everything_else_that_has_no_place_goes(stage: Stage) -> None:
    now = stage.clock.now()
    code = await stage.db.write(deletion_requests.add, user_id="7", proof="a" * 24, asked_at=None, now=now)
    await comes(stage, body_with(wrote("oi", "w1"), account="999"))
    stage.clock.wind(31 * 86_400)
    assert (await keeper(stage).sweep())["unplaced"] == 1
    assert await stage.db.read(deletion_requests.find, code) is not None
    await keeps(stage, deletion_requests=7)
    assert (await keeper(stage).sweep())["deletion_requests"] == 0, "it was not carried out"


async def test_it_is_done_every_few_hours_by_one_of_all_gateways(stage: Stage) -> None:
    one, other = keeper(stage), keeper(stage)
    assert sorted(await asyncio.gather(one.look(), other.look())) == [False, True]
    stage.clock.wind((EVERY - timedelta(minutes=1)).total_seconds())
    assert not await keeper(stage).look(), "a restart does not forget when it was done"
    stage.clock.wind(120)
    assert await other.look()


@services.sqlite_only
async def test_one_that_ended_in_the_middle_is_followed_by_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any) -> int:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(Retention, "_sweep", dies)
        with pytest.raises(asyncio.CancelledError):
            await keeper(stage).look()
    assert not await keeper(stage).look(), "it may still be at it"
    stage.clock.wind(module._AT_WORK.total_seconds())
    assert await keeper(stage).look()
    assert await stage.db.read(pulses.last, "retention") == stage.clock.now()


def test_every_kind_has_its_part() -> None:
    assert set(retention.SWEEPS) == set(DEFAULTS)
    assert outbox.OPEN_STATES == ("queued", "claimed", "unknown")


@services.sqlite_only
async def test_on_sqlite_what_is_deleted_is_written_over_in_the_file(stage: Stage, db_url: str) -> None:
    file = Path(db_url.removeprefix("sqlite:///"))
    long, short = "segredo longo " * 3000, "segredo curto"
    for n, text in enumerate((long, short)):
        await comes(stage, body_with(wrote(text, f"w{n}", by=BEN), account="999"))

    def written_back() -> bytes:
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return file.read_bytes()

    assert b"segredo longo" in written_back()
    stage.clock.wind(31 * 86_400)
    await keeper(stage).sweep()
    assert await stage.rows(tables.webhooks) == []
    assert b"segredo" not in written_back()


@services.sqlite_only
async def test_what_can_not_be_deleted_keeps_nothing_else(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await comes(stage, body_with(wrote("oi", "w1"), account="999"))
    stage.clock.wind(31 * 86_400)

    def fails(*_: Any) -> Any:
        raise ZeroDivisionError

    broken = dataclasses.replace(retention.SWEEPS["webhooks"][0], due=fails)
    monkeypatch.setitem(retention.SWEEPS, "webhooks", (broken,))
    deleted = await keeper(stage).sweep()
    assert (deleted["webhooks"], deleted["unplaced"]) == (0, 1)
