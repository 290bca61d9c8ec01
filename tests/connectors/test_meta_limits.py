"""No utterance makes a request beyond Messenger's or Instagram's limits. The numbers are Meta's, written here anew."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from connectors.instagram_channel import INSTAGRAM
from connectors.messenger_channel import MESSENGER
from connectors.meta_network import Network
from connectors.meta_render import render
from runtime.channel import Rendered, Utterance

LINK = "https://example.org/p.jpg"
WORDS = st.lists(st.sampled_from(["a", "é", "😀", "👨‍👩‍👧‍👦", ". ", "\n", " ", "ção ", "x" * 90]), max_size=60)
SHORT = st.one_of(st.text(max_size=30), WORDS.map("".join))
LONG = st.tuples(WORDS.map("".join), st.integers(1, 12)).map(lambda pair: pair[0] * pair[1])
BUTTON = st.fixed_dictionaries(
    {},
    optional={
        "title": SHORT, "payload": SHORT, "description": SHORT, "url": st.sampled_from([LINK, "no link", None]),
        "type": st.sampled_from(["postback", "web_url", "phone_number", "account_link", 1]),
    },
)  # fmt: skip
BUTTONS = st.lists(st.one_of(BUTTON, st.none()), max_size=16)
ELEMENT = st.fixed_dictionaries(
    {}, optional={"title": SHORT, "subtitle": SHORT, "image_url": st.sampled_from([LINK, "x"]), "buttons": BUTTONS}
)
ELEMENTS = st.lists(ELEMENT, max_size=14)
FILE = st.fixed_dictionaries(
    {"type": st.sampled_from(["image", "video", "file", "x"]), "payload": st.sampled_from([{"url": LINK}, {}, None])}
)
TEMPLATE = st.fixed_dictionaries(
    {
        "type": st.just("template"),
        "payload": st.fixed_dictionaries(
            {"template_type": st.sampled_from(["generic", "button", "media"])},
            optional={"text": LONG, "buttons": BUTTONS, "elements": ELEMENTS},
        ),
    }
)
UTTERANCE = st.builds(
    Utterance,
    text=st.one_of(st.none(), LONG),
    buttons=BUTTONS,
    image=st.sampled_from([None, LINK]),
    attachment=st.one_of(st.none(), FILE, TEMPLATE, st.lists(st.one_of(FILE, TEMPLATE), max_size=13)),
    elements=ELEMENTS,
    custom=st.sampled_from([{}, {"button_template": True}]),
)


@pytest.mark.parametrize("network", [MESSENGER, INSTAGRAM], ids=lambda network: network.channel.value)
@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.generate, Phase.shrink])
@given(utterance=UTTERANCE)
def test_every_request_is_one_that_meta_takes(network: Network, utterance: Utterance) -> None:
    count = itertools.count()
    requests = render(utterance, network, lambda: f"token_{next(count)}")
    for number, request in enumerate(requests):
        check_message(request.body["message"], network)
        check_buttons(request)
        gone = "quick_replies" in request.body["message"] and number < len(requests) - 1
        assert not gone or is_template_with_buttons(utterance), "quick replies vanish with the next message"


def is_template_with_buttons(utterance: Utterance) -> bool:
    """Two questions in one utterance: the first one's quick replies can't stay."""
    given = utterance.attachment if isinstance(utterance.attachment, list) else [utterance.attachment]
    return any(each and (each["payload"] or {}).get("template_type") == "button" for each in given)


def check_message(message: dict[str, Any], network: Network) -> None:
    size = len if network is MESSENGER else lambda text: len(text.encode())
    assert len({"text", "attachment", "attachments"} & message.keys()) == 1
    if "text" in message:
        assert message["text"].strip() and size(message["text"]) <= (2000 if network is MESSENGER else 1000)
        check_titles(message.get("quick_replies", []), most=13)
    if "attachments" in message:
        assert network is INSTAGRAM and 2 <= len(message["attachments"]) <= 10
        assert all(each == {"type": "image", "payload": {"url": LINK}} for each in message["attachments"])
    if message.get("attachment", {}).get("type") == "template":
        check_template(message["attachment"]["payload"], network)


def check_template(payload: dict[str, Any], network: Network) -> None:
    if payload["template_type"] == "button":
        assert payload["text"].strip() and len(payload["text"]) <= 640 and payload["buttons"]
        check_titles(payload["buttons"], most=3)
    if payload["template_type"] == "generic":
        assert 1 <= len(payload["elements"]) <= 10
        for card in payload["elements"]:
            assert card["title"].strip() and len(card["title"]) <= 80 and len(card) > 1
            assert len(card.get("subtitle", "")) <= 80
            check_titles(card.get("buttons", []), most=3)
    assert payload["template_type"] != "media" or (network is MESSENGER and len(payload["elements"]) == 1)


def check_titles(buttons: list[dict[str, Any]], *, most: int) -> None:
    assert len(buttons) <= most
    titles = [button["title"] for button in buttons if button.get("type") != "account_link"]
    assert all(title.strip() and len(title) <= 20 for title in titles) and len(set(titles)) == len(titles)


def check_buttons(request: Rendered) -> None:
    """Nothing of the dialogue's leaves the house: what can be pressed carries a token, and each is known."""
    tokens = {button.token for button in request.buttons}
    found = {payload for payload in payloads_in(request.body) if payload.startswith("token_")}
    assert tokens == found and len(tokens) == len(request.buttons)
    assert all(button.payload for button in request.buttons)


def payloads_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["payload"]] if isinstance(value.get("payload"), str) else []
        return own + [payload for item in value.values() for payload in payloads_in(item)]
    return [payload for item in value for payload in payloads_in(item)] if isinstance(value, list) else []
