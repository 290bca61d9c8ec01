"""What Meta says of a number and its business account: acted upon once, in any order, and for nobody else's account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from conversation.account import Account
from conversation.alert import AlertRule, Event, Means, RuleId
from conversation.arrivals import AccountNews
from conversation.channel_settings import ChannelSettings
from conversation.people import Role
from conversation.platform_news import Standing, TemplateNews, Verdict
from store import accounts, alert_rules, operators, tables, templates
from store.alert_rules import Target
from store.templates import Template
from tests import services
from tests.house import NUMBER, OTHER_NUMBER, START, Stage, add_account

BUSINESS, PHONE = "300000000000001", "5511988880000"
DELETED = Verdict(standing=Standing.STOPPED, code="waba_deleted", why="The business account was deleted at Meta.")
BACK = Verdict(standing=Standing.GOES_ON)


def news(at: datetime = START, **given: Any) -> AccountNews:
    facts: dict[str, Any] = {
        "account": None,
        "business": BUSINESS,
        "kind": "account_update",
        "body": {"n": repr(given)},
    }
    return AccountNews(**{**facts, "at": at, "key": f"{at} {given!r}", **given})


async def now(stage: Stage, account: Account | None = None) -> Account:
    found: Account = await stage.db.read(accounts.get, (account or stage.account).id)
    return found


@pytest.fixture
async def other(stage: Stage) -> Account:
    """The stage's number is of the business account; this one is of another. Somebody wants to be told."""

    def add(tx: Any) -> Account:
        accounts.change(tx, stage.vault, stage.account.id, channel_settings=_settings(BUSINESS, "+55 11 98888-0000"))
        operators.add(tx, "chefe", Role.ADMIN, START)
        rule = AlertRule(id=RuleId("rul_1"), means=Means.WEBHOOK, operator="chefe")
        alert_rules.add(tx, stage.vault, rule, Target(address="https://hooks.example.com/x", secret="s"), START)
        another = _settings("300000000000002", "+55 11 97777-0000")
        return add_account(tx, stage.vault, stage.agent, OTHER_NUMBER, channel_settings=another)

    return await stage.db.write(add)


def _settings(business_id: str | None, number: str | None) -> ChannelSettings:
    return ChannelSettings(waba_id=business_id, phone_number=number)


async def alerts_of(stage: Stage) -> list[tuple[str, str]]:
    return [(row.event, row.facts["reason"]) for row in await stage.rows(tables.alerts)]


async def test_a_deleted_business_account_stops_its_numbers_told_once_and_nothing_is_lost(
    stage: Stage, other: Account
) -> None:
    await stage.all_turns(await stage.hears("oi"))
    await stage.accept(news(verdict=DELETED), news(START + timedelta(seconds=1), verdict=DELETED))
    stopped = await now(stage)
    assert stopped.fault == DELETED.why and stopped.paused_until is not None
    assert (await now(stage, other)).fault is None, "of another business account"
    assert await alerts_of(stage) == [(Event.ACCOUNT.value, "waba_deleted")]
    (notice,) = {row.facts["fault"] for row in await stage.rows(tables.notices) if row.kind == "account"}
    assert notice == DELETED.why
    assert [row.state for row in await stage.outbox()] == ["queued"], "kept"
    await stage.accept(news(START + timedelta(seconds=2), verdict=BACK))
    assert (await now(stage)).fault is None
    async with stage.delivering():
        assert await stage.sent(1) == ["Olá!"], "what waited goes on"


@services.sqlite_only
async def test_news_that_are_older_than_what_is_known_undo_nothing(stage: Stage, other: Account) -> None:
    later = START + timedelta(hours=1)
    await stage.accept(news(later, verdict=BACK, facts={"restriction": None}))
    await stage.accept(news(START, verdict=DELETED, facts={"restriction": DELETED.why}))
    found = await now(stage)
    assert (found.fault, found.meta.restriction, await alerts_of(stage)) == (None, None, [])
    await stage.accept(news(later, facts={"messaging_limit": 10_000, "unlimited": False}))
    await stage.accept(news(START, facts={"messaging_limit": 250, "review": "APPROVED"}))
    meta = (await now(stage)).meta
    assert (meta.messaging_limit, meta.review) == (10_000, "APPROVED"), "each fact by itself"


@services.sqlite_only
async def test_only_accounts_whose_app_has_signed_it_are_meant(stage: Stage, other: Account) -> None:
    await stage.accept(news(verdict=DELETED, signed_for=frozenset({OTHER_NUMBER})))
    assert (await now(stage)).fault is None
    await stage.accept(news(verdict=DELETED, signed_for=frozenset({NUMBER})))
    assert (await now(stage)).fault == DELETED.why


@services.sqlite_only
async def test_a_number_is_found_by_its_digits_and_never_by_a_guess(stage: Stage, other: Account) -> None:
    await stage.accept(news(number=PHONE, facts={"throughput": "HIGH"}))
    assert (await now(stage)).meta.throughput == "HIGH"
    for elsewhere in (
        news(number="5511900000000", facts={"quality": "RED"}),
        news(business="9", facts={"quality": "RED"}),
    ):
        await stage.accept(elsewhere)
    await stage.accept(news(number="5511977770000", facts={"quality": "RED"}))  # of another business account
    assert {(await now(stage, each)).meta.quality for each in (stage.account, other)} == {None}
    kinds = [row.kind for row in await stage.rows(tables.webhook_events)]
    assert kinds == ["account_update"] * 4, "kept all the same"


@services.sqlite_only
async def test_a_warning_is_told_and_stops_nothing_and_a_repeat_is_nothing_new(stage: Stage, other: Account) -> None:
    warning = news(verdict=Verdict(standing=Standing.WARNED, code="waba_violation", why="Look."))
    await stage.accept(warning)
    await stage.accept(warning)
    assert (await now(stage)).fault is None
    assert await alerts_of(stage) == [(Event.ACCOUNT.value, "waba_violation")]
    assert len(await stage.rows(tables.webhook_events)) == 1


@services.sqlite_only
async def test_a_template_moves_and_one_that_is_not_known_is_asked_for_soon(stage: Stage, other: Account) -> None:
    kept = Template(
        business_id=BUSINESS,
        id="9001",
        name="pedido",
        language="pt_BR",
        category="UTILITY",
        status="PENDING",
        updated_at=START,
    )
    await stage.db.write(templates.put_all, BUSINESS, [kept], START)
    approved = TemplateNews(id="9001", changes={"status": "APPROVED", "reason": None})
    later = START + timedelta(minutes=1)
    await stage.accept(news(later, kind="message_template_status_update", template=approved))
    found = await stage.db.read(templates.get, BUSINESS, "pedido", "pt_BR")
    assert found is not None and found.status == "APPROVED"
    await stage.accept(news(START, template=TemplateNews(id="9001", changes={"status": "PENDING", "reason": None})))
    found = await stage.db.read(templates.get, BUSINESS, "pedido", "pt_BR")
    assert found is not None and found.status == "APPROVED"
    soon = later + timedelta(minutes=1)
    await stage.accept(news(soon, template=TemplateNews(id="9002", changes={"status": "APPROVED"})))
    assert ((await now(stage)).meta.refresh_at, (await now(stage, other)).meta.refresh_at) == (soon, None)
    await stage.accept(news(soon, template=TemplateNews(id="9001", gone=True)))
    found = await stage.db.read(templates.get, BUSINESS, "pedido", "pt_BR")
    assert found is not None and found.missing_since == soon


@services.sqlite_only
async def test_a_template_of_another_business_account_is_not_moved_by_who_names_an_account_of_theirs(
    stage: Stage, other: Account
) -> None:
    kept = Template(
        business_id=BUSINESS,
        id="9001",
        name="pedido",
        language="pt_BR",
        category="UTILITY",
        status="APPROVED",
        updated_at=START,
    )
    await stage.db.write(templates.put_all, BUSINESS, [kept], START)
    later, gone = START + timedelta(minutes=1), TemplateNews(id="9001", gone=True)
    by_another_app = {"signed_for": frozenset({OTHER_NUMBER}), "template": gone}
    await stage.accept(news(later, account=OTHER_NUMBER, **by_another_app))
    await stage.db.write(accounts.change, stage.vault, other.id, channel_settings=_settings(None, "+55 11 97777-0000"))
    await stage.accept(news(later, number="5511977770000", **by_another_app))
    found = await stage.db.read(templates.get, BUSINESS, "pedido", "pt_BR")
    assert found is not None and found.missing_since is None
