"""What an admin can do for somebody who asks for their data, or that they be gone."""

from __future__ import annotations

import asyncio
from typing import Any, get_type_hints

import pytest

from handover import privacy
from handover.shapes.privacy import Export
from store import audit, operators, tables
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.house import ANA, BEN, START, Stage

kind = services.kind
WORDS = "meu pedido é o 4711"


@pytest.fixture
async def contact(stage: Stage, api: Api) -> str:
    conversation_id = await stage.hears(WORDS, phone=ANA, name="Joana")
    await stage.all_turns(conversation_id)
    await stage.hears("bom dia", phone=BEN)
    return (await stage.conversation(conversation_id)).contact_id


async def contacts_left(stage: Stage) -> list[str]:
    return await stage.db.read(lambda tx: list(tx.execute(tables.contacts.select()).scalars()))


async def test_everything_that_is_known_is_given(stage: Stage, api: Api, contact: str) -> None:
    status, facts = await api.get(f"/contacts/{contact}/export", by="chefe")
    assert (status, set(facts)) == (200, set(get_type_hints(Export)))
    assert [each["value"] for each in facts["addresses"]] == [ANA]
    assert [each["text"] for each in facts["messages"]] == [WORDS, "Olá!"]
    assert [each["event"]["event"] for each in facts["tracker_events"]] == ["user", "bot"]
    (entry,) = await stage.db.read(audit.entries)
    assert (entry.by, entry.action, entry.facts) == ("chefe", "export_contact", {"contact_id": contact})


async def test_who_is_erased_is_gone(stage: Stage, api: Api, contact: str) -> None:
    status, answer = await api.post(f"/contacts/{contact}/erase", by="chefe", body={"confirm": contact})
    assert (status, answer) == (200, {"contact": contact, "state": "done"})
    assert contact not in await contacts_left(stage)
    assert len(await contacts_left(stage)) == 1
    assert (await api.get(f"/contacts/{contact}/export", by="chefe"))[0] == 404
    entries = await stage.db.read(audit.entries)
    assert [(each.by, each.action) for each in entries] == [("chefe", "erase_contact"), ("chefe", "contact_erased")]
    assert (await stage.db.read(audit.verify)).broken_at is None


@pytest.mark.parametrize("body", [{"confirm": "yes"}, {"confirm": ""}, {}])
async def test_nobody_is_erased_by_a_slip(stage: Stage, api: Api, contact: str, body: Any) -> None:
    assert (await api.post(f"/contacts/{contact}/erase", by="chefe", body=body))[0] == 400
    assert contact in await contacts_left(stage)


@pytest.mark.parametrize("by", ["ana", "sonia"])
async def test_only_an_admin_may(stage: Stage, api: Api, contact: str, by: str) -> None:
    assert (await api.get(f"/contacts/{contact}/export", by=by))[0] == 403
    assert (await api.post(f"/contacts/{contact}/erase", by=by, body={"confirm": contact}))[0] == 403
    assert contact in await contacts_left(stage)


async def test_a_contact_of_an_account_that_is_not_theirs_is_not_there(stage: Stage, api: Api, contact: str) -> None:
    def elsewhere(tx: Any) -> str:
        word = operators.add(tx, "longe", Role.ADMIN, START)
        tx.execute(tables.operators.update().where(tables.operators.c.name == "longe").values(all_accounts=False))
        return word

    word = await stage.db.write(elsewhere)
    assert (await api.get(f"/contacts/{contact}/export", by=word))[0] == 404
    assert (await api.post(f"/contacts/{contact}/erase", by=word, body={"confirm": contact}))[0] == 404
    assert contact in await contacts_left(stage)


async def test_what_takes_longer_goes_on_after_the_answer(
    stage: Stage, api: Api, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "_PATIENCE_S", 0.05)
    may_go_on, whole = asyncio.Event(), api.house.erasing.carry_out

    async def held(erasure: Any) -> None:
        await may_go_on.wait()
        await whole(erasure)

    monkeypatch.setattr(api.house.erasing, "carry_out", held)
    _, answer = await api.post(f"/contacts/{contact}/erase", by="chefe", body={"confirm": contact})
    assert answer["state"] == "under_way"
    may_go_on.set()
    await api.house.erasing.look()
    assert contact not in await contacts_left(stage)
