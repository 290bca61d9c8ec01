"""The one thing that a body told, of the kind that a test expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from conversation.arrivals import Arrival, Echo, Inbound, Unfamiliar

Kind = TypeVar("Kind")


def only(kind: type[Kind], arrivals: Sequence[Arrival]) -> Kind:
    (found,) = arrivals
    assert isinstance(found, kind), found
    return found


def inbound(arrivals: Sequence[Arrival]) -> Inbound:
    return only(Inbound, arrivals)


def echo(arrivals: Sequence[Arrival]) -> Echo:
    return only(Echo, arrivals)


def unfamiliar(arrivals: Sequence[Arrival]) -> Unfamiliar:
    return only(Unfamiliar, arrivals)
