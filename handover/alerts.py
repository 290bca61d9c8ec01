"""/api/v1/alerts: who is told outside the desk. Operators see and change their own; supervisors everybody's."""

from __future__ import annotations

from sanic import Blueprint
from sanic.request import Request

from conversation.errors import NotFound, Refused
from conversation.said import in_language, say
from handover.alert_schemas import NewRuleBody, RuleChangesBody, rule_json
from handover.auth import language, route
from handover.shapes.alerts import AlertRule, RemovedRule, Tried
from handover.shapes.page import Items
from runtime.alert_rulebook import Rulebook, Shown
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/alerts", role=Role.OPERATOR, answers=Items[AlertRule])
    async def list_alerts(request: Request, operator: Operator) -> Items[AlertRule]:
        """The rules of who asks; a supervisor sees everybody's."""
        return Items(items=[rule_json(shown) for shown in await _rules(request).all() if _may(operator, shown)])

    @route(blueprint, "POST", "/alerts", role=Role.OPERATOR, body=NewRuleBody, answers=AlertRule, refusals=(403, 404))
    async def add_alert(request: Request, operator: Operator, body: NewRuleBody) -> AlertRule:
        """Makes a rule. The secret that webhooks are signed with is in this answer, and in no other."""
        whose = body.operator if body.operator or body.team else operator.name
        if (body.team or whose != operator.name) and not operator.role.covers(Role.SUPERVISOR):
            raise Refused(say("Rules for others are made by a supervisor."), code="forbidden")
        made = await _rules(request).add(
            means=body.means,
            target=body.target,
            operator=whose,
            team=body.team,
            settings=body.given_settings(),
            after_s=body.after_s,
            secret=body.secret,
        )
        return rule_json(made)

    @route(blueprint, "PATCH", "/alerts/<rule_id:str>", role=Role.OPERATOR, body=RuleChangesBody, answers=AlertRule)
    async def change_alert(request: Request, operator: Operator, body: RuleChangesBody, rule_id: str) -> AlertRule:
        """Changes what is named of it."""
        await _theirs(request, operator, rule_id)
        changed = await _rules(request).change(
            rule_id,
            settings=body.given_settings(),
            after_s=body.after_s,
            active=body.active,
            target=body.target,
            secret=body.secret,
        )
        return rule_json(changed)

    @route(blueprint, "DELETE", "/alerts/<rule_id:str>", role=Role.OPERATOR, answers=RemovedRule)
    async def remove_alert(request: Request, operator: Operator, rule_id: str) -> RemovedRule:
        """Removes it."""
        await _theirs(request, operator, rule_id)
        await _rules(request).remove(rule_id)
        return {"id": rule_id}

    @route(blueprint, "POST", "/alerts/<rule_id:str>/test", role=Role.OPERATOR, answers=Tried)
    async def test_alert(request: Request, operator: Operator, rule_id: str) -> Tried:
        """Tries a rule: one request, made now, whether it was taken, and else why not."""
        await _theirs(request, operator, rule_id)
        fault = await request.app.ctx.baton.alerting.try_out(rule_id)
        said = None if fault is None else in_language(fault, language(request))
        return {"id": rule_id, "told": fault is None, "fault": said}


def _rules(request: Request) -> Rulebook:
    rules: Rulebook = request.app.ctx.baton.alerting.rules
    return rules


async def _theirs(request: Request, operator: Operator, rule_id: str) -> None:
    if not _may(operator, await _rules(request).get(rule_id)):
        raise NotFound(say("There is no alert rule {rule}.", rule=rule_id))


def _may(operator: Operator, shown: Shown) -> bool:
    return operator.role.covers(Role.SUPERVISOR) or shown.rule.operator == operator.name
