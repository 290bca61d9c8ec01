"""What the body of a send may hold, the same on every channel."""

from __future__ import annotations

from typing import Annotated

import msgspec

from conversation import interactive, outbound
from conversation.errors import BadInput
from conversation.interactive import Picture
from conversation.outbound import Outbound, Special
from conversation.said import say
from conversation.template import Template

Text = Annotated[str, msgspec.Meta(max_length=32_000)]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Value = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
FileId = Annotated[int, msgspec.Meta(ge=1)]


#: What is pressed, filled in or chosen from, by the names a trainer has for it too.
_INTERACTIVE = (
    "cta_url",
    "location_request",
    "contact_request",
    "call_permission",
    "flow",
    "product",
    "product_list",
    "catalog",
    "carousel",
)


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


class ReactionBody(msgspec.Struct):
    """`message`: the id of the one it is for. An empty emoji takes it back."""

    message: int
    emoji: Annotated[str, msgspec.Meta(max_length=32)]


class StickerBody(msgspec.Struct):
    """`media`: a WebP picture that was uploaded for it, or `link`: its address; on Instagram neither: there it is a
    heart."""

    media: FileId | None = None
    link: Picture | None = None


class MessageBody(msgspec.Struct):
    """Words, files and choices go together; all else goes alone. `may_send` of the conversation says which of them can
    be sent now.

    `media`: ids of uploaded files; `files`: others, by their addresses, which Meta fetches. `voice`: an uploaded sound
    is a voice note, where it can be one (ogg with opus). `quote`: the id of the message that is answered. `comment`: of
    one that is answered in private. `ownership`: the number it was decided on.
    """

    text: Text = ""
    media: Annotated[list[FileId], msgspec.Meta(max_length=outbound.MOST_FILES)] = []
    files: Annotated[list[outbound.LinkedFile], msgspec.Meta(max_length=outbound.MOST_FILES)] = []
    voice: bool = False
    buttons: Annotated[list[ChoiceBody], msgspec.Meta(max_length=outbound.MOST_BUTTONS)] = []
    listed: ListBody | None = msgspec.field(default=None, name="list")
    location: LocationBody | None = None
    contacts: Annotated[list[CardBody], msgspec.Meta(max_length=outbound.MOST_CARDS)] = []
    template: Template | None = None
    reaction: ReactionBody | None = None
    sticker: StickerBody | None = None
    cta_url: interactive.LinkButton | None = None
    location_request: interactive.LocationRequest | None = None
    contact_request: interactive.ContactRequest | None = None
    call_permission: interactive.CallPermission | None = None
    flow: interactive.Flow | None = None
    product: interactive.Product | None = None
    product_list: interactive.ProductList | None = None
    catalog: interactive.Catalog | None = None
    carousel: interactive.Carousel | None = None
    quote: int | None = None
    comment: int | None = None
    ownership: int | None = None


class BeginBody(MessageBody, kw_only=True):
    """`account`: whose number writes. `to`: with a plus and its country's code. `keep`: false, and the assistant
    answers what comes back; else it is the conversation of who writes."""

    account: Short
    to: Annotated[str, msgspec.Meta(min_length=8, max_length=40)]
    keep: bool = True


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
        files=tuple(body.files),
        voice=body.voice,
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
    alone = (body.template, *(getattr(body, name) for name in _INTERACTIVE))
    found += [each for each in alone if each is not None]
    if body.reaction is not None:
        found.append(outbound.Reaction(emoji=body.reaction.emoji))
    if body.sticker is not None:
        found.append(outbound.Sticker(media=body.sticker.media, link=body.sticker.link))
    if len(found) > 1:
        raise BadInput(say("A location, a template, a reaction and the like each go alone."))
    return found[0] if found else None


def _card(card: CardBody) -> outbound.Card:
    return outbound.Card(
        name=card.name, phones=tuple(card.phones), emails=tuple(card.emails), organization=card.organization
    )
