"""What a person may send: what goes together, what goes alone, and which channel can be sent what."""

from __future__ import annotations

import pytest

from conversation import outbound
from conversation.account import Channel
from conversation.errors import BadInput, NotOnChannel
from conversation.outbound import CAN, Card, Choice, Contacts, Location, Outbound, Reaction, Sort, Sticker, Template

PLACE = Location(latitude=-23.5, longitude=-46.6, name="Cantina")
CHOICES = (Choice(title="Sim"), Choice(title="Não"))


@pytest.mark.parametrize(
    ("given", "sorts"),
    [
        (Outbound(text="oi"), {Sort.TEXT}),
        (Outbound(media=(1,)), {Sort.FILES}),
        (Outbound(text="oi", media=(1,), quotes=3), {Sort.TEXT, Sort.FILES, Sort.QUOTE}),
        (Outbound(text="Serve?", choices=CHOICES), {Sort.TEXT, Sort.BUTTONS}),
        (Outbound(text="Qual?", choices=CHOICES, list_label="Ver"), {Sort.TEXT, Sort.LIST}),
        (Outbound(special=PLACE), {Sort.LOCATION}),
        (Outbound(special=PLACE, quotes=3), {Sort.LOCATION, Sort.QUOTE}),
        (Outbound(special=Contacts(cards=(Card(name="Rui"),))), {Sort.CONTACTS}),
        (Outbound(special=Template(name="pedido", language="pt_BR")), {Sort.TEMPLATE}),
        (Outbound(special=Reaction(emoji="👍"), quotes=3), {Sort.REACTION}),
        (Outbound(special=Sticker()), {Sort.STICKER}),
    ],
)
def test_a_send_says_what_it_takes(given: Outbound, sorts: set[Sort]) -> None:
    outbound.check(given)
    assert given.sorts == sorts


@pytest.mark.parametrize(
    "given",
    [
        Outbound(),
        Outbound(text="  "),
        Outbound(text="oi", special=PLACE),
        Outbound(media=(1,), special=PLACE),
        Outbound(media=tuple(range(11))),
        Outbound(choices=CHOICES),
        Outbound(text="Qual?", choices=CHOICES * 7),
        Outbound(text="Qual?", choices=CHOICES * 6, list_label="Ver"),
        Outbound(text="Qual?", choices=(Choice(title="/restart"),)),
        Outbound(text="Qual?", choices=(Choice(title=" "),)),
        Outbound(special=Reaction(emoji="👍")),
        Outbound(text="oi", media=(1,), comment=3),
        Outbound(special=PLACE, comment=3),
    ],
)
def test_what_makes_no_message_is_told_why(given: Outbound) -> None:
    with pytest.raises(BadInput):
        outbound.check(given)


@pytest.mark.parametrize("channel", list(Channel))
def test_a_channel_refuses_what_it_can_not_show_and_says_what_it_can(channel: Channel) -> None:
    given = {
        Sort.LOCATION: Outbound(special=PLACE),
        Sort.CONTACTS: Outbound(special=Contacts(cards=(Card(name="Rui"),))),
        Sort.TEMPLATE: Outbound(special=Template(name="pedido", language="pt_BR")),
        Sort.REACTION: Outbound(special=Reaction(emoji="👍"), quotes=3),
        Sort.STICKER: Outbound(special=Sticker()),
    }
    for sort, each in given.items():
        if sort in CAN[channel]:
            outbound.need_channel(each, channel)
            continue
        with pytest.raises(NotOnChannel) as refused:
            outbound.need_channel(each, channel)
        assert refused.value.may_send == outbound.can(channel) and sort.value not in refused.value.may_send
