"""The audit log: written with what is done, only added to, and each entry follows from the one before it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from conversation.conversation import ConversationId
from store import audit, deeds
from store.database import Database
from store.deeds import Deed
from store.tables import audit as table
from store.tables import audit_salts
from tests.house import START


def deed(**given: Any) -> Deed:
    return Deed(**{"by": "ana", "action": "take", "at": START, "facts": {"conversation_id": "cnv_1"}, **given})


async def done(db: Database, what: Deed) -> None:
    with deeds.doing(what):
        await db.write(lambda tx: None)


class TestWithWhatIsDone:
    async def test_the_first_write_of_a_deed_records_it_and_no_other(self, db: Database) -> None:
        with deeds.doing(deed()):
            await db.write(lambda tx: None)
            await db.write(lambda tx: None)
        await db.write(lambda tx: None)
        (entry,) = await db.read(audit.entries)
        assert (entry.by, entry.action, entry.facts, entry.at) == ("ana", "take", {"conversation_id": "cnv_1"}, START)

    async def test_what_fails_is_not_recorded_and_what_is_done_instead_is(self, db: Database) -> None:
        def fails(tx: Any) -> None:
            raise KeyError("no")

        with deeds.doing(deed()):
            with pytest.raises(KeyError):
                await db.write(fails)
            assert await db.read(audit.entries) == []
            await db.write(lambda tx: None)
        assert len(await db.read(audit.entries)) == 1

    async def test_reading_is_not_recorded(self, db: Database) -> None:
        with deeds.doing(deed()):
            await db.read(lambda tx: None)
        assert await db.read(audit.entries) == []


class TestTheChain:
    async def test_each_follows_from_the_one_before_it_however_many_write_at_once(self, db: Database) -> None:
        await asyncio.gather(*(done(db, deed(facts={"n": n})) for n in range(30)))
        found = await db.read(audit.entries)
        assert [each.previous for each in found] == [audit.BEGINNING, *(each.hash for each in found[:-1])]
        verified = await db.read(audit.verify)
        assert (verified.rows, verified.broken_at, verified.head) == (30, None, found[-1].hash)
        assert await db.read(audit.has, found[3].hash)
        assert not await db.read(audit.has, "f" * 64)

    @pytest.mark.parametrize("statement", ["UPDATE audit SET by = 'eve'", "DELETE FROM audit"])
    async def test_the_database_itself_refuses_to_change_it(self, db: Database, statement: str) -> None:
        await done(db, deed())
        with pytest.raises(sa.exc.DBAPIError, match="only added to"):
            await db.write(lambda tx: tx.execute(sa.text(statement.replace(" by", ' "by"'))))
        assert (await db.read(audit.entries))[0].by == "ana"

    @pytest.mark.parametrize(
        "change",
        [
            {"by": "eve"},
            {"action": "release"},
            {"facts": {"conversation_id": "cnv_2"}},
            {"fingerprint": "0" * 64},
            {"salt_of": "con_9"},
            {"at": START.replace(year=2020)},
        ],
        ids=lambda change: next(iter(change)),
    )
    async def test_who_goes_around_the_guard_is_found_out(self, db: Database, change: dict[str, Any]) -> None:
        for n in range(3):
            await done(db, deed(facts={"n": n}))
        await db.write(_unguarded, table.update().where(table.c.id == 2).values(change))
        assert (await db.read(audit.verify)).broken_at == 2

    async def test_an_entry_taken_out_is_missed(self, db: Database) -> None:
        for _ in range(3):
            await done(db, deed())
        await db.write(_unguarded, table.delete().where(table.c.id == 2))
        assert (await db.read(audit.verify)).broken_at == 3


def _unguarded(tx: Any, statement: Any) -> None:
    """As somebody does it who may do anything to the database."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
    else:
        for what in ("update", "delete"):
            tx.execute(sa.text(f"DROP TRIGGER audit_is_kept_at_{what}"))
    tx.execute(statement)


class TestWords:
    async def test_of_what_was_written_a_fingerprint_is_kept_until_the_salt_is_destroyed(
        self, db: Database, stage: Any
    ) -> None:
        conversation_id: ConversationId = await stage.hears()
        contact_id = (await stage.conversation(conversation_id)).contact_id
        await done(db, deed(action="reply", words="Bom dia, Ana", conversation=conversation_id))
        (entry,) = await db.read(audit.entries)
        assert entry.salt_of == contact_id
        assert "Ana" not in repr(entry)
        assert await db.read(audit.says, entry, "Bom dia, Ana") is True
        assert await db.read(audit.says, entry, "Boa noite, Ana") is False
        assert await db.write(audit.destroy_salt, contact_id) == 1
        assert await db.read(audit.says, entry, "Bom dia, Ana") is None
        assert (await db.read(audit.verify)).broken_at is None

    async def test_one_contact_has_one_salt(self, db: Database, stage: Any) -> None:
        conversation_id: ConversationId = await stage.hears()
        words = [deed(words=f"oi {n}", conversation=conversation_id) for n in range(5)]
        await asyncio.gather(*(done(db, each) for each in words))
        salts = await db.read(lambda tx: tx.execute(audit_salts.select()).all())
        assert len(salts) == 1

    async def test_words_about_nobody_are_not_kept_in_any_form(self, db: Database) -> None:
        await done(db, deed(words="a password"))
        (entry,) = await db.read(audit.entries)
        assert (entry.fingerprint, entry.salt_of) == (None, None)
