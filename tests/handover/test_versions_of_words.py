"""Notes and canned replies that two may edit: whoever saves over what they have not read is told."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from conversation.errors import Refused
from store import notes
from store.notes import Note
from tests import services
from tests.handover.conftest import Api
from tests.house import DEADLINE_S, Stage, eventually


async def note(stage: Stage, api: Api) -> str:
    conversation_id = await stage.hears()
    status, made = await api.post(f"/conversations/{conversation_id}/notes", body={"text": "Alérgica a camarão"})
    assert (status, made["version"]) == (200, 1)
    return f"/api/v1/conversations/{conversation_id}/notes/{made['id']}"


async def test_of_several_who_edit_a_note_at_once_all_but_one_are_told(stage: Stage, api: Api) -> None:
    path = await note(stage, api)
    bodies = [{"text": f"Alérgica a {n}", "version": 1} for n in range(8)]
    answers = await asyncio.gather(*(api.call("PATCH", path, body=body) for body in bodies))
    (saved,) = [answer for status, answer in answers if status == 200]
    refused = [answer["error"] for status, answer in answers if status == 409]
    told = {(each["code"], "version 2" in each["message"]) for each in refused}
    assert len(refused) == 7 and told == {("edited", True)} and saved["version"] == 2
    _, shown = await api.call("GET", path.rpartition("/")[0])
    assert shown["items"] == [saved]


@services.sqlite_only
async def test_a_note_is_its_writers_to_edit_and_a_supervisors(stage: Stage, api: Api) -> None:
    path = await note(stage, api)
    status, refused = await api.call("PATCH", path, by="ben", body={"text": "x"})
    assert (status, refused["error"]["code"]) == (403, "forbidden")
    status, changed = await api.call("PATCH", path, by="sonia", body={"text": " Alérgica a leite "})
    assert (status, changed["text"], changed["by"], changed["version"]) == (200, "Alérgica a leite", "ana", 2)
    assert (await api.call("PATCH", path, body={"text": " "}))[0] == 400
    assert (await api.call("DELETE", path, by="ben"))[0] == 403
    assert (await api.call("DELETE", path))[0] == 200
    assert (await api.call("PATCH", path, body={"text": "x"}))[0] == 404


async def test_a_canned_reply_is_not_saved_over_by_who_has_not_read_it(stage: Stage, api: Api) -> None:
    reply: dict[str, Any] = {"shortcut": "oi", "language": "pt", "text": "Oi!"}
    _, made = await api.post("/canned", body=reply)
    path = f"/api/v1/canned/{made['id']}"
    wanted = [{**reply, "text": text, "version": made["version"]} for text in ("Olá!", "Bom dia!")]
    answers = await asyncio.gather(*(api.call("PUT", path, body=body) for body in wanted))
    assert sorted(status for status, _ in answers) == [200, 409]
    status, again = await api.call("PUT", path, body=reply)
    assert (status, again["version"]) == (200, 3), "who names no version does not care"


async def test_who_comes_while_another_saves_waits_and_is_told(stage: Stage) -> None:
    conversation_id = await stage.hears()
    now = stage.clock.now()
    made = await stage.db.write(notes.add, conversation_id, "Alérgica", by="ana", now=now)
    began, go_on = threading.Event(), threading.Event()

    def change(tx: Any, text: str, *, slowly: bool) -> Note:
        how: dict[str, Any] = {"by": "ana", "version": 1, "of_anybody": False, "now": now}
        changed = notes.change(tx, conversation_id, made.id, text, **how)
        if slowly:
            began.set()
            assert go_on.wait(DEADLINE_S)
        return changed

    def somebody_waits(tx: Any) -> bool:
        found = tx.execute(sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        return bool(found.scalar_one())

    first = asyncio.ensure_future(stage.db.write(change, "a camarão", slowly=True))
    await eventually(began.is_set, "the first")
    second = asyncio.ensure_future(stage.db.write(change, "a leite", slowly=False))
    if not stage.db.is_sqlite:
        await eventually(lambda: stage.db.read(somebody_waits), "the second at the first's lock")
    go_on.set()
    assert (await first).version == 2
    with pytest.raises(Refused):
        await second
