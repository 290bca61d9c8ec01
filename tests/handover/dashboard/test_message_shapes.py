"""A message of ours in the words that the dashboard knows, whatever it is and whatever became of it."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.arrivals import SIGNALS
from conversation.conversation import ConversationId
from conversation.message import Author, Direction, Message, MessageStatus
from handover.dashboard.objects import content
from handover.dashboard.objects.message import status_of
from store.media import File, FileState
from tests.house import START

#: What the page knows how to show.
TYPES = {
    *("text", "image", "video", "audio", "document", "sticker", "template", "interactive", "location", "contacts"),
    *("reaction", "button", "order", "system", "unknown"),
}


def message(kind: str, text: str | None = None, **given: Any) -> Message:
    made: dict[str, Any] = {
        "id": 1, "conversation_id": ConversationId("cnv_1"), "provider_id": "wamid.1", "direction": Direction.INBOUND,
        "author": Author.CONTACT, "operator": None, "kind": kind, "text": text, "content": {}, "intent": None,
        "confidence": None, "verdict": None, "reason": None, "status": MessageStatus.RECEIVED, "error": None,
        "at": START, "sent_at": None, "delivered_at": None, "read_at": None,
    }  # fmt: skip
    return Message(**{**made, **given})


def file(type: str) -> File:
    return File(
        id=1, account_id="acc", message_id=1, contact_id=None, kind="story", state=FileState.STORED, type=type,
        name=None, size=1, sha256="0", uploaded_by=None, attempts=0, error=None, created_at=START, stored_at=START,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        *((kind, kind) for kind in ("text", "image", "video", "audio", "document", "sticker", "location", "contacts")),
        *((kind, kind) for kind in ("template", "reaction", "order", "interactive")),
        *((kind, "system") for kind in sorted(SIGNALS)),
        *((kind, "interactive") for kind in ("button", "buttons", "list")),
        *(("voice", "audio"), ("comment", "text"), ("unsupported", "unknown"), ("something_new", "unknown")),
    ],
)
def test_every_kind_is_one_that_the_page_can_show(kind: str, shown: str) -> None:
    assert content.type_of(message(kind), ()) == shown
    assert shown in TYPES


def test_a_story_is_shown_as_what_its_file_is() -> None:
    assert content.type_of(message("story"), [file("image/jpeg")]) == "image"
    assert content.type_of(message("share"), [file("video/mp4")]) == "video"
    assert content.type_of(message("story", "que lindo"), ()) == "text"
    assert content.type_of(message("story"), ()) == "unknown"


@pytest.mark.parametrize("status", list(MessageStatus))
def test_every_status_is_one_that_the_page_has_a_tick_for(status: MessageStatus) -> None:
    assert status_of(status) in {"pending", "sent", "delivered", "read", "failed", "received"}


def test_what_is_not_known_to_have_left_is_never_shown_as_sent() -> None:
    for status in (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN):
        assert status_of(status) == "pending"
    for status in (MessageStatus.WITHDRAWN, MessageStatus.EXPIRED, MessageStatus.FAILED):
        assert status_of(status) == "failed"


def test_what_was_chosen_stands_where_the_page_looks_for_it_whatever_the_channel_calls_it() -> None:
    on_whatsapp = {"type": "list_reply", "list_reply": {"id": "b1", "title": "Francês"}}
    shown = content.content_of(message("button", "Francês", content=on_whatsapp))
    assert shown["list_reply"]["title"] == shown["interactive"]["list_reply"]["title"] == "Francês"
    shown = content.content_of(message("button", "Sim", content={"quick_reply": {"payload": "b2"}}))
    assert shown["button_reply"]["title"] == shown["interactive"]["button_reply"]["title"] == "Sim"


def test_a_reaction_has_its_emoji_and_one_that_was_taken_back_none() -> None:
    assert content.content_of(message("reaction", "👍", reply_to="wamid.0"))["emoji"] == "👍"
    assert content.content_of(message("reaction"))["emoji"] == ""


def test_what_has_no_text_has_words_that_stand_for_it() -> None:
    cards = {"contacts": [{"name": {"formatted_name": "Rui Sá"}, "phones": [{"phone": "+55 11 3333-4444"}]}]}
    card = message("contacts", content=cards)
    assert (content.words_of(card), content.content_of(card)) == ("Rui Sá", cards["contacts"])
    place = message("location", content={"latitude": 1.0, "longitude": 2.0, "name": "Praça", "address": "Rua 1"})
    assert content.words_of(place) == "Praça · Rua 1"
    assert content.words_of(message("template", content={"name": "pedido_pronto"})) == "[pedido_pronto]"
    components = [
        {"type": "header", "parameters": [{"type": "text", "text": "Padaria"}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "42"}]},
        {"type": "button", "sub_type": "url", "index": 0, "parameters": [{"type": "text", "text": "p/42"}]},
    ]
    ready = message("template", content={"name": "pedido_pronto", "components": components})
    assert content.words_of(ready) == "[pedido_pronto] Padaria · Ana · 42"
    for odd in ("x", [None, {"parameters": "x"}, {"parameters": [None, {"text": ""}]}]):
        unread = message("template", content={"name": "pedido_pronto", "components": odd})
        assert content.words_of(unread) == "[pedido_pronto]"
    assert content.words_of(message("referral")) == "[referral]"
    assert content.words_of(message("image")) is None
    for broken in ({"contacts": "x"}, {"contacts": [None, {"name": "x"}]}, {}):
        assert content.words_of(message("contacts", content=broken)) is None


def test_of_what_was_taken_back_nothing_is_left_to_show() -> None:
    gone = message("image", content={"caption": "segredo"}, removed_at=START)
    assert (content.type_of(gone, ()), content.content_of(gone)) == ("text", {})
