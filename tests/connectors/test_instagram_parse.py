"""Instagram's webhook bodies: what they tell otherwise than Messenger's, kind by kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from connectors import instagram_comments, messaging_parse
from connectors.messaging_event import INSTAGRAM
from conversation.arrivals import (
    BUTTON,
    COMMENT,
    REACTION,
    REFERRAL,
    TEXT,
    Arrival,
    Attachment,
    Echo,
    EchoSource,
    Edited,
    Inbound,
    Removed,
    SeenUpTo,
    ThreadControl,
)
from conversation.contact import Address, AddressKind
from conversation.message import MessageStatus
from tests.connectors.only import inbound, unfamiliar

ACCOUNT = "17841700000000001"
SENT_AT = datetime.fromtimestamp(1790000000, timezone.utc)
NOW = SENT_AT + timedelta(days=1)
ANA = Address(kind=AddressKind.IGSID, value="6200000000000001")

Parse = Callable[..., list[Arrival]]


@pytest.fixture
def parse(payload: Callable[[str, str], Any]) -> Parse:
    """Our own payload of that kind, parsed; `whole` may alter the body."""

    def parsed(kind: str, *, whole: Any = None, known: Any = None) -> list[Arrival]:
        body = payload("instagram", kind)
        if whole:
            whole(body)
        return messaging_parse.parse(INSTAGRAM, instagram_comments.FIELDS, body, NOW, known)

    return parsed


def test_a_text_is_a_message_of_who_is_not_the_account(parse: Parse) -> None:
    assert inbound(parse("text")) == Inbound(
        account=ACCOUNT, addresses=(ANA,), provider_id="aWd.T1", kind=TEXT, sent_at=SENT_AT,
        text="Oi, vocês abrem hoje?",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "seen_as", "file"),
    [
        ("image", "image", Attachment(kind="image", url="https://cdn.example/a1.jpg")),
        ("post", "share", Attachment(kind="share", url="https://cdn.example/a2.jpg")),
        ("share_before_2026", "share", Attachment(kind="share", url="https://cdn.example/a3.jpg")),
        ("reel", "share", Attachment(kind="share", url="https://cdn.example/a4.mp4")),
        ("like_heart", "sticker", None),
        ("ephemeral", "unsupported", None),
        ("unsupported", "unsupported", None),
    ],
)
def test_each_attachment_is_seen_as_what_it_is(parse: Parse, kind: str, seen_as: str, file: Attachment | None) -> None:
    message = inbound(parse(kind))
    assert (message.kind, message.attachments) == (seen_as, (file,) if file else ())


@pytest.mark.parametrize(
    ("kind", "seen_as", "text", "url"),
    [
        ("story_reply", TEXT, "que lindo!", "https://cdn.example/story-903.jpg"),
        ("story_mention", "story", None, "https://cdn.example/story-904.mp4"),
        ("story_reply_without_words", "story", None, "https://cdn.example/story-905.jpg"),
    ],
)
def test_a_story_is_to_be_fetched_and_its_address_is_kept_nowhere_else(
    parse: Parse, kind: str, seen_as: str, text: str | None, url: str
) -> None:
    message = inbound(parse(kind))
    assert (message.kind, message.text) == (seen_as, text)
    assert message.attachments == (Attachment(kind="story", url=url),)
    assert url not in json.dumps(message.content) and "90" in json.dumps(message.content)


def test_an_unsent_message_is_a_removal_and_one_of_ours_too(parse: Parse) -> None:
    for kind, provider_id in (("unsent", "aWd.T1"), ("echo_of_an_unsent", "aWd.E1")):
        assert parse(kind) == [Removed(account=ACCOUNT, addresses=(ANA,), provider_id=provider_id, at=SENT_AT)]


def test_an_edit_tells_the_new_words(parse: Parse) -> None:
    (edit,) = parse("edit")
    assert isinstance(edit, Edited) and (edit.provider_id, edit.text, edit.number) == ("aWd.T1", "Abrem hoje?", 1)


def test_an_edit_that_does_not_say_what_the_message_is_now_takes_no_words_away(parse: Parse) -> None:
    assert unfamiliar(parse("edit_without_words")).kind == "message_edit"


def test_an_ice_breaker_is_a_choice_from_what_we_wrote_and_a_quick_reply_is_not_yet(parse: Parse) -> None:
    postback, reply = inbound(parse("postback")), inbound(parse("quick_reply"))
    assert (postback.kind, postback.choice, postback.ours) == (BUTTON, "/hours", True)
    assert (reply.kind, reply.choice, reply.ours) == (BUTTON, "btn_1", False)


@pytest.mark.parametrize(
    ("kind", "text", "opens"),
    [("reaction", "❤️", True), ("reaction_without_emoji", "other", True), ("reaction_removed", None, False)],
)
def test_a_reaction_is_no_message_and_only_one_taken_away_has_no_sign(
    parse: Parse, kind: str, text: str | None, opens: bool
) -> None:
    sign = inbound(parse(kind))
    assert (sign.kind, sign.text, sign.reply_to, sign.opens_window) == (REACTION, text, "aWd.OUT1", opens)


def test_a_link_is_a_sign_and_an_ad_beside_words_is_shown_with_them(parse: Parse) -> None:
    assert inbound(parse("referral")).kind == REFERRAL
    message = inbound(parse("about_an_ad"))
    assert (message.kind, message.content["referral"]["ad_id"]) == (TEXT, "601")


def test_what_was_seen_is_told_by_the_last_message(parse: Parse) -> None:
    (seen,) = parse("seen")
    assert isinstance(seen, SeenUpTo)
    assert (seen.status, seen.provider_ids, seen.until) == (MessageStatus.READ, ("aWd.OUT1",), None)


@pytest.mark.parametrize("kind", ["echo", "echo_of_a_template"])
def test_an_echo_may_always_be_ours_for_no_app_id_can_be_relied_on(parse: Parse, kind: str) -> None:
    (found,) = parse(kind)
    assert isinstance(found, Echo)
    assert (found.addresses, found.source, found.may_be_ours) == ((ANA,), EchoSource.PHONE, True)


@pytest.mark.parametrize("kind", ["to_oneself", "postback_to_oneself"])
def test_an_account_that_tries_out_its_own_messages_is_no_contact(parse: Parse, kind: str) -> None:
    assert unfamiliar(parse(kind)).kind == "self_message"


def test_standby_is_marked_and_control_is_told(parse: Parse) -> None:
    message, postback, found = parse("standby")
    assert isinstance(message, Inbound) and isinstance(postback, Inbound) and isinstance(found, Echo)
    assert message.standby and (postback.choice, postback.ours) == (None, False) and found.source is EchoSource.APP
    holders = [a.holder for k in ("control_passed", "control_taken") for a in parse(k) if isinstance(a, ThreadControl)]
    assert holders == [None, "1217981644879628"]


@pytest.mark.parametrize(
    ("kind", "provider_id", "live"),
    [("comment", "1801", False), ("live_comment", "1802", True), ("comment_in_the_entry_itself", "1803", False)],
)
def test_a_comment_is_of_who_wrote_it_and_opens_no_window(
    parse: Parse, kind: str, provider_id: str, live: bool
) -> None:
    found = inbound(parse(kind))
    assert (found.kind, found.provider_id, found.text) == (COMMENT, provider_id, "Abrem hoje?")
    assert (found.addresses, found.name, found.opens_window) == ((ANA,), "ana.souza", False)
    assert (found.content["media"]["id"], found.content["live"]) == ("906", live)
    assert found.content.get("parent_id") == ("1800" if kind == "comment" else None)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("own_comment", "own_comment"),
        ("own_comment_by_the_scoped_id", "own_comment"),
        ("comment_of_nobody", "unreadable_comments"),
        ("mention", "mentions"),
        ("story_insights", "story_insights"),
        ("dashboard_test_as_event_data", "messages"),
    ],
)
def test_what_nobody_could_be_answered_for_is_kept_apart(parse: Parse, kind: str, expected: str) -> None:
    assert unfamiliar(parse(kind)).kind == expected


@pytest.mark.parametrize("kind", ["dashboard_test", "dashboard_test_as_change", "dashboard_test_as_event_data"])
def test_metas_test_button_makes_no_conversation(parse: Parse, kind: str) -> None:
    event = unfamiliar(parse(kind, known={ACCOUNT}))
    assert (event.kind, event.account) == ("unknown_account", "0")


def test_a_message_told_as_a_change_is_the_same_message(parse: Parse) -> None:
    def of_ours(body: dict[str, Any]) -> None:
        body["entry"][0]["id"] = ACCOUNT

    told = [asdict(inbound(parse(kind, whole=of_ours))) for kind in ("dashboard_test", "dashboard_test_as_change")]
    assert told[0] == told[1] and told[0]["text"] == "a test"


def test_times_written_out_are_read_and_who_has_none_has_the_entrys(parse: Parse) -> None:
    first, second = parse("times_written_out")
    assert isinstance(first, Inbound) and isinstance(second, Inbound)
    assert (first.sent_at, second.sent_at) == (SENT_AT, SENT_AT + timedelta(seconds=1))
