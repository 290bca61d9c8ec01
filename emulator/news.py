"""What Meta says of a number, its business account and its templates: by itself, or when a script wants it said."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from emulator import signature
from emulator.businesses import BusinessPath
from emulator.clock import clock
from emulator.fields import Faulty, Fields, Json
from emulator.parcels import Outcome
from emulator.people import Account, People
from emulator.webhooks import Webhooks

#: So long Meta looks at a new template here; there it may be a day.
_LOOKS_AT_IT_MS = 1_000
_STATUSES = (
    *("APPROVED", "REJECTED", "PENDING", "PAUSED", "DISABLED", "FLAGGED", "IN_APPEAL", "ARCHIVED", "LOCKED"),
    *("REINSTATED", "DELETED", "PENDING_DELETION", "LIMIT_EXCEEDED"),
)
_GONE = ("DELETED", "PENDING_DELETION")


class News:
    """Templates that are made here are approved after a moment."""

    def __init__(self, people: People, webhooks: Webhooks, businesses: BusinessPath) -> None:
        self._people, self._webhooks, self._businesses = people, webhooks, businesses
        self._looking: set[asyncio.Task[None]] = set()
        businesses.made = self._will_be_looked_at
        businesses.gone = self._was_taken_away

    async def tell(self, raw: Json) -> Json:
        """`{account, field, value}`: any webhook of the business account's; `time` in seconds is when it happened."""
        fields = Fields(raw)
        account, field = self._account(fields), fields.text("field")
        value, at = fields.any("value"), fields.whole("time", int(clock.time()), high=10**11)
        if not isinstance(value, dict):
            fields.fault("value", "must be an object")
        fields.finish()
        return _shown(await self._post(account, field, value, at))

    async def change_template(self, raw: Json) -> Json:
        """`{account, name}`, and what becomes of it: `status` with its `reason`, `quality`, `category`."""
        fields = Fields(raw)
        account, name, language = self._account(fields), fields.text("name"), fields.text("language", "")
        status, reason = fields.text("status", ""), fields.text("reason", "NONE")
        quality, category = fields.text("quality", ""), fields.text("category", "")
        known = self._businesses.templates.of(account.business_id)
        found = next((each for each in known if each["name"] == name and language in ("", each["language"])), None)
        if found is None:
            fields.fault("name", "is none of this business account's templates")
        if status and status not in _STATUSES:
            fields.fault("status", f"must be one of {', '.join(_STATUSES)}")
        if not (status or quality or category):
            fields.fault("status", "or quality or category must be given")
        fields.finish()
        assert found is not None
        told = [
            await self._post(account, field, value)
            for field, value in _changes(found, status, reason, quality, category)
        ]
        if status in _GONE:
            known.remove(found)
        return _shown(told[-1])

    def clear(self) -> None:
        for task in list(self._looking):
            task.cancel()

    def _will_be_looked_at(self, account: Account, template: Json) -> None:
        self._later(self._approve(account, template))

    def _was_taken_away(self, account: Account, template: Json) -> None:
        self._later(self._say(account, template, "PENDING_DELETION"))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _approve(self, account: Account, template: Json) -> None:
        await clock.wait(_LOOKS_AT_IT_MS)
        if template["status"] == "PENDING" and template in self._businesses.templates.of(account.business_id):
            template["status"] = "APPROVED"
            await self._say(account, template, "APPROVED")

    async def _say(self, account: Account, template: Json, event: str) -> None:
        await self._post(account, "message_template_status_update", _status(template, event, "NONE"))

    async def _post(self, account: Account, field: str, value: Json, at: int | None = None) -> Outcome:
        change = {"field": field, "value": value}
        entry = {"id": account.business_id, "time": int(clock.time()) if at is None else at, "changes": [change]}
        body = signature.body_bytes({"object": "whatsapp_business_account", "entry": [entry]})
        return await self._webhooks.post(account, body, about=field, retries=lambda: True)

    def _account(self, fields: Fields) -> Account:
        account = self._people.accounts.get(fields.text("account"))
        if account is None or account.channel != "whatsapp":
            raise Faulty(["account is not one of the WhatsApp accounts here", *fields.problems])
        return account


def _changes(template: Json, status: str, reason: str, quality: str, category: str) -> list[tuple[str, Json]]:
    """Makes them, and says how Meta tells of each."""
    told: list[tuple[str, Json]] = []
    if status:
        template["status"] = "APPROVED" if status == "REINSTATED" else status
        template["rejected_reason"] = reason
        told.append(("message_template_status_update", _status(template, status, reason)))
    if quality:
        before = template.get("quality_score", {}).get("score", "UNKNOWN")
        template["quality_score"] = {"score": quality}
        value = {**_named(template), "previous_quality_score": before, "new_quality_score": quality}
        told.append(("message_template_quality_update", value))
    if category:
        value = {**_named(template), "previous_category": template["category"], "new_category": category}
        template["category"] = category
        told.append(("template_category_update", value))
    return told


def _status(template: Json, event: str, reason: str) -> Json:
    category = {"message_template_category": template["category"]}
    return {"event": event, **_named(template), "reason": reason, **category}


def _named(template: Json) -> Json:
    """As webhooks name one: its id is a number, its language has a hyphen."""
    return {
        "message_template_id": int(template["id"]),
        "message_template_name": template["name"],
        "message_template_language": template["language"].replace("_", "-"),
    }


def _shown(outcome: Outcome) -> Json:
    return {"status": outcome.status, "problem": outcome.problem}
