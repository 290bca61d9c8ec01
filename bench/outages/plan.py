"""What happens while the product is away, drawn from the seed before anything does: the same seed, the same outages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

_MINUTE_S = 60
#: Short: Messenger and Instagram go on telling us afterwards, as if nothing had been.
_SHORT_S = 10 * _MINUTE_S
#: The last minutes: who wrote then is still waiting for an answer.
_FRESH_S = 4 * _MINUTE_S


class Shape(str, Enum):
    SHORT = "short"  # ten minutes
    HOURS = "hours"
    TOLD_MEANWHILE = "told_meanwhile"  # customers write again, and webhooks come, while what was missed is fetched
    AGAIN = "again"  # killed in the middle of that, and away again: for ten minutes, or for a moment


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something somebody writes, so long before the product is back. `by_shop`: from the channel's own inbox."""

    customer: str
    text: str
    ago_s: float
    by_shop: bool = False


@dataclass(frozen=True, kw_only=True)
class Outage:
    """`known`: who wrote, and was answered, before it. `taken`: whose conversation a person had. `once_more`: of the
    lines, how many have their own webhook come late all the same. `again_s`: how long it is away again."""

    number: int
    shape: Shape
    lasts_s: float
    known: tuple[str, ...]
    taken: str
    lines: tuple[Line, ...]
    meanwhile: tuple[Line, ...] = ()
    once_more: int = 0
    again: tuple[Line, ...] = ()
    again_s: float = 0.0


def plan(seed: int, times: int, *, hours: float, customers: int, each: int, shape: str | None = None) -> list[Outage]:
    order = [Shape(shape)] if shape else random.Random(f"outage/{seed}").sample(list(Shape), len(Shape))
    return [_draw(seed, number, order[number % len(order)], hours, customers, each) for number in range(times)]


def _draw(seed: int, number: int, shape: Shape, hours: float, customers: int, each: int) -> Outage:
    dice = random.Random(f"outage/{seed}/{number}")
    lasts_s = _SHORT_S if shape is Shape.SHORT else hours * 3600
    phones = [f"55118{number:03d}{n:05d}" for n in range(customers)]
    lines = [line for n, phone in enumerate(phones) for line in _said(dice, number, n, phone, lasts_s, each)]
    writes_again = dice.sample(phones, max(1, customers // 5))
    again = [
        Line(customer=phone, text=f"o{number} again {n}", ago_s=dice.uniform(_MINUTE_S, _SHORT_S))
        for n, phone in enumerate(writes_again)
    ]
    return Outage(
        number=number,
        shape=shape,
        lasts_s=lasts_s,
        known=tuple(phones[: max(1, customers // 2)]),
        taken=phones[0],
        lines=tuple(sorted(lines, key=lambda line: -line.ago_s)),
        meanwhile=_meanwhile(number, lines, writes_again) if shape is Shape.TOLD_MEANWHILE else (),
        once_more=len(writes_again),
        again=tuple(again) if shape is Shape.AGAIN else (),
        again_s=dice.choice((0.0, _SHORT_S)) if shape is Shape.AGAIN else 0.0,
    )


def _said(dice: random.Random, number: int, n: int, phone: str, lasts_s: float, each: int) -> list[Line]:
    """One customer's, at any time of it; a third write in the last minutes too, and a few hear from the shop."""
    said = [
        Line(customer=phone, text=f"o{number} c{n} m{m}", ago_s=dice.uniform(_MINUTE_S, lasts_s)) for m in range(each)
    ]
    if dice.random() < 1 / 3:
        said.append(Line(customer=phone, text=f"o{number} c{n} last", ago_s=dice.uniform(2, _FRESH_S)))
    if dice.random() < 0.2:
        answers = dice.choice(said)
        at_s = answers.ago_s * dice.uniform(0.5, 0.99)
        said.append(Line(customer=phone, text=f"o{number} c{n} shop", ago_s=at_s, by_shop=True))
    return said


def _meanwhile(number: int, lines: Sequence[Line], writes_again: Sequence[str]) -> tuple[Line, ...]:
    """Also those who were silent the longest: they stand last in the list that is being gone through just then."""
    last = {line.customer: line.ago_s for line in sorted(lines, key=lambda line: -line.ago_s)}
    silent = sorted(last, key=lambda phone: -last[phone])[: len(writes_again)]
    everyone = dict.fromkeys([*silent, *writes_again])
    return tuple(Line(customer=phone, text=f"o{number} meanwhile {n}", ago_s=0) for n, phone in enumerate(everyone))
