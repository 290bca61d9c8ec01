"""Tokens are renewed in good time, tried for again and again, and told of when they are dead."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from conversation.account import Account, AccountId, Channel
from conversation.alert import AlertRule, Event, Means, RuleId
from conversation.channel_settings import ChannelSettings, Login
from conversation.errors import SendError
from conversation.ids import new_id
from conversation.people import Role
from runtime.tokens import FreshToken, TokenKeeper, wait_before_next
from store import accounts, alert_rules, operators, tables, tokens
from store.alert_rules import Target
from tests.house import START, Stage

DAY_S = 86_400.0
DEAD = SendError("Meta refused.", error_code=190, account_fault=True)
BUSY = SendError("Meta is busy.", error_code=2, retryable=True)
BLOCKED = SendError("Meta has blocked the account.", error_code=368, account_fault=True)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Instagram:
    """Gives a new token for sixty days, or fails as told."""

    failing: SendError | None = None
    asked: list[str] = field(default_factory=list)
    during: Any = None

    async def refresh(self, token: str, emulated: bool) -> FreshToken:
        self.asked.append(token)
        if self.during is not None:
            await self.during()
        if self.failing is not None:
            raise self.failing
        return FreshToken(value=f"new-{len(self.asked)}", good_for_s=60 * DAY_S)


@pytest.fixture
def instagram() -> Instagram:
    return Instagram()


@pytest.fixture
def account(stage: Stage) -> Account:
    def add(tx: Any) -> Account:
        made = Account(
            id=AccountId(new_id("acc")),
            channel=Channel.INSTAGRAM,
            provider_id="17841400000000001",
            name="Cantina",
            agent_id=stage.agent.id,
            channel_settings=ChannelSettings(login=Login.INSTAGRAM),
        )
        accounts.add(tx, stage.vault, made, token="old", secrets=(), now=START)
        until = START + timedelta(days=60)
        tokens.save(tx, stage.vault, made.id, "old", expires_at=until, now=START)
        operators.add(tx, "chefe", Role.ADMIN, START)
        rule = AlertRule(id=RuleId("rul_1"), means=Means.WEBHOOK, operator="chefe")
        alert_rules.add(tx, stage.vault, rule, Target(address="https://hooks.example.com/x", secret="s"), START)
        return made

    return stage.db.write_now(add)


def keeper(stage: Stage, instagram: Instagram) -> TokenKeeper:
    return TokenKeeper(stage.db, stage.vault, stage.clock, instagram.refresh)


async def token_of(stage: Stage, account: Account) -> str | None:
    return (await stage.db.read(accounts.credentials, stage.vault, account.id)).token


async def alerts_of(stage: Stage) -> list[tuple[str, str]]:
    return [(row.event, row.facts["reason"]) for row in await stage.rows(tables.alerts)]


async def test_it_is_renewed_on_the_fiftieth_day_and_again_on_the_hundredth(
    stage: Stage, account: Account, instagram: Instagram
) -> None:
    keeping = keeper(stage, instagram)
    for days, asked in ((49, []), (1, ["old"]), (49, ["old"]), (1, ["old", "new-1"])):
        stage.clock.wind(days * DAY_S)
        await keeping.look()
        assert instagram.asked == asked
    assert await token_of(stage, account) == "new-2"
    found = await stage.db.read(accounts.get, account.id)
    assert found.token_expires_at == stage.clock.now() + timedelta(days=60)


async def test_after_a_failure_it_is_tried_again_later_and_later(
    stage: Stage, account: Account, instagram: Instagram
) -> None:
    stage.clock.wind(50 * DAY_S)
    instagram.failing = BUSY
    await keeper(stage, instagram).look()
    await keeper(stage, instagram).look()
    assert instagram.asked == ["old"]
    stage.clock.wind(301)
    await keeper(stage, instagram).look()  # another process's: what is known stands in the row
    assert instagram.asked == ["old", "old"]
    instagram.failing = None
    stage.clock.wind(12 * 3600.0)
    await keeper(stage, instagram).look()
    assert await token_of(stage, account) == "new-3"


def test_the_waits_grow_with_how_long_it_was_tried_for() -> None:
    ends_at = START + timedelta(days=10)
    waits = [wait_before_next(ends_at, START + timedelta(hours=hours)).total_seconds() for hours in (0, 1, 6, 48)]
    assert waits == [300.0, 3600.0, 6 * 3600.0, 12 * 3600.0]


async def test_a_dead_one_is_a_fault_told_once_and_not_asked_for_again(
    stage: Stage, account: Account, instagram: Instagram
) -> None:
    stage.clock.wind(50 * DAY_S)
    instagram.failing = DEAD
    keeping = keeper(stage, instagram)
    await keeping.look()
    stage.clock.wind(DAY_S)
    await keeping.look()
    found = await stage.db.read(accounts.get, account.id)
    assert found.fault is not None
    assert "connect it again" in found.fault
    assert await alerts_of(stage) == [(Event.ACCOUNT.value, "token_dead")]
    assert instagram.asked == ["old"]


async def test_one_whose_time_is_over_is_dead_whatever_is_said(
    stage: Stage, account: Account, instagram: Instagram
) -> None:
    stage.clock.wind(61 * DAY_S)
    instagram.failing = BUSY
    await keeper(stage, instagram).look()
    assert (await stage.db.read(accounts.get, account.id)).fault is not None


async def test_a_blocked_account_has_no_dead_token(stage: Stage, account: Account, instagram: Instagram) -> None:
    stage.clock.wind(50 * DAY_S)
    instagram.failing = BLOCKED
    await keeper(stage, instagram).look()
    assert (await stage.db.read(accounts.get, account.id)).fault is None
    assert await alerts_of(stage) == []


async def test_one_that_somebody_sets_meanwhile_stays(stage: Stage, account: Account, instagram: Instagram) -> None:
    async def somebody_sets_another() -> None:
        await stage.ownership.change_account(account.id, token="typed")

    stage.clock.wind(50 * DAY_S)
    instagram.during = somebody_sets_another
    await keeper(stage, instagram).look()
    assert await token_of(stage, account) == "typed"


async def test_a_typed_one_is_renewed_when_it_surely_may_be(
    stage: Stage, account: Account, instagram: Instagram
) -> None:
    await stage.ownership.change_account(account.id, token="typed")
    keeping = keeper(stage, instagram)
    await keeping.look()
    stage.clock.wind(DAY_S)
    await keeping.look()
    assert instagram.asked == []
    stage.clock.wind(2 * 3600.0)
    await keeping.look()
    assert instagram.asked == ["typed"]
    found = await stage.db.read(accounts.get, account.id)
    assert isinstance(found.token_expires_at, datetime)


async def test_what_a_process_began_and_did_not_end_is_begun_again(
    stage: Stage, account: Account, instagram: Instagram
) -> None:
    async def ends() -> None:
        raise Killed

    stage.clock.wind(50 * DAY_S)
    instagram.during = ends
    with pytest.raises(Killed):
        await keeper(stage, instagram).look()
    instagram.during = None
    stage.clock.wind(301)
    await keeper(stage, instagram).look()
    assert await token_of(stage, account) == "new-2"


async def test_of_two_processes_one_asks(stage: Stage, account: Account, instagram: Instagram) -> None:
    async def the_other_looks() -> None:
        instagram.during = None
        await keeper(stage, instagram).look()

    stage.clock.wind(50 * DAY_S)
    instagram.during = the_other_looks
    await keeper(stage, instagram).look()
    assert instagram.asked == ["old"]
