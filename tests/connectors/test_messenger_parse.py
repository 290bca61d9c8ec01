"""Messenger's webhook bodies, kind by kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import messaging_parse, messaging_words
from connectors.messaging_event import MESSENGER
from conversation.arrivals import (
    ACCOUNT_LINKING,
    BUTTON,
    FEEDBACK,
    OPTIN,
    REACTION,
    REFERRAL,
    TEXT,
    AccountTrouble,
    Arrival,
    Attachment,
    Echo,
    EchoSource,
    Edited,
    Inbound,
    Removed,
    SeenUpTo,
    ThreadControl,
    Unfamiliar,
)
from conversation.contact import Address, AddressKind
from conversation.message import MessageStatus
from tests.connectors.only import echo, inbound, unfamiliar

PAGE = "710000000000001"
INBOX = "263902037430900"
SENT_AT = datetime.fromtimestamp(1790000000, timezone.utc)
NOW = SENT_AT + timedelta(days=1)
ANA = Address(kind=AddressKind.PSID, value="6100000000000001")
BIA = Address(kind=AddressKind.PSID, value="6100000000000002")

Parse = Callable[..., list[Arrival]]


def user_ref(value: str) -> Address:
    return Address(kind=AddressKind.USER_REF, value=value)


@pytest.fixture
def parse(payload: Callable[[str, str], Any]) -> Parse:
    """Our own payload of that kind, parsed; `change` may alter its first item, or `whole` the body."""

    def parsed(kind: str, *, change: Any = None, whole: Any = None, now: datetime = NOW) -> list[Arrival]:
        body = payload("messenger", kind)
        if change:
            change(body["entry"][0]["messaging"][0])
        if whole:
            whole(body)
        return messaging_parse.parse(MESSENGER, {}, body, now)

    return parsed


def control(arrivals: list[Arrival]) -> ThreadControl:
    (found,) = arrivals
    assert isinstance(found, ThreadControl), found
    return found


class TestWhatContactsWrite:
    def test_a_text_is_a_message_of_who_is_not_the_page(self, parse: Parse) -> None:
        assert inbound(parse("text")) == Inbound(
            account=PAGE, addresses=(ANA,), provider_id="m_T1", kind=TEXT, sent_at=SENT_AT,
            text="Oi, vocês abrem hoje?",
        )  # fmt: skip

    def test_text_that_looks_like_an_order_to_rasa_is_text(self, parse: Parse) -> None:
        message = inbound(parse("text", change=lambda item: item["message"].update(text="/restart")))
        assert (message.kind, message.text, message.choice) == (TEXT, "/restart", None)

    def test_files_are_to_be_fetched_and_the_first_says_what_it_is(self, parse: Parse) -> None:
        message = inbound(parse("image_and_file"))
        assert (message.kind, message.text) == ("image", "meu pedido")
        assert message.attachments == (
            Attachment(kind="image", url="https://cdn.example/a1.jpg"),
            Attachment(kind="document", url="https://cdn.example/a1.pdf"),
        )
        assert [each["type"] for each in message.content["attachments"]] == ["image", "file"]

    @pytest.mark.parametrize(
        ("kind", "seen_as", "file"),
        [
            ("audio", "audio", "audio"),
            ("video", "video", "video"),
            ("sticker", "sticker", "sticker"),
            ("sticker_before_2026", "sticker", "sticker"),
            ("fallback", "fallback", None),
            ("product", "template", None),
            ("location", "location", None),
            ("appointment", "appointment", None),
            ("reel", "share", None),  # its address is a page
            ("unknown_attachment", "unsupported", None),
            ("without_anything", "unsupported", None),
        ],
    )
    def test_each_attachment_is_seen_as_what_it_is(
        self, parse: Parse, kind: str, seen_as: str, file: str | None
    ) -> None:
        message = inbound(parse(kind))
        assert (message.kind, [each.kind for each in message.attachments]) == (seen_as, [file] if file else [])

    def test_a_links_preview_makes_a_text_no_less_a_text(self, parse: Parse) -> None:
        message = inbound(parse("link_with_preview"))
        assert (message.kind, message.attachments) == (TEXT, ())
        assert message.content["attachments"][0]["title"] == "Pão"

    def test_what_is_no_address_is_not_fetched(self, parse: Parse) -> None:
        def placeholder(item: dict[str, Any]) -> None:
            item["message"]["attachments"][0]["payload"]["url"] = "file:///etc/passwd"

        assert inbound(parse("audio", change=placeholder)).attachments == ()

    @pytest.mark.parametrize(("kind", "text"), [("quick_reply", "Sim"), ("quick_reply_without_text", None)])
    def test_a_quick_reply_is_a_choice_and_not_yet_one_of_ours(self, parse: Parse, kind: str, text: str | None) -> None:
        message = inbound(parse(kind))
        assert (message.kind, message.text, message.ours) == (BUTTON, text, False)
        assert message.choice in ("btn_7f3", "btn_7f4")

    def test_a_reply_names_what_it_answers(self, parse: Parse) -> None:
        message = inbound(parse("reply"))
        assert (message.reply_to, message.content) == ("m_OUT1", {})

    @pytest.mark.parametrize(
        ("kind", "shown"),
        [
            ("about_a_product", {"referral": {"product": {"id": "sku-1"}}}),
            ("prior_message", {"prior_message": {"source": "checkbox_plugin", "identifier": "ref-9"}}),
        ],
    )
    def test_what_comes_with_a_message_is_kept_with_it(self, parse: Parse, kind: str, shown: dict[str, Any]) -> None:
        assert inbound(parse(kind)).content == shown

    def test_ids_that_are_numbers_become_text(self, parse: Parse) -> None:
        message = inbound(parse("ids_as_numbers"))
        assert (message.account, message.addresses, message.provider_id) == (PAGE, (ANA,), "77")

    def test_where_nobody_is_the_page_it_was_the_sender(self, parse: Parse) -> None:
        assert inbound(parse("nobody_of_the_two_is_ours")).addresses == (ANA,)

    def test_messages_of_a_body_stand_in_the_order_of_their_times(self, parse: Parse) -> None:
        found = [message for message in parse("batch") if isinstance(message, Inbound)]
        assert [(m.provider_id, m.addresses) for m in found] == [("m_B1", (ANA,)), ("m_B3", (BIA,)), ("m_B2", (ANA,))]

    def test_a_time_in_the_future_is_now_and_one_in_seconds_is_understood(self, parse: Parse) -> None:
        later = inbound(parse("text", change=lambda item: item.update(timestamp=9790000000000)))
        assert later.sent_at == NOW
        assert inbound(parse("referral_in_seconds")).sent_at == SENT_AT


class TestWhatIsChosen:
    def test_what_a_postback_has_in_an_ids_place_is_kept(self, parse: Parse) -> None:
        message = inbound(parse("postback", change=lambda item: item["postback"].update(mid={"mid": "m_1"})))
        assert message.provider_id.startswith("postback:")
        assert message.content["mid"] == {"mid": "m_1"}

    def test_a_postback_is_a_choice_from_what_we_wrote(self, parse: Parse) -> None:
        message = inbound(parse("postback"))
        assert (message.kind, message.text, message.choice, message.ours) == (BUTTON, "Ver o cardápio", "/menu", True)
        assert message.provider_id == "m_P1"

    def test_one_without_an_id_is_known_again_and_a_later_one_is_another(self, parse: Parse) -> None:
        first, again = inbound(parse("postback_without_mid")), inbound(parse("postback_without_mid"))
        later = inbound(parse("postback_without_mid", change=lambda item: item.update(timestamp=1790000000001)))
        assert first.provider_id == again.provider_id != later.provider_id
        assert first.content["referral"]["ref"] == "flyer"

    def test_who_writes_through_a_plugin_is_known_by_its_reference(self, parse: Parse) -> None:
        assert inbound(parse("postback_of_a_plugin")).addresses == (user_ref("ref-7"),)

    def test_in_standby_it_tells_nothing_but_its_title(self, parse: Parse) -> None:
        _, message, _ = parse("standby")
        assert isinstance(message, Inbound)
        assert (message.standby, message.text, message.choice, message.ours) == (True, "Ver", None, False)


class TestWhatIsNotSaid:
    @pytest.mark.parametrize(
        ("kind", "signal", "opens"),
        [
            ("referral", REFERRAL, True),
            ("referral_of_an_ad", REFERRAL, False),
            ("optin", OPTIN, True),
            ("optin_for_notifications", OPTIN, False),
            ("account_linked", ACCOUNT_LINKING, False),
            ("feedback", FEEDBACK, False),
            ("response_feedback", FEEDBACK, False),
        ],
    )
    def test_a_sign_has_no_words_and_no_choice(self, parse: Parse, kind: str, signal: str, opens: bool) -> None:
        sign = inbound(parse(kind))
        assert (sign.kind, sign.text, sign.choice, sign.ours, sign.opens_window) == (signal, None, None, False, opens)
        assert sign.content and sign.addresses[0] == ANA

    def test_an_order_in_a_link_is_only_shown(self, parse: Parse) -> None:
        assert inbound(parse("referral")).content["ref"] == "/restart"

    def test_a_plugins_reference_is_an_address_beside_the_other_or_alone(self, parse: Parse) -> None:
        assert inbound(parse("optin")).addresses == (ANA, user_ref("ref-7"))
        assert inbound(parse("optin_of_a_checkbox")).addresses == (user_ref("ref-8"),)

    def test_without_a_time_of_its_own_it_happened_when_the_entry_was_made(self, parse: Parse) -> None:
        assert inbound(parse("account_linked")).sent_at == SENT_AT + timedelta(milliseconds=500)

    def test_the_same_sign_at_another_time_is_another(self, parse: Parse) -> None:
        later = parse("account_linked", whole=lambda body: body["entry"][0].update(time=1790000999000))
        assert inbound(later).provider_id != inbound(parse("account_linked")).provider_id

    def test_feedback_names_the_message_it_is_about(self, parse: Parse) -> None:
        assert inbound(parse("response_feedback")).reply_to == "m_OUT1"

    def test_a_reaction_points_to_what_it_is_about_and_opens_the_window(self, parse: Parse) -> None:
        sign = inbound(parse("reaction"))
        assert (sign.kind, sign.text, sign.reply_to, sign.opens_window) == (REACTION, "❤", "m_OUT1", True)

    def test_a_reaction_taken_away_opens_nothing(self, parse: Parse) -> None:
        sign = inbound(parse("reaction_removed"))
        assert (sign.kind, sign.text, sign.reply_to, sign.opens_window) == (REACTION, None, "m_OUT1", False)

    def test_putting_taking_away_and_putting_again_are_three(self, parse: Parse) -> None:
        again = parse("reaction", change=lambda item: item.update(timestamp=1790000001000))
        three = [inbound(found).provider_id for found in (parse("reaction"), parse("reaction_removed"), again)]
        assert len(set(three)) == 3


class TestWhatBecomesOfMessages:
    @pytest.mark.parametrize(("given", "number"), [(2, 2), ("37", 37), (0, 1), (None, 1), ("many", 1), (True, 1)])
    def test_an_edit_tells_the_new_words_and_its_number(self, parse: Parse, given: Any, number: int) -> None:
        (edit,) = parse("edit", change=lambda item: item["message_edit"].update(num_edit=given))
        assert edit == Edited(
            account=PAGE, addresses=(ANA,), provider_id="m_T1", text="Oi! Abrem hoje?", at=SENT_AT, number=number
        )

    def test_a_message_taken_back_is_a_removal(self, parse: Parse) -> None:
        (removal,) = parse("text", change=lambda item: item.update(message={"mid": "m_T1", "is_deleted": True}))
        assert removal == Removed(account=PAGE, addresses=(ANA,), provider_id="m_T1", at=SENT_AT)

    @pytest.mark.parametrize("told", [{"message": {"mid": "m_T1", "is_deleted": True}}, {}])
    def test_a_change_that_names_nobody_is_one_all_the_same(self, parse: Parse, told: dict[str, Any]) -> None:
        (change,) = parse("text" if told else "edit", change=lambda item: (item.pop("sender"), item.update(told)))
        assert isinstance(change, (Edited, Removed))
        assert (change.provider_id, change.addresses) == ("m_T1", ())

    @pytest.mark.parametrize(
        ("kind", "status", "named"),
        [
            ("delivery", MessageStatus.DELIVERED, ("m_OUT1", "m_OUT2")),
            ("delivery_without_mids", MessageStatus.DELIVERED, ()),
            ("read", MessageStatus.READ, ()),
        ],
    )
    def test_a_watermark_tells_how_far(
        self, parse: Parse, kind: str, status: MessageStatus, named: tuple[str, ...]
    ) -> None:
        (seen,) = parse(kind)
        assert isinstance(seen, SeenUpTo)
        assert (seen.addresses, seen.status, seen.provider_ids) == ((ANA,), status, named)
        assert seen.until == SENT_AT - timedelta(seconds=1)

    @pytest.mark.parametrize("watermark", [None, "soon", True, -1])
    def test_a_watermark_that_is_no_time_marks_nothing(self, parse: Parse, watermark: Any) -> None:
        event = unfamiliar(parse("read", change=lambda item: item["read"].update(watermark=watermark)))
        assert event.kind == "unreadable_read"

    @pytest.mark.parametrize("mids", [[{"mids": ["m_1"]}], {"mids": ["m_1"]}, [["m_1"]]])
    def test_a_delivery_that_names_what_is_no_id_is_kept_whole(self, parse: Parse, mids: Any) -> None:
        event = unfamiliar(parse("delivery", change=lambda item: item["delivery"].update(mids=mids)))
        assert (event.kind, event.body["delivery"]["mids"]) == ("unreadable_delivery", mids)


class TestWhatOurSideWrote:
    @pytest.mark.parametrize(
        ("kind", "app_id", "may_be_ours"),
        [
            ("echo_of_the_inbox", INBOX, False),
            ("echo_without_app", None, True),
            ("echo_of_another_app", "600000000000002", True),
            ("echo_of_ours", "500000000000001", True),
        ],
    )
    def test_an_echo_tells_which_app_sent_it(
        self, parse: Parse, kind: str, app_id: str | None, may_be_ours: bool
    ) -> None:
        found = echo(parse(kind))
        assert (found.addresses, found.source) == ((ANA,), EchoSource.PHONE)
        assert (found.content.get("app_id"), found.may_be_ours) == (app_id, may_be_ours)

    def test_what_we_sent_along_comes_back(self, parse: Parse) -> None:
        found = echo(parse("echo_of_ours"))
        assert (found.opaque, found.text, "metadata" in found.content) == ("41", "Olá!", False)

    def test_a_picture_from_the_inbox_has_its_file(self, parse: Parse) -> None:
        found = echo(parse("echo_image"))
        assert found.kind == "image" and found.attachments[0].url == "https://cdn.example/e5.jpg"

    def test_an_echo_whose_sender_is_the_contact_is_still_the_contacts(self, parse: Parse) -> None:
        assert echo(parse("echo_the_other_way_round")).addresses == (ANA,)

    def test_an_echo_of_which_neither_is_the_page_went_to_its_recipient(self, parse: Parse) -> None:
        assert echo(parse("echo_without_app", change=lambda item: item["sender"].update(id="PAGE"))).addresses == (ANA,)

    def test_what_the_page_wrote_is_an_echo_though_it_lacks_the_mark(self, parse: Parse) -> None:
        assert echo(parse("echo_without_app", change=lambda item: item["message"].pop("is_echo"))).addresses == (ANA,)

    @pytest.mark.parametrize("kind", ["reaction", "read", "postback", "referral"])
    def test_what_else_the_page_did_is_not_taken_for_the_contacts(self, parse: Parse, kind: str) -> None:
        def turned(item: dict[str, Any]) -> None:
            item["sender"], item["recipient"] = item["recipient"], item["sender"]

        assert unfamiliar(parse(kind, change=turned)).kind == f"own_{kind}"

    def test_an_echo_says_no_more_than_a_text_though_it_looked_like_a_choice(self, parse: Parse) -> None:
        chosen = echo(parse("quick_reply", change=lambda item: item["message"].update(is_echo=True)))
        assert chosen.kind == TEXT


class TestWhoMayWrite:
    def test_what_comes_in_standby_is_marked_and_what_is_written_there_is_another_apps(self, parse: Parse) -> None:
        message, postback, found = parse("standby")
        assert isinstance(message, Inbound) and isinstance(postback, Inbound) and isinstance(found, Echo)
        assert message.standby and postback.standby and found.source is EchoSource.APP

    @pytest.mark.parametrize("kind", ["control_passed", "control_passed_from_idle"])
    def test_a_thread_passed_to_us_is_ours(self, parse: Parse, kind: str) -> None:
        found = control(parse(kind))
        assert (found.addresses, found.holder, found.at) == ((ANA,), None, SENT_AT)

    @pytest.mark.parametrize(
        ("kind", "holder"),
        [("control_taken", INBOX), ("control_taken_by_nobody_named", "app"), ("standby_control", INBOX)],
    )
    def test_a_thread_taken_or_passed_among_others_is_not(self, parse: Parse, kind: str, holder: str) -> None:
        assert control(parse(kind)).holder == holder

    def test_a_thread_passed_to_metas_inbox_is_not_ours_wherever_we_hear_of_it(self, parse: Parse) -> None:
        def to_the_inbox(item: dict[str, Any]) -> None:
            item["pass_thread_control"]["new_owner_app_id"] = int(INBOX)

        assert control(parse("control_passed", change=to_the_inbox)).holder == INBOX

    @pytest.mark.parametrize(("owner", "holder"), [("600000000000002", "600000000000002"), (None, "app")])
    def test_what_is_passed_in_standby_is_never_ours(self, parse: Parse, owner: str | None, holder: str) -> None:
        def to_another(body: dict[str, Any]) -> None:
            body["entry"][0]["standby"][0]["pass_thread_control"]["new_owner_app_id"] = owner

        assert control(parse("standby_control", whole=to_another)).holder == holder

    def test_what_was_sent_along_is_kept(self, parse: Parse) -> None:
        assert control(parse("control_taken")).metadata == "Human please"

    def test_the_same_is_known_again_and_another_time_is_another(self, parse: Parse) -> None:
        keys = [control(parse("control_taken")).key for _ in range(2)]
        later = control(parse("control_taken", change=lambda item: item.update(timestamp=1790000001000))).key
        assert keys[0] == keys[1] != later

    @pytest.mark.parametrize(
        ("kind", "expected"), [("control_requested", "request_thread_control"), ("app_roles", "app_roles")]
    )
    def test_a_wish_and_the_old_roles_are_kept(self, parse: Parse, kind: str, expected: str) -> None:
        assert unfamiliar(parse(kind)).kind == expected


class TestTheAccount:
    def test_a_block_stops_it_and_says_why(self, parse: Parse) -> None:
        (trouble,) = parse("policy_block")
        assert isinstance(trouble, AccountTrouble) and trouble.account == PAGE
        assert trouble.fault == "Blocked by Meta: Too many unwanted messages."

    def test_the_end_of_a_block_lets_it_go_on_however_it_is_spelled(self, parse: Parse) -> None:
        (trouble,) = parse("policy_unblock_as_spelled_before")
        assert isinstance(trouble, AccountTrouble) and trouble.fault is None

    def test_a_warning_stops_nothing(self, parse: Parse) -> None:
        assert unfamiliar(parse("policy_warning")).kind == "policy_enforcement"


class TestWhatIsKeptApart:
    def test_everything_of_an_entry_is_read(self, parse: Parse) -> None:
        ours, anothers, comment = parse("all_together")
        assert isinstance(ours, Inbound) and not ours.standby
        assert isinstance(anothers, Inbound) and anothers.standby
        assert isinstance(comment, Unfamiliar) and comment.kind == "feed"

    def test_a_comment_on_a_page_is_kept(self, parse: Parse) -> None:
        event = unfamiliar(parse("feed_comment"))
        assert (event.kind, event.body["comment_id"]) == ("feed", "71_2")

    def test_a_bad_item_does_not_hurt_the_others(self, parse: Parse) -> None:
        arrivals = parse("one_bad_among_good")
        assert [a.provider_id for a in arrivals if isinstance(a, Inbound)] == ["m_G1", "m_G3"]
        bad = [a for a in arrivals if isinstance(a, Unfamiliar)]
        assert [a.kind for a in bad] == [
            "unreadable_message", "unreadable_messaging", "unreadable_message", "unreadable_read",
        ]  # fmt: skip
        assert len({a.key for a in bad}) == 4

    def test_a_fault_of_our_own_in_one_item_does_not_hurt_the_others(
        self, parse: Parse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = messaging_words.read

        def fails_for_one(message: dict[str, Any]) -> Any:
            if message["mid"] == "m_B3":
                raise KeyError("a fault of ours")
            return real(message)

        monkeypatch.setattr(messaging_words, "read", fails_for_one)
        arrivals = parse("batch")
        assert [a.provider_id for a in arrivals if isinstance(a, Inbound)] == ["m_B1", "m_B2"]
        assert [a.body["message"]["mid"] for a in arrivals if isinstance(a, Unfamiliar)] == ["m_B3"]

    def test_a_kind_nobody_knows_is_kept_under_its_name(self, parse: Parse) -> None:
        event = unfamiliar(parse("unknown_kind"))
        assert (event.kind, event.body["hologram"]["mid"]) == ("hologram", "m_H1")

    def test_what_nobody_knows_beside_a_report_is_kept_too(self, parse: Parse) -> None:
        seen, event = parse("unknown_besides")
        assert isinstance(seen, SeenUpTo)
        assert isinstance(event, Unfamiliar) and event.body == {"hop_context": [{"app_id": "500000000000001"}]}

    def test_an_item_that_tells_two_things_is_two_arrivals(self, parse: Parse) -> None:
        message, sign = parse("referral_besides_a_message")
        assert isinstance(message, Inbound) and isinstance(sign, Inbound)
        assert (message.kind, sign.kind) == (TEXT, REFERRAL)

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            ({}, "unknown_object"),
            ({"object": "instagram", "entry": []}, "unknown_object"),
            ({"object": "page"}, "unreadable_body"),
            ({"object": "page", "entry": [3]}, "unreadable_entry"),
            ({"object": "page", "entry": [{"messaging": []}]}, "unreadable_entry"),
            ({"object": "page", "entry": [{"id": "1", "messaging": []}]}, "empty_entry"),
            ({"object": "page", "entry": [{"id": "1", "messaging": {"sender": {}}}]}, "entry_other"),
            ({"object": "page", "entry": [{"id": "1", "changed_fields": ["feed"]}]}, "entry_other"),
            ({"object": "page", "entry": [{"id": "1", "messaging": [{}]}]}, "empty_item"),
            ({"object": "page", "entry": [{"id": "1", "messaging": [{"message": None}]}]}, "unreadable_message"),
            ({"object": "page", "entry": [{"id": "1", "changes": [None]}]}, "unreadable_change"),
        ],
    )
    def test_a_shape_we_do_not_know_is_kept(self, body: dict[str, Any], kind: str) -> None:
        assert unfamiliar(messaging_parse.parse(MESSENGER, {}, body, NOW)).kind == kind

    def test_only_the_unknown_accounts_part_of_a_body_is_kept_apart(self, payload: Any) -> None:
        body = payload("messenger", "two_accounts")
        assert messaging_parse.accounts_in(body) == {PAGE, "710000000000002"}
        first, second = messaging_parse.parse(MESSENGER, {}, body, NOW, known={PAGE})
        assert isinstance(first, Inbound) and first.provider_id == "m_D1"
        assert isinstance(second, Unfamiliar)
        assert (second.kind, second.account, second.body) == ("unknown_account", "710000000000002", body["entry"][1])
