"""A gateway or a worker started by itself: what must be the same for all of them is looked at before it begins."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from app import models, settings, training, update
from app.processes import HOUSE_VARIABLE
from app.settings import ROOT, Settings
from conversation.errors import BadInput
from runtime.media_files import MediaFolder
from store import accounts, media_latest
from store.database import Database

#: So many of the files that came last are looked for: one may have been written in this moment.
_FILES_LOOKED_FOR = 5


def gateway(port: int | None) -> None:
    chosen = _read({"PORT": str(port)} if port else {}, None)
    _begin(chosen, "app.gateway", [], dict(os.environ))


def worker(project: Path | None) -> None:
    chosen = _read({}, project)
    arguments = ["--project", str(chosen.project)] if chosen.project != ROOT else []
    if models.newest(chosen.models) is None:
        _note(f"There is no trained model in {chosen.models}: messages wait until one is put there.")
    _begin(chosen, "app.worker", arguments, training.project_env(chosen, os.environ))


def ready(what: str) -> None:
    """The one line on standard output that says that it is at work; a parent of ours says it in its own words."""
    if HOUSE_VARIABLE not in os.environ:
        print(what, flush=True)


def _read(given: dict[str, str], project: Path | None) -> Settings:
    os.environ.update(given)
    return settings.read(project=project)


def _begin(chosen: Settings, module: str, arguments: list[str], env: dict[str, str]) -> None:
    with contextlib.closing(Database(chosen.database_url)) as db:
        update.bring_up_to_date(db, chosen)
        for note in faults(db, chosen):
            _note(note)
        is_sqlite = db.is_sqlite
    if not is_sqlite and not chosen.keys_are_given:
        _note(f"BATON_KEY is not set: the key of {chosen.home}/secrets.json is used. All others must have the same.")
    os.execve(sys.executable, [sys.executable, "-m", module, *arguments], env)


def faults(db: Database, chosen: Settings) -> Iterator[str]:
    """What is likely not the same here as elsewhere; what surely is not raises."""
    if db.read_now(accounts.sealed_with, chosen.vault()).get(None):
        raise BadInput(
            "The accounts' tokens can't be read with the key given here. BATON_KEY must be the same for every gateway"
            " and worker on this database (or they share one BATON_HOME with its secrets.json)."
        )
    latest = db.read_now(media_latest.stored_last, _FILES_LOOKED_FOR)
    folder = MediaFolder(chosen.media, max_mb=chosen.runtime.media_max_mb)
    if latest and not any(folder.path_of(sha256).exists() for sha256 in latest):
        yield (
            f"None of the files that came last is in {chosen.media}. BATON_MEDIA must be one folder that every gateway"
            " and worker on this database shares, or operators do not see what others have fetched."
        )


def _note(text: str) -> None:
    print(f"Note: {text}", file=sys.stderr, flush=True)
