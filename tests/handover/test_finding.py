"""Conversations found again: by filters, by what somebody remembers of them, page by page while they move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from conversation import window
from conversation.account import AccountId, Channel
from conversation.contact import Address, AddressKind
from conversation.errors import BadInput
from handover import cursors
from store import conversations, folding, people, searching
from store.tables import contacts
from tests import services
from tests.handover.conftest import Api
from tests.house import OTHER_NUMBER, START, Stage, add_account

PHONES = [f"55119{n:08}" for n in range(7)]


async def names(api: Api, query: str, **given: Any) -> list[str]:
    """The addresses of what is found."""
    status, found = await api.get(f"/conversations?{query}", **given)
    assert status == 200, found
    return [each["contact"]["addresses"][0]["value"] for each in found["items"]]


@services.sqlite_only
async def test_they_are_chosen_by_who_has_them_and_how_they_stand(stage: Stage, api: Api) -> None:
    mine, bens, nobodys, old = [await stage.hears(phone=phone) for phone in PHONES[:4]]
    await stage.ownership.take(mine, by="ana")
    await stage.ownership.take(bens, by="ben")
    await stage.db.write(conversations.change, nobodys, language="en")
    await stage.db.write(conversations.change, old, last_inbound_at=START - window.OPEN_FOR)
    assert await names(api, "owner=me") == [PHONES[0]]
    assert await names(api, "owner=ben") == [PHONES[1]]
    assert set(await names(api, "owner=none")) == {PHONES[2], PHONES[3]}
    assert await names(api, "language=en") == [PHONES[2]]
    assert await names(api, "window=closed") == [PHONES[3]]
    assert PHONES[3] not in await names(api, "window=open")
    assert await names(api, f"until={quote(START.isoformat())}") == [PHONES[3]]
    assert len(await names(api, f"since={quote(START.isoformat())}")) == 3
    assert len(await names(api, "channel=whatsapp")) == 4 and not await names(api, "channel=messenger")


async def test_nobody_who_stays_is_passed_over_while_others_move(stage: Stage, api: Api) -> None:
    for phone in PHONES:
        stage.clock.wind(1)
        await stage.hears(phone=phone)
    _, page = await api.get("/conversations?limit=3")
    seen = [each["contact"]["addresses"][0]["value"] for each in page["items"]]
    for moves in (PHONES[4], PHONES[0]):  # the last of the page, and one that was still to come
        stage.clock.wind(1)
        await stage.hears(phone=moves)
    while page["next"]:
        _, page = await api.get(f"/conversations?limit=3&after={page['next']}")
        seen += [each["contact"]["addresses"][0]["value"] for each in page["items"]]
    assert seen == [*reversed(PHONES[1:])]


@services.sqlite_only
async def test_a_cursor_of_somebody_elses_is_refused(api: Api) -> None:
    for cursor in ("x", "cnv_1", "=", "4pyT", "MSA", "LTk5OTk5OTk5OTk5OTk5OTk5IGE", cursors.of_pair("1", "a\x00b")):
        status, refused = await api.get(f"/conversations?after={quote(cursor)}")
        assert (status, refused["error"]["code"]) == (400, "bad_input"), cursor
    for cursor in ("x", "YWJj", cursors.of_pair("a\x00b", "c")):
        with pytest.raises(BadInput):
            cursors.pair(cursor)


SEARCHES: dict[str, int | None] = {
    **dict.fromkeys(["joao", "JOÃO", "joa\u0303o", "conceicao", "0119 0000 0000"], 0),
    **dict.fromkeys(["Zé da Feira", "ze da", "acarajé", "ACARAJE", "+55 (11) 90000-0001", "100%"], 1),
    **dict.fromkeys(["a%b", "joao_da", "psid-é", "nunca dito", "99999999"], None),
}


async def test_a_name_a_number_and_words_are_found_however_they_are_typed(stage: Stage, api: Api) -> None:
    first, second = [await stage.hears(phone=phone) for phone in PHONES[:2]]
    await stage.db.write(_call, first, "João da Conceição")
    await stage.db.write(_call, second, "Outro", given_name="Zé da Feira")
    await stage.hears("quero 2 ACARAJÉS, 100% sem camarão", phone=PHONES[1])
    for search, found in SEARCHES.items():
        assert await names(api, f"search={quote(search)}") == ([] if found is None else [PHONES[found]]), search


def _call(tx: Any, conversation_id: str, name: str, **more: str) -> None:
    contact = conversations.get(tx, conversation_id).contact_id
    tx.execute(contacts.update().where(contacts.c.id == contact).values(name=name, **more))


async def test_a_letter_stands_for_all_that_look_like_it_on_both_databases(stage: Stage) -> None:
    alike = [("acao", "AÇÃO"), ("ÀÉÎÕÜçÑ", "aeioucn"), ("joa\u0303o", "João"), ("жё", "ЖЁ"), ("a.b", "A.B")]
    alike += [("é", "e\u0301"), ("a  b", "x a  b"), ("100%", "é 100%")]
    unlike = [("a.b", "axb"), ("a%", "ab"), ("(a", "a"), ("[ab]", "a"), ("a b", "ab"), ("o", "ø"), ("\\d", "1")]

    def ask(tx: Any) -> list[bool]:
        pairs = [(sa.literal(text), folding.pattern(wanted)) for wanted, text in (*alike, *unlike)]
        return [bool(tx.execute(sa.select(text.regexp_match(wanted))).scalar_one()) for text, wanted in pairs]

    assert await stage.db.read(ask) == [True] * len(alike) + [False] * len(unlike)


@services.sqlite_only
async def test_a_search_sees_no_account_that_is_not_theirs(stage: Stage, api: Api) -> None:
    def add(tx: Any) -> None:
        add_account(tx, stage.vault, stage.agent, OTHER_NUMBER, channel=Channel.WHATSAPP)

    await stage.db.write(add)
    await stage.hears("segredo", phone=PHONES[0])
    there = Address(kind=AddressKind.PHONE, value=PHONES[1])
    await stage.accept(stage.inbound("segredo", account=OTHER_NUMBER, addresses=(there,)))
    await stage.db.write(_sees_one, stage.account.id)
    assert await names(api, "search=segredo", by="ben") == [PHONES[0]]
    assert len(await names(api, "search=segredo")) == 2


def _sees_one(tx: Any, account_id: AccountId) -> None:
    people.set_accounts(tx, "ben", [account_id])


@services.sqlite_only
async def test_words_are_looked_for_among_the_newest_messages(
    stage: Stage, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "NEWEST", 2)
    await stage.hears("palavra antiga", phone=PHONES[0])
    assert await names(api, "search=antiga") == [PHONES[0]]
    for n in range(2):
        await stage.hears(f"nova {n}", phone=PHONES[1])
    assert not await names(api, "search=antiga") and await names(api, "search=nova") == [PHONES[1]]


@services.sqlite_only
async def test_too_little_to_search_for_is_refused_and_too_much_asking_too(stage: Stage, api: Api) -> None:
    for search in ("a", " a ", "x" * 101):
        status, refused = await api.get(f"/conversations?search={quote(search)}")
        assert (status, refused["error"]["code"]) == (400, "bad_input")
    statuses = {(await api.get("/conversations?search=oi"))[0] for _ in range(30)}
    assert statuses == {200, 429}


@services.sqlite_only
async def test_who_took_part_is_told_in_the_order_they_came(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    stage.clock.wind(60)
    await stage.ownership.take(conversation_id, by="ana")
    stage.clock.wind(60)
    await stage.ownership.release(conversation_id, by="ana")
    _, found = await api.get(f"/conversations/{conversation_id}/participants")
    contact, agent, ana = found["items"]
    taken, given = (START + timedelta(seconds=s) for s in (60, 120))
    at = [each.isoformat(timespec="milliseconds") for each in (START, taken, given)]
    assert (contact["kind"], contact["joined_at"], contact["left_at"]) == ("contact", at[0], None)
    assert agent["kind"] == "agent"
    assert agent["stretches"] == [{"since": at[0], "until": at[1]}, {"since": at[2], "until": None}]
    assert (ana["kind"], ana["name"], ana["role"]) == ("operator", "ana", "operator")
    assert (ana["joined_at"], ana["left_at"]) == (at[1], at[2])


@services.sqlite_only
async def test_history_is_read_in_both_directions(stage: Stage, api: Api) -> None:
    for n in range(5):
        conversation_id = await stage.hears(f"m{n}")
    path = f"/conversations/{conversation_id}/messages?limit=2"
    seen, page = [], {"next": None}
    for _ in range(3):
        _, page = await api.get(path + (f"&after={page['next']}" if page["next"] else ""))
        seen += [each["text"] for each in page["items"]]
    assert seen == [f"m{n}" for n in range(5)] and page["next"] is None
    last = (await stage.messages(conversation_id))[-1].id
    _, page = await api.get(f"{path}&before={last}")
    _, earlier = await api.get(f"{path}&before={page['next']}")
    assert [each["text"] for each in (*earlier["items"], *page["items"])] == ["m0", "m1", "m2", "m3"]
    assert earlier["next"] is None
