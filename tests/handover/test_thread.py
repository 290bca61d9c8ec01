"""Which app Meta lets write, ordered by a person: Meta is asked first, and who of ours answers stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from conversation.account import Channel
from conversation.contact import Address
from conversation.conversation import ConversationId
from conversation.errors import SendError
from runtime.abilities import Reach
from runtime.channel import WayOut
from runtime.settings import RuntimeSettings
from runtime.thread_orders import ThreadOrders
from store.database import Database
from store.vault import Vault
from tests import services
from tests.handover.conftest import Api
from tests.house import ANA, HOLDER, ScriptedDialogue, Stage, WoundClock, set_up

#: As Meta numbers apps.
ANOTHER = "800000000000002"


class ScriptedThreads:
    """Satisfies `runtime.abilities.Threads`: does as it is told, or refuses."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, str]] = []
        self.refuses: SendError | None = None

    async def pass_on(self, reach: Reach, addresses: Sequence[Address], *, app: str, metadata: str = "") -> None:
        self._do("pass", addresses, app, metadata)

    async def take(self, reach: Reach, addresses: Sequence[Address], *, metadata: str = "") -> None:
        self._do("take", addresses, "", metadata)

    async def release(self, reach: Reach, addresses: Sequence[Address]) -> None:
        self._do("release", addresses, "", "")

    def _do(self, what: str, addresses: Sequence[Address], app: str, metadata: str) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.asked.append((what, addresses[0].value, app, metadata))


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings) -> Stage:
    account, agent = set_up(db, vault, clock, Channel.MESSENGER)
    return Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip


@pytest.fixture
def meta(stage: Stage, api: Api) -> ScriptedThreads:
    async def reach(account_id: str) -> Reach:
        assert account_id == stage.account.id
        return Reach(account=stage.account, node=stage.account.provider_id, base_url="http://meta", token="tok")

    made = ScriptedThreads()
    api.house.ways_out[stage.account.channel.value] = WayOut(channel=stage.channel, threads=made)
    api.house.thread_orders = ThreadOrders(stage.db, api.house.ways_out, reach, stage.clock)
    return made


async def order(api: Api, conversation_id: ConversationId, **body: Any) -> tuple[int, Any]:
    return await api.post(f"/conversations/{conversation_id}/thread", body=body)


async def owner_shown(api: Api, conversation_id: ConversationId) -> Any:
    return (await api.get(f"/conversations/{conversation_id}"))[1]["thread"]["owner"]


async def test_it_is_passed_to_the_inbox_and_the_assistant_only_listens(
    stage: Stage, api: Api, meta: ScriptedThreads
) -> None:
    # given an answer that has not left yet
    conversation_id = await stage.hears()
    await stage.turn(conversation_id)
    before = await stage.conversation(conversation_id)
    # when
    status, done = await order(api, conversation_id, control="pass", app="inbox", metadata="quer trocar")
    # then
    assert (status, done) == (200, {"id": conversation_id, "thread": {"owner": "inbox"}})
    assert meta.asked == [("pass", ANA, "inbox", "quer trocar")]
    assert await owner_shown(api, conversation_id) == "inbox"
    after = await stage.conversation(conversation_id)
    assert (after.state, after.owner) == (before.state, before.owner) and after.ownership == before.ownership + 1
    assert [row.state for row in await stage.outbox()] == ["withdrawn"]


async def test_taken_back_the_assistant_answers_what_comes(stage: Stage, api: Api, meta: ScriptedThreads) -> None:
    conversation_id = await stage.hears(standby=True)
    assert await owner_shown(api, conversation_id) == "app"
    stage.clock.wind(1)
    status, done = await order(api, conversation_id, control="take")
    assert (status, done["thread"]) == (200, {"owner": None})
    stage.clock.wind(1)
    await stage.hears("e agora?")
    await stage.all_turns(conversation_id)
    assert await stage.texts(conversation_id) == ["Olá!"]


async def test_a_take_decides_nothing_about_who_of_ours_answers(stage: Stage, api: Api, meta: ScriptedThreads) -> None:
    conversation_id = await stage.hears()
    await stage.ownership.take(conversation_id, by="ana")
    log = await stage.log(conversation_id)
    await order(api, conversation_id, control="pass", app=ANOTHER)
    stage.clock.wind(1)
    await order(api, conversation_id, control="take")
    stood = await stage.conversation(conversation_id)
    assert (stood.state.value, stood.owner) == ("human", "ana")
    assert await stage.log(conversation_id) == log


async def test_what_meta_told_of_the_time_before_the_order_is_over(
    stage: Stage, api: Api, meta: ScriptedThreads
) -> None:
    conversation_id = await stage.hears()
    sent_at = stage.clock.now()
    stage.clock.wind(2)
    await order(api, conversation_id, control="pass", app=ANOTHER)
    await stage.hears("escrevi antes", sent_at=sent_at)
    assert await owner_shown(api, conversation_id) == ANOTHER


@services.sqlite_only
async def test_a_released_thread_is_nobodys(stage: Stage, api: Api, meta: ScriptedThreads) -> None:
    conversation_id = await stage.hears()
    status, done = await order(api, conversation_id, control="release")
    assert (status, done["thread"], meta.asked) == (200, {"owner": None}, [("release", ANA, "", "")])


@services.sqlite_only
async def test_metas_refusal_is_told_and_nothing_changes(stage: Stage, api: Api, meta: ScriptedThreads) -> None:
    conversation_id = await stage.hears(standby=True)
    meta.refuses = SendError("Only the default app may take it.", error_code=10)
    status, answer = await order(api, conversation_id, control="take")
    assert (status, answer["error"]["code"]) == (409, "thread_refused")
    assert "Only the default app" in answer["error"]["message"]
    assert await owner_shown(api, conversation_id) == "app"


@services.sqlite_only
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"control": "grab"},
        {"control": "pass"},
        {"control": "take", "app": "inbox"},
        {"control": "pass", "app": "x"},
    ],
)
async def test_what_can_not_be_meant_is_not_asked_of_meta(
    stage: Stage, api: Api, meta: ScriptedThreads, body: dict[str, str]
) -> None:
    status, answer = await order(api, await stage.hears(), **body)
    assert (status, answer["error"]["code"], meta.asked) == (400, "bad_input", [])


@services.sqlite_only
async def test_a_channel_that_knows_no_threads_says_so(stage: Stage, api: Api, meta: ScriptedThreads) -> None:
    api.house.ways_out[stage.account.channel.value] = WayOut(channel=stage.channel)
    status, answer = await order(api, await stage.hears(), control="take")
    assert (status, answer["error"]["code"]) == (400, "bad_input")
    assert "no thread control" in answer["error"]["message"]
