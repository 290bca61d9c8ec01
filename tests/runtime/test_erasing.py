"""Erasing a contact: all that is known of them is gone, of nobody else anything; a crash and a turn change nothing."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import itertools
import json
from pathlib import Path
from typing import Any, cast

import pytest
import structlog

from conversation.arrivals import StatusReport
from conversation.errors import NotFound
from conversation.message import MessageStatus
from conversation.webhook import Came
from runtime import erasing as erasing_module
from runtime import tracing as files_of
from runtime.turn import Step
from store import audit, conversations, erasing, personal, scrubbing, tables
from tests import services
from tests.house import ANA, BEN, NUMBER, START, Script, Stage
from tests.runtime.whole_life import OWN_FILE, SHARED_FILE, Life, lived, webhook


class Died(Exception):
    """The process, in the middle."""


class DyingAfter:
    """A database that is gone after so many writes."""

    def __init__(self, db: Any, writes: int) -> None:
        self._db, self._left, self.is_sqlite, self.read = db, writes, db.is_sqlite, db.read

    async def write(self, *job: Any, **given: Any) -> Any:
        if self._left == 0:
            raise Died
        self._left -= 1
        return await self._db.write(*job, **given)

    def alone(self) -> Any:
        return self._db.alone()


@pytest.fixture
async def life(stage: Stage, tmp_path: Path) -> Life:
    return await lived(stage, tmp_path)


def says_much(tx: Any, conversation_id: str) -> None:
    said = {"conversation_id": conversation_id, "direction": "inbound", "author": "contact", "kind": "text"}
    made = {**said, "content": {}, "status": "received", "at": START, "text": f"{ANA} " * 60}
    tx.execute(tables.messages.insert(), [{**made, "provider_id": f"wamid.much.{n}"} for n in range(300)])


async def rows_left(life: Life) -> dict[str, int]:
    def count(tx: Any) -> dict[str, int]:
        return {
            name: len(tx.execute(column.table.select().where(column == life.conversation)).all())
            for name, column in personal.OF_CONVERSATION.items()
        }

    return await life.stage.db.read(count)


@services.sqlite_only
async def test_they_have_lived_in_every_table(life: Life) -> None:
    assert [name for name, count in (await rows_left(life)).items() if count == 0] == []
    found = {place.partition(".")[0] for place in (await life.traces()).found}
    assert {"contacts", "addresses", "conversations", "media", "webhooks", "webhook_events"} <= found


async def test_nothing_is_left_of_them(life: Life) -> None:
    assert (await life.traces()).total > 20
    await life.erase()
    traces = await life.traces()
    assert dict(traces.found) == {}
    assert set(traces.kept) == {"audit.facts", "audit.salt_of"}  # that something was done, to nobody one can name
    assert not any((await rows_left(life)).values())
    for table in (tables.audit_salts, tables.settings):
        assert await life.stage.db.read(lambda tx, table=table: tx.execute(table.select()).all()) == []


async def test_nothing_is_left_in_the_files_either(life: Life, kind: str) -> None:
    await life.stage.db.write(says_much, life.conversation)  # pages of the file that are let go whole
    database = scrubbing.file_of(life.stage.db)
    folders = [life.home, *([database.parent] if database else [])]
    before = await asyncio.to_thread(files_of.search, folders, database, life.sought)
    assert kind == "postgresql" or sum(before.found.values()) > 20
    await life.erase()
    after = await asyncio.to_thread(files_of.search, folders, database, life.sought)
    assert dict(after.found) == {}


async def test_the_other_does_not_notice(life: Life) -> None:
    before = await life.everything_of_the_other()
    await life.erase()
    assert await life.everything_of_the_other() == before
    bodies = [json.loads(row.body) for row in await life.stage.rows(tables.webhooks)]
    values = [body["entry"][0]["changes"][0]["value"] for body in bodies]
    assert [[each["from"] for each in value["messages"]] for value in values] == [[BEN], [BEN]]
    assert [row.body["from"] for row in await life.stage.rows(tables.webhook_events)] == [BEN]


@services.sqlite_only
async def test_a_file_goes_where_nobody_else_has_the_same(life: Life) -> None:
    own, shared = (life.folder.path_of(hashlib.sha256(each).hexdigest()) for each in (OWN_FILE, SHARED_FILE))
    assert own.exists()
    assert shared.exists()
    await life.erase()
    assert not own.exists()
    assert shared.exists()


@services.sqlite_only
async def test_the_audit_log_still_verifies_and_says_that_it_was_done(life: Life) -> None:
    await life.erase()
    verified = await life.stage.db.read(audit.verify)
    assert verified.broken_at is None
    (reply, *_, erased) = await life.stage.db.read(audit.entries)
    assert (erased.action, erased.by, erased.facts["contact_id"]) == ("contact_erased", "chefe", life.contact)
    assert await life.stage.db.read(audit.says, reply, "Olá, Joana") is None  # nobody can tell any more


@services.sqlite_only
async def test_whoever_writes_again_is_somebody_new(life: Life) -> None:
    await life.erase()
    again = await life.stage.hears("oi de novo", phone=ANA)
    assert again != life.conversation
    await life.stage.all_turns(again)
    assert await life.stage.texts(again) == ["Olá!"]


@services.sqlite_only
async def test_what_the_channel_repeats_or_tells_late_brings_nothing_back(life: Life) -> None:
    first = life.stage.inbound("quero falar com uma pessoa")
    sent = next(m.provider_id for m in await life.stage.messages(life.conversation) if m.author.value == "operator")
    known = (await life.stage.messages(life.conversation))[0].provider_id
    await life.erase()
    await life.stage.accept(life.stage.inbound("quero falar com uma pessoa", provider_id=known))
    await life.stage.report(str(sent), MessageStatus.READ)
    told = StatusReport(
        account=NUMBER, provider_id=str(sent), status=MessageStatus.DELIVERED, at=life.stage.clock.now()
    )
    statuses = [{"id": sent, "recipient_id": ANA}, {"id": "wamid.others", "recipient_id": BEN}]
    body = json.dumps({"entry": [{"changes": [{"value": {"statuses": statuses}}]}]})
    came = Came(body=body, accounts=frozenset({NUMBER}))
    await life.stage.entrance.accept("whatsapp", [told], came)
    kept = json.loads((await life.stage.rows(tables.webhooks))[-1].body)
    assert kept["entry"][0]["changes"][0]["value"]["statuses"] == statuses[1:]
    assert first.provider_id != known
    assert (await life.traces()).total == 0


async def test_a_turn_under_way_writes_nothing(life: Life) -> None:
    life.stage.dialogue.script.append(Script(says=["tarde demais"], during=life.erase))
    await life.stage.ownership.release(life.conversation, by="ana")
    await life.stage.hears("ainda aí?", phone=ANA)
    with structlog.testing.capture_logs() as logged:
        await life.stage.all_turns(life.conversation)
    assert [line["event"] for line in logged if line["log_level"] == "error"] == []
    assert (await life.traces()).total == 0
    assert life.conversation in life.stage.dialogue.forgotten
    assert await life.stage.turn(life.conversation) is Step.EMPTY


@services.sqlite_only
async def test_from_its_beginning_nothing_is_answered_or_sent_any_more(life: Life) -> None:
    begin = functools.partial(life.erasing.begin, life.contact, by="chefe")
    life.stage.dialogue.script.append(Script(says=["tarde demais"], during=begin))
    await life.stage.ownership.release(life.conversation, by="ana")
    await life.stage.hears("ainda aí?", phone=ANA)
    await life.stage.hears("e agora?", phone=ANA)
    await life.stage.all_turns(life.conversation)
    assert "tarde demais" not in await life.stage.texts(life.conversation)
    states = {row.state for row in await life.stage.outbox() if row.conversation_id == life.conversation}
    assert not states & {"queued", "claimed"}


@services.sqlite_only
async def test_what_came_after_its_beginning_is_of_somebody_new_and_stays(life: Life) -> None:
    erasure = await life.erasing.begin(life.contact, by="chefe")
    raw = {"channel": "whatsapp", "accounts": [life.stage.account.id], "kinds": [], "state": "received"}
    row = {**raw, "body": webhook(ANA), "received_at": life.stage.clock.now()}
    await life.stage.db.write(lambda tx: tx.execute(tables.webhooks.insert(), row))
    again = await life.stage.hears("oi de novo", phone=ANA)
    await life.erasing.carry_out(erasure)
    assert [row.body for row in await life.stage.rows(tables.webhooks)][-1] == webhook(ANA)
    assert [m.text for m in await life.stage.messages(again)] == ["oi de novo"]


async def test_a_send_under_way_is_waited_for(life: Life) -> None:
    arrived, may_end = asyncio.Event(), asyncio.Event()

    async def hold(_: Any) -> None:
        arrived.set()
        await may_end.wait()

    life.stage.channel.during = hold
    async with life.stage.delivering():
        await life.stage.ownership.reply(life.conversation, "um momento", by="ana")
        await asyncio.wait_for(arrived.wait(), 10)
        erasing_now = asyncio.create_task(life.erase())
        done, _ = await asyncio.wait([erasing_now], timeout=0.3)
        assert not done
        assert await life.stage.db.read(conversations.find, life.conversation) is not None
        may_end.set()
        await asyncio.wait_for(erasing_now, 10)
    assert (await life.traces()).total == 0


async def test_what_a_crash_interrupted_goes_on(life: Life) -> None:
    """Cut off at each of its writes, one after the other."""
    whole, cut_off = life.erasing._db, 0
    await life.erasing.begin(life.contact, by="chefe")
    for writes in itertools.count():
        life.erasing._db = cast(Any, DyingAfter(whole, writes))
        try:
            await life.erasing.carry_out((await whole.read(erasing.under_way))[0])
            break
        except Died:
            cut_off += 1
    assert cut_off > 3
    assert (await life.traces()).total == 0
    assert await whole.read(erasing.under_way) == []


@services.sqlite_only
async def test_no_transaction_deletes_more_than_its_share(life: Life) -> None:
    erasure = await life.erasing.begin(life.contact, by="chefe")
    shares: list[int] = []
    while not shares or shares[-1]:
        await life.stage.db.write(erasing.some_files, erasure, forget=life.folder.forget)
        shares.append(await life.stage.db.write(erasing.some_rows, erasure, life.stage.clock.now(), limit=5))
    assert max(shares) <= 5
    assert len(shares) > 3


@services.sqlite_only
async def test_who_is_not_there_can_t_be_erased(life: Life) -> None:
    with pytest.raises(NotFound):
        await life.erasing.erase("con_nobody", by="chefe")


@services.sqlite_only
async def test_who_has_it_in_memory_is_told(life: Life) -> None:
    forgotten: list[str] = []
    keeping = asyncio.create_task(erasing_module.keep_forgetting(life.erasing._bus, forgotten.append))
    await asyncio.sleep(0)  # it listens
    await life.erase()
    assert forgotten == [life.conversation]
    keeping.cancel()
