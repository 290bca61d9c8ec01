"""What goes alone, as each channel is asked for it: the emulator's own checks take every body."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import meta_render, whatsapp_render
from connectors.instagram_channel import INSTAGRAM
from connectors.messenger_channel import MESSENGER
from connectors.meta_network import Network
from conversation.errors import BadInput
from conversation.outbound import CAN, Card, Contacts, Location, Reaction, Sort, Special, Sticker, Template
from emulator.assets import Assets
from emulator.instagram import Instagram
from emulator.messaging_sends import content
from emulator.messenger import Messenger
from emulator.whatsapp_sends import CHECKS
from runtime.channel import Rendered, Utterance

WEBP: dict[str, Any] = {"type": "image/webp", "size": 40_000}
SPECIALS: dict[Sort, Special] = {
    Sort.LOCATION: Location(latitude=-23.55, longitude=-46.63, name="Cantina", address="Rua A, 1"),
    Sort.CONTACTS: Contacts(cards=(Card(name="Rui Sá", phones=("+551133334444",), organization="Cantina"),)),
    Sort.TEMPLATE: Template(name="pedido", language="pt_BR", body=("Ana", "12:30"), header="Cantina", links=("42",)),
    Sort.REACTION: Reaction(emoji="👍"),
    Sort.STICKER: Sticker(media=7, **WEBP),
}


def on_whatsapp(special: Special, quotes: str | None = "wamid.1") -> Rendered:
    (made,) = whatsapp_render.render(Utterance(special=special, quotes=quotes), _no_token)
    return made


def on_meta(special: Special, network: Network, quotes: str | None = "mid.1") -> Rendered:
    (made,) = meta_render.render(Utterance(special=special, quotes=quotes), network, _no_token)
    return made


def _no_token() -> str:
    raise AssertionError("nothing here is chosen")


@pytest.mark.parametrize("sort", SPECIALS, ids=lambda sort: str(sort.value))
def test_whatsapp_takes_each(sort: Sort) -> None:
    made = on_whatsapp(SPECIALS[sort])
    given = {**made.body, "sticker": {"id": "1"}} if sort is Sort.STICKER else made.body  # ours, once it is uploaded
    kind = given["type"]
    CHECKS[kind](given if kind == "contacts" else given[kind])
    assert made.paid is (sort is Sort.TEMPLATE)
    if sort is Sort.REACTION:
        assert made.body["reaction"] == {"message_id": "wamid.1", "emoji": "👍"} and "context" not in made.body
    else:
        assert made.body["context"] == {"message_id": "wamid.1"}


def test_a_templates_fields_stand_in_their_places() -> None:
    named = Template(name="pedido", language="pt_BR", body={"nome": "Ana"})
    (body,) = on_whatsapp(named, None).body["template"]["components"]
    assert body["parameters"] == [{"type": "text", "text": "Ana", "parameter_name": "nome"}]
    header, body, button = on_whatsapp(SPECIALS[Sort.TEMPLATE]).body["template"]["components"]
    assert header["parameters"] == [{"type": "text", "text": "Cantina"}]
    assert [each["text"] for each in body["parameters"]] == ["Ana", "12:30"]
    assert (button["sub_type"], button["index"], button["parameters"]) == ("url", "0", [{"type": "text", "text": "42"}])
    assert "components" not in on_whatsapp(Template(name="oi", language="pt_BR"), None).body["template"]


@pytest.mark.parametrize("file", [{**WEBP, "type": "image/png"}, {**WEBP, "size": 600_000}])
def test_whatsapp_has_no_sticker_of_another_kind(file: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        on_whatsapp(Sticker(media=7, **file))
    with pytest.raises(BadInput):
        on_whatsapp(Sticker())


@pytest.mark.parametrize(
    ("network", "rules"),
    [(MESSENGER, Messenger.rules), (INSTAGRAM, Instagram.rules)],
    ids=["messenger", "instagram"],
)
def test_messenger_and_instagram_take_what_is_theirs(network: Network, rules: Any) -> None:
    specials = {**SPECIALS, Sort.STICKER: Sticker()}
    for sort in CAN[network.channel] & set(specials):
        made = on_meta(specials[sort], network)
        if sort is Sort.REACTION:
            expected = {"message_id": "mid.1", "reaction": "👍"}
            assert (made.body["sender_action"], made.body["payload"]) == ("react", expected)
            continue
        content(made.body["message"], rules, Assets())
        assert made.body["reply_to"] == {"mid": "mid.1"} and made.paid is (sort is Sort.TEMPLATE)


def test_a_heart_has_its_own_name_and_a_reaction_is_taken_back() -> None:
    assert on_meta(Reaction(emoji="❤️"), INSTAGRAM).body["payload"]["reaction"] == "love"
    assert on_meta(Reaction(emoji=""), INSTAGRAM).body == {
        "sender_action": "unreact",
        "payload": {"message_id": "mid.1"},
    }
    assert on_whatsapp(Reaction(emoji="")).body["reaction"] == {"message_id": "wamid.1", "emoji": ""}


def test_instagrams_sticker_is_no_file() -> None:
    with pytest.raises(BadInput):
        on_meta(Sticker(media=7, **WEBP), INSTAGRAM)


def test_only_the_first_of_several_requests_quotes() -> None:
    long = Utterance(text="a " * 3000, quotes="wamid.1")
    first, second = whatsapp_render.render(long, _no_token)
    assert first.body["context"] == {"message_id": "wamid.1"} and "context" not in second.body
    first, *others = meta_render.render(long, MESSENGER, _no_token)
    assert first.body["reply_to"] == {"mid": "wamid.1"} and not any("reply_to" in each.body for each in others)


def test_what_is_wanted_as_a_list_is_one_however_short() -> None:
    choices = [{"title": "Sim", "payload": "Sim"}, {"title": "Não", "payload": "Não"}]
    wanted = Utterance(text="Serve?", buttons=choices, custom={"as_list": True, "list_button": "Ver"})
    tokens = iter("ab")
    (made,) = whatsapp_render.render(wanted, lambda: next(tokens))
    assert made.kind == "list" and made.body["interactive"]["action"]["button"] == "Ver"
    CHECKS["interactive"](made.body["interactive"])
