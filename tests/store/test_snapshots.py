"""Snapshots of trackers, and the events that a cold start reads with one."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from store import snapshots, trackers
from store.database import Database
from store.snapshots import Snapshot
from tests.house import START


def put(tx: Connection, seq: int, model: str = "m") -> Snapshot:
    snapshot = Snapshot(seq=seq, model=model, domain="d", body={"steps": [1, 2], "said": "olá"})
    snapshots.put(tx, "x", snapshot)
    return snapshot


def append(tx: Connection, count: int) -> None:
    trackers.append(tx, "x", [{"event": "bot", "text": f"{n}", "timestamp": 1.0} for n in range(count)], now=START)


async def test_the_last_one_is_found_by_its_own_model_and_domain_only(db: Database) -> None:
    await db.write(put, 10)
    last = await db.write(put, 20)
    assert await db.read(snapshots.find, "x", model="m", domain="d") == last
    assert await db.read(snapshots.find, "x", model="other", domain="d") is None
    assert await db.read(snapshots.find, "x", model="m", domain="other") is None
    assert await db.read(snapshots.find, "y", model="m", domain="d") is None


async def test_it_goes_with_the_tracker(db: Database) -> None:
    await db.write(append, 3)
    await db.write(put, 3)
    await db.write(trackers.delete, "x")
    assert await db.read(snapshots.find, "x", model="m", domain="d") is None
    assert await db.read(trackers.events_after, "x", 0) == []


async def test_some_events_are_read_by_their_numbers_and_others_from_one_to_another(db: Database) -> None:
    await db.write(append, 1_200)
    picked = await db.read(trackers.numbered, "x", [*range(1, 1_100), 5_000])
    assert [seq for seq, _ in picked] == list(range(1, 1_100))
    assert picked[6] == (7, {"event": "bot", "text": "6", "timestamp": 1.0})
    between = await db.read(trackers.numbered_after, "x", 10, until=12)
    assert [seq for seq, _ in between] == [11, 12]
    assert [seq for seq, _ in await db.read(trackers.numbered_after, "x", 1_198)] == [1_199, 1_200]
