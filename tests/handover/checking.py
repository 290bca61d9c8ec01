"""A check of accounts that asks nobody: there is no public address, and what Meta would say is made up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.callback_checks import CallbackChecks
from conversation.account import Channel
from conversation.checks import Callback, Place, Step, ok, skipped
from conversation.platform_facts import PlatformFacts
from runtime.abilities import Reach
from runtime.checking import Checking, Trial, Where
from tests.house import Stage


class MadeUp:
    """Satisfies `runtime.checking.Asker` and `Sender`."""

    async def walk(self, reach: Reach, callback: Callback, now: datetime) -> tuple[list[Step], PlatformFacts]:
        return [ok(Place.TOKEN, "good"), skipped(Place.HEALTH, "unknown")], PlatformFacts(quality="GREEN")

    async def test_send(self, reach: Reach, test: Trial) -> str:
        return "wamid.test"


def checking_nobody(stage: Stage, account_reach: Any) -> Checking:
    async def reach(account_id: str) -> Reach:
        account = (await account_reach(account_id)).account
        return Reach(account=account, node=account.provider_id, base_url="http://127.0.0.1:9", token="tok")

    askers = {channel: MadeUp() for channel in Channel}
    where = Where(public_url=None, own_address="http://127.0.0.1:9")
    return Checking(stage.db, stage.clock, stage.entrance, reach, CallbackChecks(), askers, MadeUp(), where)
