"""What is to be said, in Messenger's requests; Instagram's are the same but where its own tests say otherwise."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connectors.instagram_channel import INSTAGRAM
from connectors.messenger_channel import MESSENGER
from connectors.meta_network import Network
from connectors.meta_render import render
from runtime.channel import Rendered, Utterance

Render = Callable[..., list[Rendered]]
PICTURE = "https://example.org/p.jpg"


@pytest.fixture(params=[MESSENGER, INSTAGRAM], ids=lambda network: network.channel.value)
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.param
    return found


@pytest.fixture
def say(network: Network) -> Render:
    count = itertools.count(1)
    return lambda **said: render(Utterance(**said), network, lambda: f"token_{next(count)}")


def buttons(*titles: str) -> list[dict[str, Any]]:
    return [{"title": title, "payload": f"/{title.lower()}"} for title in titles]


def kinds(requests: Sequence[Rendered]) -> list[str]:
    return [request.kind for request in requests]


def message(request: Rendered) -> dict[str, Any]:
    found: dict[str, Any] = request.body["message"]
    return found


def template(request: Rendered) -> dict[str, Any]:
    found: dict[str, Any] = message(request)["attachment"]["payload"]
    return found


class TestText:
    def test_a_text_of_the_very_size_is_one_message(self, say: Render, network: Network) -> None:
        whole = 2000 if network is MESSENGER else 1000
        assert [len(request.text or "") for request in say(text="x" * whole)] == [whole]
        assert [len(request.text or "") for request in say(text="x" * (whole + 1))] == [whole, 1]

    def test_it_is_one_message_paragraphs_and_all(self, say: Render) -> None:
        (request,) = say(text="Olá!\n\nAbrimos às 18h.")
        assert (request.kind, request.text) == ("text", "Olá!\n\nAbrimos às 18h.")
        assert request.body == {"message": {"text": "Olá!\n\nAbrimos às 18h."}}

    def test_over_the_limit_it_is_split_at_a_sentence(self, say: Render, network: Network) -> None:
        sentence = "Esta frase tem um bom tamanho. "
        requests = say(text=sentence * 100)
        assert len(requests) > 1
        assert all(len(message(request)["text"]) <= network.limits.text for request in requests)
        assert all((request.text or "").endswith("tamanho.") for request in requests[:-1])


class TestQuickReplies:
    def test_each_carries_a_random_id_and_we_know_what_it_stands_for(self, say: Render) -> None:
        (request,) = say(text="Confirma?", buttons=buttons("Sim", "Não"))
        assert (request.kind, message(request)["text"]) == ("buttons", "Confirma?")
        assert message(request)["quick_replies"] == [
            {"content_type": "text", "title": "Sim", "payload": "token_1"},
            {"content_type": "text", "title": "Não", "payload": "token_2"},
        ]
        assert [(b.token, b.title, b.payload) for b in request.buttons] == [
            ("token_1", "Sim", "/sim"), ("token_2", "Não", "/não"),
        ]  # fmt: skip

    def test_there_is_room_for_thirteen_and_more_are_numbered_text(self, say: Render) -> None:
        (fits,) = say(text="Qual?", buttons=buttons(*(f"Sabor {n}" for n in range(13))))
        assert len(message(fits)["quick_replies"]) == 13 == len(fits.buttons)
        (many,) = say(text="Qual?", buttons=buttons(*(f"Sabor {n}" for n in range(1, 15))))
        assert many.kind == "text" and not many.buttons
        assert many.text is not None and many.text.startswith("Qual?\n\n1. Sabor 1\n2. Sabor 2\n")

    def test_a_title_that_has_to_be_cut_stands_in_full_in_the_text(self, say: Render) -> None:
        (request,) = say(text="Qual?", buttons=buttons("Pizza de calabresa com cebola", "Suco"))
        assert message(request)["text"] == "Qual?\n\n• Pizza de calabresa com cebola\n• Suco"
        assert [reply["title"] for reply in message(request)["quick_replies"]] == ["Pizza de calabresa…", "Suco"]
        assert request.buttons[0].title == "Pizza de calabresa com cebola"

    def test_so_does_what_more_there_is_to_say_of_a_choice(self, say: Render) -> None:
        (request,) = say(text="Qual?", buttons=[{"title": "Suco", "payload": "/s", "description": "R$ 9"}])
        assert message(request)["text"] == "Qual?\n\n• Suco – R$ 9"

    def test_the_same_title_twice_is_made_two(self, say: Render) -> None:
        (request,) = say(text="?", buttons=buttons(*["Pizza grande de quatro queijos"] * 3))
        titles = [reply["title"] for reply in message(request)["quick_replies"]]
        assert len(set(titles)) == 3 and all(len(title) <= 20 for title in titles)

    def test_without_a_text_they_still_have_one(self, say: Render) -> None:
        (request,) = say(buttons=buttons("Sim"))
        assert message(request)["text"]

    def test_a_text_too_long_goes_before_and_its_end_stays_with_them(self, say: Render) -> None:
        requests = say(text="Esta frase tem um bom tamanho. " * 100, buttons=buttons("Sim"))
        assert set(kinds(requests[:-1])) == {"text"} and requests[-1].kind == "buttons"
        said = " ".join(request.text or "" for request in requests)
        assert said == ("Esta frase tem um bom tamanho. " * 100).strip()

    def test_nothing_comes_after_them_for_they_would_be_gone(self, say: Render) -> None:
        card = {"title": "Calabresa", "subtitle": "R$ 42"}
        assert kinds(say(text="?", image=PICTURE, elements=[card], buttons=buttons("Sim"))) == [
            "image", "cards", "buttons",
        ]  # fmt: skip


class TestButtonTemplate:
    def test_a_button_that_opens_an_address_makes_it_one(self, say: Render) -> None:
        (request,) = say(
            text="Veja:", buttons=[{"title": "Cardápio", "url": "https://example.org/menu"}, *buttons("Não")]
        )
        assert message(request)["attachment"]["type"] == "template"
        assert template(request) == {
            "template_type": "button",
            "text": "Veja:",
            "buttons": [
                {"type": "web_url", "title": "Cardápio", "url": "https://example.org/menu"},
                {"type": "postback", "title": "Não", "payload": "token_1"},
            ],
        }
        assert [(b.token, b.payload) for b in request.buttons] == [("token_1", "/não")]

    def test_so_does_the_trainers_wish(self, say: Render) -> None:
        (request,) = say(text="Confirma?", buttons=buttons("Sim", "Não"), custom={"button_template": True})
        assert [button["title"] for button in template(request)["buttons"]] == ["Sim", "Não"]

    def test_more_than_three_are_quick_replies_and_addresses_lines_of_the_text(self, say: Render) -> None:
        given = [{"title": "Cardápio", "url": "https://example.org/menu"}, *buttons("A", "B", "C")]
        (request,) = say(text="Veja:", buttons=given, custom={"button_template": True})
        assert message(request)["text"] == "Veja:\nCardápio: https://example.org/menu"
        assert len(message(request)["quick_replies"]) == 3

    def test_its_text_is_shorter(self, say: Render) -> None:
        (fits,) = say(text="x" * 640, buttons=buttons("Sim"), custom={"button_template": True})
        assert template(fits)["text"] == "x" * 640
        before, end = say(text="x" * 641, buttons=buttons("Sim"), custom={"button_template": True})
        assert (before.text, template(end)["text"]) == ("x" * 640, "x")

    def test_an_attachment_that_is_one_is_checked_like_any(self, say: Render, network: Network) -> None:
        call = {"type": "phone_number", "title": "Ligar", "payload": "+551133330000"}
        payload = {"template_type": "button", "text": "E agora?", "buttons": [*buttons("Sim"), call]}
        (request,) = say(attachment={"type": "template", "payload": payload})
        if network is INSTAGRAM:  # which takes no such button: the number is said
            assert message(request)["text"] == "E agora?\nLigar: +551133330000"
        else:
            assert template(request)["buttons"] == [{"type": "postback", "title": "Sim", "payload": "token_1"}, call]
        assert request.buttons[0].payload == "/sim"


class TestCards:
    CARD = {"title": "Calabresa", "subtitle": "R$ 42", "image_url": PICTURE}  # noqa: RUF012

    def test_those_that_follow_each_other_are_swiped_through(self, say: Render) -> None:
        text, cards = say(
            text="Temos:", elements=[{**self.CARD, "buttons": buttons("Quero")}, {"title": "Suco", "subtitle": "R$ 9"}]
        )
        assert (text.text, cards.kind, cards.text) == ("Temos:", "cards", "Calabresa\nR$ 42\n\nSuco\nR$ 9")
        assert template(cards) == {
            "template_type": "generic",
            "elements": [
                {**self.CARD, "buttons": [{"type": "postback", "title": "Quero", "payload": "token_1"}]},
                {"title": "Suco", "subtitle": "R$ 9"},
            ],
        }
        assert [(b.token, b.payload) for b in cards.buttons] == [("token_1", "/quero")]

    def test_more_than_ten_go_on_in_the_next_message(self, say: Render) -> None:
        requests = say(elements=[{"title": f"Pizza {n}", "subtitle": "R$ 42"} for n in range(23)])
        assert [len(template(request)["elements"]) for request in requests] == [10, 10, 3]

    def test_more_than_three_buttons_go_on_a_further_card_of_the_same_title(self, say: Render) -> None:
        (request,) = say(elements=[{**self.CARD, "buttons": buttons("P", "M", "G", "GG")}])
        first, second = template(request)["elements"]
        assert [len(card["buttons"]) for card in (first, second)] == [3, 1]
        assert second["title"] == "Calabresa" and "image_url" not in second

    def test_titles_are_cut_to_what_fits(self, say: Render) -> None:
        (request,) = say(elements=[{"title": "x" * 100, "subtitle": "y" * 100}])
        (card,) = template(request)["elements"]
        assert len(card["title"]) == 80 == len(card["subtitle"])

    def test_a_title_alone_makes_no_card_nor_does_a_picture(self, say: Render) -> None:
        requests = say(elements=[{"title": "Hoje:"}, self.CARD, {"image_url": PICTURE}, {}, "nothing"])
        assert kinds(requests) == ["text", "cards", "image"]

    def test_an_attachment_with_cards_is_the_same(self, say: Render) -> None:
        payload = {"template_type": "generic", "elements": [{**self.CARD, "buttons": buttons("Quero")}]}
        (request,) = say(attachment={"type": "template", "payload": payload})
        assert template(request)["elements"][0]["buttons"][0]["payload"] == "token_1"

    def test_a_card_may_open_an_address(self, say: Render) -> None:
        (request,) = say(elements=[{**self.CARD, "default_action": {"url": "https://example.org/c"}}])
        opens = template(request)["elements"][0]["default_action"]
        assert opens == {"type": "web_url", "url": "https://example.org/c"}


class TestOtherTemplates:
    @pytest.mark.parametrize("network", [MESSENGER], ids=["messenger"], indirect=True)
    def test_a_media_template_has_one_element_and_buttons_of_ours(self, say: Render) -> None:
        shown = {"media_type": "image", "attachment_id": "77"}
        payload = {"template_type": "media", "elements": [{**shown, "buttons": buttons("Quero")}, shown]}
        (request,) = say(attachment={"type": "template", "payload": payload})
        button = {"type": "postback", "title": "Quero", "payload": "token_1"}
        assert template(request) == {"template_type": "media", "elements": [{**shown, "buttons": [button]}]}

    def test_a_media_template_of_nothing_is_not_sent(self, say: Render) -> None:
        assert say(attachment={"type": "template", "payload": {"template_type": "media", "elements": [{}]}}) == []

    def test_a_receipt_goes_as_the_trainer_wrote_it(self, say: Render) -> None:
        payload = {"template_type": "receipt", "order_number": "1042", "elements": [{"title": "Pizza", "price": 42}]}
        (request,) = say(attachment={"type": "template", "payload": payload})
        assert template(request) == payload


class TestFiles:
    @pytest.mark.parametrize(
        ("given", "kind", "metas"),
        [("image", "image", "image"), ("video", "video", "video"), ("audio", "audio", "audio"),
         ("file", "document", "file"), ("document", "document", "file"), ("x", "document", "file")],
    )  # fmt: skip
    def test_one_is_sent_by_its_link(self, say: Render, given: str, kind: str, metas: str) -> None:
        (request,) = say(attachment={"type": given, "payload": {"src": PICTURE}})
        assert request.kind == kind
        assert message(request) == {"attachment": {"type": metas, "payload": {"url": PICTURE}}}

    @pytest.mark.parametrize("payload", [{"media": "m1"}, {"attachment_id": "77"}])
    def test_or_by_its_id(self, say: Render, payload: dict[str, Any]) -> None:
        (request,) = say(attachment={"type": "document", "payload": payload})
        assert message(request) == {"attachment": {"type": "file", "payload": payload}}

    def test_there_is_no_caption_so_the_text_goes_first(self, say: Render) -> None:
        assert kinds(say(text="Nossa pizza", image=PICTURE)) == ["text", "image"]

    @pytest.mark.parametrize("nothing", ["data:image/png;base64,AAAA", "", "/tmp/p.jpg"])
    def test_what_is_no_web_address_is_not_sent_and_the_text_is(self, say: Render, nothing: str) -> None:
        assert kinds(say(text="Olá", image=nothing, attachment=nothing)) == ["text"]


class TestWhatTheTrainerWrote:
    def test_it_goes_as_written_but_to_whom_and_how_is_ours(self, say: Render, network: Network) -> None:
        own = {"text": "Seu telefone?", "quick_replies": [{"content_type": "user_phone_number"}]}
        given = {
            "recipient": {"id": "9"}, "messaging_type": "UPDATE", "tag": "HUMAN_AGENT",
            "message": {**own, "metadata": "x"}, "notification_type": "NO_PUSH",
        }  # fmt: skip
        (request,) = say(custom={network.channel.value: given})
        assert request.body == {"message": own, "notification_type": "NO_PUSH"}
        assert (request.kind, request.text) == ("buttons", "Seu telefone?")

    def test_it_may_be_only_messages(self, say: Render, network: Network) -> None:
        heart = {"attachment": {"type": "like_heart"}}
        requests = say(custom={network.channel.value: [{"text": "a", "metadata": "x"}, heart, {}, "b"]})
        assert [request.body for request in requests] == [{"message": {"text": "a"}}, {"message": heart}]
        assert kinds(requests) == ["text", "like_heart"]

    def test_a_reaction_is_alone_in_its_request(self, say: Render, network: Network) -> None:
        react = {"sender_action": "react", "payload": {"message_id": "m", "reaction": "love"}}
        (request,) = say(custom={network.channel.value: {**react, "message": {"text": "x"}}})
        assert request.body == react

    def test_what_was_written_for_another_channel_leaves_the_text(self, say: Render) -> None:
        assert kinds(say(text="Olá", custom={"telegram": {"text": "b"}})) == ["text"]

    def test_only_messenger_has_utility_messages(self, say: Render, network: Network) -> None:
        utility = {"template": {"name": "order_ready", "language": {"code": "pt_BR"}}}
        (request,) = say(custom={network.channel.value: utility})
        manner = {"messaging_type": "UTILITY"} if network is MESSENGER else {}
        assert request.body == {"message": utility, **manner} and request.kind == "template"
