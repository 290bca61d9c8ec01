"""What our side wrote elsewhere, and which app Meta lets write: WhatsApp's bodies, kind by kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import whatsapp_handovers, whatsapp_parse
from conversation.arrivals import (
    Arrival,
    Attachment,
    Echo,
    EchoSource,
    Edited,
    Inbound,
    Removed,
    StatusReport,
    ThreadControl,
    Unfamiliar,
)
from conversation.contact import Address, AddressKind
from emulator.channel import Said
from emulator.channel import ThreadControl as EmulatedControl
from emulator.people import Account, Customer
from emulator.whatsapp import WhatsApp
from tests.connectors.only import echo

ACCOUNT = "700000000000001"
SENT_AT = datetime.fromtimestamp(1790000000, timezone.utc)
NOW = SENT_AT + timedelta(days=1)
BSUID = Address(kind=AddressKind.BSUID, value="BR.1001")
PHONE = Address(kind=AddressKind.PHONE, value="5511988880001")
GROUP = Address(kind=AddressKind.GROUP, value="grp-1")

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


def control(arrivals: list[Arrival]) -> ThreadControl:
    found, whole = arrivals
    assert isinstance(found, ThreadControl), found
    assert isinstance(whole, Unfamiliar) and whole.kind == "messaging_handovers"
    return found


def test_an_answer_on_the_phone_is_an_echo_to_the_contact(parse: Parse) -> None:
    assert echo(parse("smb_message_echoes")) == Echo(
        account=ACCOUNT, addresses=(PHONE,), provider_id="wamid.E1", source=EchoSource.PHONE, kind="text",
        sent_at=SENT_AT, text="from the phone",
    )  # fmt: skip


def test_a_picture_from_the_phone_has_its_caption_its_object_and_what_it_answers(parse: Parse) -> None:
    found = echo(parse("echo_image"))
    assert (found.addresses, found.name) == ((BSUID, PHONE), "Ana Souza")
    assert (found.kind, found.text, found.reply_to) == ("image", "o cardápio", "wamid.T1")
    assert found.content["id"] == "900000000000009"
    assert not found.content.keys() & {"to", "from", "to_user_id", "to_parent_user_id", "context"}


def test_a_reaction_from_the_phone_points_to_what_it_is_about(parse: Parse) -> None:
    found = echo(parse("echo_reaction"))
    assert (found.kind, found.text, found.reply_to) == ("reaction", "👍", "wamid.T1")


def test_what_was_written_in_a_group_on_the_phone_is_the_groups(parse: Parse) -> None:
    found = echo(parse("echo_group"))
    assert (found.addresses, found.text, found.name) == ((GROUP,), "to everybody", None)
    assert found.source is EchoSource.PHONE and found.content == {}


def test_a_type_that_we_do_not_know_was_written_on_the_phone_all_the_same(parse: Parse) -> None:
    found = echo(parse("echo_of_an_unknown_type"))
    assert (found.addresses, found.kind, found.text) == ((PHONE,), "unsupported", None)
    assert found.content["hologram"] == {"depth": 3}


@pytest.mark.parametrize("type_", ["system", "request_welcome"])
def test_with_what_nobody_writes_nobody_answers_on_the_phone(parse: Parse, type_: str) -> None:
    (event,) = parse("smb_message_echoes", change=lambda v: v["message_echoes"][0].update(type=type_))
    assert isinstance(event, Unfamiliar)
    assert (event.kind, event.account, event.key) == (f"echo_{type_}", ACCOUNT, event.body["id"])


def test_what_was_written_on_the_phone_may_be_written_anew_or_taken_back_there(parse: Parse) -> None:
    (edit,), (removal,) = parse("echo_edit"), parse("echo_revoke")
    assert isinstance(edit, Edited) and isinstance(removal, Removed)
    assert (edit.addresses, edit.provider_id, edit.text) == ((PHONE,), "wamid.E1", "from the phone, mended")
    assert (removal.addresses, removal.provider_id, removal.at) == ((PHONE,), "wamid.E1", SENT_AT)


def test_a_picture_has_its_file_from_the_phone_and_from_another_app(parse: Parse) -> None:
    phone, app = echo(parse("echo_image")), echo(parse("standby_echo_image"))
    assert [(file.kind, file.id) for file in phone.attachments] == [("image", "900000000000009")]
    assert app.attachments == (Attachment(kind="image", url="https://shop.example/menu.jpg"),)


def test_a_bad_echo_does_not_hurt_the_others_and_they_stand_by_their_time(parse: Parse) -> None:
    arrivals = parse("echoes_one_bad_among_good")
    assert [e.text for e in arrivals if isinstance(e, Echo)] == ["first", "second"]
    kept = [e for e in arrivals if isinstance(e, Unfamiliar)]
    assert [e.kind for e in kept] == ["unreadable_echo"] * 3 + ["smb_message_echoes_other"]
    assert [e.body.get("id") for e in kept] == ["wamid.E9", None, "wamid.E10", None]


def test_an_echo_from_the_future_was_written_now(parse: Parse) -> None:
    later = str(1790000000 + 10 * 86400)
    assert (
        echo(parse("smb_message_echoes", change=lambda v: v["message_echoes"][0].update(timestamp=later))).sent_at
        == NOW
    )


def test_a_message_in_a_thread_of_another_app_is_marked(parse: Parse) -> None:
    (message,) = parse("standby")
    assert isinstance(message, Inbound)
    assert (message.standby, message.text, message.addresses) == (True, "to another app", (BSUID, PHONE))
    (own,) = parse("text")
    assert isinstance(own, Inbound) and own.standby is False


def test_another_apps_words_are_read_from_its_request(parse: Parse) -> None:
    text, question, template, group, receipt = parse("standby_echo")
    assert isinstance(text, Echo) and isinstance(question, Echo) and isinstance(template, Echo)
    assert (text.source, text.addresses, text.text) == (EchoSource.APP, (PHONE,), "from another app")
    assert (text.reply_to, text.opaque, text.content["preview_url"]) == ("wamid.T1", "41", True)
    assert (question.addresses, question.kind, question.text) == ((BSUID,), "interactive", "Certo?")
    assert (template.kind, template.text) == ("template", None)
    assert template.content["name"] == "welcome"
    assert isinstance(group, Echo) and [each.kind for each in group.addresses] == [AddressKind.GROUP]
    assert isinstance(receipt, Unfamiliar) and receipt.kind == "unreadable_echo"


def test_what_another_app_sent_along_is_no_number_of_ours(parse: Parse) -> None:
    (report,) = parse("standby_statuses")
    assert isinstance(report, StatusReport)
    assert (report.provider_id, report.opaque) == ("wamid.E12", None)


@pytest.mark.parametrize("inner", [{}, None, "wamid", []])
def test_a_standby_without_anything_is_kept_whole(parse: Parse, inner: Any) -> None:
    (event,) = parse("standby_empty", change=lambda v: v.update(standby=inner))
    assert isinstance(event, Unfamiliar) and event.kind == "standby"


def test_control_passed_to_who_is_told_of_it_is_ours(parse: Parse) -> None:
    found = control(parse("control_passed"))
    assert (found.account, found.addresses, found.holder) == (ACCOUNT, (PHONE,), None)
    assert (found.at, found.metadata) == (SENT_AT, "wants a person")


def test_control_passed_to_metas_assistant_is_not_ours(parse: Parse) -> None:
    assert control(parse("control_passed_to_agent")).holder == "ai_agent"


@pytest.mark.parametrize(
    ("told", "holder"),
    [
        ({"new_owner_app_id": "600000000000002"}, "600000000000002"),
        ({"new_owner_app_id": 600000000000002}, "600000000000002"),
        ({"new_owner_role": "ai_agent"}, "ai_agent"),
        ({"new_owner": {"app_id": "6", "app_role": "meta_business_agent"}}, "meta_business_agent"),
        ({"previous_owner_app_id": "1"}, "app"),
        (None, "app"),
        ("soon", "app"),
    ],
)
def test_control_taken_is_anothers_named_or_not(parse: Parse, told: Any, holder: str) -> None:
    assert control(parse("control_taken", change=lambda v: v.update(control_taken=told))).holder == holder


def test_the_number_of_a_hand_over_is_its_recipient(payload: Any) -> None:
    body = payload("whatsapp", "control_taken")
    assert whatsapp_parse.accounts_in(body) == {ACCOUNT}
    (event,) = whatsapp_parse.parse(body, NOW, known=set())
    assert isinstance(event, Unfamiliar) and event.kind == "unknown_account"


def test_the_same_hand_over_is_known_again_and_another_time_is_another(parse: Parse) -> None:
    keys = [control(parse("control_taken")).key for _ in range(2)]
    later = control(parse("control_taken", change=lambda v: v.update(timestamp="1790000001"))).key
    assert keys[0] == keys[1] != later


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("control_unknown", "messaging_handovers"), ("control_of_nobody", "unreadable_handover")],
)
def test_a_hand_over_that_can_not_be_read_is_kept_whole(parse: Parse, payload: Any, kind: str, expected: str) -> None:
    (event,) = parse(kind)
    assert isinstance(event, Unfamiliar) and event.kind == expected
    assert event.body == payload("whatsapp", kind)["entry"][0]["changes"][0]["value"]


def test_a_fault_of_our_own_in_a_hand_over_keeps_it_whole(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whatsapp_handovers, "_holder", lambda *_: 1 / 0)
    (event,) = parse("control_passed")
    assert isinstance(event, Unfamiliar) and event.kind == "unreadable_handover"


class TestOfTheEmulator:
    """It is a stranger to the connector, and made from the same pages."""

    account = Account(
        channel="whatsapp", id=ACCOUNT, name="C", display_phone_number="+55 11 5555-0100", business_id="1"
    )
    customer = Customer(phone=PHONE.value, name="Ana Souza", language="pt-BR", user_id=BSUID.value)
    said = Said(id="wamid.1", at_s=1790000000, kind="text", text="oi")

    def test_an_answer_on_the_phone(self) -> None:
        found = echo(whatsapp_parse.parse(WhatsApp().phone_echo(self.account, self.customer, self.said), NOW))
        assert (found.source, found.addresses, found.text) == (EchoSource.PHONE, (BSUID, PHONE), "oi")
        assert (found.sent_at, found.content) == (SENT_AT, {})

    def test_a_message_and_another_apps_words_in_standby(self) -> None:
        (message,) = whatsapp_parse.parse(WhatsApp().standby_message(self.account, self.customer, self.said), NOW)
        assert isinstance(message, Inbound) and message.standby and message.name == "Ana Souza"
        found = echo(whatsapp_parse.parse(WhatsApp().standby_echo(self.account, self.customer, self.said), NOW))
        assert (found.source, found.addresses, found.text) == (EchoSource.APP, (PHONE,), "oi")

    @pytest.mark.parametrize(("passed", "role", "holder"), [(True, "", None), (False, "ai_agent", "ai_agent")])
    def test_who_may_write(self, passed: bool, role: str, holder: str | None) -> None:
        told = EmulatedControl(at_s=1790000000, passed=passed, role=role, metadata="why")
        found = control(whatsapp_parse.parse(WhatsApp().thread_control(self.account, self.customer, told), NOW))
        assert (found.addresses, found.holder, found.metadata) == ((BSUID, PHONE), holder, "why")
