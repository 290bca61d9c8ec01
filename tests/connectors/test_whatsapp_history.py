"""The phone's own history and its address book, as WhatsApp tells of them once a number is connected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import whatsapp_parse
from conversation.arrivals import UNREAD_OF_ADDRESS_BOOK, Arrival, Echo, Inbound, Known, Remembered, Unfamiliar
from conversation.contact import Address, AddressKind

SENT_AT = datetime.fromtimestamp(1790000000, timezone.utc)
PHONE = Address(kind=AddressKind.PHONE, value="5511988880001")

Parse = Callable[[Callable[[dict[str, Any]], Any]], list[Arrival]]


@pytest.fixture
def parse(payload: Callable[[str, str], Any]) -> Parse:
    def parsed(change: Callable[[dict[str, Any]], Any], field: str = "history") -> list[Arrival]:
        body = payload("whatsapp", "history")
        told = body["entry"][0]["changes"][0]
        told["field"] = field
        change(told["value"])
        return whatsapp_parse.parse(body, SENT_AT + timedelta(days=30))

    return parsed


def said(arrival: Arrival) -> Inbound | Echo:
    assert isinstance(arrival, Remembered), arrival
    return arrival.said


def thread(value: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = value["history"][0]["threads"][0]["messages"]
    return found


def test_what_a_contact_wrote_is_remembered_as_theirs(parse: Parse) -> None:
    (arrival,) = parse(lambda value: thread(value)[0].update(history_context={"status": "READ"}))
    found = said(arrival)
    assert isinstance(found, Inbound) and found.recovered
    assert (found.addresses, found.text, found.sent_at) == ((PHONE,), "long ago", SENT_AT)
    assert found.content == {}


@pytest.mark.parametrize("named", [{"to": "5511988880001"}, {}])
def test_what_the_business_wrote_is_remembered_as_ours_to_that_contact(parse: Parse, named: dict[str, str]) -> None:
    (arrival,) = parse(lambda value: thread(value)[0].update({"from": "551155550100", **named}))
    found = said(arrival)
    assert isinstance(found, Echo) and found.recovered
    assert (found.addresses, found.text) == ((PHONE,), "long ago")


def test_a_file_keeps_its_place_and_comes_by_itself_later(parse: Parse) -> None:
    (place,) = parse(lambda value: thread(value)[0].update(type="media_placeholder"))
    assert said(place).content["type"] == "media_placeholder"
    image = {"id": "wamid.H1", "from": "5511988880001", "timestamp": "1790000000", "type": "image"}

    def by_itself(value: dict[str, Any]) -> None:
        del value["history"]
        value["messages"] = [{**image, "image": {"id": "900", "mime_type": "image/jpeg", "caption": "o prato"}}]

    (file,) = parse(by_itself)
    assert (said(file).provider_id, said(file).kind, said(file).text) == ("wamid.H1", "image", "o prato")
    assert [each.id for each in said(file).attachments] == ["900"]


def test_a_bad_message_never_hurts_the_others_and_a_refusal_is_kept(parse: Parse) -> None:
    def change(value: dict[str, Any]) -> None:
        thread(value).insert(0, {"id": "wamid.bad"})
        refused = {"errors": [{"code": 2593109, "title": "History sharing is turned off"}]}
        value["history"].append(refused)

    bad, good, refused = parse(change)
    assert isinstance(bad, Unfamiliar) and bad.kind == "unreadable_history"
    assert said(good).text == "long ago"
    assert isinstance(refused, Unfamiliar) and refused.kind == "history_refused"


@pytest.mark.parametrize("at", [None, ["1790000000"], "soon"])
def test_a_message_without_its_time_is_kept_and_not_taken_for_one_of_now(parse: Parse, at: Any) -> None:
    (kept,) = parse(lambda value: thread(value)[0].update(timestamp=at))
    assert isinstance(kept, Unfamiliar) and kept.kind == "unreadable_history"


@pytest.mark.parametrize("where", [("history",), ("history", 0, "threads"), ("history", 0, "threads", 0, "messages")])
@pytest.mark.parametrize("shape", [lambda given: {"0": given}, lambda given: [given], lambda given: "text"])
def test_what_has_another_shape_is_kept(parse: Parse, where: tuple[Any, ...], shape: Any) -> None:
    def change(value: dict[str, Any]) -> None:
        holder: Any = value
        for step in where[:-1]:
            holder = holder[step]
        holder[where[-1]] = shape(holder[where[-1]])

    assert "unreadable_history" in {each.kind for each in parse(change) if isinstance(each, Unfamiliar)}


@pytest.mark.parametrize(("action", "name"), [("add", "Ana Souza"), ("remove", None)])
def test_an_entry_of_the_address_book_is_a_name_for_a_number(parse: Any, action: str, name: str | None) -> None:
    card = {"full_name": "Ana Souza", "first_name": "Ana", "phone_number": "+55 11 98888-0001"}

    def change(value: dict[str, Any]) -> None:
        del value["history"]
        value["state_sync"] = [{"type": "contact", "contact": card, "action": action}, {"type": "label"}]

    known, other = parse(change, "smb_app_state_sync")
    assert isinstance(known, Known) and (known.addresses, known.name) == ((PHONE,), name)
    assert isinstance(other, Unfamiliar) and other.kind == "unreadable_state_sync"


@pytest.mark.parametrize(
    "told",
    [
        {"state_sync": [{"type": "contact", "contact": {"full_name": "Dona Rita"}}]},
        {"state_sync": {"contact": {"full_name": "Dona Rita", "phone_number": "5511955551234"}}},
        {"contact": {"full_name": "Dona Rita", "phone_number": "5511955551234"}, "action": "add"},
    ],
    ids=["no number", "no list", "flat"],
)
def test_of_an_address_book_that_cant_be_read_only_the_outline_is_kept(parse: Any, told: dict[str, Any]) -> None:
    def change(value: dict[str, Any]) -> None:
        del value["history"]
        value.update(told)

    (other,) = parse(change, "smb_app_state_sync")
    assert isinstance(other, Unfamiliar) and other.kind in UNREAD_OF_ADDRESS_BOOK
    assert "full_name" in str(other.body)
    assert "Rita" not in str(other.body) and "5511955551234" not in str(other.body)
