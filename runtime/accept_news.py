"""What Meta says of a number, its business account, or that one's templates: kept whole, and acted upon.

News come in any order, and again: what is older than what was told before of the same thing changes nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.engine import Connection

from conversation import platform_facts
from conversation.account import Account, Channel
from conversation.arrivals import AccountNews, Unfamiliar
from conversation.platform_news import Standing, TemplateNews, Verdict
from runtime.accept_reports import keep_unfamiliar
from store import account_alerts, account_meta, accounts, notices, pauses, templates

log = structlog.get_logger()

#: Then one request tries whether the account goes on, should Meta not tell.
_STOPPED_FOR = timedelta(minutes=15)
_STANDING = "standing"


def accept(tx: Connection, channel: Channel, news: AccountNews, now: datetime) -> bool:
    """Whether it told us anything new of an account of ours."""
    meant = _meant(tx, channel, news)
    account = meant[0].provider_id if len(meant) == 1 else news.account
    kept = Unfamiliar(account=account, kind=news.kind, body=news.body, key=news.key)
    if not keep_unfamiliar(tx, channel, kept, now) or not meant:
        return False
    for each in meant:
        if news.verdict is not None and _is_news(tx, each, _STANDING, news.at):
            _judge(tx, each, news.verdict, now)
        if news.facts:
            account_meta.change(tx, each.id, lambda before: platform_facts.told(before, news.facts, news.at))
    theirs = [each for each in meant if each.channel_settings.waba_id == news.business]
    if news.template is not None and news.business is not None and theirs:
        _note(tx, news.business, news.template, news.at, theirs)
    return True


def _meant(tx: Connection, channel: Channel, news: AccountNews) -> list[Account]:
    """Those it is about by what it names, and never by a guess; of these, the ones whose app has signed it."""
    known = sorted((each for each in accounts.all_of(tx) if each.channel is channel), key=lambda each: each.id)
    theirs = [each for each in known if news.signed_for is None or each.provider_id in news.signed_for]
    if news.account is not None:
        return [each for each in theirs if each.provider_id == news.account]
    of_business = [each for each in theirs if each.channel_settings.waba_id in (None, news.business)]
    if news.number is not None:
        return [each for each in of_business if news.number in _numbers(each)]
    return [each for each in of_business if each.channel_settings.waba_id is not None]


def _numbers(account: Account) -> set[str]:
    told = (account.channel_settings.phone_number, account.meta.display_phone_number)
    return {"".join(filter(str.isdigit, each)) for each in told if each}


def _is_news(tx: Connection, account: Account, what: str, at: datetime) -> bool:
    """Whether nothing newer was told of it; from now on this is the newest."""
    before = account_meta.change(tx, account.id, lambda facts: facts).heard.get(what)
    if before is not None and at < before:
        return False
    account_meta.change(tx, account.id, lambda facts: dataclasses.replace(facts, heard={**facts.heard, what: at}))
    return True


def _judge(tx: Connection, account: Account, verdict: Verdict, now: datetime) -> None:
    """Told once, and loudly. What waits to be sent is kept until the account goes on."""
    log.warning("account_news", account=account.id, standing=verdict.standing.value, code=verdict.code)
    fault = verdict.why if verdict.standing is Standing.STOPPED else None
    is_told = verdict.standing is Standing.WARNED
    if verdict.standing is Standing.GOES_ON:
        pauses.go_on(tx, account.id)
    elif fault is not None:
        is_told = pauses.pause(tx, account.id, now + _STOPPED_FOR, fault=fault)
    if is_told:
        account_alerts.raise_fault(tx, account, reason=verdict.code or verdict.why or "", now=now)
    facts: dict[str, Any] = {"account": account.id, "fault": accounts.get(tx, account.id).fault}
    notices.add(tx, "account", None, facts, now)


def _note(tx: Connection, business: str, told: TemplateNews, at: datetime, theirs: Sequence[Account]) -> None:
    """What can't be told from the news alone is asked for soon, by the accounts of that business."""
    if told.gone:
        noted = templates.note(tx, business, told.id, at, missing_since=at)
    else:
        noted = templates.note(tx, business, told.id, at, **told.changes) if told.changes else None
    if noted is None and not told.gone:
        for each in theirs:
            account_meta.change(tx, each.id, lambda facts: dataclasses.replace(facts, refresh_at=at, templates_at=None))
