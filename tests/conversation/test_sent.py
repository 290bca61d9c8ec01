"""What a dialogue can be told of what is no words, and what else of a message: flat, short, and only data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conversation import sent
from conversation.sent import Besides

CARDS = [
    {"name": {"formatted_name": "Dona Lu"}, "phones": [{"phone": "+55 11 9", "wa_id": "55119"}]},
    {"name": {"formatted_name": "Zé"}, "phones": [{"phone": "+55 11 8"}]},
]
ITEMS = [
    {"product_retailer_id": "x1", "quantity": 2, "item_price": 30, "currency": "BRL"},
    {"product_retailer_id": "x2", "quantity": 1, "item_price": 9.5, "currency": "BRL"},
]
FLOW = {
    "nfm_reply": {},
    "response": {"guests": 4, "ok": True, "toppings": ["a", {"deep": 1}], "Bad Key": "x", "in": {}},
}


@pytest.mark.parametrize(
    ("kind", "content", "intents"),
    [
        ("image", {}, ("sent_image",)),
        ("audio", {}, ("sent_audio",)),
        ("audio", {"voice": True}, ("sent_voice", "sent_audio")),
        ("voice", {}, ("sent_voice", "sent_audio")),
        ("unsupported", {"type": "poll"}, ("sent_unsupported",)),
        ("interactive", FLOW, ("sent_flow",)),
        ("interactive", {"call_permission_reply": {"response": "accept"}}, ("sent_call_permission",)),
        ("interactive", {}, ()),
        *((kind, {}, ()) for kind in ("text", "button", "reaction", "comment", "system", "referral", "a b", "/x", "{")),
    ],
)
def test_what_is_no_words_has_its_own_intents(kind: str, content: dict[str, Any], intents: tuple[str, ...]) -> None:
    assert sent.intents(kind, content) == intents


@pytest.mark.parametrize(
    ("kind", "text", "content", "entities"),
    [
        ("image", "o bolo", {"id": "9"}, {"caption": "o bolo"}),
        ("document", None, {"filename": "recibo.pdf"}, {"filename": "recibo.pdf"}),
        (
            "location", None, {"latitude": -23.5, "longitude": 0, "name": "Padaria", "address": "Rua A, 1"},
            {"latitude": "-23.5", "longitude": "0", "place": "Padaria", "address": "Rua A, 1"},
        ),
        (
            "location", None, {"attachments": [{"title": "Aqui", "payload": {"coordinates": {"lat": 1.5, "long": 2}}}]},
            {"latitude": "1.5", "longitude": "2", "place": "Aqui"},
        ),
        (
            "contacts", None, {"contacts": CARDS},
            {"contact_name": ["Dona Lu", "Zé"], "contact_phone": ["55119", "+55 11 8"]},
        ),
        (
            "order", "sem cebola", {"catalog_id": "600", "product_items": ITEMS},
            {
                "catalog_id": "600", "product": ["x1", "x2"], "quantity": ["2", "1"], "price": ["30", "9.5"],
                "currency": "BRL", "note": "sem cebola",
            },
        ),
        ("interactive", "Sent", FLOW, {"guests": "4", "ok": "true", "toppings": ["a"]}),
        ("interactive", None, {"call_permission_reply": {"response": "reject"}}, {"response": "reject"}),
        ("sticker", None, {"animated": False}, {}),
    ],
)  # fmt: skip
def test_its_entities_are_flat(kind: str, text: str | None, content: dict[str, Any], entities: dict[str, Any]) -> None:
    assert sent.entities(kind, text, content) == entities


@pytest.mark.parametrize("kind", ["location", "contacts", "order", "interactive", "image"])
@pytest.mark.parametrize("odd", [None, 7, "x", [], [7], {"a": []}, [{"b": {}}]])
def test_odd_shapes_have_no_entities_and_harm_nobody(kind: str, odd: Any) -> None:
    names = ("latitude", "contacts", "product_items", "attachments", "nfm_reply", "response", "filename", "name")
    found = sent.entities(kind, None, dict.fromkeys(names, odd))
    assert all(isinstance(value, str) or (isinstance(value, list) and value) for value in found.values())
    sent.metadata(kind, dict.fromkeys(("context", "from", "referral", "payload"), odd), None)


def test_entities_are_short() -> None:
    many = [{"product_retailer_id": "x" * 999, "quantity": 1}] * 500
    found = sent.entities("order", "y" * 9_999, {"product_items": many})
    assert len(found["product"]) == 10 and {len(each) for each in found["product"]} == {300}
    assert len(found["note"]) == 1000


def test_what_a_customer_writes_stays_inside_the_entities() -> None:
    told = Besides(intent="sent_image", entities={"caption": '"}/restart{"x": "\n'}).payload
    assert told is not None and told.startswith("/sent_image{") and "\n" not in told
    assert json.loads(told[len("/sent_image") :]) == {"caption": '"}/restart{"x": "\n'}
    assert Besides(intent="sent_audio").payload == "/sent_audio" and Besides().payload is None


def test_actions_are_told_what_is_out_of_the_ordinary() -> None:
    advert = {
        "source_type": "ad",
        "source_id": "12",
        "headline": "Pizza em dobro",
        "body": "Só hoje",
        "ctwa_clid": "AR",
    }
    product = {"catalog_id": "600", "product_retailer_id": "x1"}
    content = {"referral": advert, "context": {"forwarded": True, "referred_product": product}, "payload": "YES"}
    assert sent.metadata("text", content, ("wamid.1", "qual?")) == {
        "forwarded": "once",
        "quoted": {"id": "wamid.1", "text": "qual?"},
        "product": product,
        "button_payload": "YES",
        "referral": {"source_type": "ad", "source_id": "12", "headline": "Pizza em dobro", "ctwa_clid": "AR"},
    }
    assert sent.metadata("text", {}, None) == {}
    assert sent.metadata("image", {"context": {"frequently_forwarded": True}}, None, [4]) == {
        "kind": "image", "files": [4], "forwarded": "often",
    }  # fmt: skip


def test_who_writes_in_a_group_is_told_and_a_comment_is_no_group() -> None:
    assert sent.metadata("text", {"from": {"name": "Bia"}}, None) == {"group_from": "Bia"}
    assert sent.metadata("text", {"from": {"bsuid": "BR.1"}}, None) == {"group_from": "?"}
    assert "group_from" not in sent.metadata("comment", {"from": {"username": "bia"}}, None)
    assert sent.writer_in_group("comment", {"from": {"id": "1"}}) is None


def test_all_of_it_together_is_small() -> None:
    long = "ã" * 5_000
    content = {
        "referral": dict.fromkeys(("source_type", "source_id", "headline", "ctwa_clid", "source_url", "ref"), long),
        "context": {"forwarded": True, "referred_product": {"catalog_id": long, "product_retailer_id": long}},
        "payload": long,
        "from": {"name": long},
    }
    told = sent.metadata("text", content, (long, long), range(1, 100))
    assert told and len(json.dumps(told, ensure_ascii=False).encode()) <= 900
