"""Where Instagram's requests differ from Messenger's: bytes count, and pictures go together."""

from __future__ import annotations

from typing import Any

from connectors.instagram_channel import INSTAGRAM
from connectors.messenger_channel import MESSENGER
from connectors.meta_render import render
from runtime.channel import Rendered, Utterance

FAMILY = "👨‍👩‍👧‍👦"


def say(**said: Any) -> list[Rendered]:
    return render(Utterance(**said), INSTAGRAM, lambda: "token")


def pictures(*names: str) -> list[dict[str, Any]]:
    return [{"type": "image", "payload": {"url": f"https://example.org/{name}.jpg"}} for name in names]


def test_a_thousand_bytes_are_the_limit_not_characters() -> None:
    assert len(say(text="a" * 1000)) == 1 == len(say(text="ç" * 500))
    assert [len(request.body["message"]["text"]) for request in say(text="a" * 1001)] == [1000, 1]
    assert [len(request.body["message"]["text"]) for request in say(text="ç" * 501)] == [500, 1]


def test_no_piece_ends_within_what_is_one_character_to_a_reader() -> None:
    requests = say(text=FAMILY * 100)
    assert len(requests) == 3
    for request in requests:
        assert request.text is not None and request.text == FAMILY * (len(request.text) // len(FAMILY))


def test_pictures_that_follow_each_other_are_one_message_of_up_to_ten() -> None:
    first, second = say(attachment=pictures(*map(str, range(11))))
    assert first.body["message"] == {"attachments": pictures(*map(str, range(10)))}
    assert second.body["message"] == {"attachment": pictures("10")[0]}
    (joined,) = say(image="https://example.org/a.jpg", attachment=pictures("b")[0])
    assert joined.body["message"] == {"attachments": pictures("a", "b")}


def test_what_is_uploaded_first_is_a_message_of_its_own() -> None:
    ours = {"type": "image", "payload": {"media": "m1"}}
    requests = say(attachment=[ours, *pictures("a", "b")])
    assert [request.body["message"] for request in requests] == [
        {"attachment": ours},
        {"attachments": pictures("a", "b")},
    ]


def test_messenger_takes_one_picture_at_a_time() -> None:
    requests = render(Utterance(attachment=pictures("a", "b")), MESSENGER, lambda: "token")
    assert [request.body["message"] for request in requests] == [{"attachment": each} for each in pictures("a", "b")]


def test_an_own_post_and_several_pictures_go_as_the_trainer_wrote_them() -> None:
    share = {"attachment": {"type": "MEDIA_SHARE", "payload": {"id": "1789"}}}
    several = {"attachments": pictures("a", "b")}
    requests = say(custom={"instagram": [share, several]})
    assert [request.body for request in requests] == [{"message": share}, {"message": several}]


def test_there_is_no_media_template_so_its_picture_and_its_buttons_go_one_after_the_other() -> None:
    uploaded = {"media_type": "image", "attachment_id": "77", "buttons": [{"title": "Quero", "payload": "/quero"}]}
    linked = {"media_type": "video", "url": "https://www.facebook.com/shop/videos/1"}
    first, second, third = (
        request.body["message"]
        for element in (uploaded, linked)
        for request in say(
            attachment={"type": "template", "payload": {"template_type": "media", "elements": [element]}}
        )
    )
    assert first == {"attachment": {"type": "image", "payload": {"attachment_id": "77"}}}
    assert second["attachment"]["payload"]["buttons"] == [{"type": "postback", "title": "Quero", "payload": "token"}]
    assert third == {"text": "https://www.facebook.com/shop/videos/1"}
