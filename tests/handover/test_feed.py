"""The feed: told at once and in order, resumed with nothing missed and nothing twice, ended when it must be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from conversation.people import Presence
from handover import documented, feed_events, feed_socket
from handover import feed_messages as told
from runtime import hub, numbering
from runtime.limits import Rate
from store import feed, feed_tickets, merging, notices, operator_tokens, operators, people
from store.database import DatabaseUnavailable
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.handover.feeding import connected, following
from tests.house import ANA, BEN, OTHER_NUMBER, START, Stage, add_account, eventually


@pytest.fixture(autouse=True)
async def seen_already(stage: Stage, api: Api) -> None:
    """That somebody is seen is written, too; here it has been."""
    for name in api.tokens:
        await stage.db.write(people.seen, name, START)


async def tell(stage: Stage, *kinds: str) -> None:
    for kind in kinds:
        await stage.db.write(notices.add, kind, None, {}, START)


async def lia(stage: Stage, api: Api, account_ids: Any) -> None:
    """An operator who sees these accounts."""

    def add(tx: Any) -> str:
        token = operators.add(tx, "lia", Role.OPERATOR, START)
        people.set_accounts(tx, "lia", account_ids)
        people.seen(tx, "lia", START)
        return token

    api.tokens["lia"] = await stage.db.write(add)


async def test_what_happens_is_told_with_the_message_it_is_about(stage: Stage, api: Api) -> None:
    async with following(api) as desk:
        conversation_id = await stage.hears("oi")
        event = (await desk.events(1))[0]
    assert (event.kind, event.conversation, event.account) == ("message", conversation_id, stage.account.id)
    _, body = await api.get(f"/conversations/{conversation_id}/messages")
    assert event.message == body["items"][0]
    assert event.message["text"] == "oi"


async def test_it_goes_on_after_what_was_read(stage: Stage, api: Api) -> None:
    async with following(api) as desk:
        await tell(stage, "one", "two")
        await desk.events(2)
        last = desk.last
    await tell(stage, *(f"kind {n}" for n in range(300)))
    async with following(api, after=last) as desk, following(api) as other:
        found = await desk.events(300)
        assert [event.kind for event in found] == [f"kind {n}" for n in range(300)]
        await tell(stage, "now")
        assert [event.kind for event in await desk.events(1)] == ["now"]
        assert [event.kind for event in await other.events(1)] == ["now"]
        assert await desk.quiet() == []


async def test_who_resumes_on_what_is_kept_no_longer_is_told_to_read_all_anew(stage: Stage, api: Api) -> None:
    await tell(stage, "one", "two")
    await numbering.number_all(stage.db)
    await stage.db.write(lambda tx: tx.exec_driver_sql("DELETE FROM notices").rowcount)
    await tell(stage, "three")
    async with following(api, after=0) as desk:
        reset = await desk.until(told.Reset)
        await tell(stage, "four")
        assert [event.kind for event in await desk.events(1)] == ["four"]
        assert reset.last + 1 == desk.last
    async with following(api, after=999_999) as desk:  # of another database
        assert (await desk.until(told.Reset)).last == reset.last + 1
        await tell(stage, "five")
        assert [event.kind for event in await desk.events(1)] == ["five"]


@services.postgresql_only
async def test_what_commits_late_is_told_late_and_not_missed(stage: Stage, api: Api) -> None:
    """A transaction is held open while others commit: its ids are lower, and its numbers are not."""
    async with following(api) as desk:
        with stage.db.engine.connect() as slow, slow.begin():
            notices.add(slow, "slow", None, {}, START)
            await tell(stage, "quick", "quick too")
            assert [event.kind for event in await desk.events(2)] == ["quick", "quick too"]
            cut = desk.last
        await eventually(lambda: stage.db.read(feed.newest), "it is numbered")
        assert [event.kind for event in await desk.events(1)] == ["slow"]
    async with following(api, after=cut) as desk:
        assert [event.kind for event in await desk.events(1)] == ["slow"]


async def test_each_is_told_of_their_accounts_only(stage: Stage, api: Api) -> None:
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await lia(stage, api, [other.id])
    async with following(api, "lia") as hers, following(api, "ana") as all_of_them:
        first = await stage.hears(phone=ANA)
        second = await stage.hears(phone=BEN, account=OTHER_NUMBER)
        facts = {"account": stage.account.id, "fault": "x"}
        await stage.db.write(notices.add, "account", None, facts, START)
        await tell(stage, "end")
        assert [event.conversation for event in await all_of_them.events(4)] == [first, second, None, None]
        assert [event.conversation for event in await hers.events(2)] == [second, None]
        # what she may see changes while she follows
        await stage.db.write(people.set_accounts, "lia", [stage.account.id])
        await stage.hears(phone=ANA)
        await stage.hears(phone=BEN, account=OTHER_NUMBER)
        await tell(stage, "end")
        assert [event.conversation for event in await hers.events(2)] == [first, None]


async def test_who_is_there_is_told_to_those_who_share_an_account(stage: Stage, api: Api) -> None:
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await lia(stage, api, [other.id])
    await stage.db.write(people.set_accounts, "ben", [stage.account.id])
    async with following(api, "lia") as hers, following(api, "ana") as anas:
        await stage.db.write(people.set_presence, "ben", Presence.AWAY, START)
        await stage.db.write(people.set_presence, "sonia", Presence.ONLINE, START)
        assert await anas.until(told.PresenceShown, operator="ben", presence="away")
        await tell(stage, "end")
        found = [await hers.next()]
        while getattr(found[-1], "kind", None) != "end":
            found.append(await hers.next())
        found += await hers.quiet()
        events = [each.facts["name"] for each in found if isinstance(each, told.Event) and each.kind == "operator"]
        assert events == ["sonia"]
        assert {each.operator for each in found if isinstance(each, told.PresenceShown)} == {"sonia"}
    async with following(api, "chefe") as late:  # who comes later is told of those who are there
        assert await late.until(told.PresenceShown, operator="ben", presence="away")


async def test_who_types_and_who_looks_is_told_where_the_conversation_is_seen(stage: Stage, api: Api) -> None:
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await lia(stage, api, [other.id])
    ours = await stage.hears(phone=ANA)
    async with following(api, "ana") as anas, following(api, "ben") as bens, following(api, "lia") as hers:
        await anas.say(type="viewing", conversation=ours)
        await anas.say(type="typing", conversation=ours)
        assert await bens.until(told.PresenceShown, operator="ana", viewing=ours)
        assert await bens.until(told.TypingShown, operator="ana", conversation=ours)
        await anas.say(type="viewing", conversation=None)
        assert await bens.until(told.PresenceShown, operator="ana", viewing=None)
        await anas.say(type="viewing", conversation=ours)
        assert await bens.until(told.PresenceShown, operator="ana", viewing=ours)
        await anas.socket.close()
        assert await bens.until(told.PresenceShown, operator="ana", viewing=None)
        for each in await hers.quiet():
            assert isinstance(each, told.PresenceShown) and each.viewing is None
        for kind in ("viewing", "typing"):
            await hers.say(type=kind, conversation=ours)
            assert (await hers.until(told.Failure)).code == "not_found"
        assert not [each for each in await bens.quiet() if getattr(each, "operator", None) == "lia"]


@services.sqlite_only
async def test_who_still_names_what_became_another_is_seen_at_the_one_there_is(stage: Stage, api: Api) -> None:
    ours, theirs = await stage.hears(phone=ANA), await stage.hears(phone=BEN)
    people = [(await stage.conversation(each)).contact_id for each in (ours, theirs)]
    done = await stage.db.write(merging.merge, *people, by="ana", now=stage.clock.now())
    assert done is not None
    async with following(api, "ana") as anas, following(api, "ben") as bens:
        await anas.say(type="viewing", conversation=done.conversation_was)
        await anas.say(type="typing", conversation=done.conversation_was)
        assert await bens.until(told.PresenceShown, operator="ana", viewing=done.conversation)
        assert await bens.until(told.TypingShown, operator="ana", conversation=done.conversation)


async def test_presence_is_set_over_the_socket_and_written_down(stage: Stage, api: Api) -> None:
    async with following(api) as desk:
        await desk.say(type="presence", presence="online")
        event = (await desk.events(1))[0]
        assert (event.kind, event.facts) == ("operator", {"name": "ana", "presence": "online"})
    assert (await stage.db.read(operators.get, "ana")).presence is Presence.ONLINE
    written = await stage.db.read(lambda tx: tx.exec_driver_sql("SELECT action FROM audit").scalars().all())
    assert "change_me" in written


async def test_an_open_socket_counts_as_seen(stage: Stage, api: Api) -> None:
    async with following(api):
        stage.clock.wind(60)

        async def seen() -> bool:
            return (await stage.db.read(operators.get, "ana")).seen_at == stage.clock.now()

        await eventually(seen, "she is seen")


@pytest.mark.parametrize(
    "first",
    [{"type": "auth", "token": "bt_wrong"}, {"type": "auth", "ticket": "ft_wrong"}, {"type": "auth"}, {"type": "ping"}],
)
@services.sqlite_only
async def test_who_does_not_say_who_they_are_is_hung_up_on(api: Api, first: Any) -> None:
    async with connected(api) as desk:
        await desk.say(**first)
        assert await desk.close_code() == 4401


@services.sqlite_only
async def test_who_says_nothing_is_hung_up_on(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handover.feed._GREETING_S", 0.05)
    async with connected(api) as desk:
        assert await desk.close_code() == 4401


async def test_a_ticket_opens_one_socket_once_and_not_for_long(stage: Stage, api: Api) -> None:
    status, made = await api.post("/feed-tickets")
    assert status == 200 and made["ticket"] not in str(await stage.db.read(_hashes))
    async with connected(api) as desk, connected(api) as again:
        await desk.say(type="auth", ticket=made["ticket"])
        assert (await desk.until(told.Ready)).operator == "ana"
        await again.say(type="auth", ticket=made["ticket"])
        assert await again.close_code() == 4401
    _, late = await api.post("/feed-tickets")
    stage.clock.wind(feed_tickets.LASTS.total_seconds())
    async with connected(api) as desk:
        await desk.say(type="auth", ticket=late["ticket"])
        assert await desk.close_code() == 4401
    assert (await api.call("POST", "/api/v1/feed-tickets", by=None))[0] == 401


def _hashes(tx: Any) -> list[str]:
    return list(tx.exec_driver_sql("SELECT hash FROM feed_tickets").scalars())


def _revoked(tx: Any) -> None:
    operator_tokens.revoke_all(tx, "ana")


def _removed(tx: Any) -> None:
    operators.remove(tx, "ana")


def _ended(tx: Any) -> None:
    tx.exec_driver_sql("UPDATE operator_tokens SET expires_at = created_at")


@pytest.mark.parametrize("act", [_revoked, _removed, _ended])
async def test_whose_token_is_good_no_longer_is_hung_up_on_and_told_nothing_more(
    stage: Stage, api: Api, act: Any
) -> None:
    async with following(api) as desk:
        await tell(stage, "before")
        (before,) = await desk.events(1)
        await stage.db.write(act)
        await tell(stage, "after")
        assert await desk.close_code() == 4401
        assert desk.last == before.id


@pytest.mark.parametrize("act", [_revoked, _removed, _ended])
async def test_who_came_a_moment_before_their_token_ended_is_told_nothing_of_what_came_after(
    stage: Stage, api: Api, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, look = asyncio.Event(), hub.Hub._look

    async def late(self: hub.Hub) -> None:
        await looking.wait()
        await look(self)

    monkeypatch.setattr(hub.Hub, "_look", late)
    async with following(api) as desk:
        await stage.db.write(act)
        await tell(stage, "after")
        if not stage.db.is_sqlite:
            await numbering.number_all(stage.db)
        for _ in range(3):  # they are rung for other things too
            api.app.ctx.baton.hub._tell_presence("ana")
            await desk.say(type="ping")
            await desk.until(told.Pong)
        looking.set()
        assert await desk.close_code() == 4401
        assert desk.last is None, "no event was told"


async def test_who_reads_by_themselves_reads_no_further_than_their_rights_were_read(stage: Stage, api: Api) -> None:
    behind = hub.Hub(stage.db, stage.wake, stage.clock, api.app.ctx.baton.bus, feed_events.dressed)
    await tell(stage, "one", "two")
    await numbering.number_all(stage.db)
    behind.join(SimpleNamespace(key="sock", token_id="tok", bell=asyncio.Event()))  # type: ignore[arg-type]
    assert (await behind.after(0)).events == (), "nobody's rights are read yet"

    await behind._look()
    await tell(stage, "three")
    await numbering.number_all(stage.db)

    assert [each.number for each in (await behind.after(0)).events] == [1, 2]
    await behind._look()
    assert [each.number for each in (await behind.after(0)).events] == [1, 2, 3]


@services.sqlite_only
async def test_rights_are_read_anew_for_whoever_comes_after_the_last_has_left(stage: Stage, api: Api) -> None:
    quiet = hub.Hub(stage.db, stage.wake, stage.clock, api.app.ctx.baton.bus, feed_events.dressed)
    member: Any = SimpleNamespace(key="sock", token_id="tok", bell=asyncio.Event())
    quiet.join(member)
    await quiet._look()
    assert quiet.knows(member)

    quiet._members.clear()
    await quiet._look()

    assert not quiet.knows(member)


@services.sqlite_only
async def test_a_token_that_ends_by_time_alone_closes_its_socket(stage: Stage, api: Api) -> None:
    """Nothing is written when it ends."""
    until = START + timedelta(seconds=5)
    kind = operator_tokens.TokenKind.SESSION
    _token, api.tokens["ana"] = await stage.db.write(operator_tokens.add, "ana", kind, START, expires_at=until)
    async with following(api) as desk:
        stage.clock.wind(6)
        await stage.db.write(people.seen, "ana", stage.clock.now())
        assert await desk.close_code() == 4401


@services.sqlite_only
async def test_what_can_not_be_read_is_refused_in_their_language_and_the_line_goes_on(api: Api) -> None:
    async with following(api) as desk:
        await desk.socket.send_str("{")
        assert (await desk.until(told.Failure)).message == "The message is not JSON."
        await desk.say(type="dance")
        assert (await desk.until(told.Failure)).code == "bad_input"
        await desk.say(type="auth", token="x")
        assert (await desk.until(told.Failure)).message == "You are signed in already."
        await desk.say(type="ping")
        assert await desk.until(told.Pong)
        await desk.socket.send_str("x" * 20_000)
        assert await desk.close_code() == 1009
    async with connected(api) as desk:
        await desk.say(type="auth", token=api.tokens["ana"], language="pt-BR")
        await desk.socket.send_str("{")
        assert (await desk.until(told.Failure)).message == "A mensagem não é JSON."


@services.sqlite_only
async def test_who_says_too_much_is_slowed_down(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_socket.Socket, "rate", Rate(burst=2, per_s=5))
    async with following(api) as desk:
        for _ in range(20):
            await desk.say(type="ping")
        assert (await desk.until(told.Failure)).code == "too_many_requests"
        await asyncio.sleep(0.25)
        await desk.say(type="ping")
        assert await desk.until(told.Pong)


@contextlib.asynccontextmanager
async def deaf(api: Api) -> AsyncIterator[Any]:
    """Somebody who follows, and takes nothing of what is told."""
    async with following(api, "ben") as desk:
        transport: Any = desk.socket._conn.transport
        transport.pause_reading()
        yield desk
        transport.resume_reading()


@services.sqlite_only
async def test_a_slow_reader_holds_up_nobody_and_is_hung_up_on(
    stage: Stage, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_socket, "_SLOW_S", 0.4)
    monkeypatch.setattr(feed_socket, "_LET_GO_S", 0.05)
    monkeypatch.setattr(hub, "TICK_S", 0.1)
    async with following(api) as quick, deaf(api):
        assert api.house.hub.count("ben") == 1
        for _ in range(12):
            await stage.db.write(_loud, 20)
            assert len(await quick.events(20)) == 20
        await eventually(lambda: api.house.hub.count("ben") == 0, "it is hung up on")
        assert sum(event.size for event in api.house.hub._ring) <= hub._MOST_BYTES
        await tell(stage, "one more")
        assert [event.kind for event in await quick.events(1)] == ["one more"]


def _loud(tx: Any, many: int) -> None:
    for _ in range(many):
        notices.add(tx, "loud", None, {"noise": "x" * 60_000}, START)


@services.sqlite_only
async def test_who_falls_behind_what_is_kept_at_hand_reads_by_themselves(
    stage: Stage, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_MOST_EVENTS", 5)
    monkeypatch.setattr(hub, "_BATCH", 3)
    async with following(api) as desk:
        for n in range(60):
            await tell(stage, f"kind {n}")
        assert [event.kind for event in await desk.events(60)] == [f"kind {n}" for n in range(60)]
        assert len(api.house.hub._ring) <= 5


@services.sqlite_only
async def test_while_the_database_is_away_who_comes_is_asked_to_come_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(operators, "signed_in", away)
    async with connected(api) as desk:
        await desk.say(type="auth", token=api.tokens["ana"])
        assert await desk.close_code() == 1013


@services.sqlite_only
async def test_the_route_says_why_it_is_open(api: Api) -> None:
    (known,) = [
        known for route in api.app.router.routes if (known := documented.of(route.handler)) and known.path == "/ws"
    ]
    assert known.role is None and known.open_because


@services.sqlite_only
async def test_why_the_assistant_is_silent_is_told_once_it_is_known(stage: Stage, api: Api) -> None:
    """It is decided after the message was told."""
    conversation_id = await stage.hears("oi")
    await stage.ownership.take(conversation_id, by="ana")
    async with following(api) as desk:
        await stage.turn(conversation_id)
        event = await desk.until(told.Event, kind="recorded")
    assert event.message["reason"] == "human_owns"
