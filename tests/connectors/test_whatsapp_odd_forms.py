"""Rare forms of WhatsApp's bodies: whoever wrote is seen, and what is nobody's fault is not called unreadable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import whatsapp_parse
from conversation.arrivals import SYSTEM, TEXT, UNSUPPORTED, Arrival, EchoSource, Inbound, Known, Unfamiliar
from conversation.contact import Address, AddressKind
from tests.connectors.only import echo, inbound, only, unfamiliar

NOW = datetime.fromtimestamp(1790000000, timezone.utc) + timedelta(days=1)

Parse = Callable[..., list[Arrival]]


@pytest.fixture
def parse(payload: Callable[[str, str], Any]) -> Parse:
    """Our own payload of that kind, parsed; `change` may alter its value, `field` is what it comes under."""

    def parsed(
        kind: str, change: Callable[[dict[str, Any]], Any] | None = None, field: str | None = None
    ) -> list[Arrival]:
        body = payload("whatsapp", kind)
        told = body["entry"][0]["changes"][0]
        told["field"] = field or told["field"]
        if change is not None:
            change(told["value"])
        return whatsapp_parse.parse(body, NOW)

    return parsed


def comes_from(sender: str) -> Callable[[dict[str, Any]], None]:
    def change(value: dict[str, Any]) -> None:
        value["contacts"] = []
        value["messages"][0].pop("from_user_id", None)
        value["messages"][0]["from"] = sender

    return change


class TestWhoeverWrote:
    @pytest.mark.parametrize(
        ("sender", "kind", "value"),
        [
            ("5678", AddressKind.PHONE, "5678"),
            ("+55 11 98888-0001", AddressKind.PHONE, "5511988880001"),
            ("1234567890@lid", AddressKind.BSUID, "1234567890@lid"),
            ("user.9373795779", AddressKind.BSUID, "user.9373795779"),
        ],
    )
    def test_is_known_by_the_id_they_came_with(self, parse: Parse, sender: str, kind: AddressKind, value: str) -> None:
        assert inbound(parse("text", comes_from(sender))).addresses == (Address(kind=kind, value=value),)

    @pytest.mark.parametrize("sender", ["", " ", "no id at all", "x" * 141])
    def test_is_nobody_by_what_can_be_no_id(self, parse: Parse, sender: str) -> None:
        assert unfamiliar(parse("text", comes_from(sender))).kind == "unreadable_message"

    def test_an_id_of_a_form_we_do_not_know_is_learned_from_no_status(self, parse: Parse) -> None:
        arrivals = parse("statuses", lambda v: [s.update(recipient_id="Y2FwaV9n") for s in v["statuses"]])
        assert {getattr(each, "addresses", ()) for each in arrivals} == {()}

    @pytest.mark.parametrize(("type_", "kind"), [(None, TEXT), ("", TEXT), (7, TEXT)])
    def test_wrote_what_the_message_holds_where_no_type_is_named(self, parse: Parse, type_: Any, kind: str) -> None:
        assert inbound(parse("text", lambda v: v["messages"][0].update(type=type_))).kind == kind

    def test_did_something_where_it_holds_nothing_we_know(self, parse: Parse) -> None:
        def change(value: dict[str, Any]) -> None:
            del value["messages"][0]["type"], value["messages"][0]["text"]

        assert inbound(parse("text", change)).kind == UNSUPPORTED


class TestAnotherId:
    def told(self, value: dict[str, Any], **own: Any) -> None:
        value["contacts"] = []
        for name in ("from", "from_user_id", "from_parent_user_id"):
            value["messages"][0].pop(name, None)
        value["messages"][0]["system"] = own

    def test_is_of_the_one_before_where_only_that_is_named(self, parse: Parse) -> None:
        own = {"type": "user_changed_user_id", "previous_user_id": "CO.1", "user_id": "MX.2", "body": "changed"}
        message = inbound(parse("system_user_id_change", lambda v: self.told(v, **own)))
        assert (message.kind, message.addresses) == (SYSTEM, (Address(kind=AddressKind.BSUID, value="CO.1"),))
        assert message.becomes == (Address(kind=AddressKind.BSUID, value="MX.2"),)

    def test_is_told_in_the_old_words_too(self, parse: Parse) -> None:
        own = {"type": "customer_changed_number", "customer": "254700000010", "new_wa_id": "254711000333"}
        message = inbound(parse("system_number_change", lambda v: self.told(v, **own)))
        assert message.addresses == (Address(kind=AddressKind.PHONE, value="254700000010"),)
        assert message.becomes == (Address(kind=AddressKind.PHONE, value="254711000333"),)


class TestEchoesUnderTheOtherName:
    def test_are_a_persons_unless_they_turn_out_to_be_ours(self, parse: Parse) -> None:
        found = echo(parse("message_echoes"))
        assert (found.text, found.source, found.may_be_ours) == ("from elsewhere", EchoSource.PHONE, True)
        assert echo(parse("smb_message_echoes")).may_be_ours is False

    def test_of_metas_own_assistant_are_another_apps(self, parse: Parse) -> None:
        by_bot = {"message_creation_type": "created_by_1p_bot"}
        found = echo(parse("message_echoes", lambda v: v["message_echoes"][0].update(by_bot)))
        assert (found.source, found.content["message_creation_type"]) == (EchoSource.APP, "created_by_1p_bot")


class TestWhatIsKept:
    @pytest.mark.parametrize("kind", ["text", "statuses", "smb_message_echoes", "user_preferences"])
    def test_without_a_number_it_is_of_no_account(self, parse: Parse, kind: str) -> None:
        kept = parse(kind, lambda v: v.pop("metadata"))
        assert kept and {each.kind for each in kept if isinstance(each, Unfamiliar)} == {"no_account"}
        assert all(isinstance(each, Unfamiliar) for each in kept)

    def test_a_change_with_nothing_in_it_is_empty(self, parse: Parse) -> None:
        assert unfamiliar(parse("text", dict.clear)).kind == "empty_change"

    @pytest.mark.parametrize("kind", ["edit", "revoke", "system"])
    def test_what_nobody_said_is_kept_by_its_name_in_the_past_too(self, parse: Parse, kind: str) -> None:
        def change(value: dict[str, Any]) -> None:
            value["history"][0]["threads"][0]["messages"] = [{"id": "wamid.P1", "from": "5511988880001", "type": kind}]

        assert next(each.kind for each in parse("history", change) if isinstance(each, Unfamiliar)) == f"history_{kind}"

    def test_a_thread_in_standby_is_read_without_its_envelope_too(self, parse: Parse) -> None:
        found = inbound(parse("text", field="standby"))
        assert isinstance(found, Inbound) and found.standby

    def test_the_address_book_names_people_by_their_scoped_id_too(self, parse: Parse) -> None:
        card = {"full_name": "Ana Souza", "phone_number": "", "user_id": "BR.1001"}

        def change(value: dict[str, Any]) -> None:
            del value["history"]
            value["state_sync"] = [{"type": "contact", "contact": card, "action": "add"}]

        known = only(Known, parse("history", change, field="smb_app_state_sync"))
        assert known.addresses == (Address(kind=AddressKind.BSUID, value="BR.1001"),)
