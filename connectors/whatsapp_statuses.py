"""One status on WhatsApp: what became of a message of ours, whom it went to, and what Meta bills for it."""

from __future__ import annotations

from typing import Any

from connectors import graph_errors, reading, whatsapp_groups, whatsapp_message
from connectors.reading import Unreadable, ident, obj
from connectors.whatsapp_change import Change
from conversation.arrivals import Arrival, StatusReport
from conversation.contact import Address
from conversation.message import MessageStatus

#: A voice message that was played was certainly read.
_STATUSES = {
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.READ,
    "played": MessageStatus.READ,
    "failed": MessageStatus.FAILED,
}
_BILLED_BY = ("type", "category", "pricing_model", "billable")
_LONGEST = 60


def status(change: Change, item: dict[str, Any]) -> Arrival:
    provider_id, name = ident(item.get("id")), reading.text(item.get("status"))
    if provider_id is None or name is None or change.account is None:
        raise Unreadable("a status needs the id of a message, a name and the number that sent it")
    if name not in _STATUSES:
        return change.unfamiliar(f"status_{name}", item, f"{provider_id} {name}")
    in_group = item.get("recipient_type") == "group"
    if in_group and name == "failed":  # for one of them; the others have it
        one = ident(item.get("recipient_participant_user_id")) or ident(item.get("recipient_participant_id"))
        return change.unfamiliar("group_status_failed", item, f"{provider_id} {name} {one}")
    code = whatsapp_message.error_code(item.get("errors"))
    return StatusReport(
        account=change.account,
        provider_id=provider_id,
        status=_STATUSES[name],
        at=min(reading.instant(item.get("timestamp"), change.now), change.now),
        opaque=reading.text(item.get("biz_opaque_callback_data")),
        error=whatsapp_message.error_text(item.get("errors")),
        error_code=code,
        course=None if code is None else graph_errors.rule_for(code).course,
        pricing=pricing(item),
        addresses=_sent_to(item, in_group),
    )


def pricing(item: dict[str, Any]) -> dict[str, Any] | None:
    """What it is billed as, and from where the conversation came; only words and yes or no, none of them long."""
    given = obj(item.get("pricing"))
    found = {name: given[name] for name in _BILLED_BY if _is_plain(given.get(name))}
    origin = obj(obj(item.get("conversation")).get("origin")).get("type")
    if _is_plain(origin):
        found["origin"] = origin
    return found or None


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and 0 < len(value) <= _LONGEST)


def _sent_to(item: dict[str, Any], in_group: bool) -> tuple[Address, ...]:
    recipient = ident(item.get("recipient_id"))
    if in_group:
        return (whatsapp_groups.address(recipient),) if recipient else ()
    return whatsapp_message.addresses_if_named(ident(item.get("recipient_user_id")), recipient)
