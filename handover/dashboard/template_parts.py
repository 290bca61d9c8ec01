"""A template in the parts that Meta has it in, as one of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Union

import msgspec

from conversation.errors import BadInput
from conversation.outbound import Template
from conversation.said import say
from handover.sends import Value


class Parameter(msgspec.Struct):
    """What stands for a field: words; files are not sent in templates from here."""

    text: Value
    parameter_name: Union[Annotated[str, msgspec.Meta(min_length=1, max_length=200)], None] = None


class Component(msgspec.Struct):
    type: str
    parameters: Annotated[list[Parameter], msgspec.Meta(max_length=50)] = []
    sub_type: Union[str, None] = None
    index: Union[int, str, None] = None


def template(name: str, language: str, components: Sequence[Component]) -> Template:
    """Parts without anything to fill in say nothing."""
    filled = [each for each in components if each.parameters]
    of = {kind: [each for each in filled if each.type.lower() == kind] for kind in ("header", "body", "button")}
    if len(filled) != sum(map(len, of.values())) or len(of["header"]) > 1 or len(of["body"]) > 1:
        raise BadInput(say("A template has one header, one body, and buttons that lead to addresses."))
    return Template(
        name=name,
        language=language,
        body=_fields(of["body"][0].parameters) if of["body"] else (),
        header=_only(of["header"][0]) if of["header"] else None,
        links=_links(of["button"]),
    )


def _fields(given: Sequence[Parameter]) -> Sequence[str] | dict[str, str]:
    names = [each.parameter_name for each in given if each.parameter_name is not None]
    if not names:
        return tuple(each.text for each in given)
    if len(set(names)) < len(given):
        raise BadInput(say("The fields of a template all have a name of their own, or none has."))
    return {name: each.text for name, each in zip(names, given, strict=True)}


def _links(buttons: Sequence[Component]) -> tuple[str, ...]:
    """What the addresses of its buttons end with, from the first button on."""
    at = {str(each.index): each for each in buttons if (each.sub_type or "url").lower() == "url"}
    places = [str(place) for place in range(len(buttons))]
    if sorted(at) != sorted(places):
        raise BadInput(say("Of a template's buttons only the links are filled in, from the first one on."))
    return tuple(_only(at[place]) for place in places)


def _only(component: Component) -> str:
    if len(component.parameters) != 1:
        raise BadInput(say("A template's header and each of its buttons have one field."))
    return component.parameters[0].text
