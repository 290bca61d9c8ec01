"""How `./baton restore` asks a running `./baton run` to exchange the state, and is told what came of it."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from app import restore, state_lock, whole_file
from app.restore import Done
from app.settings import Settings
from conversation.errors import BadInput

_REQUEST, _ANSWER = "restore-request.json", "restore-answer.json"
_STEP_S = 0.1
#: Stopping takes some seconds at most; what is awaited here longest is a large database being looked through.
_PATIENCE_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Request:
    number: str
    folder: Path


def carry_out(chosen: Settings, folder: Path) -> Done:
    """By ourselves where nothing runs, else by the parent of what runs."""
    running = state_lock.running(chosen.home)
    if running is None:
        with state_lock.take(chosen.home, state_lock.RESTORE):
            return restore.exchange(chosen, folder)
    if running.what != state_lock.RUN:
        raise BadInput(f"`{running.what}` is using the state in {chosen.home}. Stop it first; then restore.")
    number = secrets.token_hex(4)
    whole_file.write(chosen.home / _REQUEST, json.dumps({"number": number, "folder": str(folder)}))
    try:
        return _awaited(chosen.home, number)
    finally:
        (chosen.home / _REQUEST).unlink(missing_ok=True)
        (chosen.home / _ANSWER).unlink(missing_ok=True)


def forget(home: Path) -> None:
    """A request that somebody made of a parent that is gone."""
    (home / _REQUEST).unlink(missing_ok=True)


def asked(home: Path) -> Request | None:
    try:
        told = json.loads((home / _REQUEST).read_text())
        return Request(number=str(told["number"]), folder=Path(told["folder"]))
    except FileNotFoundError:
        return None


def answer(home: Path, request: Request, *, done: Done | None = None, error: str | None = None) -> None:
    told = {"number": request.number, "done": done.dumps() if done else None, "error": error}
    whole_file.write(home / _ANSWER, json.dumps(told))
    (home / _REQUEST).unlink(missing_ok=True)


def _awaited(home: Path, number: str) -> Done:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError):
            told = json.loads((home / _ANSWER).read_text())
            if told["number"] == number:
                if told["error"]:
                    raise BadInput(f"Nothing was restored: {told['error']}")
                return Done.loads(told["done"])
        if state_lock.running(home) is None:
            raise BadInput("Baton ended meanwhile. Run the restore again.")
        time.sleep(_STEP_S)
    raise BadInput("Baton did not carry it out in time; its log says why.")
