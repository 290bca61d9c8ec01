"""An example of each thing that can be done on a phone, for the page to start from."""

from __future__ import annotations

from emulator.fields import Json

_CHOICE = {"id": "/affirm", "title": "Sim"}
_EXAMPLES: Json = {
    "text": "Oi!",
    "button": _CHOICE,
    "list": {"id": "pizza", "title": "Pizza", "description": "Grande"},
    "quick_reply": _CHOICE,
    "postback": _CHOICE,
    "reaction": {"message_id": "", "emoji": "👍"},
    "edit": {"message_id": "", "text": "Oi, tudo bem?"},
    "unsend": {"message_id": ""},
    "image": {"caption": "Olha"},
    "attachment": {"type": "image"},
    "sticker": {},
    "video": {"caption": "Olha"},
    "audio": {},
    "voice": {},
    "document": {"filename": "pedido.pdf", "caption": "Segue"},
    "location": {"latitude": -23.5614, "longitude": -46.6559, "name": "MASP", "address": "Av. Paulista, 1578"},
    "contacts": [{"name": {"formatted_name": "Bia", "first_name": "Bia"}, "phones": [{"phone": "+5511977776666"}]}],
    "contact": {"name": "Bia", "phone": "+5511977776666"},
    "order": {
        "catalog_id": "1000001",
        "text": "Pode ser hoje?",
        "product_items": [{"product_retailer_id": "pizza", "quantity": 2, "item_price": 59.9, "currency": "BRL"}],
    },
    "flow": {"name": "flow", "body": "Sent", "response_json": '{"when": "2026-11-24"}'},
    "referral": {"ref": "summer"},
    "optin": {"ref": "news"},
    "linking": {"status": "linked"},
    "comment": {"text": "Tem vaga hoje?"},
    "story_reply": {"text": "Que lindo!"},
    "story_mention": {},
    "unsupported": "poll",
    "call_permission": {"response": "accept"},
    "template_button": {"text": "Confirmar", "payload": "confirm-1"},
    "forwarded": {"text": "Olha isto", "often": True},
    "product": {"text": "Ainda tem?", "catalog_id": "1000001", "product_retailer_id": "pizza"},
    "group": {"text": "Oi, gente!", "group_id": "group-1"},
    "number_change": {"wa_id": "5511966660000"},
    "id_change": {"user_id": "BR.1077"},
    "identity_change": {},
    "unknown": {"type": "hologram", "depth": 3},
    "raw": {"type": "text", "text": {"body": "Oi!"}},
}


def of(kinds: frozenset[str], network: str) -> Json:
    """By kind, in order; of one that nobody thought of here there is an empty object."""
    made = {kind: _EXAMPLES.get(kind, {}) for kind in sorted(kinds)}
    if network == "whatsapp" and "referral" in made:
        made["referral"] = {"text": "Oi, vi o anúncio", "headline": "Pizza em dobro", "source_id": "120000000000001"}
    if network == "whatsapp" and "attachment" in made:
        made["attachment"] = {"type": "document", "id": "", "filename": "pedido.pdf"}
    return made
