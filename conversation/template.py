"""A message that Meta approved beforehand, with what stands for its fields; and what it then says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, Union

import msgspec

from conversation.errors import BadInput, Refused
from conversation.interactive import Link, Name, Section
from conversation.nesting import refuse_too_deep
from conversation.said import say

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
_FIELD = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SENDABLE = "APPROVED"


@dataclass(frozen=True, kw_only=True)
class Amount:
    """`text` is what is shown where a phone can't write it its own way. With `currency`, a sum in thousandths; without,
    a day or an hour."""

    text: Text
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3)] | None = None
    thousandths: int = 0


Field = Union[Text, Amount]


@dataclass(frozen=True, kw_only=True)
class Header:
    """A file, by its address or by our id of it, or a place."""

    kind: Literal["image", "video", "document", "location"]
    link: Link | None = None
    media: Annotated[int, msgspec.Meta(ge=1)] | None = None
    filename: Annotated[str, msgspec.Meta(max_length=240)] | None = None
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)] = 0.0
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)] = 0.0
    name: Name | None = None
    address: Annotated[str, msgspec.Meta(max_length=200)] | None = None


@dataclass(frozen=True, kw_only=True)
class Button:
    """What one of its buttons needs, by its place among them: what its address ends with (`url`), what comes back when
    it is pressed (`payload`), the code it copies (`code`), a form's `token` and `data`, or the catalogue's `product`
    whose picture is shown, with `sections` where it opens several."""

    index: Annotated[int, msgspec.Meta(ge=0, le=9)]
    url: Text | None = None
    payload: Annotated[str, msgspec.Meta(min_length=1, max_length=256)] | None = None
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=15)] | None = None
    token: Name | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    product: Name | None = None
    sections: Sequence[Section] = ()

    def __post_init__(self) -> None:
        refuse_too_deep(self.data)

    @property
    def parts(self) -> list[str]:
        """Which of them are given: it must be one."""
        found = [name for name in ("url", "payload", "code", "token", "product") if getattr(self, name) is not None]
        return found


@dataclass(frozen=True, kw_only=True)
class TemplateCard:
    """One of a carousel's."""

    header: Header
    body: Annotated[Sequence[Field], msgspec.Meta(max_length=50)] = ()
    buttons: Annotated[Sequence[Button], msgspec.Meta(max_length=3)] = ()


@dataclass(frozen=True, kw_only=True)
class Template:
    """One that Meta has approved, by its name and language. `body`: what stands for its fields there, in their order,
    or by their names. `header`: the words, the file or the place of its header; `links`: what its buttons' addresses
    end with, in order; `buttons`: what others of them need; `cards`: of a carousel; `expires_at`: when its offer ends;
    `code`: of one that signs somebody in."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=15)]
    body: Union[Annotated[Sequence[Field], msgspec.Meta(max_length=50)], Mapping[str, Field]] = ()
    header: Union[Text, Header, None] = None
    links: Annotated[Sequence[Text], msgspec.Meta(max_length=10)] = ()
    buttons: Annotated[Sequence[Button], msgspec.Meta(max_length=10)] = ()
    cards: Annotated[Sequence[TemplateCard], msgspec.Meta(max_length=10)] = ()
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=15)] | None = None


def check(template: Template) -> None:
    """Whether it can be sent at all, whatever Meta knows of it."""
    buttons = [*template.buttons, *(each for card in template.cards for each in card.buttons)]
    if any(len(each.parts) != 1 for each in buttons):
        raise BadInput(say("A template's button is filled in with one thing: url, payload, code, token or product."))
    indexes = [each.index for each in template.buttons] + list(range(len(template.links)))
    if len(set(indexes)) < len(indexes) or (template.code is not None and (indexes or template.body)):
        raise BadInput(say("Each button of a template is filled in once."))
    headers = [template.header, *(card.header for card in template.cards)]
    if any(isinstance(each, Header) and not _whole(each) for each in headers):
        raise BadInput(say("A template's header needs a link or a file, or, for a place, where it is."))
    if any(card.header.media is not None for card in template.cards):
        raise BadInput(say("What a template's cards show is given by its link."))
    if len(template.cards) == 1:
        raise BadInput(say("A carousel has from 2 to 10 cards."))


def _whole(header: Header) -> bool:
    if header.kind == "location":
        return header.link is None and header.media is None
    return (header.link is None) != (header.media is None)


def approved(template: Template, status: str, components: Sequence[Mapping[str, Any]]) -> None:
    """Whether it is as Meta knows it: what Meta would refuse is said in words before it is asked."""
    if status.upper() != _SENDABLE:
        raise Refused(
            say("The template {name} can't be sent: Meta says {status}.", name=template.name, status=status.upper()),
            code="template_not_approved",
        )
    parts = {str(each.get("type")).upper(): each for each in components}
    _same_number(template, "body", _fields_of(parts.get("BODY")), _given(template))
    header = parts.get("HEADER", {})
    form = str(header.get("format") or ("TEXT" if header else "")).upper()
    if form in ("", "TEXT"):
        if isinstance(template.header, Header):
            raise BadInput(say("The header of {name} is not a file or a place.", name=template.name))
        _same_number(template, "header", _fields_of(header), [] if template.header is None else [template.header])
    elif not isinstance(template.header, Header) or template.header.kind.upper() != form:
        raise BadInput(say("The header of {name} needs this: {what}.", name=template.name, what=form.lower()))
    _buttons(template, parts.get("BUTTONS", {}).get("buttons") or [])
    cards = parts.get("CAROUSEL", {}).get("cards") or []
    if len(cards) != len(template.cards):
        raise BadInput(say("{name} has {count} cards.", name=template.name, count=len(cards)))


def _given(template: Template) -> Sequence[Field] | Mapping[str, Field]:
    return [template.code] if template.code is not None else template.body


def _same_number(
    template: Template, where: str, fields: Sequence[str], given: Sequence[Any] | Mapping[str, Any]
) -> None:
    if len(given) != len(fields):
        told = say(
            "The {where} of {name} has {count} fields, and {given} were given.",
            where=where,
            name=template.name,
            count=len(fields),
            given=len(given),
        )
        raise BadInput(told)
    named = not all(each.isdigit() for each in fields)
    if where == "body" and template.code is None and named != isinstance(given, Mapping) and fields:
        raise BadInput(say("The fields of {name} are these: {fields}.", name=template.name, fields=", ".join(fields)))
    if isinstance(given, Mapping) and set(given) != set(fields):
        raise BadInput(say("The fields of {name} are these: {fields}.", name=template.name, fields=", ".join(fields)))


def _buttons(template: Template, known: Sequence[Mapping[str, Any]]) -> None:
    """A link that ends in a field, and a code that is copied, must be filled in; what is not there can't be."""
    filled = {each.index for each in template.buttons} | set(range(len(template.links)))
    if template.code is not None:
        filled.add(0)
    needed = {
        index
        for index, each in enumerate(known)
        if str(each.get("type")).upper() == "COPY_CODE"
        or (str(each.get("type")).upper() == "URL" and _FIELD.search(str(each.get("url") or "")))
    }
    missing, unknown = sorted(needed - filled), sorted(each for each in filled if each >= len(known))
    if missing:
        raise BadInput(say("Button {at} of {name} needs its field.", at=missing[0], name=template.name))
    if unknown:
        raise BadInput(say("{name} has no button {at}.", name=template.name, at=unknown[0]))


def _fields_of(part: Mapping[str, Any] | None) -> list[str]:
    return _in_order(str((part or {}).get("text") or ""))


def _in_order(text: str) -> list[str]:
    """As they are filled in: what has a number goes by it, wherever it stands; names as they stand."""
    fields = list(dict.fromkeys(_FIELD.findall(text)))
    return sorted(fields, key=int) if all(each.isdigit() for each in fields) else fields


def with_names(sent: Mapping[str, Any], components: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is sent, the field in its header called as it was approved: whoever fills it in gives its words alone."""
    header = next((each for each in components if str(each.get("type")).upper() == "HEADER"), None)
    names = [name for name in _fields_of(header) if not name.isdigit()]
    parts = [dict(each) for each in sent.get("components") or []]
    for part in parts:
        parameters = part.get("parameters") or []
        if names and str(part.get("type")).lower() == "header" and len(parameters) == 1:
            part["parameters"] = [{"parameter_name": names[0], **parameters[0]}]
    return {**sent, "components": parts} if parts else dict(sent)


def words(sent: Mapping[str, Any], components: Sequence[Mapping[str, Any]]) -> str | None:
    """What the customer reads: its own words, with the fields of what is sent filled in. `sent`: as Meta has it."""
    given = {str(each.get("type")).lower(): each.get("parameters") or [] for each in sent.get("components") or []}
    lines = [
        _filled(str(part.get("text") or ""), given.get(str(part.get("type")).lower(), []))
        for part in components
        if str(part.get("type")).upper() in ("HEADER", "BODY", "FOOTER")
    ]
    return "\n".join(line for line in lines if line.strip()) or None


def _filled(text: str, parameters: Sequence[Mapping[str, Any]]) -> str:
    values = dict(zip(_in_order(text), map(_shown, parameters), strict=False))
    values.update({str(each["parameter_name"]): _shown(each) for each in parameters if each.get("parameter_name")})
    return _FIELD.sub(lambda match: values.get(match.group(1), match.group(0)), text)


def _shown(parameter: Mapping[str, Any]) -> str:
    inner = parameter.get(str(parameter.get("type")))
    found = inner.get("fallback_value") if isinstance(inner, dict) else inner
    return found if isinstance(found, str) else ""
