"""Whatever is to be said: every channel makes requests that the emulator takes, each button with a token of its own."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.graph import GraphClient
from runtime.channel import Rendered, Utterance
from tests.connectors.contract import WITHOUT_EXPLAINING, Contract, each_channel, of
from tests.connectors.emulated import EMULATED, Emulated

LINK = "https://example.org/cardapio.pdf"
LINKS = st.sampled_from([None, "", LINK, "no link"])
WORDS = st.lists(st.sampled_from(["a", "é", "😀", "👨‍👩‍👧‍👦", ". ", "\n", " ", "ção ", "x" * 90]), max_size=12).map(
    "".join
)
LONG = st.tuples(WORDS, st.sampled_from([1, 1, 3, 9])).map(lambda pair: pair[0] * pair[1])
BUTTONS = st.lists(
    st.fixed_dictionaries({}, optional={"title": WORDS, "payload": WORDS, "description": WORDS, "url": LINKS}),
    max_size=12,
)
ELEMENTS = st.lists(
    st.fixed_dictionaries({}, optional={"title": WORDS, "subtitle": WORDS, "image_url": LINKS, "buttons": BUTTONS}),
    max_size=5,
)
FILES = st.fixed_dictionaries(
    {"type": st.sampled_from(["image", "video", "audio", "file"]), "payload": st.fixed_dictionaries({"src": LINKS})}
)
UTTERANCES = st.builds(
    Utterance,
    text=st.one_of(st.none(), LONG),
    buttons=BUTTONS,
    image=LINKS,
    attachment=st.one_of(st.none(), LINKS, FILES),
    elements=ELEMENTS,
)


class Tokens:
    """A new one at each call, of the length that ours have."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self) -> str:
        self.made.append(f"token-{len(self.made):016d}")
        return self.made[-1]


@of(EMULATED)
@settings(max_examples=40, deadline=None, phases=WITHOUT_EXPLAINING)
@given(utterance=UTTERANCES)
def test_every_request_is_one_that_the_emulator_takes(contract: Contract, utterance: Utterance) -> None:
    emulated = Emulated(contract)
    for request in emulated.channel.render(utterance, Tokens()):
        assert emulated.send(request.body) == emulated.sent[-1].id


@each_channel
@settings(max_examples=40, deadline=None, phases=WITHOUT_EXPLAINING)
@given(utterance=UTTERANCES)
def test_every_button_has_a_token_of_its_own_and_no_payload_leaves_the_house(
    contract: Contract, utterance: Utterance
) -> None:
    tokens = Tokens()
    rendered = contract.way_out(GraphClient()).channel.render(utterance, tokens)
    used = [button.token for request in rendered for button in request.buttons]
    assert len(set(used)) == len(used) and set(used) <= set(tokens.made)
    for request in rendered:
        raw = json.dumps(request.body)
        assert all(button.token in raw and button.payload for button in request.buttons)
        assert all(token not in raw for token in set(tokens.made) - {button.token for button in request.buttons})


@each_channel
@settings(max_examples=40, deadline=None, phases=WITHOUT_EXPLAINING)
@given(text=LONG)
def test_no_word_of_a_long_text_is_lost(contract: Contract, text: str) -> None:
    rendered = contract.way_out(GraphClient()).channel.render(Utterance(text=text), Tokens())
    assert squeezed("".join(map(shown, rendered))) == squeezed(text)


def shown(request: Rendered) -> str:
    return request.text or ""


def squeezed(text: str) -> str:
    """Without white space, which is lost where a cut falls."""
    return "".join(text.split())


@of(EMULATED)
def test_a_button_tapped_comes_back_by_its_token(contract: Contract) -> None:
    emulated = Emulated(contract)
    asked = Utterance(
        text="Qual?", buttons=[{"title": "Bolo", "payload": "/bolo"}, {"title": "Pão", "payload": "/pao"}]
    )
    (request,) = emulated.channel.render(asked, Tokens())
    emulated.send(request.body)
    (item,) = emulated.sent
    kind = "quick_reply" if "quick_replies" in item.view else "button"
    for button in request.buttons:
        (tapped,) = emulated.writes(kind, choice={"id": button.token, "title": button.title}, reply_to=item.id)
        assert getattr(tapped, "choice", None) == button.token
        assert getattr(tapped, "kind", None) == "button" and not getattr(tapped, "ours", None)
