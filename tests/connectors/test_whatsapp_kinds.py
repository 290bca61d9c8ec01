"""Other kinds that come from WhatsApp: groups, what it says itself, Flows, advertisements, prices, the unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import whatsapp_channel, whatsapp_parse
from conversation.arrivals import SYSTEM, TEXT, UNSUPPORTED, Arrival, Edited, StatusReport, Unfamiliar
from conversation.contact import Address, AddressKind
from conversation.message import MessageStatus
from tests.connectors.only import echo, inbound, unfamiliar

NOW = datetime.fromtimestamp(1790000000, timezone.utc) + timedelta(days=1)
GROUP = Address(kind=AddressKind.GROUP, value="group-1")
BSUID = Address(kind=AddressKind.BSUID, value="BR.1001")
PHONE = Address(kind=AddressKind.PHONE, value="5511988880001")

Parse = Callable[..., list[Arrival]]


@pytest.fixture
def parse(payload: Callable[[str, str], Any]) -> Parse:
    """Our own payload of that kind, parsed; `change` may alter its value."""

    def parsed(kind: str, *, change: Callable[[dict[str, Any]], Any] | None = None) -> list[Arrival]:
        body = payload("whatsapp", kind)
        if change is not None:
            change(body["entry"][0]["changes"][0]["value"])
        return whatsapp_parse.parse(body, NOW)

    return parsed


class TestGroups:
    def test_a_message_in_a_group_is_the_groups_and_says_who_wrote(self, parse: Parse) -> None:
        message = inbound(parse("group_message"))
        assert (message.addresses, message.group, message.text) == ((GROUP,), True, "hi all")
        assert message.name is None  # the group is not called as one of them is
        assert message.content["from"] == {"name": "Ana Souza", "bsuid": "BR.1001", "phone": "5511988880001"}

    def test_a_picture_in_a_group_has_its_file(self, parse: Parse) -> None:
        message = inbound(parse("group_image"))
        assert (message.addresses, message.text) == ((GROUP,), "a mesa")
        assert [each.id for each in message.attachments] == ["900000000000010"]

    def test_an_edit_in_a_group_is_of_the_group(self, parse: Parse) -> None:
        (edit,) = parse("edit", change=lambda v: v["messages"][0].update(group_id="group-1"))
        assert isinstance(edit, Edited) and edit.addresses == (GROUP,)

    def test_a_picture_from_the_phone_in_a_group_names_no_person(self, parse: Parse) -> None:
        found = echo(parse("group_echo_image"))
        assert (found.addresses, found.kind) == ((GROUP,), "image")

    def test_a_status_in_a_group_is_of_the_group_and_a_failure_for_one_of_them_is_no_failure(
        self, parse: Parse
    ) -> None:
        report, failed = parse("group_statuses")
        assert isinstance(report, StatusReport) and report.addresses == (GROUP,)
        assert report.status is MessageStatus.DELIVERED
        assert isinstance(failed, Unfamiliar) and failed.kind == "group_status_failed"

    def test_one_writes_to_a_group_as_to_a_group(self) -> None:
        assert whatsapp_channel._recipient([GROUP]) == {"recipient_type": "group", "to": "group-1"}


class TestWhatWhatsAppSays:
    @pytest.mark.parametrize(
        ("kind", "becomes"),
        [
            ("system_number_change", Address(kind=AddressKind.PHONE, value="5511988880077")),
            ("system_user_id_change", Address(kind=AddressKind.BSUID, value="BR.1077")),
            ("user_id_update", Address(kind=AddressKind.BSUID, value="BR.1078")),
        ],
    )
    def test_another_number_or_id_is_told_of_the_one_before(self, parse: Parse, kind: str, becomes: Address) -> None:
        message = inbound(parse(kind))
        assert (message.kind, message.text, message.opens_window) == (SYSTEM, None, False)
        assert message.becomes == (becomes,) and set(message.addresses) & {BSUID, PHONE}

    def test_another_code_of_security_changes_no_address(self, parse: Parse) -> None:
        message = inbound(parse("system_identity_change"))
        assert (message.addresses, message.becomes) == ((BSUID, PHONE), ())
        assert message.content["identity"]["hash"] == "aGFzaA==" and message.content["type"] == (
            "customer_identity_changed"
        )

    @pytest.mark.parametrize("told", [{}, {"wa_id": ""}, {"wa_id": "5511988880001"}, {"user_id": []}])
    def test_a_change_into_nothing_new_changes_nothing(self, parse: Parse, told: dict[str, Any]) -> None:
        own = {"type": "user_changed_number", **told}
        message = inbound(parse("system_number_change", change=lambda v: v["messages"][0].update(system=own)))
        assert message.becomes == ()

    @pytest.mark.parametrize("of_type", [[], {"a": 1}, 7])
    def test_a_change_whose_sort_is_no_word_is_shown_and_changes_nothing(self, parse: Parse, of_type: Any) -> None:
        told = parse("system_number_change", change=lambda value: value["messages"][0]["system"].update(type=of_type))
        assert inbound(told).becomes == ()

    def test_an_update_is_known_again(self, parse: Parse) -> None:
        first, again = inbound(parse("user_id_update")), inbound(parse("user_id_update"))
        later = inbound(parse("user_id_update", change=lambda v: v["user_id_update"][0].update(timestamp="1790000009")))
        assert first.provider_id == again.provider_id != later.provider_id

    @pytest.mark.parametrize(
        "told", [{}, {"user_id": "BR.5"}, {"user_id": {"current": "BR.5"}}, {"wa_id": "551100000"}]
    )
    def test_an_update_that_names_no_id_is_kept_as_it_came(self, parse: Parse, told: dict[str, Any]) -> None:
        event = unfamiliar(parse("user_id_update", change=lambda v: v.update(user_id_update=[told])))
        assert (event.kind, event.body) == ("unreadable_user_id_update", told)

    def test_a_system_message_of_nobody_is_kept(self, parse: Parse) -> None:
        event = unfamiliar(parse("system_number_change", change=lambda v: v["messages"][0].pop("from")))
        assert (event.kind, event.key) == ("unreadable_message", "wamid.S1")


class TestWhatWeDoNotKnow:
    def test_a_customer_who_sent_it_is_seen_to_have_done_something(self, parse: Parse) -> None:
        message = inbound(parse("unknown_type"))
        assert (message.kind, message.text, message.addresses) == (UNSUPPORTED, None, (BSUID, PHONE))
        assert message.content == {"type": "hologram", "hologram": {"depth": 3}}

    def test_no_more_of_it_is_shown_than_can_be(self, parse: Parse) -> None:
        long = {"depth": "x" * 20_000}
        message = inbound(parse("unknown_type", change=lambda v: v["messages"][0].update(hologram=long)))
        assert message.content == {"type": "hologram", "cut": True}

    def test_in_a_group_it_is_the_groups(self, parse: Parse) -> None:
        message = inbound(parse("unknown_type", change=lambda v: v["messages"][0].update(group_id="group-1")))
        assert (message.kind, message.addresses) == (UNSUPPORTED, (GROUP,))


class TestWhatStandsInAMessage:
    def test_a_flows_answers_are_read_out_of_their_text(self, parse: Parse) -> None:
        message = inbound(parse("flow_answers"))
        assert message.content["response"] == {
            "flow_token": "tok-1", "guests": 4, "day": "2026-12-01", "toppings": ["azeitona", "milho"],
        }  # fmt: skip
        assert inbound(parse("flow_done")).content["response"] == [1]

    @pytest.mark.parametrize("given", ["{oops", "", "[" * 3000, '"\\ud800"', "NaN", "1e999", "[1" + " " * 30_000 + "]"])
    def test_answers_that_are_no_json_harm_nobody(self, parse: Parse, given: str) -> None:
        def with_json(value: dict[str, Any]) -> None:
            value["messages"][0]["interactive"]["nfm_reply"]["response_json"] = given

        message = inbound(parse("flow_answers", change=with_json))
        assert message.kind == "interactive" and message.content["nfm_reply"]["response_json"] == given
        assert message.content.get("response") in (None, "\ufffd", "NaN", "Infinity")

    def test_an_advertisement_is_told_with_the_first_message(self, parse: Parse) -> None:
        message = inbound(parse("referral_of_an_ad"))
        assert (message.kind, message.text) == (TEXT, "Oi, vi o anúncio")
        assert message.content["referral"]["ctwa_clid"] == "ARAkLkA8rmlFeiCktEJQ"

    def test_a_product_that_is_asked_about_stands_beside_the_words(self, parse: Parse) -> None:
        message = inbound(parse("referred_product"))
        assert message.content["context"]["referred_product"] == {"catalog_id": "600", "product_retailer_id": "x1"}
        assert message.reply_to == "wamid.OUT5"

    def test_a_sign_before_a_username_is_none_of_it(self, parse: Parse) -> None:
        cards = [{"profile": {"username": "@caio"}, "user_id": "BR.1001"}]
        assert inbound(parse("text", change=lambda v: v.update(contacts=cards))).name == "caio"


class TestPrices:
    def test_a_status_says_what_it_is_billed_as_and_to_whom_it_went(self, parse: Parse) -> None:
        sent, delivered = parse("statuses_with_pricing")
        assert isinstance(sent, StatusReport) and isinstance(delivered, StatusReport)
        assert sent.pricing == {
            "type": "regular", "category": "marketing", "pricing_model": "PMP", "billable": True,
            "origin": "referral_conversion",
        }  # fmt: skip
        assert delivered.pricing is not None and delivered.pricing["type"] == "free_entry_point"
        assert (sent.addresses, delivered.addresses) == ((BSUID, PHONE), (BSUID,))

    @pytest.mark.parametrize("given", [None, "PMP", [], {}, {"category": ["x"], "type": "y" * 61, "billable": 1}])
    def test_a_price_of_another_shape_is_none(self, parse: Parse, given: Any) -> None:
        def with_price(value: dict[str, Any]) -> None:
            value["statuses"] = [{**value["statuses"][1], "pricing": given}]

        (report,) = parse("statuses_with_pricing", change=with_price)
        assert isinstance(report, StatusReport) and report.pricing is None
