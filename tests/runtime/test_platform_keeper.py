"""What a platform says of a number, its templates and its token is asked for day by day, and told where it matters."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from conversation.account import Account, Channel
from conversation.alert import AlertRule, Means, RuleId
from conversation.channel_settings import ChannelSettings
from conversation.errors import BadInput, Refused, SendError
from conversation.people import Role
from conversation.template_draft import Draft
from runtime.abilities import Reach, Template, Token
from runtime.businesses import Businesses
from runtime.channel import WayOut
from runtime.platform_keeper import PlatformKeeper
from store import account_meta, accounts, alert_rules, audit, deeds, operators, tables, templates
from store.alert_rules import Target
from tests import services
from tests.house import NUMBER, START, Stage

BUSINESS, DAY = "300000000000001", timedelta(days=1)
PEDIDO = Template(id="1", name="pedido", language="pt_BR", category="UTILITY", status="APPROVED")


@dataclass
class Meta:
    """Satisfies `runtime.abilities.Business`."""

    told: dict[str, Any] = field(default_factory=lambda: {"quality": "GREEN", "messaging_limit": 2000})
    listed: list[Template] = field(default_factory=lambda: [PEDIDO])
    token_ends: datetime | None = None
    valid: bool = True
    fails: SendError | None = None
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    during: Any = None

    async def facts(self, reach: Reach) -> Mapping[str, Any]:
        await self._asked("facts", reach)
        return self.told

    async def templates(self, reach: Reach, business_id: str) -> Sequence[Template]:
        await self._asked("templates", reach)
        return self.listed

    async def create_template(self, reach: Reach, business_id: str, draft: Draft) -> Template:
        await self._asked(f"create {draft.name}", reach)
        return Template(id="7", name=draft.name, language="pt_BR", category="UTILITY", status="PENDING")

    async def remove_template(self, reach: Reach, business_id: str, name: str) -> None:
        await self._asked(f"remove {name}", reach)

    async def token(self, reach: Reach) -> Token | None:
        await self._asked("token", reach)
        return Token(valid=self.valid, expires_at=self.token_ends)

    async def profile(self, reach: Reach) -> Mapping[str, Any]:
        return {"about": "oi"}

    async def set_profile(self, reach: Reach, changes: Mapping[str, Any]) -> None:
        await self._asked(f"profile {sorted(changes)}", reach)

    async def _asked(self, what: str, reach: Reach) -> None:
        self.asked.append(what)
        self.tokens.append(reach.token)
        if self.during is not None:
            await self.during()
        if self.fails is not None:
            raise self.fails


@pytest.fixture
def meta() -> Meta:
    return Meta()


@pytest.fixture
async def keeper(stage: Stage, meta: Meta) -> PlatformKeeper:
    def prepare(tx: Any) -> None:
        accounts.change(tx, stage.vault, stage.account.id, channel_settings=ChannelSettings(waba_id=BUSINESS))
        operators.add(tx, "chefe", Role.ADMIN, START)
        rule = AlertRule(id=RuleId("rul_1"), means=Means.WEBHOOK, operator="chefe")
        alert_rules.add(tx, stage.vault, rule, Target(address="https://hooks.example.com/x", secret="s"), START)

    await stage.db.write(prepare)
    ways_out: Any = {"whatsapp": WayOut(channel=stage.channel, business=meta)}
    businesses = Businesses(stage.db, ways_out, reach_of(stage), stage.clock)
    return PlatformKeeper(stage.db, stage.vault, ways_out, reach_of(stage), businesses, stage.clock)


def reach_of(stage: Stage) -> Any:
    async def reach(account_id: str) -> Reach:
        account = await stage.db.read(accounts.get, account_id)
        return Reach(account=account, node=NUMBER, base_url="http://meta", token="tok")

    return reach


async def now(stage: Stage) -> Account:
    found: Account = await stage.db.read(accounts.get, stage.account.id)
    return found


async def alerts_of(stage: Stage) -> list[str]:
    return [row.facts["reason"] for row in await stage.rows(tables.alerts)]


async def test_a_number_is_asked_about_once_a_day_and_when_news_say_so(
    stage: Stage, keeper: PlatformKeeper, meta: Meta
) -> None:
    await keeper.look()
    assert meta.asked == ["facts", "templates", "token"]
    found = (await now(stage)).meta
    assert (found.quality, found.messaging_limit, found.templates_at) == ("GREEN", 2000, START)
    assert (await stage.db.read(templates.get, BUSINESS, "pedido", "pt_BR")) is not None
    await keeper.look()
    stage.clock.wind(23 * 3600)
    await keeper.look()
    assert len(meta.asked) == 3
    stage.clock.wind(3601)
    await keeper.look()
    assert len(meta.asked) == 6


@services.sqlite_only
async def test_only_one_process_asks_and_what_fails_is_asked_for_again_in_an_hour(
    stage: Stage, keeper: PlatformKeeper, meta: Meta
) -> None:
    meta.fails = SendError("Busy.", error_code=4, retryable=True)
    meta.during = keeper.look  # another's look, while this one asks
    await keeper.look()
    assert meta.asked == ["facts", "token"]
    meta.during = None
    stage.clock.wind(3599)
    await keeper.look()
    assert len(meta.asked) == 2
    stage.clock.wind(2)
    meta.fails = None
    await keeper.look()
    assert len(meta.asked) == 5
    assert (await now(stage)).fault is None, "nothing is wrong with a token that was not asked about"


async def test_of_two_that_saw_it_due_at_the_same_moment_one_asks(stage: Stage, keeper: PlatformKeeper) -> None:
    (due,) = await stage.db.read(account_meta.due, Channel.WHATSAPP, stage.clock.now())
    assert [await stage.db.write(keeper._claim, due) for _ in range(2)] == [True, False]


@services.sqlite_only
async def test_a_token_that_ends_is_told_of_a_week_and_a_day_before_once_each(
    stage: Stage, keeper: PlatformKeeper, meta: Meta
) -> None:
    meta.token_ends = START + 9 * DAY
    for day, told in ((0, 0), (1, 0), (1, 1), (1, 1), (5, 2)):
        stage.clock.wind(day * 86_400)
        await keeper.look()
        rows = await stage.rows(tables.alerts)
        # One that still waits is not told twice: it has left.
        await stage.db.write(lambda tx: tx.execute(tables.alerts.update().values(state="sent")))
        assert len(rows) == told, day
    assert (await now(stage)).token_expires_at == meta.token_ends
    assert set(await alerts_of(stage)) == {"token_ends"}


@services.sqlite_only
@pytest.mark.parametrize("how", ["refused", "told"])
async def test_a_dead_token_is_the_accounts_fault_before_anything_is_sent(
    stage: Stage, keeper: PlatformKeeper, meta: Meta, how: str
) -> None:
    if how == "refused":
        meta.fails = SendError("Expired.", error_code=190, account_fault=True)
    else:
        meta.valid = False
    await keeper.look()
    await keeper.look()
    assert "token" in ((await now(stage)).fault or "")
    assert await alerts_of(stage) == ["token_dead"]


@services.sqlite_only
async def test_what_is_learnt_of_a_token_is_not_of_the_one_that_was_set_meanwhile(
    stage: Stage, keeper: PlatformKeeper, meta: Meta
) -> None:
    meta.valid = False

    async def somebody_sets_another() -> None:
        if meta.asked[-1] == "token":
            await stage.ownership.change_account(stage.account.id, token="new")

    meta.during = somebody_sets_another
    await keeper.look()
    assert (await now(stage)).fault is None
    assert (await now(stage)).token_expires_at is None


@services.sqlite_only
async def test_a_token_that_is_refused_after_another_was_set_stops_nothing(
    stage: Stage, keeper: PlatformKeeper, meta: Meta
) -> None:
    meta.fails = SendError("Expired.", error_code=190, account_fault=True)

    async def somebody_sets_another() -> None:
        await stage.ownership.change_account(stage.account.id, token="new")

    meta.during = somebody_sets_another
    await keeper.look()
    assert ((await now(stage)).fault, await alerts_of(stage)) == (None, [])


@services.sqlite_only
async def test_news_that_come_while_it_is_asked_are_heeded_afterwards(
    stage: Stage, keeper: PlatformKeeper, meta: Meta
) -> None:
    async def news() -> None:
        soon = stage.clock.now()
        await stage.db.write(
            account_meta.change, stage.account.id, lambda facts: dataclasses.replace(facts, refresh_at=soon)
        )

    meta.during = news
    await keeper.look()
    meta.during = None
    count = len(meta.asked)
    await keeper.look()
    assert len(meta.asked) == 2 * count


class TestBusinesses:
    @pytest.fixture
    def businesses(self, keeper: PlatformKeeper) -> Businesses:
        return keeper._businesses

    @services.sqlite_only
    async def test_a_new_token_is_proven_with_itself_and_the_old_one_stays_where_it_is_not_taken(
        self, stage: Stage, businesses: Businesses, meta: Meta
    ) -> None:
        meta.fails = SendError("Invalid OAuth access token.", error_code=190)
        with pytest.raises(Refused, match="the one before stays: Invalid OAuth"):
            await businesses.prove(stage.account, "new")
        assert meta.tokens == ["new"]
        meta.fails = None
        await businesses.prove(stage.account, "new")

    @services.sqlite_only
    async def test_templates_are_made_and_taken_away_and_their_words_stay(
        self, stage: Stage, businesses: Businesses, meta: Meta
    ) -> None:
        account = await now(stage)
        draft = Draft(name="oi", language="pt_BR", category="UTILITY", components=[{"type": "BODY", "text": "Oi!"}])
        assert (await businesses.create(account, draft)).status == "PENDING"
        assert await businesses.remove(account, "oi") == 1
        assert meta.asked == ["create oi", "remove oi"]
        gone = await stage.db.read(templates.get, BUSINESS, "oi", "pt_BR")
        assert gone is not None and gone.missing_since is not None
        assert await stage.db.read(templates.of_business, BUSINESS) != [], "kept"
        assert [each.name for each in await businesses.templates(account)] == ["pedido"]

    @services.sqlite_only
    async def test_what_meta_would_refuse_is_not_asked(self, stage: Stage, businesses: Businesses, meta: Meta) -> None:
        account = await now(stage)
        wrong = Draft(name="Oi", language="pt_BR", category="UTILITY", components=[{"type": "BODY", "text": "Oi"}])
        with pytest.raises(BadInput):
            await businesses.create(account, wrong)
        with pytest.raises(BadInput):
            await businesses.set_profile(account, {"about": "x" * 140})
        assert meta.asked == []
        assert await businesses.set_profile(account, {"about": "x" * 139}) == {"about": "oi"}

    @services.sqlite_only
    async def test_who_changed_the_profile_is_written_down_though_it_is_kept_at_meta(
        self, stage: Stage, businesses: Businesses, meta: Meta
    ) -> None:
        for meta.fails in (SendError("no"), None):
            deed = deeds.Deed(by="chefe", action="set_business_profile", at=START)
            with deeds.doing(deed), contextlib.suppress(Refused):
                await businesses.set_profile(await now(stage), {"about": "Massas"})
        assert [each.action for each in await stage.db.read(audit.entries)] == ["set_business_profile"], "once done"
