"""What does not fit is told with what would."""

from __future__ import annotations

import enum
from typing import Annotated, Any

import msgspec
import pytest

from handover import fitting


class Colour(str, enum.Enum):
    RED = "red"
    BLUE = "blue"


class Inner(msgspec.Struct):
    colours: list[Colour] = []


class Body(msgspec.Struct):
    colour: Colour | None = None
    inner: Inner | None = None
    number: Annotated[int, msgspec.Meta(ge=1)] = 1


def fault(body: Any) -> str:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(body, Body)
    return fitting.why(caught.value, Body)


def test_where_there_are_some_words_to_choose_from_they_are_told() -> None:
    assert fault({"colour": "green"}).endswith("`$.colour`: it is one of red, blue")
    assert fault({"inner": {"colours": ["red", "pink"]}}).endswith("`$.inner.colours[1]`: it is one of red, blue")


def test_any_other_fault_is_told_as_it_is() -> None:
    assert fault({"number": 0}) == "Expected `int` >= 1 - at `$.number`"
    assert fault([]) == "Expected `object`, got `array`"
