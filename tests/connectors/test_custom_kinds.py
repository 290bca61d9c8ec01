"""Whatever a trainer writes for WhatsApp, by hand or by our names, is said so that Meta takes it, or in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import whatsapp_render
from connectors.custom_kinds import FILES, KINDS
from connectors.instagram_channel import INSTAGRAM
from connectors.messenger_channel import MESSENGER
from connectors.meta_network import Network
from connectors.meta_render import render as render_meta
from emulator.assets import Assets
from emulator.instagram import Instagram
from emulator.messaging_sends import content
from emulator.messenger import Messenger
from emulator.whatsapp_sends import CHECKS
from runtime.channel import Rendered, Utterance
from tests.connectors.contract import WITHOUT_EXPLAINING
from tests.connectors.test_contract_rendering import LINK, WORDS, Tokens

PICTURE = "https://example.org/a.jpg"
#: Values of every sort, right and wrong, in every place.
SHORT = st.sampled_from(["", "Abrir", "Ver o cardápio completo de hoje", "x" * 70, "/abrir", 7, None])
TEXT = st.one_of(WORDS, st.just("Frase com um bom tamanho. " * 60), st.none())
URLS = st.sampled_from([LINK, PICTURE, "ftp://x", "", None, "https://example.org/" + "a" * 2100])
WORDED = st.fixed_dictionaries({}, optional={"text": TEXT, "type": st.sampled_from(["text", "image", "x"])})
REPLIES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["reply", "quick_reply"])},
        optional={
            "reply": st.fixed_dictionaries({}, optional={"id": SHORT, "title": SHORT}),
            "quick_reply": st.fixed_dictionaries({}, optional={"id": SHORT, "title": SHORT}),
        },
    ),
    max_size=4,
)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={"display_text": SHORT, "url": URLS, "flow_id": SHORT, "flow_cta": SHORT, "flow_message_version": SHORT},
)
ROWS = st.lists(st.fixed_dictionaries({"id": SHORT}, optional={"title": SHORT, "description": TEXT}), max_size=11)
SECTIONS = st.lists(st.fixed_dictionaries({}, optional={"title": SHORT, "rows": ROWS}), max_size=3)
CARDS = st.lists(
    st.fixed_dictionaries(
        {"card_index": st.integers(0, 3)},
        optional={
            "type": st.just("cta_url"),
            "header": st.just({"type": "image", "image": {"link": PICTURE}}),
            "body": WORDED,
            "action": st.fixed_dictionaries({"name": st.just("cta_url"), "parameters": PARAMETERS}),
        },
    ),
    max_size=4,
)
NAMES = ["cta_url", "flow", "send_location", "catalog_message", "address_message", "call_permission_request"]
ACTIONS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(NAMES), "button": SHORT, "buttons": REPLIES, "sections": SECTIONS, "cards": CARDS,
        "parameters": PARAMETERS, "catalog_id": SHORT, "product_retailer_id": SHORT,
    },
)  # fmt: skip
INTERACTIVE = [
    *("button", "list", "cta_url", "flow", "carousel", "product", "product_list", "catalog_message", "nonsense"),
    *("location_request_message", "request_contact_info", "call_permission_request", "address_message"),
]
BODIES = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("interactive"),
            "interactive": st.fixed_dictionaries(
                {"type": st.sampled_from(INTERACTIVE), "action": ACTIONS},
                optional={"body": WORDED, "header": WORDED, "footer": WORDED},
            ),
        }
    ),
    *(
        st.fixed_dictionaries(
            {
                "type": st.just(kind),
                kind: st.fixed_dictionaries({}, optional={"link": URLS, "id": SHORT, "caption": TEXT}),
            }
        )
        for kind in ("image", "audio", "document", "sticker")
    ),
    st.fixed_dictionaries({"type": st.just("text"), "text": st.fixed_dictionaries({}, optional={"body": TEXT})}),
    st.fixed_dictionaries({"type": st.sampled_from(["location", "contacts", "reaction", "hologram"])}),
)


def taken(request: Rendered) -> None:
    """Raises where the emulator, which refuses as Meta does, does not take it."""
    kind = request.body["type"]
    CHECKS[kind](request.body if kind == "contacts" else request.body[kind])


@settings(max_examples=60, deadline=None, phases=WITHOUT_EXPLAINING)
@given(body=BODIES, text=WORDS)
def test_a_body_written_by_hand_is_taken_or_said_in_words(body: dict[str, Any], text: str) -> None:
    made = whatsapp_render.render(Utterance(text=text, custom={"whatsapp": body}), Tokens())
    for request in made:
        if request.unfit is None:
            taken(request)
    assert made, "what was written is sent, or shown as what could not be"


NAMED = {
    "text": TEXT, "label": SHORT, "url": URLS, "header": SHORT,
    "footer": SHORT, "id": SHORT, "catalog": SHORT, "product": SHORT, "link": URLS, "caption": TEXT, "emoji": SHORT,
    "name": SHORT, "language": SHORT, "latitude": st.sampled_from([-23.5, "x", 200]), "longitude": st.just(-46.6),
    "cards": st.lists(st.fixed_dictionaries({}, optional={
        "image": URLS, "text": TEXT, "label": SHORT, "url": URLS, "choices": st.lists(st.just("Quero"), max_size=2),
        "name": SHORT, "phones": st.just(["+551133334444"]),
    }), max_size=4),
    "sections": st.lists(
        st.fixed_dictionaries({"title": SHORT, "products": st.lists(st.just("sku"), max_size=70)}), max_size=3
    ),
}  # fmt: skip


@settings(max_examples=60, deadline=None, phases=WITHOUT_EXPLAINING)
@given(custom=st.fixed_dictionaries({"type": st.sampled_from([*KINDS, *FILES])}, optional=NAMED))
def test_a_kind_by_our_name_is_taken_by_every_channel(custom: dict[str, Any]) -> None:
    said = Utterance(custom=custom, quotes="mid.1")
    for request in whatsapp_render.render(said, Tokens()):
        if request.unfit is None:
            taken(request)
    for network, rules in ((MESSENGER, Messenger.rules), (INSTAGRAM, Instagram.rules)):
        for request in render_meta(said, network, Tokens()):
            if "message" in request.body and request.kind != "template":
                content(request.body["message"], rules, Assets())


def on_whatsapp(**custom: Any) -> list[Rendered]:
    return whatsapp_render.render(Utterance(custom=custom), Tokens())


def test_a_text_by_hand_that_is_too_long_is_split() -> None:
    long = {"type": "text", "text": {"body": "Frase. " * 1000}}
    made = on_whatsapp(whatsapp=long)
    assert len(made) == 2 and "".join((each.text or "").replace(" ", "") for each in made) == "Frase." * 1000


def test_more_buttons_than_three_by_hand_are_a_list_and_more_than_ten_are_numbered() -> None:
    def body(count: int) -> dict[str, Any]:
        replies = [{"type": "reply", "reply": {"id": f"b{n}", "title": f"Opção {n}"}} for n in range(count)]
        content = {"type": "button", "body": {"text": "Qual?"}, "action": {"buttons": replies}}
        return {"type": "interactive", "interactive": content}

    (fits,), (listed,), (numbered,) = (on_whatsapp(whatsapp=body(count)) for count in (3, 4, 11))
    assert fits.body["interactive"] == body(3)["interactive"]
    assert listed.kind == "list" and (numbered.kind, len(numbered.numbered)) == ("text", 11)


def test_what_has_no_words_is_not_sent_and_says_why() -> None:
    (made,) = on_whatsapp(whatsapp={"type": "template", "template": {"name": "Nome Errado"}})
    assert made.unfit is not None and made.body == {}


@pytest.mark.parametrize("image", [{"media": 7, "link": PICTURE}, {"media": 7}])
def test_a_file_of_ours_is_never_named_by_hand(image: dict[str, Any]) -> None:
    assert all("media" not in str(each.body) for each in on_whatsapp(whatsapp={"type": "image", "image": image}))
    header = {"kind": "image", "media": 7}
    assert on_whatsapp(type="template", name="a", language="pt", header=header) == []


def test_a_label_that_had_to_be_cut_stands_in_full_above_it() -> None:
    full = "Ver o cardápio completo de hoje"
    (made,) = on_whatsapp(type="cta_url", text="Temos:", label=full, url=LINK)
    action = made.body["interactive"]["action"]["parameters"]
    assert len(action["display_text"]) == 20 and made.text == f"Temos:\n{full}"


def test_more_products_than_go_into_one_message_are_several() -> None:
    sections = [{"title": "Pizzas", "products": [f"p{n}" for n in range(70)]}]
    made = on_whatsapp(type="product_list", header="Menu", text="Escolha", catalog="9", sections=sections)
    parts = [section for each in made for section in each.body["interactive"]["action"]["sections"]]
    shown = [item["product_retailer_id"] for part in parts for item in part["product_items"]]
    assert len(made) == 3 and shown == sections[0]["products"]


def test_cards_that_are_not_alike_are_messages_of_their_own() -> None:
    alike = [{"image": PICTURE, "text": f"Pizza {n}", "label": "Ver", "url": LINK} for n in range(3)]
    (whole,) = on_whatsapp(type="carousel", text="Temos:", cards=alike)
    assert whole.kind == "carousel" and whole.text == "Temos:\n• Pizza 0\n• Pizza 1\n• Pizza 2"
    other = [*alike, {"text": "Suco"}]
    made = on_whatsapp(type="carousel", text="Temos:", cards=other)
    assert [each.kind for each in made] == ["text", *["image"] * 3, "text"]


@pytest.mark.parametrize("network", [MESSENGER, INSTAGRAM])
def test_a_carousel_and_a_link_are_cards_and_a_button_elsewhere(network: Network) -> None:
    cards = [{"image": PICTURE, "text": f"Pizza {n}", "label": "Ver", "url": LINK} for n in range(2)]
    made = render_meta(Utterance(custom={"type": "carousel", "text": "Temos:", "cards": cards}), network, Tokens())
    assert made[0].body["message"]["text"] == "Temos:"
    assert made[1].body["message"]["attachment"]["payload"]["template_type"] == "generic"
    button = Utterance(custom={"type": "cta_url", "text": "Veja", "label": "Abrir", "url": LINK})
    (link,) = render_meta(button, network, Tokens())
    assert link.body["message"]["attachment"]["payload"]["buttons"][0]["url"] == LINK


@pytest.mark.parametrize("kind", [["location"], {"a": 1}, 7])
def test_a_sort_that_is_no_word_is_none_of_ours(kind: Any) -> None:
    said = Utterance(text="Oi", custom={"type": kind})
    for made in (on_whatsapp(**said.custom), render_meta(said, MESSENGER, Tokens())):
        assert all(each.kind == "text" for each in made)
