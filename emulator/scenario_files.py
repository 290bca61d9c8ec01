"""Scenarios: small YAML files (or the same as JSON), each a name and steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from emulator.fields import Faulty, Fields, Json
from emulator.scenario_steps import DEEDS, EXPECTATIONS, PAUSES

FOLDER = Path(__file__).parent / "scenarios"
_MOST_STEPS = 500


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that is done, expected or waited for. `label`: later steps may look back to it by `since`."""

    verb: str
    what: Any
    label: str = ""

    @property
    def told(self) -> str:
        """In a line."""
        if not isinstance(self.what, dict):
            return f"{self.verb}: {self.what}"
        return f"{self.verb}: " + ", ".join(f"{key}={value}" for key, value in self.what.items())[:200]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`title` and `about` are by language."""

    name: str
    title: Json
    about: Json
    channel: str
    steps: tuple[Step, ...]

    def shown(self) -> Json:
        return {
            "name": self.name,
            "title": self.title,
            "about": self.about,
            "channel": self.channel,
            "steps": [step.told for step in self.steps],
        }


def shipped() -> list[Scenario]:
    return [read_file(path) for path in sorted(FOLDER.glob("*.yml"))]


def read_file(path: Path) -> Scenario:
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise Faulty([f"{path} cannot be read: {error.strerror}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Faulty([f"{path} is not YAML: {error}"]) from error
    return scenario_from(raw, path.stem)


def scenario_from(raw: object, name: str = "") -> Scenario:
    fields = Fields(raw)
    own_name = fields.text("name", name or "unnamed")
    title, about = _by_language(fields, "title", own_name), _by_language(fields, "about", "")
    channel = fields.text("channel", "whatsapp")
    items = fields.objects("steps")
    if not 1 <= len(items) <= _MOST_STEPS:
        fields.fault("steps", f"must be a list of 1 to {_MOST_STEPS}")
    steps = [step for n, item in enumerate(items) if (step := _step(fields, item, n)) is not None]
    labels: set[str] = {"start"}
    for n, step in enumerate(steps):
        since = step.what.get("since") if isinstance(step.what, dict) and step.verb in EXPECTATIONS else None
        if since is not None and since not in labels:
            fields.problems.append(f"steps[{n}].since is {since!r}, which is no label before it")
        labels.add(step.label)
    fields.finish()
    return Scenario(name=own_name, title=title, about=about, channel=channel, steps=tuple(steps))


def _step(fields: Fields, item: object, n: int) -> Step | None:
    where = f"steps[{n}]"
    known = [*DEEDS, *EXPECTATIONS, *PAUSES]
    verbs = [key for key in item if key in known] if isinstance(item, dict) else []
    if not isinstance(item, dict) or len(verbs) != 1:
        fields.problems.append(f"{where} must have one of {', '.join(known)}")
        return None
    strange = sorted(str(key) for key in item if key not in (verbs[0], "as"))
    fields.problems += [f"{where}.{key} is not known here" for key in strange]
    verb, what = verbs[0], item[verbs[0]]
    if verb in EXPECTATIONS:
        if not isinstance(what, dict):
            fields.problems.append(f"{where}.{verb} must be an object")
            return None
        unknown = sorted(set(what) - EXPECTATIONS[verb])
        fields.problems += [f"{where}.{verb}.{key} is not known here" for key in unknown]
    return Step(verb=verb, what=what, label=str(item.get("as", "")))


def _by_language(fields: Fields, key: str, default: str) -> Json:
    value = fields.any(key)
    if value is None or isinstance(value, str):
        return {"en": value or default}
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()) and "en" in value:
        return value
    fields.fault(key, "must be text, or texts by language with en among them")
    return {"en": default}
