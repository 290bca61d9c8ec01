"""What a channel keeps of the business behind an account: its profile, its templates, what it says of the number.

Templates and facts of the number are kept in the database, and asked for anew when they are old, or somebody wants it.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.engine import Connection

from conversation import business_profile, platform_facts, template_draft
from conversation.account import Account, AccountId
from conversation.errors import BadInput, Refused
from conversation.platform_facts import PlatformFacts
from conversation.said import say
from conversation.template_draft import Draft
from runtime import asking_channels
from runtime.abilities import Business, ReachOf
from runtime.abilities import Template as Told
from runtime.channel import WayOut
from runtime.clock import Clock
from store import account_meta, deeds, templates
from store.database import Database
from store.templates import Synced, Template

log = structlog.get_logger()

_FRESH = timedelta(minutes=5)
#: What could not be had is not asked for again at once: each try may take as long as a page waits.
_AGAIN_AFTER = timedelta(seconds=30)
_WITHIN_S = 8.0
#: A list of many pages takes its time; nobody looks at a page meanwhile.
_SYNC_WITHIN_S = 60.0


class Businesses:
    def __init__(self, db: Database, ways_out: Mapping[str, WayOut], reach: ReachOf, clock: Clock) -> None:
        self._db, self._ways_out, self._reach, self._clock = db, ways_out, reach, clock
        self._quiet_until: dict[AccountId, datetime] = {}

    async def profile(self, account: Account) -> Mapping[str, Any]:
        """Empty where the channel has none, or does not tell now."""
        if self._business(account) is None:
            return {}
        try:
            return await self.ask_profile(account)
        except Refused as refused:
            log.info("business_profile_unknown", account=account.id, code=refused.code)
            return {}

    async def ask_profile(self, account: Account) -> Mapping[str, Any]:
        """As it is now. `Refused` where the channel does not go along."""
        business = self._needed(account)
        return await asking_channels.answered(business.profile(await self._reach(account.id)), within_s=_WITHIN_S)

    async def set_profile(self, account: Account, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is not named stays; the profile as it is then."""
        business_profile.check(changes)
        business = self._needed(account)
        changing = business.set_profile(await self._reach(account.id), changes)
        await asking_channels.answered(changing, within_s=_WITHIN_S)
        await self._db.write(deeds.nothing_of_ours)
        return await self.ask_profile(account)

    async def templates(self, account: Account) -> Sequence[Template]:
        """Those that are there, at most some minutes old; none where the channel has none, or has never told."""
        business_id = account.channel_settings.waba_id
        if self._business(account) is None or business_id is None:
            return ()
        now, synced_at = self._clock.now(), account.meta.templates_at
        is_old = synced_at is None or now >= synced_at + _FRESH
        if is_old and now >= self._quiet_until.get(account.id, now):
            try:
                return await self.fetch_templates(account)
            except Refused as refused:
                log.info("templates_unknown", account=account.id, code=refused.code)
                self._quiet_until[account.id] = now + _AGAIN_AFTER
        return await self._db.read(_there, business_id)

    async def fetch_templates(self, account: Account) -> Sequence[Template]:
        """As they are now. `Refused` where the channel does not go along."""
        await self.sync(account, within_s=_WITHIN_S)
        return await self._db.read(_there, self.business_id(account))

    async def sync(self, account: Account, *, within_s: float = _SYNC_WITHIN_S) -> Synced:
        """Asks for all templates, and keeps them."""
        business, business_id = self._needed(account), self.business_id(account)
        asked_at = self._now()
        asking = business.templates(await self._reach(account.id), business_id)
        found = await asking_channels.answered(asking, within_s=within_s)
        listed = [_kept(business_id, each, asked_at) for each in found]
        synced: Synced = await self._db.write(functools.partial(_keep, account, business_id, listed, asked_at))
        log.info("templates_synced", account=account.id, count=synced.count, missing=synced.missing)
        return synced

    async def create(self, account: Account, draft: Draft) -> Template:
        """Asks for one to be approved; whether it is, news tell later."""
        template_draft.check(draft)
        business, business_id = self._needed(account), self.business_id(account)
        asked_at = self._now()
        asking = business.create_template(await self._reach(account.id), business_id, draft)
        made = _kept(business_id, await asking_channels.answered(asking), asked_at)
        await self._db.write(templates.add, made)
        return made

    async def remove(self, account: Account, name: str) -> int:
        """In all its languages: how many there were. Whoever was sent one still sees its words."""
        business, business_id = self._needed(account), self.business_id(account)
        await self._db.read(templates.known, business_id, name)
        removing = business.remove_template(await self._reach(account.id), business_id, name)
        await asking_channels.answered(removing)
        count: int = await self._db.write(templates.gone, business_id, name, self._now())
        return count

    async def facts(self, account: Account) -> PlatformFacts:
        """What the channel says of the number now, kept. Raises `SendError`."""
        business, asked_at = self._needed(account), self._now()
        found = await business.facts(await self._reach(account.id))
        changed: PlatformFacts = await self._db.write(
            account_meta.change, account.id, lambda before: _with(before, found, asked_at)
        )
        return changed

    async def ask_facts(self, account: Account) -> PlatformFacts:
        """The same for who waits: `Refused` where the channel does not go along."""
        return await asking_channels.answered(self.facts(account))

    async def prove(self, account: Account, token: str) -> None:
        """`Refused` where the channel does not take this token for this account. Nothing is changed."""
        business = self._business(account)
        if business is None or account.emulated:
            return
        reach = dataclasses.replace(await self._reach(account.id), token=token)
        try:
            await asking_channels.answered(business.facts(reach))
        except Refused as refused:
            told = say("The new token is not taken, and the one before stays: {why}", why=str(refused))
            raise Refused(told, code="token_refused") from refused

    def business_id(self, account: Account) -> str:
        """Of the account that has its templates."""
        business_id = account.channel_settings.waba_id
        if business_id is None:
            told = say("Give {account} the id of the business account that has its templates.", account=account.name)
            raise BadInput(told)
        return business_id

    def _needed(self, account: Account) -> Business:
        business = self._business(account)
        if business is None:
            raise BadInput(say("{channel} has no templates to fetch.", channel=account.channel.value))
        return business

    def _business(self, account: Account) -> Business | None:
        way_out = self._ways_out.get(account.channel.value)
        return None if way_out is None else way_out.business

    def _now(self) -> datetime:
        """In whole seconds: that is how news tell their time."""
        return self._clock.now().replace(microsecond=0)


def _kept(business_id: str, told: Told, at: datetime) -> Template:
    return Template(
        business_id=business_id,
        id=told.id,
        name=told.name,
        language=told.language,
        category=told.category,
        status=told.status,
        quality=told.quality,
        reason=told.reason,
        components=told.components,
        updated_at=at,
    )


def _keep(account: Account, business_id: str, listed: Sequence[Template], at: datetime, tx: Connection) -> Synced:
    synced = templates.put_all(tx, business_id, listed, at)
    account_meta.change(tx, account.id, lambda facts: dataclasses.replace(facts, templates_at=at))
    return synced


def _there(tx: Connection, business_id: str) -> list[Template]:
    return [each for each in templates.of_business(tx, business_id) if each.missing_since is None]


def _with(before: PlatformFacts, told: Mapping[str, Any], at: datetime) -> PlatformFacts:
    after = platform_facts.told(before, told, at)
    if after.restricted_until is not None and after.restricted_until <= at:
        after = dataclasses.replace(after, restriction=None, restricted_until=None)
    return after
