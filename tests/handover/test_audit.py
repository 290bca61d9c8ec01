"""What operators do by the API is in the audit log: who, what, on what; none of the words."""

from __future__ import annotations

from typing import Any

from store import audit, operators, people
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.house import START, Stage

pytestmark = services.sqlite_only


async def logged(stage: Stage) -> list[tuple[str, str, dict[str, Any]]]:
    return [(each.by, each.action, dict(each.facts)) for each in await stage.db.read(audit.entries)]


async def test_who_did_what_is_there_and_reading_is_not(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await api.get("/conversations")
    await api.post(f"/conversations/{conversation_id}/take")
    await api.post(f"/conversations/{conversation_id}/transfer", body={"operator": "ben", "note": "fala com a Ana"})
    about = {"conversation_id": conversation_id}
    assert await logged(stage) == [("ana", "take", {**about, "force": False})], "ben is offline: nothing was done"


async def test_what_was_written_is_a_fingerprint(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await api.post(f"/conversations/{conversation_id}/reply", body={"text": "Seu CPF é 123"})
    (entry,) = await stage.db.read(audit.entries)
    assert entry.action == "reply"
    assert entry.fingerprint is not None
    assert "CPF" not in repr(entry)
    assert await stage.db.read(audit.says, entry, '{"text":"Seu CPF é 123"}') is True


async def test_a_tag_is_somebodys_words_too(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await api.call("PUT", f"/api/v1/conversations/{conversation_id}/tags/ana-maria")
    (entry,) = await stage.db.read(audit.entries)
    assert entry.facts == {"conversation_id": conversation_id}
    assert await stage.db.read(audit.says, entry, "ana-maria") is True


async def test_what_is_refused_is_not_done_and_not_logged(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await stage.ownership.take(conversation_id, by="ben")
    status, _ = await api.post(f"/conversations/{conversation_id}/release")
    assert status == 409
    assert await logged(stage) == []


async def test_an_admin_reads_it_in_pages_and_has_it_verified(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    for word in ("take", "release", "take"):
        await api.post(f"/conversations/{conversation_id}/{word}")
    status, first = await api.get("/audit?limit=2", by="chefe")
    assert (status, [each["action"] for each in first["items"]]) == (200, ["take", "release"])
    _, rest = await api.get(f"/audit?after={first['next']}", by="chefe")
    assert ([each["action"] for each in rest["items"]], rest["next"]) == (["take"], None)
    _, found = await api.get("/audit/verified", by="chefe")
    assert found == {"entries": 3, "head": rest["items"][-1]["hash"], "broken_at": None}
    assert (await api.get("/audit?by=ben", by="chefe"))[1]["items"] == []
    assert len((await api.get("/audit?action=release", by="chefe"))[1]["items"]) == 1


async def test_it_is_for_admins_who_see_all_accounts(stage: Stage, api: Api) -> None:
    def add(tx: Any) -> str:
        token = operators.add(tx, "lia", Role.ADMIN, START)
        people.set_accounts(tx, "lia", [stage.account.id])
        return token

    api.tokens["lia"] = await stage.db.write(add)
    for path in ("/audit", "/audit/verified"):
        for by in ("ana", "sonia", "lia"):
            assert (await api.get(path, by=by))[0] == 403
