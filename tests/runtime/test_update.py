"""A database that the version before wrote, in the middle of a day, is brought up to date, and the day goes on."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from conversation.conversation import ConversationId, HandoverState
from conversation.message import Author, MessageStatus
from runtime.settings import RuntimeSettings
from store import accounts, agents, conversations, mailbox, migrations, operators, timers
from store.database import Database, sqlite_url
from store.leases import Holder
from store.vault import Vault
from tests import services
from tests.house import Script, ScriptedDialogue, Stage, WoundClock, eventually
from tests.store.previous.people import KEY, PHONE

WRITTEN = Path(__file__).parents[1] / "store" / "previous" / "0001.sql"


@pytest.fixture
def written(empty_url: str, kind: str) -> Database:
    """As the version before left it."""
    script = WRITTEN.read_text()
    if kind == "sqlite":
        path = Path(str(sa.engine.make_url(empty_url).database))
        with sqlite3.connect(path) as raw:
            raw.executescript(script)
        raw.close()
        return Database(empty_url)
    database = Database(empty_url)
    command.upgrade(migrations.config(database), "0001")
    _copy_rows(script, database)
    return database


def _copy_rows(script: str, to: Database) -> None:
    """What a `pg_dump` of that version would bring back."""
    former = sa.create_engine("sqlite://", future=True, poolclass=sa.pool.StaticPool)
    with former.connect() as reading:
        reading.connection.executescript(script)
        known, here = sa.MetaData(), sa.MetaData()
        known.reflect(former)
        with to.engine.begin() as writing:
            here.reflect(writing)
            for table in here.sorted_tables:
                rows = [dict(row._mapping) for row in reading.execute(sa.select(known.tables[table.name]))]
                if rows and table.name != "alembic_version":
                    writing.execute(table.insert(), rows)
            for name, number in reading.execute(sa.text("SELECT name, seq FROM sqlite_sequence")).all():
                writing.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {number})"))
    former.dispose()


@pytest.fixture
def stage(written: Database) -> Iterator[Stage]:
    """Today's runtime on it, once it is up to date; a minute after it was stopped."""
    migrations.upgrade(written)
    account, agent = written.read_now(lambda tx: (accounts.all_of(tx)[0], agents.get(tx, "assistant")))
    latest = written.read_now(lambda tx: tx.execute(sa.text("SELECT max(at) FROM notices")).scalar())
    clock = WoundClock()
    clock.wind(latest / 1e6 - clock.now().timestamp() + 60)
    made = Stage(
        db=written,
        clock=clock,
        vault=Vault(KEY),
        settings=RuntimeSettings(typing_after_s=30, take_settle_s=0.3),
        account=account,
        agent=agent,
        holder=Holder(house="new", name="1"),
        dialogue=ScriptedDialogue(written),
    )
    made._mids = itertools.count(1000)  # the numbers below were given to messages of the version before
    yield made
    written.close()


async def of(stage: Stage, name: str) -> ConversationId:
    return (await stage.db.read(conversations.listed, address=PHONE[name]))[0].conversation.id


async def all_who_wait(stage: Stage) -> None:
    while waiting := await stage.db.read(mailbox.conversations_waiting, stage.clock.now(), stage.holder):
        for each in waiting:
            await stage.all_turns(each.conversation_id)


def sent_to(stage: Stage, name: str) -> list[str]:
    return [sent.body["text"] for sent in stage.channel.sent if sent.addresses[0].value == PHONE[name]]


async def test_who_waited_is_answered_once_in_order(stage: Stage) -> None:
    async with stage.delivering():
        await all_who_wait(stage)
        await eventually(lambda: len(sent_to(stage, "waiting")) == 2, "both answers")
        await eventually(lambda: len(sent_to(stage, "failed_once")) == 1, "the answer that failed once")
    assert [question.text for question in stage.dialogue.asked if question.text.endswith("?")] == [
        "tem pizza?",
        "e refrigerante?",
    ]
    waiting = await of(stage, "waiting")
    assert await stage.heard(waiting) == ["tem pizza?", "e refrigerante?"]
    assert await stage.db.read(mailbox.still_waiting) == 0
    # and nobody else is answered again
    assert len(stage.dialogue.asked) == 3


async def test_what_was_in_the_outbox_leaves_once_and_what_was_under_way_is_unknown(stage: Stage) -> None:
    async with stage.delivering():
        await eventually(lambda: len(stage.channel.sent) >= 2, "what was queued")
        await eventually(lambda: _states(stage, "claimed"), "the claim of a process that is gone")
    assert (sent_to(stage, "queued"), sent_to(stage, "with_maria")) == (["Olá!"], ["Maria aqui."])
    assert len(stage.channel.sent) == 2
    states = {name: await _state(stage, name) for name in ("answered", "unknown", "refused", "expired", "claimed")}
    assert states == {
        "answered": MessageStatus.DELIVERED,
        "unknown": MessageStatus.UNKNOWN,
        "refused": MessageStatus.FAILED,
        "expired": MessageStatus.EXPIRED,
        "claimed": MessageStatus.UNKNOWN,
    }


async def _states(stage: Stage, name: str) -> bool:
    return await _state(stage, name) is MessageStatus.UNKNOWN


async def _state(stage: Stage, name: str) -> MessageStatus:
    return [m for m in await stage.messages(await of(stage, name)) if m.author is Author.BOT][-1].status


async def test_a_late_report_on_a_send_of_the_version_before_settles_it(stage: Stage) -> None:
    (row,) = [row for row in await stage.outbox() if row.state == "unknown"]
    await stage.report("wamid.late", MessageStatus.READ, opaque=str(row.id))
    assert await _state(stage, "unknown") is MessageStatus.READ


async def test_histories_and_handovers_go_on_where_they_were(stage: Stage) -> None:
    answered = await of(stage, "answered")
    before = await stage.events(answered)
    assert [event["event"] for event in before] == ["user", "bot"]
    await stage.hears("e hoje?", phone=PHONE["answered"])
    await stage.all_turns(answered)
    assert (await stage.events(answered))[:2] == before
    assert await stage.heard(answered) == ["oi", "e hoje?"]

    states = {name: await stage.conversation(await of(stage, name)) for name in ("asking", "with_maria", "given_back")}
    assert [each.state for each in states.values()] == [HandoverState.PENDING, HandoverState.HUMAN, HandoverState.BOT]
    assert (states["with_maria"].owner, states["given_back"].return_due) == ("maria", True)
    done = await stage.ownership.release(states["with_maria"].id, by="maria")
    assert (done.conversation.state, done.in_flight) == (HandoverState.BOT, 0)


async def test_what_was_parked_is_listed_and_answered_on_request(stage: Stage) -> None:
    (parked,) = await stage.db.read(mailbox.parked)
    assert parked.text == "isto quebra"
    assert await stage.db.write(mailbox.retry, parked.id)
    stage.dialogue.script.append(Script(says=["Agora sim."]))
    await stage.all_turns(parked.conversation_id)
    assert await stage.texts(parked.conversation_id) == ["Agora sim."]


async def test_a_reminder_of_the_version_before_fires(stage: Stage) -> None:
    reminded = await of(stage, "reminded")
    stage.clock.wind(timedelta(hours=2).total_seconds())
    assert await stage.db.write(timers.fire, stage.clock.now()) == 1
    await stage.all_turns(reminded)
    (question,) = stage.dialogue.reminded
    assert question.mail.payload["name"] == "tea"


async def test_tokens_operators_and_settings_are_there(stage: Stage) -> None:
    def read(tx: Any) -> Any:
        return accounts.credentials(tx, stage.vault, stage.account.id), operators.all_of(tx), agents.all_of(tx)

    credentials, known, personas = await stage.db.read(read)
    assert (credentials.token, credentials.secrets) == ("tok", ("s1",))
    assert [operator.name for operator in known] == ["maria"]
    assert {agent.name: agent.status.value for agent in personas} == {"assistant": "active", "night shift": "draft"}
    assert stage.account.resend_unknown


@services.sqlite_only
def test_a_copy_of_the_database_is_kept_as_it_was(written: Database, tmp_path: Path) -> None:
    migrations.upgrade(written)
    written.close()
    (kept,) = tmp_path.glob("*.before-*")
    assert kept.name == f"new.db.before-{migrations.head()}"
    copy = Database(sqlite_url(kept))
    assert migrations.current(copy) == "0001"
    assert len(copy.read_now(lambda tx: tx.execute(sa.text("SELECT * FROM mailbox")).all())) == 15
    copy.close()


def test_a_database_of_a_newer_version_is_refused_in_words(written: Database) -> None:
    migrations.upgrade(written)
    written.write_now(lambda tx: tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(migrations.DatabaseIsNewer, match="update Baton"):
        migrations.upgrade(written)
    written.close()
