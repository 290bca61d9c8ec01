"""To whom, and whether now: recipients, windows, tags and threads of Messenger and Instagram.

[MSG docs: Send API reference, message tags, private replies; IG docs: private replies, human agent]
"""

from __future__ import annotations

from dataclasses import dataclass

from emulator import messaging_rules as limits
from emulator.assets import Assets
from emulator.channel import Desk
from emulator.chats import WINDOW_S
from emulator.clock import clock
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.messaging_checks import object_in, one_of, only, text_in
from emulator.messaging_rules import Rules
from emulator.openings import Comment
from emulator.people import Account, Customer

_TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG")
_NOTIFICATIONS = ("REGULAR", "SILENT_PUSH", "NO_PUSH")
_CONTROLS = ("pass", "release")
_KEYS = {"recipient", "messaging_type", "tag", "message", "sender_action", "reply_to", "thread_control", "payload"}


@dataclass(frozen=True, kw_only=True)
class Recipient:
    customer: Customer
    comment: Comment | None = None  # that is answered privately


def keys(body: Json, rules: Rules) -> None:
    own = {"persona_id", "notification_type"} if rules.personas else set()
    only(body, _KEYS | own, "the request")
    if body.get("notification_type") is not None:
        one_of(body, "notification_type", "the request", _NOTIFICATIONS)


def recipient_of(desk: Desk, account: Account, body: Json, rules: Rules) -> Recipient:
    """Exactly one way to say who it is."""
    recipient = object_in(body, "recipient", "the request")
    only(recipient, set(rules.recipients), "recipient")
    if len(recipient) != 1:
        raise GraphError(100, f"recipient must have exactly one of {', '.join(rules.recipients)}.")
    (how,) = recipient
    value = text_in(recipient, how, "recipient", 512)
    if how in ("comment_id", "post_id"):
        return _under_a_comment(desk, account, value, rules)
    if how == "user_ref":
        phone = desk.openings.user_refs.get((account.id, value))
        return _known(desk.people.customers.get(phone) if phone is not None else None)
    return _known(desk.people.by_scoped_id(account.id, value))


def allowed_now(desk: Desk, account: Account, recipient: Recipient, body: Json, rules: Rules) -> None:
    """The window, or a tag that is still alive; and that no other app has the thread."""
    kind, tag = _kind_and_tag(body, rules)
    customer = recipient.customer
    owner = desk.threads.owner(account.id, customer.phone)
    if desk.enforce_thread and owner is not None and owner[0] != account.app_id:
        raise GraphError(10, "Another app is in control of this thread.")
    if recipient.comment is not None or kind == "UTILITY" or not desk.enforce_window:
        return
    lasts = limits.HUMAN_AGENT_S if tag else WINDOW_S
    if not desk.chats.window_open(account.id, customer.phone, lasts):
        raise GraphError(10, "This message is sent outside of the allowed window.", subcode=rules.window_subcode)


def answered(recipient: Recipient) -> None:
    if recipient.comment is not None:
        recipient.comment.answered = True


def persona(own: Assets, body: Json) -> str:
    """The name that stands above the message, if one was asked for."""
    if body.get("persona_id") is None:
        return ""
    known = own.personas.get(text_in(body, "persona_id", "the request", 100))
    if known is None:
        raise GraphError(100, "persona_id is not the id of a persona of this Page.")
    return str(known.get("name", ""))


def thread_control(body: Json) -> tuple[str, str] | None:
    """(pass or release, to which app) with a send [MSG docs: conversation routing]."""
    if body.get("thread_control") is None:
        return None
    control = object_in(body, "thread_control", "the request")
    kind = one_of(control, "control_type", "thread_control", _CONTROLS)
    app = control.get("app_id")
    if kind == "pass" and not str(app or "").isdigit():
        raise GraphError(100, "thread_control.app_id must be the id of an app.")
    return kind, str(app or "")


def _kind_and_tag(body: Json, rules: Rules) -> tuple[str, str]:
    kind, tag = "", ""
    if rules.type_required or body.get("messaging_type") is not None:
        kind = one_of(body, "messaging_type", "the request", (*_TYPES, *(("UTILITY",) if rules.utility else ())))
    if body.get("tag") is not None:
        tag = text_in(body, "tag", "the request", 100)
    if tag not in ("", limits.TAG):
        raise GraphError(100, f"The tag {tag!r} is not supported, or no longer.")
    if (kind == "MESSAGE_TAG") != bool(tag) and not (tag and not kind):
        raise GraphError(100, "messaging_type MESSAGE_TAG and tag go together.")
    if kind == "UTILITY" and "template" not in object_in(body, "message", "the request"):
        raise GraphError(100, "messaging_type UTILITY needs message.template.")
    return kind, tag


def _under_a_comment(desk: Desk, account: Account, comment_id: str, rules: Rules) -> Recipient:
    """Once for each comment, and within seven days of it."""
    comment = desk.openings.comments.get((account.id, comment_id))
    if comment is None:
        raise GraphError(100, "recipient: no such comment or post here.")
    if comment.answered:
        raise GraphError(100, "This comment has had its private reply.")
    if clock.time() - comment.at_ms / 1000 > limits.PRIVATE_REPLY_S:
        raise GraphError(10, "The comment is older than seven days.", subcode=rules.window_subcode)
    return Recipient(customer=desk.people.customer(comment.customer), comment=comment)


def _known(customer: Customer | None) -> Recipient:
    if customer is None:
        raise GraphError(100, "No matching user found.", subcode=2018001)
    return Recipient(customer=customer)
