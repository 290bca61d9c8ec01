"""Wrote `0001.sql`, with the code of the version before: `git worktree add ../before 9536069`, then, in that folder,

    python …/tests/store/previous/write_0001.py 0001.sql

A shop's database as it is found when somebody stops Baton in the middle of a day: everything in it is invented.
It is not run with the code of today, which the name of the folder says.
"""

# ruff: noqa: E402 - the folder it is run in has today's names
# mypy: ignore-errors

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [".", str(Path(__file__).parent)]

from people import KEY, PHONE

from conversation.agent import AgentStatus
from conversation.errors import SendError
from conversation.message import MessageStatus
from runtime.channel import Utterance
from runtime.settings import RuntimeSettings
from store import agents, migrations, operators, outbox, tables
from store.database import Database, sqlite_url
from store.handovers import REQUEST_SLOT
from store.operators import Role
from store.timers import Change
from store.vault import Vault
from tests.house import Script, ScriptedDialogue, Stage, WoundClock, eventually, set_up


async def write(stage: Any) -> None:
    async def talk(name: str, text: str = "oi") -> Any:
        conversation = await stage.hears(text, phone=PHONE[name])
        await stage.turn(conversation)
        return conversation

    async def delivered(count: int) -> None:
        async with stage.delivering():
            await eventually(lambda: len(stage.channel.started) >= count, "requests")
            await eventually(lambda: settled(stage), "what became of them")

    await talk("answered")
    await delivered(2)
    await stage.report("wamid.out.1", MessageStatus.DELIVERED)
    asked = {"event": "slot", "timestamp": 1.0, "name": REQUEST_SLOT, "value": {"reason": "complaint"}}
    stage.dialogue.script.append(Script(says=["Vou chamar alguém."], events=[asked]))
    await talk("asking", "quero falar com uma pessoa")
    with_maria = await talk("with_maria")
    given_back = await talk("given_back")
    await delivered(8)
    await talk("with_maria", "e a sobremesa?")
    await stage.ownership.take(with_maria, by="maria")
    await stage.ownership.take(given_back, by="maria")
    await stage.ownership.release(given_back, by="maria")

    stage.channel.answers.append(SendError("cut", unknown=True))
    await talk("unknown")
    await delivered(10)
    stage.channel.answers.append(SendError("invalid", error_code=131026))
    await talk("refused")
    await delivered(12)

    later = stage.clock.now() + timedelta(hours=2)
    payload = {"event": "reminder", "timestamp": 1.0, "intent": "EXTERNAL_remind", "entities": None,
               "date_time": later.isoformat(), "name": "tea", "kill_on_user_msg": False}  # fmt: skip
    stage.dialogue.script.append(Script(timers=[Change(name="tea", due_at=later, payload=payload)]))
    await talk("reminded")
    await delivered(14)

    stage.dialogue.script += [Script(raises=RuntimeError("broken"))] * 3
    parked = await talk("parked", "isto quebra")
    for _ in range(2):
        stage.clock.wind(60)
        await stage.turn(parked)
    stage.dialogue.script.append(Script(raises=RuntimeError("broken once")))
    await talk("failed_once", "e isto às vezes")

    stage.dialogue.script.append(
        Script(says=[Utterance(text="Vale?", buttons=[{"title": "Sim", "payload": "/affirm"}])])
    )
    await talk("expired")
    expired = outbox.from_row((await stage.outbox())[-1])
    stage.clock.wind(1000)
    await stage.db.write(outbox.claim, expired, claimer="x", now=stage.clock.now(), deadline=stage.clock.now())
    await talk("claimed")
    row = outbox.from_row((await stage.outbox())[-1])
    deadline = stage.clock.now() + timedelta(seconds=5)
    await stage.db.write(outbox.claim, row, claimer="host:1", now=stage.clock.now(), deadline=deadline)
    await talk("queued")
    await stage.ownership.reply(with_maria, "Maria aqui.", by="maria")
    await stage.hears("tem pizza?", phone=PHONE["waiting"])
    await stage.hears("e refrigerante?", phone=PHONE["waiting"])


async def settled(stage: Any) -> bool:
    return all(row.state not in ("queued", "claimed") for row in await stage.rows(tables.outbox))


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "baton.db"
        db, vault, clock = Database(sqlite_url(path)), Vault(KEY), WoundClock()
        migrations.upgrade(db)
        account, agent, lease = set_up(db, vault, clock)
        db.write_now(agents.add, "night shift", AgentStatus.DRAFT, clock.now())
        db.write_now(operators.add, "maria", Role.ADMIN, clock.now())
        await write(
            Stage(
                db=db,
                clock=clock,
                vault=vault,
                settings=RuntimeSettings(typing_after_s=30, take_settle_s=0.3, retry_after_s=1.0, answer_ttl_s=900),
                account=account,
                agent=agent,
                lease=lease,
                dialogue=ScriptedDialogue(db),
            )
        )
        db.close()
        with sqlite3.connect(path) as raw, open(sys.argv[1], "w") as file:  # noqa: ASYNC230 - nobody waits
            file.writelines(f"{line}\n" for line in raw.iterdump())


if __name__ == "__main__":
    asyncio.run(main())
