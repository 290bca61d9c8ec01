"""WhatsApp's webhook bodies, kind by kind."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import whatsapp_message, whatsapp_parse
from conversation.arrivals import (
    BUTTON,
    REACTION,
    TEXT,
    AccountNews,
    Arrival,
    Attachment,
    Edited,
    Inbound,
    Removed,
    StatusReport,
    Unfamiliar,
)
from conversation.contact import Address, AddressKind
from conversation.message import MessageStatus
from tests.connectors.only import inbound, only, unfamiliar

ACCOUNT = "700000000000001"
SENT_AT = datetime.fromtimestamp(1790000000, timezone.utc)
NOW = SENT_AT + timedelta(days=1)
ANA = (
    Address(kind=AddressKind.BSUID, value="BR.1001"),
    Address(kind=AddressKind.PHONE, value="5511988880001"),
)

Parse = Callable[..., list[Arrival]]


@pytest.fixture
def parse(payload: Callable[[str, str], Any]) -> Parse:
    """Our own payload of that kind, parsed; `change` may alter its first message, or the body as a whole."""

    def parsed(kind: str, *, change: Any = None, whole: Any = None, now: datetime = NOW) -> list[Arrival]:
        body = payload("whatsapp", kind)
        if change:
            change(body["entry"][0]["changes"][0]["value"]["messages"][0])
        if whole:
            whole(body)
        return whatsapp_parse.parse(body, now)

    return parsed


def test_a_text_is_a_message_with_all_that_is_known_of_it(parse: Parse) -> None:
    assert inbound(parse("text")) == Inbound(
        account=ACCOUNT, addresses=ANA, provider_id="wamid.T1", kind=TEXT, sent_at=SENT_AT,
        name="Ana Souza", text="Oi, vocês abrem hoje?",
    )  # fmt: skip


def test_text_that_looks_like_an_order_to_rasa_is_text(parse: Parse) -> None:
    message = inbound(parse("text", change=lambda m: m["text"].update(body="  /restart\n")))
    assert (message.kind, message.text) == (TEXT, "  /restart\n")


def test_one_with_a_username_only_is_known_by_the_scoped_id(parse: Parse) -> None:
    message = inbound(parse("username_only"))
    assert message.addresses == (Address(kind=AddressKind.BSUID, value="BR.1003"),)
    assert message.name == "Caio"


def test_a_scoped_id_in_the_place_of_the_phone_number_is_seen_as_what_it_is(parse: Parse) -> None:
    assert inbound(parse("bsuid_in_from")).addresses == (Address(kind=AddressKind.BSUID, value="BR.1004"),)


def test_a_message_without_any_sender_is_kept_apart(parse: Parse) -> None:
    def without_sender(message: dict[str, Any]) -> None:
        del message["from"], message["from_user_id"]

    event = unfamiliar(parse("text", change=without_sender))
    assert (event.kind, event.key, event.account) == ("unreadable_message", "wamid.T1", ACCOUNT)


def test_messages_of_several_contacts_find_their_names_by_id_and_their_order_by_time(parse: Parse) -> None:
    messages = parse("batch_of_two_contacts")
    assert [(m.provider_id, m.name) for m in messages if isinstance(m, Inbound)] == [
        ("wamid.B1", "Ana Souza"),
        ("wamid.B3", "Bia"),
        ("wamid.B2", "Ana Souza"),
    ]


def test_messages_of_the_same_second_keep_the_order_they_came_in(parse: Parse) -> None:
    def four_at_once(body: dict[str, Any]) -> None:
        messages = body["entry"][0]["changes"][0]["value"]["messages"]
        messages[:] = [{**copy.deepcopy(messages[0]), "id": f"wamid.{n}"} for n in (3, 1, 2, 0)]

    arrivals = parse("text", whole=four_at_once)
    assert [m.provider_id for m in arrivals if isinstance(m, Inbound)] == [
        "wamid.3",
        "wamid.1",
        "wamid.2",
        "wamid.0",
    ]


def test_a_contact_of_the_same_phone_but_another_person_is_not_taken_for_the_sender(parse: Parse) -> None:
    message = inbound(parse("text", change=lambda m: m.update(from_user_id="BR.9999")))
    assert message.name is None and message.addresses[0].value == "BR.9999"


@pytest.mark.parametrize(
    ("kind", "choice", "title"), [("button_reply", "btn_7f3", "Sim"), ("list_reply", "btn_8a1", "Calabresa")]
)
def test_a_choice_is_told_by_its_id(parse: Parse, kind: str, choice: str, title: str) -> None:
    message = inbound(parse(kind))
    assert (message.kind, message.choice, message.text) == (BUTTON, choice, title)
    assert message.reply_to in ("wamid.OUT1", "wamid.OUT2")
    assert message.content[kind]["title"] == title


def test_a_templates_button_is_text_and_its_payload_is_only_shown(parse: Parse) -> None:
    message = inbound(parse("template_quick_reply"))
    assert (message.kind, message.text, message.choice) == (TEXT, "Confirmar", None)
    assert message.content == {"payload": "/restart", "text": "Confirmar"}


@pytest.mark.parametrize(("kind", "emoji"), [("reaction", "👍"), ("reaction_removed", None)])
def test_a_reaction_points_to_what_it_is_about(parse: Parse, kind: str, emoji: str | None) -> None:
    message = inbound(parse(kind))
    assert (message.kind, message.text, message.reply_to) == (REACTION, emoji, "wamid.OUT1")
    assert not message.opens_window and inbound(parse("text")).opens_window


def test_an_empty_emoji_takes_a_reaction_back(parse: Parse) -> None:
    assert inbound(parse("reaction", change=lambda m: m["reaction"].update(emoji=""))).text is None


def test_a_reply_names_the_message_it_answers_and_a_forward_does_not(parse: Parse) -> None:
    assert inbound(parse("reply")).reply_to == "wamid.OUT4"
    forwarded = inbound(parse("forwarded"))
    assert forwarded.reply_to is None and forwarded.content == {"context": {"frequently_forwarded": True}}


@pytest.mark.parametrize(
    ("kind", "type_", "text", "shown"),
    [
        ("image", "image", "meu pedido", {"id": "900000000000001"}),
        ("audio", "audio", None, {"voice": True}),
        ("location", "location", None, {"name": "Padaria", "latitude": -23.55}),
        ("order", "order", "sem cebola", {"catalog_id": "600"}),
        ("flow_done", "interactive", "Sent", {"type": "nfm_reply"}),
        ("unsupported", "unsupported", None, {"type": "poll"}),
    ],
)
def test_what_is_for_people_keeps_its_own_object(
    parse: Parse, kind: str, type_: str, text: str | None, shown: dict[str, Any]
) -> None:
    message = inbound(parse(kind))
    assert (message.kind, message.text, message.choice) == (type_, text, None)
    assert shown.items() <= message.content.items()


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("image", Attachment(kind="image", id="900000000000001", declared_type="image/jpeg", sha256="qg==")),
        (
            "audio",
            Attachment(kind="audio", id="900000000000002", declared_type="audio/ogg; codecs=opus", sha256="qg=="),
        ),
        ("voice_as_before", Attachment(kind="audio", id="900000000000007", declared_type="audio/ogg")),
        ("sticker", Attachment(kind="sticker", id="900000000000006", declared_type="image/webp", sha256="qg==")),
        (
            "document",
            Attachment(
                kind="document", id="900000000000005", url="https://media.example/5",
                declared_type="application/pdf", name="pedido.pdf", sha256="qg==",
            ),
        ),
    ],
)  # fmt: skip
def test_a_file_is_named_by_its_id_and_where_it_is_told_by_its_address(
    parse: Parse, kind: str, file: Attachment
) -> None:
    assert inbound(parse(kind)).attachments == (file,)


@pytest.mark.parametrize("kind", ["text", "location", "contacts", "button_reply"])
def test_what_is_no_file_is_not_fetched(parse: Parse, kind: str) -> None:
    assert inbound(parse(kind)).attachments == ()


@pytest.mark.parametrize(
    ("kind", "provider_id", "text"),
    [("edit", "wamid.T1", "Oi!"), ("edit_of_a_caption", "wamid.M1", "nosso pedido")],
)
def test_an_edit_is_of_the_message_it_names(parse: Parse, kind: str, provider_id: str, text: str) -> None:
    (edit,) = parse(kind)
    assert isinstance(edit, Edited)
    assert edit == Edited(
        account=ACCOUNT,
        addresses=ANA,
        provider_id=provider_id,
        text=text,
        at=SENT_AT,
        number=1790000000,
        own_id=edit.own_id,
    )
    assert edit.own_id not in (None, provider_id)


def test_of_two_edits_the_later_has_the_higher_number(parse: Parse) -> None:
    numbers = [
        edit.number
        for given in ("1790000000", "1790000060")
        for edit in parse("edit", change=lambda m, given=given: m.update(timestamp=given))
        if isinstance(edit, Edited)
    ]
    assert len(numbers) == 2 and numbers[0] < numbers[1]


@pytest.mark.parametrize("missing", ["original_message_id", "message"])
def test_an_edit_that_does_not_say_of_what_or_into_what_takes_no_words_away(parse: Parse, missing: str) -> None:
    event = unfamiliar(parse("edit", change=lambda m: m["edit"].pop(missing)))
    assert (event.kind, event.key) == ("unreadable_message", "wamid.S2")


def test_a_message_taken_back_is_a_removal(parse: Parse) -> None:
    (removal,) = parse("revoke")
    assert removal == Removed(account=ACCOUNT, addresses=ANA, provider_id="wamid.T1", at=SENT_AT, own_id="wamid.S3")


@pytest.mark.parametrize("kind", ["edit", "revoke"])
def test_a_change_that_names_nobody_is_one_all_the_same(parse: Parse, kind: str) -> None:
    (change,) = parse(kind, change=lambda m: (m.pop("from"), m.pop("from_user_id")))
    assert isinstance(change, (Edited, Removed))
    assert (change.provider_id, change.addresses) == ("wamid.T1", ())


def test_shared_contacts_and_errors_of_a_message_are_kept(parse: Parse) -> None:
    assert inbound(parse("contacts")).content["contacts"][0]["name"]["formatted_name"] == "Dona Lu"
    assert inbound(parse("unsupported")).content["errors"][0]["code"] == 131051


def test_a_key_we_do_not_know_is_kept_with_the_message(parse: Parse) -> None:
    message = inbound(parse("text", change=lambda m: m.update(referral={"ctwa_clid": "c1"}, new_key=[1])))
    assert message.content == {"referral": {"ctwa_clid": "c1"}, "new_key": [1]}


def test_a_chat_that_was_only_opened_is_kept_apart(parse: Parse) -> None:
    event = unfamiliar(parse("request_welcome"))
    assert (event.kind, event.account, event.key) == ("message_request_welcome", ACCOUNT, event.body["id"])


@pytest.mark.parametrize("kind", ["a_new_field", "account_update"])
def test_another_field_is_kept_under_its_name(parse: Parse, kind: str, payload: Any) -> None:
    def named(body: dict[str, Any]) -> None:
        body["entry"][0]["changes"][0]["field"] = kind

    like = "account_update" if kind == "account_update" else "history"
    arrivals = parse(like, whole=named)
    event: Any = only(AccountNews, arrivals) if kind == "account_update" else unfamiliar(arrivals)
    assert event.kind == kind and event.key
    assert event.body == payload("whatsapp", like)["entry"][0]["changes"][0]["value"]
    assert event.account == (None if kind == "account_update" else ACCOUNT)


def test_the_same_account_event_at_another_time_is_another(parse: Parse) -> None:
    first = only(AccountNews, parse("account_update"))
    later = only(AccountNews, parse("account_update", whole=lambda body: body["entry"][0].update(time=1790000999)))
    assert first.key != later.key


def test_a_bad_item_does_not_hurt_the_others(parse: Parse) -> None:
    arrivals = parse("one_bad_among_good")
    assert [a.provider_id for a in arrivals if isinstance(a, Inbound)] == ["wamid.X1", "wamid.X3"]
    bad = [a for a in arrivals if isinstance(a, Unfamiliar)]
    assert [a.kind for a in bad] == ["unreadable_message"] * 2
    assert [a.body for a in bad] == [{**bad[0].body, "id": "wamid.X2"}, {"value": 7}]


def test_a_fault_of_our_own_in_one_item_does_not_hurt_the_others(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    real = whatsapp_message.read

    def fails_for_one(account: str, provider_id: str, *rest: Any) -> Inbound:
        if provider_id == "wamid.B3":
            raise KeyError("a fault of ours")
        return real(account, provider_id, *rest)

    monkeypatch.setattr(whatsapp_message, "read", fails_for_one)
    arrivals = parse("batch_of_two_contacts")
    assert [a.provider_id for a in arrivals if isinstance(a, Inbound)] == ["wamid.B1", "wamid.B2"]
    assert [a.body["id"] for a in arrivals if isinstance(a, Unfamiliar)] == ["wamid.B3"]


def test_an_interactive_message_without_its_object_is_shown_with_the_error(parse: Parse) -> None:
    message, error = parse("interactive_without_object")
    assert isinstance(message, Inbound) and (message.kind, message.content) == ("interactive", {})
    assert isinstance(error, Unfamiliar) and (error.kind, error.body["code"]) == ("errors", 131000)


def test_statuses_are_reports_and_played_is_read(parse: Parse) -> None:
    reports = [report for report in parse("statuses") if isinstance(report, StatusReport)]
    assert [report.status for report in reports] == [
        MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ, MessageStatus.READ,
    ]  # fmt: skip
    assert {(r.account, r.provider_id, r.opaque, r.error) for r in reports} == {(ACCOUNT, "wamid.OUT1", "row-41", None)}
    assert [r.at for r in reports] == [SENT_AT + timedelta(seconds=n) for n in range(4)]


def test_a_failure_says_why_without_a_phone_number(parse: Parse) -> None:
    (report,) = parse("status_failed")
    assert isinstance(report, StatusReport) and report.status is MessageStatus.FAILED
    assert report.error == "131047 Re-engagement message to …"


def test_a_status_we_do_not_know_is_kept(parse: Parse) -> None:
    event = unfamiliar(parse("status_unknown"))
    assert (event.kind, event.key) == ("status_warning", "wamid.OUT6 warning")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1790000000", SENT_AT),
        (1790000000, SENT_AT),
        ("1790000000123", SENT_AT + timedelta(milliseconds=123)),
        (str(1790000000 + 10 * 86400), NOW),
        (None, NOW),
        ("soon", NOW),
        ("0", NOW),
        (True, NOW),
        ("9" * 400, NOW),
        ("nan", NOW),
    ],
)
def test_times_are_read_in_any_form_and_never_lie_ahead(parse: Parse, given: Any, expected: datetime) -> None:
    assert inbound(parse("text", change=lambda m: m.update(timestamp=given))).sent_at == expected


def test_our_slow_clock_does_not_change_the_order(parse: Parse) -> None:
    arrivals = parse("batch_of_two_contacts", now=SENT_AT)
    assert [m.provider_id for m in arrivals if isinstance(m, Inbound)] == ["wamid.B1", "wamid.B3", "wamid.B2"]
    assert all(m.sent_at == SENT_AT for m in arrivals if isinstance(m, Inbound))


def test_ids_that_are_numbers_become_text(parse: Parse, payload: Any) -> None:
    def numbers(body: dict[str, Any]) -> None:
        body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = int(ACCOUNT)
        body["entry"][0]["changes"][0]["value"]["messages"][0]["id"] = 77

    message = inbound(parse("text", whole=numbers))
    assert (message.account, message.provider_id) == (ACCOUNT, "77")


def test_the_accounts_of_a_body_are_all_named(payload: Any) -> None:
    both = payload("whatsapp", "two_accounts")
    assert whatsapp_parse.accounts_in(both) == {ACCOUNT, "700000000000002"}
    assert whatsapp_parse.accounts_in(payload("whatsapp", "account_update")) == set()


def test_only_the_unknown_accounts_part_of_a_body_is_kept_apart(payload: Any) -> None:
    body = payload("whatsapp", "two_accounts")
    first, second = whatsapp_parse.parse(body, NOW, known={ACCOUNT})
    assert isinstance(first, Inbound) and first.provider_id == "wamid.A1"
    assert isinstance(second, Unfamiliar) and second.kind == "unknown_account"
    assert second.body == body["entry"][1]["changes"][0]


def test_metas_test_button_makes_no_conversation(payload: Any) -> None:
    (event,) = whatsapp_parse.parse(payload("whatsapp", "dashboard_test"), NOW, known={ACCOUNT})
    assert isinstance(event, Unfamiliar) and event.account == "123456123"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "unknown_object"),
        ({"object": "page", "entry": []}, "unknown_object"),
        ({"object": "whatsapp_business_account"}, "unreadable_body"),
        ({"object": "whatsapp_business_account", "entry": []}, "empty_body"),
        ({"object": "whatsapp_business_account", "entry": [3]}, "unreadable_entry"),
        ({"object": "whatsapp_business_account", "entry": [{"id": "1"}]}, "empty_entry"),
        ({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": 3}]}, "unreadable_entry"),
        ({"object": "whatsapp_business_account", "entry": [{"changes": [None]}]}, "unreadable_change"),
        ({"object": "whatsapp_business_account", "entry": [{"changes": [], "messaging": []}]}, "entry_other"),
        (
            {
                "object": "whatsapp_business_account",
                "entry": [{"changes": [{"field": "messages", "value": {"x": 1}}]}],
            },
            "messages_other",
        ),
    ],
)
def test_a_shape_we_do_not_know_is_kept(body: dict[str, Any], kind: str) -> None:
    assert unfamiliar(whatsapp_parse.parse(body, NOW)).kind == kind
