"""What a channel has no shape for, in words and links: nothing that was to be said is lost."""

from __future__ import annotations

from conversation.interactive import Card, Carousel, LinkButton, ProductList, words_of
from conversation.outbound import INTERACTIVE, Contacts, Location, Special, Sticker
from runtime.channel import Utterance


def as_plain(special: Special) -> Utterance:
    """Empty where there are no words: a reaction, a template that only Meta knows."""
    if isinstance(special, Location):
        place = f"https://maps.google.com/?q={special.latitude},{special.longitude}"
        return Utterance(text=_lines(special.name, special.address, place))
    if isinstance(special, Contacts):
        cards = [_lines(card.name, card.organization, *card.phones, *card.emails) for card in special.cards]
        return Utterance(text="\n\n".join(cards))
    if isinstance(special, LinkButton):
        text = _lines(special.header, special.text, special.footer)
        return Utterance(text=text, buttons=[{"title": special.label, "url": special.url}])
    if isinstance(special, Carousel):
        return Utterance(text=special.text, elements=[_element(card) for card in special.cards])
    if isinstance(special, ProductList):
        return Utterance(text=_lines(special.header, special.text, special.footer))
    if isinstance(special, Sticker):
        return Utterance(image=special.link)
    if isinstance(special, INTERACTIVE):
        footer = getattr(special, "footer", None)
        return Utterance(text=_lines(getattr(special, "header", None), words_of(special), footer))
    return Utterance()


def _element(card: Card) -> dict[str, object]:
    title, _, rest = card.text.partition("\n")
    buttons: list[dict[str, str]] = [{"title": each, "payload": each} for each in card.choices]
    if card.url is not None:
        buttons.append({"title": card.label or card.url, "url": card.url})
    if card.video is not None:
        buttons.append({"title": "▶", "url": card.video})
    made: dict[str, object] = {"title": title.strip(), "subtitle": rest.strip(), "buttons": buttons}
    return {**made, "image_url": card.image} if card.image is not None else made


def _lines(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)
