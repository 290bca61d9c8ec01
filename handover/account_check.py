"""/api/v1/accounts/{id}/check: whether an account is ready for real customers, step by step."""

from __future__ import annotations

from typing import Annotated

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation import platform_facts
from conversation.checks import Checked
from conversation.said import in_language
from handover.auth import language, route, visible_account
from handover.schemas import instant
from handover.shapes import account_check as shapes
from runtime.checking import Trial
from store.operators import Operator, Role


class CheckBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`to`: a phone number that a test message is sent to; none: nothing is sent. `template`: by which; none: Meta's
    own sample, or plain words."""

    to: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9][0-9 ()-]{6,24}$")] | None = None
    template: Annotated[str, msgspec.Meta(min_length=1, max_length=512)] | None = None
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=10)] = "en_US"


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "POST",
        "/accounts/<account_id:str>/check",
        role=Role.ADMIN,
        body=CheckBody,
        answers=shapes.Check,
    )
    async def check_account(request: Request, operator: Operator, body: CheckBody, account_id: str) -> shapes.Check:
        """Looks at every step that a message passes, and names the first that fails, with its cure.

        It takes seconds. Nothing is changed or sent, but for a test message where `to` is given.
        """
        account = await visible_account(request, operator, account_id)
        test = None if body.to is None else Trial(to=body.to, template=body.template, language=body.language)
        checked = await request.app.ctx.baton.checking.check(account.id, test)
        return check_json(checked, language(request))


def check_json(checked: Checked, language: str) -> shapes.Check:
    first = checked.first_failed
    return {
        "ok": first is None,
        "first_failed": None if first is None else first.place.value,
        "steps": [
            {
                "step": step.place.value,
                "verdict": step.verdict.value,
                "found": in_language(step.found, language),
                "cure": None if step.cure is None else in_language(step.cure, language),
            }
            for step in checked.steps
        ],
        "last_webhook_at": instant(checked.last_webhook_at),
        "last_sent_at": instant(checked.last_sent_at),
        "meta": platform_facts.plain(checked.meta),
    }
