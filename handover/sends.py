"""What the body of a send may hold, the same on every channel."""

from __future__ import annotations

from typing import Annotated, Union

import msgspec

from conversation import outbound
from conversation.errors import BadInput
from conversation.outbound import Outbound, Special
from conversation.said import say

Text = Annotated[str, msgspec.Meta(max_length=32_000)]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Value = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
FileId = Annotated[int, msgspec.Meta(ge=1)]


class ChoiceBody(msgspec.Struct):
    """What is chosen comes back as if the customer had written its title."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=72)]
    description: Annotated[str, msgspec.Meta(max_length=72)] = ""


class ListBody(msgspec.Struct):
    """`label` opens it."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    rows: Annotated[list[ChoiceBody], msgspec.Meta(min_length=1, max_length=outbound.MOST_ROWS)]


class LocationBody(msgspec.Struct):
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    name: Short | None = None
    address: Short | None = None


class CardBody(msgspec.Struct):
    """Somebody, with how they are reached."""

    name: Short
    phones: Annotated[list[Short], msgspec.Meta(max_length=10)] = []
    emails: Annotated[list[Short], msgspec.Meta(max_length=10)] = []
    organization: Short | None = None


class TemplateBody(msgspec.Struct):
    """One that Meta has approved. `body`: what stands for its fields, in their order or by their names; `header`: for
    that of its header; `links`: what the addresses of its buttons end with."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=15)]
    body: Union[list[Value], dict[str, Value]] = []
    header: Value | None = None
    links: Annotated[list[Value], msgspec.Meta(max_length=10)] = []


class ReactionBody(msgspec.Struct):
    """`message`: the id of the one it is for. An empty emoji takes it back."""

    message: int
    emoji: Annotated[str, msgspec.Meta(max_length=32)]


class StickerBody(msgspec.Struct):
    """`media`: a WebP picture that was uploaded for it; on Instagram none: there it is a heart."""

    media: FileId | None = None


class MessageBody(msgspec.Struct):
    """Words, files and choices go together; a location, contact cards, a template, a reaction and a sticker each go
    alone. `may_send` of the conversation says which of them can be sent now.

    `media`: ids of uploaded files. `quote`: the id of the message that is answered. `comment`: of one that is answered
    in private. `ownership`: the number it was decided on.
    """

    text: Text = ""
    media: Annotated[list[FileId], msgspec.Meta(max_length=outbound.MOST_FILES)] = []
    buttons: Annotated[list[ChoiceBody], msgspec.Meta(max_length=outbound.MOST_BUTTONS)] = []
    listed: ListBody | None = msgspec.field(default=None, name="list")
    location: LocationBody | None = None
    contacts: Annotated[list[CardBody], msgspec.Meta(max_length=outbound.MOST_CARDS)] = []
    template: TemplateBody | None = None
    reaction: ReactionBody | None = None
    sticker: StickerBody | None = None
    quote: int | None = None
    comment: int | None = None
    ownership: int | None = None


def outbound_of(body: MessageBody) -> Outbound:
    special = _special(body)
    if body.listed is not None and body.buttons:
        raise BadInput(say("Choices are buttons or a list, not both."))
    if body.reaction is not None and body.quote is not None:
        raise BadInput(say("A reaction names its message itself, without `quote`."))
    choices = body.listed.rows if body.listed is not None else body.buttons
    return Outbound(
        text=body.text,
        media=tuple(body.media),
        choices=tuple(outbound.Choice(title=each.title, description=each.description) for each in choices),
        list_label=body.listed.label if body.listed is not None else None,
        special=special,
        quotes=body.reaction.message if body.reaction is not None else body.quote,
        comment=body.comment,
    )


def _special(body: MessageBody) -> Special | None:
    found: list[Special] = []
    if (at := body.location) is not None:
        place = outbound.Location(latitude=at.latitude, longitude=at.longitude, name=at.name, address=at.address)
        found.append(place)
    if body.contacts:
        found.append(outbound.Contacts(cards=tuple(_card(each) for each in body.contacts)))
    if (given := body.template) is not None:
        fields = given.body if isinstance(given.body, dict) else tuple(given.body)
        made = outbound.Template(
            name=given.name, language=given.language, body=fields, header=given.header, links=tuple(given.links)
        )
        found.append(made)
    if body.reaction is not None:
        found.append(outbound.Reaction(emoji=body.reaction.emoji))
    if body.sticker is not None:
        found.append(outbound.Sticker(media=body.sticker.media))
    if len(found) > 1:
        raise BadInput(say("A location, a contact card, a template, a reaction and a sticker each go alone."))
    return found[0] if found else None


def _card(card: CardBody) -> outbound.Card:
    return outbound.Card(
        name=card.name, phones=tuple(card.phones), emails=tuple(card.emails), organization=card.organization
    )
