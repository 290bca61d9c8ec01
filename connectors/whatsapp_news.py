"""What Meta says of a number, of its business account, or of that one's templates [WA docs: webhooks overview].

All of it is kept whole; what we can act on is read here, into what it means to us.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from connectors import reading
from connectors.reading import ident, items, obj, text, time_of
from connectors.whatsapp_change import Change
from conversation.arrivals import AccountNews, Arrival
from conversation.platform_news import Standing, TemplateNews, Verdict

_TIER = re.compile(r"TIER_(\d{1,4})(K?)")
_LONGEST_WHY = 300
#: A limit of so many is none, and no answer could hold one of more than 64 bits.
_NO_LIMIT_IS = 10**9
#: One of these as an event does not say what a template is from now on.
_NOT_A_STATUS = frozenset({"LIMIT_EXCEEDED"})
_GONE = frozenset({"DELETED", "PENDING_DELETION"})
#: Events that stop an account, or let it go on [WA docs: account_update webhook reference].
_VERDICTS = {
    "ACCOUNT_DELETED": Verdict(
        standing=Standing.STOPPED, code="waba_deleted", why="The business account was deleted at Meta."
    ),
    "PARTNER_REMOVED": Verdict(
        standing=Standing.STOPPED,
        code="waba_taken_away",
        why="The business account is shared with this app no more: connect the number again.",
    ),
    "ACCOUNT_OFFBOARDED": Verdict(
        standing=Standing.STOPPED,
        code="waba_taken_away",
        why="The number was taken off the platform: connect it again.",
    ),
    "ACCOUNT_VIOLATION": Verdict(
        standing=Standing.WARNED, code="waba_violation", why="Meta sees a violation of its rules."
    ),
    "ACCOUNT_RECONNECTED": Verdict(standing=Standing.GOES_ON),
    "REINSTATED": Verdict(standing=Standing.GOES_ON),
}
_DISABLED = Verdict(
    standing=Standing.STOPPED,
    code="waba_disabled",
    why="Meta has disabled the business account: appeal in its manager.",
)
_BANS = {
    "REINSTATE": Verdict(standing=Standing.GOES_ON),
    "SCHEDULE_FOR_DISABLE": Verdict(
        standing=Standing.WARNED, code="waba_to_be_disabled", why="Meta is about to disable the business account."
    ),
}
#: Restrictions with which people who wrote can still be answered.
_STILL_ANSWERS = frozenset({"RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_ADD_PHONE_NUMBER_ACTION"})


def read(change: Change) -> Iterator[Arrival]:
    if change.signed_for is not None and not change.signed_for:
        yield change.unfamiliar(change.field, change.value)  # it can be of nobody's account
        return
    value, at = change.value, reading.instant(change.entry_time, change.now)
    # Of what is shared with partners the entry is a partner's; the account it is about stands inside.
    business = ident(obj(value.get("waba_info")).get("waba_id")) or change.entry_id
    yield AccountNews(
        account=change.account,
        business=business,
        kind=change.field,
        body=reading.whole(value),
        at=at,
        key=reading.digest(change.entry_id, change.entry_time, change.field, value),
        number=_digits(value.get("display_phone_number")) or _digits(value.get("phone_number")),
        signed_for=change.signed_for,
        **_MEANING.get(change.field, _nothing)(value),
    )


def _nothing(value: dict[str, Any]) -> dict[str, Any]:
    return {}


def limits(told: Any) -> dict[str, Any]:
    """How many contacts may be written to first in a day, by a tier's name or a number; -1: as many as one likes."""
    if told == "TIER_UNLIMITED" or told in (-1, "-1"):
        return {"messaging_limit": None, "unlimited": True}
    found = _TIER.fullmatch(told) if isinstance(told, str) else None
    if found is not None:
        return {"messaging_limit": int(found[1]) * (1000 if found[2] else 1), "unlimited": False}
    if isinstance(told, int) and not isinstance(told, bool) and 0 < told < _NO_LIMIT_IS:
        return {"messaging_limit": told, "unlimited": False}
    return {}


def _quality(value: dict[str, Any]) -> dict[str, Any]:
    """With a new throughput the old names of a limit mean that, not how many may be written to."""
    faster = value.get("event") == "THROUGHPUT_UPGRADE"
    limit = value.get("max_daily_conversations_per_business") or (None if faster else value.get("current_limit"))
    return {"facts": {**limits(limit), **({"throughput": "HIGH"} if faster else {})}}


def _capability(value: dict[str, Any]) -> dict[str, Any]:
    limit = value.get("max_daily_conversations_per_business", value.get("max_daily_conversation_per_phone"))
    return {"facts": limits(limit)}


def _name(value: dict[str, Any]) -> dict[str, Any]:
    decision, name = text(value.get("decision")), text(value.get("requested_verified_name"))
    facts = {"name_status": decision[:40]} if decision else {}
    return {"facts": {**facts, "verified_name": name[:200]} if decision == "APPROVED" and name else facts}


def _review(value: dict[str, Any]) -> dict[str, Any]:
    decision = text(value.get("decision"))
    return {"facts": {"review": decision[:40]} if decision else {}}


def _alert(value: dict[str, Any]) -> dict[str, Any]:
    """As Meta documents it, inside `alert_info`; its older form has the same beside it."""
    told = obj(value.get("alert_info")) or value
    if told.get("alert_severity") != "CRITICAL" or told.get("alert_status") not in (None, "ACTIVE"):
        return {}
    why = text(told.get("alert_description")) or text(told.get("alert_type")) or "Meta gave a critical alert."
    return {"verdict": Verdict(standing=Standing.WARNED, code="waba_alert", why=why[:_LONGEST_WHY])}


def _update(value: dict[str, Any]) -> dict[str, Any]:
    event = value.get("event")
    if event == "DISABLED_UPDATE":
        verdict = _BANS.get(str(obj(value.get("ban_info")).get("waba_ban_state")), _DISABLED)
    elif event == "ACCOUNT_RESTRICTION":
        return _restriction(value)
    else:
        found = _VERDICTS.get(event) if isinstance(event, str) else None
        if found is None:
            return {}
        verdict = found
    if event == "ACCOUNT_VIOLATION":
        return {"verdict": verdict}  # one that has happened, and nothing says when it is over
    return {"verdict": verdict, "facts": {"restriction": verdict.why, "restricted_until": None}}


def _restriction(value: dict[str, Any]) -> dict[str, Any]:
    """What is restricted, and until when the longest of it is; nothing named is everything."""
    told = [obj(each) for each in items(value.get("restriction_info"))]
    kinds = [str(each.get("restriction_type") or "")[:60] for each in told]
    ends = [time_of(each.get("expiration")) for each in told]
    why = f"Meta has restricted the business account: {', '.join(filter(None, kinds)) or 'it does not say what'}."
    answers = bool(kinds) and _STILL_ANSWERS.issuperset(kinds)
    until = max((end for end in ends if end is not None), default=None) if None not in ends else None
    standing = Standing.WARNED if answers else Standing.STOPPED
    return {
        "verdict": Verdict(standing=standing, code="waba_restricted", why=why[:_LONGEST_WHY]),
        "facts": {"restriction": why[:_LONGEST_WHY], "restricted_until": until},
    }


def _status(value: dict[str, Any]) -> dict[str, Any]:
    event, own_id = text(value.get("event")), ident(value.get("message_template_id"))
    if own_id is None or event is None or event in _NOT_A_STATUS:
        return {}
    if event in _GONE:
        return {"template": TemplateNews(id=own_id, gone=True)}
    changes: dict[str, Any] = {"status": "APPROVED" if event == "REINSTATED" else event[:40], "reason": _why(value)}
    category = text(value.get("message_template_category"))
    return {
        "template": TemplateNews(id=own_id, changes={**changes, "category": category[:40]} if category else changes)
    }


def _why(value: dict[str, Any]) -> str | None:
    """The first that says something, from what says most."""
    told = (
        text(obj(value.get("rejection_info")).get("reason")),
        text(obj(value.get("other_info")).get("title")),
        text(value.get("reason")),
    )
    why = next((each for each in told if each not in (None, "NONE", "UNPAUSE")), None)
    return why[:400] if why else None


def _template_quality(value: dict[str, Any]) -> dict[str, Any]:
    own_id, score = ident(value.get("message_template_id")), text(value.get("new_quality_score"))
    return {"template": TemplateNews(id=own_id, changes={"quality": score[:40]})} if own_id and score else {}


def _category(value: dict[str, Any]) -> dict[str, Any]:
    """Of one that is announced, `new_category` is the one it has until then."""
    own_id, category = ident(value.get("message_template_id")), text(value.get("new_category"))
    return {"template": TemplateNews(id=own_id, changes={"category": category[:40]})} if own_id and category else {}


def _components(value: dict[str, Any]) -> dict[str, Any]:
    own_id = ident(value.get("message_template_id"))
    return {"template": TemplateNews(id=own_id, unclear=True)} if own_id else {}


def _digits(value: Any) -> str | None:
    told = ident(value)
    return re.sub(r"\D", "", told)[:20] or None if told else None


_MEANING: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "message_template_status_update": _status,
    "message_template_quality_update": _template_quality,
    "template_category_update": _category,
    "message_template_components_update": _components,
    "account_update": _update,
    "account_alerts": _alert,
    "account_review_update": _review,
    "phone_number_quality_update": _quality,
    "phone_number_name_update": _name,
    "business_capability_update": _capability,
}
#: Of the last two nothing is done: people see them.
FIELDS = (*_MEANING, "security", "payment_configuration_update")
