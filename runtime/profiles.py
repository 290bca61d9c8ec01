"""Who contacts are: the channel is asked for names and pictures, beside everything else and never in a turn's way."""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId
from conversation.arrivals import Attachment
from conversation.contact import ContactId
from conversation.errors import BatonError, SendError
from runtime.abilities import Profile, ReachOf
from runtime.channel import WayOut
from runtime.clock import Clock
from runtime.outage import Outage
from store import media, notices, profiles
from store.database import Database
from store.profiles import Asking
from store.vault import Vault

log = structlog.get_logger()

_LOOK_S = 1.0
_AT_ONCE = 4
#: Whoever asks and has not written it down by then has ended.
_HELD = timedelta(minutes=5)
#: People change their names and pictures; addresses of pictures last a few days.
_FRESH = timedelta(days=7)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)


class ProfileKeeper:
    """Any number of processes may run this: each contact is asked about by one."""

    def __init__(
        self, db: Database, vault: Vault, ways_out: Mapping[str, WayOut], reach: ReachOf, clock: Clock
    ) -> None:
        self._db, self._vault, self._clock = db, vault, clock
        self._ways_out, self._reach = ways_out, reach
        self._quiet_until: dict[AccountId, datetime] = {}

    async def run(self) -> None:
        """Until cancelled. While the database is away it waits."""
        outage = Outage()
        while True:
            async with outage.survived():
                await self.look()
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Asks about all who are due now."""
        while found := await self._db.read(profiles.due, self._clock.now(), _AT_ONCE):
            await asyncio.gather(*(self._alone(each) for each in found))

    async def _alone(self, contact_id: ContactId) -> None:
        now = self._clock.now()
        asking = await self._db.write(profiles.claim, contact_id, now, now + _HELD)
        if asking is None:
            return
        if (until := self._quiet_until.get(asking.account_id, now)) > now:
            await self._db.write(profiles.ask_again, contact_id, until)
            return
        try:
            await self._ask(asking)
        except SendError as error:
            await self._db.write(self._put_off, asking, error)
        except BatonError:
            raise
        except Exception as error:
            log.error("profile_broke", contact=contact_id, exc_info=error)
            await self._db.write(self._put_off, asking, SendError("It broke."))

    async def _ask(self, asking: Asking) -> None:
        reach = await self._reach(asking.account_id)
        way_out = self._ways_out.get(reach.account.channel.value)
        if way_out is None or way_out.profiles is None:
            await self._db.write(profiles.ask_again, asking.contact_id, None)
            return
        if not reach.account.channel_settings.profiles:
            await self._db.write(profiles.ask_again, asking.contact_id, self._clock.now() + _FRESH)
            return
        found = await way_out.profiles.profile(reach, asking.addresses[0])
        await self._db.write(functools.partial(self._save, asking=asking, account=reach.account, found=found))

    def _save(self, tx: Connection, *, asking: Asking, account: Account, found: Profile | None) -> None:
        """Refused for good is never asked again; but who has never written may still do so, and then is told of."""
        now = self._clock.now()
        if found is None:
            written = profiles.has_written(tx, asking.contact_id)
            profiles.ask_again(tx, asking.contact_id, None if written else now + _FRESH)
            return
        names = {"name": found.name, "username": found.username}
        profiles.save(tx, asking.contact_id, **names, facts=found.facts, due_at=now + _FRESH)
        if found.picture_url is not None:
            picture = Attachment(kind=media.PICTURE, url=found.picture_url)
            media.want(tx, self._vault, account.id, [picture], contact_id=asking.contact_id, now=now)
        conversation_id = profiles.conversation_of(tx, asking.contact_id)
        if conversation_id is not None:
            notices.add(tx, "contact", conversation_id, {}, now)

    def _put_off(self, tx: Connection, asking: Asking, error: SendError) -> None:
        """Each time longer; what Meta would refuse again, and a broken account, soonest after a day. Where Meta has
        enough of the account's questions, nobody of it is asked about until then."""
        failures = asking.failures + 1
        wait = min(_FIRST_WAIT * 4 ** min(failures - 1, 10), _LONGEST_WAIT)
        if not (error.retryable or error.unknown):
            wait = _LONGEST_WAIT
        wait = max(wait, timedelta(seconds=error.retry_after_s or 0.0)) * random.uniform(1.0, 1.25)
        due_at = self._clock.now() + wait
        profiles.failed(tx, asking.contact_id, failures, due_at)
        if error.retry_after_s is not None:
            self._quiet_until[asking.account_id] = due_at
        log.info("profile_put_off", contact=asking.contact_id, attempt=failures, error=str(error))
