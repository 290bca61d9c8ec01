"""The runtime's settings from the environment: BATON_<NAME>, as BATON_ANSWER_TTL_S=600. All have a default."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

from runtime.settings import RuntimeSettings

_SWITCH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}


def variable(name: str) -> str:
    return f"BATON_{name.upper()}"


def read(environment: Mapping[str, str], faults: list[str]) -> RuntimeSettings:
    """The defaults, and over them what is set; what can't be read is a fault, in words."""
    given: dict[str, object] = {}
    for name, default in dataclasses.asdict(RuntimeSettings()).items():
        text = environment.get(variable(name))
        if not text:
            continue
        try:
            given[name] = _read_as(type(default), text)
        except ValueError as fault:
            faults.append(f"{variable(name)} is {text!r}; it must be {fault}.")
    return dataclasses.replace(RuntimeSettings(), **given)  # type: ignore[arg-type]


def _read_as(kind: type, text: str) -> object:
    if kind is bool:
        if text.lower() not in _SWITCH:
            raise ValueError("on or off")
        return _SWITCH[text.lower()]
    if kind is int:
        if not text.isdecimal():
            raise ValueError("a whole number, 0 or more")
        return int(text)
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not (number >= 0 and math.isfinite(number)):
        raise ValueError("a number of seconds, 0 or more")
    return number
