"""WhatsApp's webhooks about what is written elsewhere on our side, and about which app may write."""

from __future__ import annotations

from emulator.channel import Said, ThreadControl
from emulator.fields import Json
from emulator.people import Account, Customer, digits


def turned(message: Json, account: Account, customer: Customer) -> Json:
    """An inbound message the other way round [WA docs: smb_message_echoes webhook reference]."""
    own = {key: value for key, value in message.items() if key not in ("from", "from_user_id")}
    to = {} if customer.hide_phone else {"to": customer.phone}
    return {"from": digits(account.display_phone_number), **to, "to_user_id": customer.user_id, **own}


def another_apps(customer: Customer, said: Said) -> Json:
    """The other app's request [WA docs: standby webhooks]."""
    to = {"recipient": customer.user_id} if customer.hide_phone else {"to": customer.phone}
    request = {"messaging_product": "whatsapp", "recipient_type": "individual", **to}
    own = said.raw if said.kind == "raw" else {"type": "text", "text": {"body": said.text}}
    return {"id": said.id, "timestamp": str(said.at_s), "message": {**request, **own}}


def control_value(account: Account, customer: Customer, control: ThreadControl) -> Json:
    """The shape that was seen; Meta's pages do not show it. It names the number as its recipient, without metadata."""
    kind = "control_passed" if control.passed else "control_taken"
    told = {"metadata": control.metadata, "new_owner_role": control.role}
    sender = {} if customer.hide_phone else {"phone_number": customer.phone}
    return {
        "messaging_product": "whatsapp",
        "recipient": {"display_phone_number": digits(account.display_phone_number), "phone_number_id": account.id},
        "sender": {**sender, "user_id": customer.user_id},
        "timestamp": str(control.at_s),
        "type": kind,
        kind: {key: value for key, value in told.items() if value},
    }
