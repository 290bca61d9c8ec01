"""/api/v1/audit: who did what. Nothing can be changed here, and nothing taken out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation.errors import Forbidden
from conversation.said import say
from handover.auth import route
from handover.schemas import instant
from handover.shapes.audit import AuditEntry, AuditVerified
from handover.shapes.page import Page
from store import audit
from store.audit import Entry, Verified
from store.operators import Operator, Role


class AuditQuery(msgspec.Struct):
    """`after`: the id that the last page ended with. `since` needs its zone."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    by: Annotated[str, msgspec.Meta(max_length=120)] | None = None
    action: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    since: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/audit", role=Role.ADMIN, query=AuditQuery, answers=Page[AuditEntry])
    async def list_audit(request: Request, operator: Operator, query: AuditQuery) -> dict[str, Any]:
        """The oldest first.

        For admins who see all accounts: it is of the whole installation.
        """
        _sees_everything(operator)
        found = await request.app.ctx.baton.db.read(
            audit.entries,
            after=query.after,
            limit=query.limit + 1,
            by=query.by,
            action=query.action,
            since=query.since,
        )
        more = len(found) > query.limit
        shown = found[: query.limit]
        return {"items": [entry_json(each) for each in shown], "next": str(shown[-1].id) if more else None}

    @route(blueprint, "GET", "/audit/verified", role=Role.ADMIN, answers=AuditVerified)
    async def verify_audit(request: Request, operator: Operator) -> AuditVerified:
        """Works out every hash anew: whether each entry follows from the one before it."""
        _sees_everything(operator)
        return verified_json(await request.app.ctx.baton.db.read(audit.verify))


def entry_json(entry: Entry) -> AuditEntry:
    return {
        "id": entry.id,
        "at": instant(entry.at) or "",
        "by": entry.by,
        "action": entry.action,
        "facts": dict(entry.facts),
        "fingerprint": entry.fingerprint,
        "salt_of": entry.salt_of,
        "previous": entry.previous,
        "hash": entry.hash,
    }


def verified_json(found: Verified) -> AuditVerified:
    return {"entries": found.rows, "head": found.head, "broken_at": found.broken_at}


def _sees_everything(operator: Operator) -> None:
    if not operator.all_accounts:
        raise Forbidden(say("The audit log is for admins who see all accounts."))
