"""The dashboard's sockets: who follows is asked on them, and what happens is told in the dashboard's words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from conversation.account import Channel
from conversation.arrivals import Attachment
from conversation.contact import Address
from conversation.message import MessageStatus
from handover.dashboard import socket as one_socket
from handover.dashboard import sockets
from handover.dashboard.told import news_of as the_news
from store import conversations, operators, people, tables
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.house import ADDRESS_KINDS, ANA, BEN, DEADLINE_S, OTHER_NUMBER, START, Stage, add_account

LIVE = "/ws/whatsapp/dashboard/"


@pytest.fixture(autouse=True)
async def seen_already(stage: Stage, api: Api) -> None:
    """That somebody is seen is written, too; here it has been."""
    for name in api.tokens:
        await stage.db.write(people.seen, name, START)


class Page:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse[Any]) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def next(self) -> dict[str, Any]:
        message = await asyncio.wait_for(self.socket.receive(), DEADLINE_S)
        assert message.type is aiohttp.WSMsgType.TEXT, f"closed with {self.socket.close_code}"
        found: dict[str, Any] = message.json()
        return found

    async def until(self, kind: str) -> dict[str, Any]:
        while (found := await self.next())["type"] != kind:
            pass
        return found

    async def quiet(self) -> list[str]:
        """The types of all that was told until an answer that was asked for just now."""
        await self.say(type="ping")
        found: list[str] = []
        while (kind := (await self.next())["type"]) != "pong":
            found.append(kind)
        return found

    async def close_code(self) -> int | None:
        while not self.socket.closed:
            await asyncio.wait_for(self.socket.receive(), DEADLINE_S)
        return self.socket.close_code


@contextlib.asynccontextmanager
async def connected(api: Api, path: str = LIVE) -> AsyncIterator[Page]:
    async with api.session.ws_connect(api.address + path) as socket:
        yield Page(socket)


@contextlib.asynccontextmanager
async def following(api: Api, path: str = LIVE, by: str = "ana") -> AsyncIterator[Page]:
    async with connected(api, path) as page:
        await page.say(type="auth", token=api.tokens[by])
        assert (await page.next())["type"] == "connection_established"
        yield page


async def test_what_a_page_says_at_every_change_is_no_error_of_its_user(stage: Stage, api: Api) -> None:
    talk = await stage.hears()
    async with following(api) as page:
        for _ in range(100):
            await page.say(type="subscribe_conversation", conversation_id=talk)
            await page.say(type="unsubscribe_conversation", conversation_id=talk)
        assert await page.quiet() == ["subscribed", "unsubscribed"] * 100


@services.sqlite_only
async def test_an_event_is_put_into_the_dashboards_words_once_for_all_who_follow(
    stage: Stage, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def news_of(tx: Any, row: Any, *rest: Any) -> Any:
        made.append(row["id"])
        return the_news(tx, row, *rest)

    monkeypatch.setattr(one_socket, "news_of", news_of)
    async with contextlib.AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(following(api)) for _ in range(5)]
        await stage.hears("oi")
        for page in pages:
            assert (await page.until("message_received"))["message"]["text_body"] == "oi"
    assert made and len(made) == len(set(made))


async def lia(stage: Stage, api: Api, account_ids: Any) -> None:
    """An operator who sees these accounts."""

    def add(tx: Any) -> str:
        token = operators.add(tx, "lia", Role.OPERATOR, START)
        people.set_accounts(tx, "lia", account_ids)
        people.seen(tx, "lia", START)
        return token

    api.tokens["lia"] = await stage.db.write(add)


async def test_the_first_message_says_who_it_is_for(stage: Stage, api: Api) -> None:
    async with connected(api) as page:
        await page.say(type="auth", token=api.tokens["ana"])
        hello = await page.next()
    assert (hello["type"], hello["accounts"]) == ("connection_established", [stage.account.id])


async def test_the_oldest_page_has_its_token_in_the_address(stage: Stage, api: Api) -> None:
    async with connected(api, f"{LIVE}?token={api.tokens['ana']}") as page:
        assert (await page.next())["type"] == "connection_established"
        await page.say(type="auth", token=api.tokens["ana"])  # a page that does both
        assert await page.quiet() == []


@pytest.mark.parametrize("first", [{"type": "auth", "token": "no"}, {"type": "ping"}, {"type": "auth"}, {"type": 1}])
async def test_who_says_nothing_good_is_refused_for_good(api: Api, first: dict[str, Any]) -> None:
    async with connected(api) as page:
        await page.say(**first)
        assert await page.close_code() == 4001
    async with connected(api, f"{LIVE}?token=no") as page:
        assert await page.close_code() == 4001


async def test_tokens_in_the_address_can_be_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = sockets.DashboardSockets.from_credentials({"token_in_address": False})
    assert not strict._token_in_address
    with_token = type("Request", (), {"args": {"token": api.tokens["ana"]}})()
    assert await strict._word(with_token, None) is None
    lax = sockets.DashboardSockets.from_credentials(None)
    assert await lax._word(with_token, None) == api.tokens["ana"]


async def test_what_a_customer_writes_is_told_at_once(stage: Stage, api: Api, dash: Dashboard) -> None:
    async with following(api) as page:
        conversation_id = await stage.hears("oi")
        told = await page.next()
    assert (told["type"], told["conversation_id"]) == ("message_received", conversation_id)
    assert told["contact"]["wa_id"] == ANA
    _, listed = await dash.get(f"/conversations/{conversation_id}/messages/?limit=100")
    assert told["message"] == listed["results"][0]


async def test_the_assistants_answer_and_its_ticks_are_told(stage: Stage, api: Api) -> None:
    async with following(api) as page, stage.delivering():
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        sent = await page.until("message_sent")
        assert sent["message"]["direction"] == "outbound"
        first = await page.until("status_updated")
        assert (first["message_id"], first["status"]) == (sent["message"]["id"], "sent")
        (_, answer) = await stage.messages(conversation_id)
        for status in (MessageStatus.DELIVERED, MessageStatus.READ):
            await stage.report(answer.provider_id or "", status)
            told = await page.until("status_updated")
            assert (told["message_id"], told["status"]) == (str(answer.id), status.value)
            assert told["whatsapp_message_id"] == answer.provider_id


async def test_a_picture_that_comes_hours_later_has_an_address_that_is_good_then(stage: Stage, api: Api) -> None:
    async with following(api) as page:
        stage.clock.wind(6 * 3_600)
        await stage.hears(None, kind="image", attachments=(Attachment(kind="image", url="https://cdn.test/a.jpg"),))
        address = (await page.until("message_received"))["message"]["media_url"]
    assert int(address.split("/")[-3]) > stage.clock.now().timestamp()


async def test_a_send_that_failed_says_why(stage: Stage, api: Api) -> None:
    async with following(api) as page, stage.delivering():
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        await page.until("status_updated")  # Meta has it
        (_, answer) = await stage.messages(conversation_id)
        await stage.report(answer.provider_id or "", MessageStatus.FAILED, error="131026 undeliverable")
        told = await page.until("error")
    assert told["message_id"] == str(answer.id)
    assert told["error_message"]


async def test_who_answers_now_is_told_with_the_row_as_it_is(stage: Stage, api: Api) -> None:
    async with following(api) as page:
        conversation_id = await stage.hears("oi")
        await stage.ownership.take(conversation_id, by="ben")
        changed = await page.until("handover_mode_changed")
        assert (changed["conversation_id"], changed["handover_status"]) == (conversation_id, "human")
        assert changed["assigned_to_name"] == "ben"
        assert (await page.next())["conversation"]["mode"] == "human"
        await stage.ownership.release(conversation_id, by="ben")
        assert (await page.until("handover_mode_changed"))["handover_status"] == "bot"
        assert (await page.next())["conversation"]["mode"] == "auto"


async def test_what_the_page_says_is_cheap_and_unknown_words_are_passed_over(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("oi")
    async with following(api) as page:
        for _ in range(3):
            await page.say(type="subscribe_conversation", conversation_id=conversation_id)
            assert (await page.next())["type"] == "subscribed"
            await page.say(type="unsubscribe_conversation", conversation_id=conversation_id)
            assert (await page.next())["type"] == "unsubscribed"
        await page.say(type="mystery", conversation_id=conversation_id)
        await page.say(type="typing")
        assert await page.quiet() == []
        await page.say(type="subscribe_conversation", conversation_id="cnv_none")
        assert (await page.next())["type"] == "error"
        await page.socket.send_str("no json")
        assert (await page.next())["type"] == "error"


async def test_that_somebody_types_is_told_to_the_others(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("oi")
    async with following(api) as page, following(api, by="ben") as bens:
        await bens.say(type="typing", conversation_id=conversation_id, is_typing=False)
        await bens.say(type="typing", conversation_id=conversation_id, is_typing=True)
        told = await page.next()
        assert (told["type"], told["conversation_id"], told["is_typing"]) == ("typing", conversation_id, True)
        assert await bens.quiet() == []


async def test_each_is_told_of_their_accounts_only(stage: Stage, api: Api) -> None:
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await lia(stage, api, [other.id])
    async with (
        following(api, by="lia") as hers,
        following(api) as all_of_them,
        following(api, f"/ws/whatsapp/{other.id}/") as of_one,
    ):
        first = await stage.hears(phone=ANA)
        second = await stage.hears(phone=BEN, account=OTHER_NUMBER)
        assert [(await all_of_them.next())["conversation_id"] for _ in range(2)] == [first, second]
        assert (await hers.next())["conversation_id"] == second
        assert (await of_one.next())["conversation_id"] == second
    for path in (f"/ws/whatsapp/{stage.account.id}/", "/ws/whatsapp/acc_none/", f"/ws/handover/{first}/"):
        async with connected(api, path) as page:
            await page.say(type="auth", token=api.tokens["lia"])
            assert await page.close_code() == 4004


async def test_a_token_that_ends_ends_its_sockets(stage: Stage, api: Api) -> None:
    async with following(api) as page:
        await stage.db.write(operators.remove, "ana")
        assert await page.close_code() == 4001


async def test_a_server_that_stops_is_come_back_to(stage: Stage, api: Api) -> None:
    async with following(api) as page:
        api.app.ctx.closing.set()
        stage.wake.ring()
        assert await page.close_code() == 1001


async def test_the_handovers_own_socket(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("oi")
    async with following(api, f"/ws/handover/{conversation_id}/") as page:
        await stage.ownership.request(conversation_id, by="ben")
        assert (await page.next())["type"] == "handover.updated"
        asked = await page.next()
        assert (asked["type"], asked["conversation_id"]) == ("handover.requested", conversation_id)


@pytest.mark.parametrize(
    ("channel", "first"), [(Channel.INSTAGRAM, "message_received"), (Channel.MESSENGER, "message")]
)
async def test_the_other_channels_have_sockets_too(stage: Stage, api: Api, channel: Channel, first: str) -> None:
    account = await stage.db.write(add_account, stage.vault, stage.agent, "17840000000000001", channel=channel)
    async with (
        following(api, f"/ws/{channel.value}/{account.id}/") as page,
        following(api, f"/ws/{channel.value}/all/") as of_all,
        following(api) as whatsapps,
    ):
        addresses = (Address(kind=ADDRESS_KINDS[channel], value="8801"),)
        arrival = stage.inbound("oi", account=account.provider_id, addresses=addresses)
        await stage.entrance.accept(channel.value, [arrival])
        (line,) = await stage.db.read(conversations.listed, address="8801")
        conversation_id = line.conversation.id
        told = await page.next()
        assert told["type"] == first
        assert await of_all.next() == told
        assert await whatsapps.quiet() == []
        for _ in range(2):
            await page.say(type="mark_read", conversation_id=conversation_id)
        await page.quiet()
        assert (await stage.conversation(conversation_id)).unread == 0
        written = [row.by for row in await stage.rows(tables.audit) if "mark" in row.action]
        assert written == ["ana"], "who did it, once"
