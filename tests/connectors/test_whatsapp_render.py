"""What is to be said, in WhatsApp's requests."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connectors.whatsapp_render import render
from runtime.channel import Rendered, Utterance

Render = Callable[..., list[Rendered]]


@pytest.fixture
def say() -> Render:
    count = itertools.count(1)
    return lambda **said: render(Utterance(**said), lambda: f"token_{next(count)}")


def buttons(*titles: str) -> list[dict[str, Any]]:
    return [{"title": title, "payload": f"/{title.lower()}"} for title in titles]


def titles_in(request: Rendered) -> list[str]:
    action = request.body["interactive"]["action"]
    if "buttons" in action:
        return [button["reply"]["title"] for button in action["buttons"]]
    return [row["title"] for row in rows_in(request)]


def rows_in(request: Rendered) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = request.body["interactive"]["action"]["sections"][0]["rows"]
    return rows


def kinds(requests: Sequence[Rendered]) -> list[str]:
    return [request.kind for request in requests]


def test_text_is_one_message_paragraphs_and_all(say: Render) -> None:
    (request,) = say(text="Olá!\n\nAbrimos às 18h.")
    assert (request.kind, request.text) == ("text", "Olá!\n\nAbrimos às 18h.")
    assert request.body == {
        "messaging_product": "whatsapp", "recipient_type": "individual",
        "type": "text", "text": {"body": "Olá!\n\nAbrimos às 18h."},
    }  # fmt: skip


def test_text_over_the_limit_is_split_at_a_sentence(say: Render) -> None:
    sentence = "Esta frase tem um bom tamanho. "
    requests = say(text=sentence * 200)
    assert len(requests) == 2
    assert all(len(request.body["text"]["body"]) <= 4096 for request in requests)
    assert all((request.text or "").endswith("tamanho.") for request in requests[:-1])


def test_up_to_three_short_choices_are_buttons_with_random_ids(say: Render) -> None:
    (request,) = say(text="Confirma?", buttons=buttons("Sim", "Não", "Talvez"))
    assert request.body["interactive"]["type"] == "button"
    assert request.body["interactive"]["body"] == {"text": "Confirma?"}
    replies = [button["reply"] for button in request.body["interactive"]["action"]["buttons"]]
    assert replies == [
        {"id": "token_1", "title": "Sim"},
        {"id": "token_2", "title": "Não"},
        {"id": "token_3", "title": "Talvez"},
    ]  # fmt: skip
    assert [(b.token, b.title, b.payload) for b in request.buttons] == [
        ("token_1", "Sim", "/sim"), ("token_2", "Não", "/não"), ("token_3", "Talvez", "/talvez"),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [4, 10])
def test_up_to_ten_choices_are_a_list(say: Render, count: int) -> None:
    (request,) = say(text="Qual?", buttons=buttons(*(f"Opção {n}" for n in range(count))))
    assert request.kind == "list" and len(rows_in(request)) == count == len(request.buttons)
    assert request.body["interactive"]["action"]["button"] == "☰"


def test_a_list_may_have_a_button_of_the_trainers(say: Render) -> None:
    (request,) = say(text="Qual?", buttons=buttons(*"abcd"), custom={"list_button": "Ver o cardápio completo"})
    label = request.body["interactive"]["action"]["button"]
    assert label == "Ver o cardápio comp…" and len(label) == 20


def test_a_title_too_long_for_a_button_makes_it_a_list(say: Render) -> None:
    (request,) = say(text="Qual?", buttons=buttons("Pizza de calabresa top"))
    assert (request.kind, rows_in(request)[0]["title"]) == ("list", "Pizza de calabresa top")


def test_a_title_that_had_to_be_cut_stands_in_full_beside_it(say: Render) -> None:
    full = "Calabresa com cebola roxa e catupiry"
    (request,) = say(text="Qual?", buttons=[{"title": full, "payload": "/c", "description": "R$ 42"}])
    (row,) = rows_in(request)
    assert row["title"] == "Calabresa com cebola ro…" and len(row["title"]) == 24
    assert row["description"] == f"{full} – R$ 42"
    assert request.buttons[0].title == full


def test_a_description_makes_it_a_list(say: Render) -> None:
    (request,) = say(text="Qual?", buttons=[{"title": "Suco", "payload": "/s", "description": "x" * 90}])
    assert request.kind == "list" and len(rows_in(request)[0]["description"]) == 72


def test_more_than_ten_choices_or_titles_that_fit_nowhere_are_numbered_text(say: Render) -> None:
    (many,) = say(text="Qual?", buttons=buttons(*(f"Sabor {n}" for n in range(1, 12))))
    assert many.kind == "text" and many.text is not None and many.text.startswith("Qual?\n\n1. Sabor 1\n2. Sabor 2\n")
    (long,) = say(text="Qual?", buttons=buttons("x" * 73))
    assert long.text == "Qual?\n\n1. " + "x" * 73


def test_the_same_title_twice_is_made_two(say: Render) -> None:
    (request,) = say(text="?", buttons=buttons("Sim", "Sim", "Sim"))
    assert titles_in(request) == ["Sim", "Sim (2)", "Sim (3)"]
    (long,) = say(text="?", buttons=buttons(*["Pizza grande de quatro queijos"] * 2))
    assert len(set(titles_in(long))) == 2 and all(len(title) <= 24 for title in titles_in(long))


def test_a_button_without_a_payload_stands_for_its_title(say: Render) -> None:
    (request,) = say(text="?", buttons=[{"title": "Falar com  alguém"}, {"payload": "/x"}, {}])
    assert [(b.title, b.payload) for b in request.buttons] == [
        ("Falar com alguém", "Falar com alguém"),
        ("/x", "/x"),
    ]


def test_buttons_without_a_text_still_have_a_body(say: Render) -> None:
    (request,) = say(buttons=buttons("Sim"))
    assert request.body["interactive"]["body"]["text"]


def test_a_button_that_opens_an_address_is_a_line_of_text(say: Render) -> None:
    (request,) = say(text="Veja:", buttons=[{"title": "Cardápio", "url": "https://example.org/menu"}])
    assert request.text == "Veja:\nCardápio: https://example.org/menu"


def test_a_text_too_long_for_buttons_goes_before_and_its_end_stays_with_them(say: Render) -> None:
    sentence = "Esta frase tem um bom tamanho. "
    before, last = say(text=sentence * 100, buttons=buttons("Sim"))
    assert (before.kind, last.kind) == ("text", "buttons")
    body = last.body["interactive"]["body"]["text"]
    assert len(body) <= 1024 and len(before.body["text"]["body"]) <= 4096
    assert f"{before.text} {body}" == (sentence * 100).strip()


def test_a_list_has_room_for_a_long_text(say: Render) -> None:
    assert kinds(say(text="Frase. " * 500, buttons=buttons(*"abcd"))) == ["list"]


def test_an_image_takes_a_short_text_as_its_caption(say: Render) -> None:
    (request,) = say(text="Nossa pizza", image="https://example.org/p.jpg")
    assert request.body["image"] == {"link": "https://example.org/p.jpg", "caption": "Nossa pizza"}


def test_a_text_too_long_for_a_caption_goes_before_the_image(say: Render) -> None:
    text, image = say(text="Frase. " * 200, image="https://example.org/p.jpg")
    assert (text.kind, image.body["image"]) == ("text", {"link": "https://example.org/p.jpg"})


def test_with_buttons_the_image_goes_first(say: Render) -> None:
    assert kinds(say(text="?", image="https://example.org/p.jpg", buttons=buttons("Sim"))) == [
        "image",
        "buttons",
    ]


@pytest.mark.parametrize(
    ("given", "kind"),
    [("image", "image"), ("video", "video"), ("audio", "audio"), ("file", "document"), ("x", "document")],
)
def test_an_attachment_is_sent_by_its_link(say: Render, given: str, kind: str) -> None:
    (request,) = say(attachment={"type": given, "payload": {"url": "https://example.org/menu.pdf"}})
    assert request.kind == kind and request.body[kind]["link"] == "https://example.org/menu.pdf"


def test_audio_has_no_caption(say: Render) -> None:
    text, audio = say(text="Ouça", attachment={"type": "audio", "payload": {"src": "https://example.org/a.mp3"}})
    assert (text.text, audio.body["audio"]) == ("Ouça", {"link": "https://example.org/a.mp3"})


def test_a_document_has_its_name(say: Render) -> None:
    (request,) = say(attachment="https://example.org/files/card%C3%A1pio.pdf?v=2")
    assert request.body["document"] == {
        "link": "https://example.org/files/card%C3%A1pio.pdf?v=2",
        "filename": "cardápio.pdf",
    }


@pytest.mark.parametrize("nothing", ["data:image/png;base64,AAAA", "", "/tmp/p.jpg"])
def test_what_is_no_web_address_is_not_sent_and_the_text_is(say: Render, nothing: str) -> None:
    assert kinds(say(text="Olá", image=nothing, attachment=nothing)) == ["text"]


def test_each_card_is_a_message_with_its_buttons(say: Render) -> None:
    card = {
        "title": "Calabresa", "subtitle": "R$ 42", "image_url": "https://example.org/c.jpg",
        "buttons": buttons("Quero"),
    }  # fmt: skip
    plain = {"title": "Suco", "subtitle": "R$ 9"}
    requests = say(text="Temos:", elements=[card, plain])
    assert kinds(requests) == ["text", "image", "buttons", "text"]
    assert requests[2].text == "*Calabresa*\nR$ 42" and requests[3].text == "*Suco*\nR$ 9"
    template = {"type": "template", "payload": {"template_type": "generic", "elements": [plain]}}
    assert [r.text for r in say(attachment=template)] == ["*Suco*\nR$ 9"]


def test_what_the_trainer_wrote_for_whatsapp_goes_as_written_but_to_whom_we_say(say: Render) -> None:
    raw = {
        "type": "location",
        "location": {"latitude": 1, "longitude": 2},
        "to": "+5511",
        "biz_opaque_callback_data": "x",
    }
    (request,) = say(custom={"whatsapp": raw})
    assert request.kind == "location"
    assert request.body == {
        "messaging_product": "whatsapp",
        "type": "location",
        "location": {"latitude": 1, "longitude": 2},
    }


def test_what_the_trainer_wrote_for_another_channel_leaves_the_text(say: Render) -> None:
    assert kinds(say(text="Olá", custom={"telegram": {"a": 1}})) == ["text"]
    assert say(custom={"telegram": {"a": 1}}) == []
