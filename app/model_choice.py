"""Which model is to answer: the newest, or the one somebody pinned. Written by `./baton model`, read by the worker.

A pin stays until it is taken back: a restart does not end it, and a newer training does not either.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from app import whole_file
from app.models import Found
from conversation.errors import BadInput, NotFound

NAME = "model-choice.json"


@dataclass(frozen=True, kw_only=True)
class Choice:
    pinned: str | None = None  # None: the newest
    #: Another each time somebody chooses: what failed before is tried again then.
    number: str = ""


def read(home: Path, folder: Path) -> Choice:
    """A choice among the models of another folder, of another project, is none."""
    try:
        told = json.loads((home / NAME).read_text())
        return Choice(pinned=told["pinned"], number=told["number"]) if told["folder"] == str(folder) else Choice()
    except FileNotFoundError:
        return Choice()
    except (ValueError, LookupError, TypeError) as error:
        raise BadInput(f"{home / NAME} can't be read. Remove it: then the newest model answers.") from error


def write(home: Path, folder: Path, pinned: str | None) -> None:
    told = {"folder": str(folder), "pinned": pinned, "number": secrets.token_hex(4)}
    whole_file.write(home / NAME, json.dumps(told))


def wanted(
    found: Sequence[Found], choice: Choice, *, failed: Collection[Found] = (), anything: bool = False
) -> Found | None:
    """What should answer; None where that could not be loaded. `found` has the newest first.

    `anything`: nothing answers yet, so the next best will do: after a pinned one the newest, after that the one before.
    """
    pinned = next((each for each in found if each.name == choice.pinned), None)
    if not anything:
        best = pinned or next(iter(found), None)
        return best if best not in failed else None
    order = [pinned, *found] if pinned else found
    return next((each for each in order if each not in failed), None)


def unused(found: Sequence[Found], choice: Choice) -> Found | None:
    """A model newer than the pinned one, which is not used because of the pin."""
    pinned = next((each for each in found if each.name == choice.pinned), None)
    return found[0] if pinned is not None and found[0] != pinned else None


def named(found: Sequence[Found], text: str) -> Found:
    """By its name, with or without its ending, or by the beginning of its name where that is clear."""
    wanted_name = Path(text).name.removesuffix(".tar.gz")
    exact = [each for each in found if each.name == wanted_name]
    alike = exact or [each for each in found if each.name.startswith(wanted_name)]
    if not alike:
        raise NotFound(f"There is no model {wanted_name}. `./baton model list` shows those there are.")
    if len(alike) > 1:
        raise BadInput(f"{wanted_name} may be each of {', '.join(each.name for each in alike)}: say more of it.")
    return alike[0]
