"""Brings a backup back, also under a running `./baton run`: checked and laid ready first, exchanged in a moment.

Time goes back, and nobody knows what was done since the backup: see `docs/decisions/0007-restore.md`.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from sqlalchemy.engine import Connection

from app import backup, model_choice, secrets_file, whole_file
from app.backup import About
from app.keys import sealed_with
from app.settings import Settings
from conversation.errors import BadInput
from runtime import restored
from runtime.clock import SystemClock
from runtime.restored import Settled
from store import copying, migrations, restoring
from store.database import Database, sqlite_url
from store.restoring import Former
from store.vault import Vault

_READY, _KEPT = "restoring-", "before-restore-"
_LONG_AGO_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Done:
    settled: Settled
    #: Where the state that was replaced is; None where there was none.
    kept: str | None
    #: Whether what was replaced could be read: else nobody knows who was silenced since.
    former_known: bool

    def dumps(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> Done:
        told = json.loads(text)
        return cls(**{**told, "settled": Settled(**told["settled"])})


@contextlib.contextmanager
def laid_ready(chosen: Settings, file: Path) -> Iterator[Path]:
    """A folder in BATON_HOME with what the backup holds, checked, its database at today's schema. Gone afterwards."""
    _clear_leftovers(chosen.home)
    folder = chosen.home / f"{_READY}{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        about = backup.unpack(file, folder)
        _check_fits(about, chosen)
        if about.holds_database:
            _check_database(folder, chosen)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def exchange(chosen: Settings, folder: Path) -> Done:
    """Puts it in place of the state that is there. Nobody else may have the database open.

    At each step a crash leaves one whole state: the keys of both are there before the one name of the database moves.
    """
    ready, place = folder / backup.DATABASE, backup.sqlite_file(chosen)
    former = _read_former(place)
    settled = _settle(sqlite_url(ready), former or Former())
    copying.close_log(ready)
    kept = _put_aside(chosen, place) if place.exists() else None
    _bring_keys(chosen.home, folder)
    _move(ready, place)
    _bring_choice(chosen.home, folder)
    return Done(settled=settled, kept=str(kept) if kept else None, former_known=former is not None)


def settle_in_place(chosen: Settings, folder: Path) -> Done:
    """Where the database itself was brought back by other means (`pg_restore`): the keys, and what must not be done."""
    _bring_keys(chosen.home, folder)
    _bring_choice(chosen.home, folder)
    return Done(settled=_settle(chosen.database_url, Former()), kept=None, former_known=False)


def _check_fits(about: About, chosen: Settings) -> None:
    if (about.schema or "") > migrations.head():
        raise BadInput(
            f"The backup is of a newer version (Baton {about.version}, schema {about.schema}): update Baton first."
        )
    if about.holds_database != chosen.database_url.startswith("sqlite"):
        raise BadInput(
            f"The backup is of a Baton on {about.database}, this one runs on another database. DATABASE_URL says which."
        )


def _check_database(folder: Path, chosen: Settings) -> None:
    """Sound, of today's schema, and what is encrypted in it can be opened."""
    path = folder / backup.DATABASE
    try:
        copying.check(path)
    except copying.Unsound as error:
        raise BadInput(f"The database in the backup is broken: {error}.") from error
    database = Database(sqlite_url(path))
    try:
        migrations.upgrade(database)
        keys = chosen.keys if chosen.keys_are_given else _both_keys(chosen.home, folder).key_values
        if None in database.read_now(sealed_with, Vault(*keys)):
            raise BadInput(
                "The tokens in the backup were encrypted with another key. Give the key of that time with BATON_KEY."
            )
    finally:
        database.close()


def _read_former(place: Path) -> Former | None:
    if not place.exists():
        return None
    try:
        copying.check(place)
        database = Database(sqlite_url(place))
        try:
            return database.read_now(restoring.read_former)
        finally:
            database.close()
    except Exception:  # whatever is wrong with it: it is why somebody restores
        return None


def _settle(url: str, former: Former) -> Settled:
    def settle(tx: Connection) -> Settled:
        return restored.settle(tx, former, SystemClock().now())

    database = Database(url)
    try:
        return database.write_now(settle)
    finally:
        database.close()


def _put_aside(chosen: Settings, place: Path) -> Path:
    """A second name for the database that is replaced, and copies of what went with it."""
    stamp = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
    kept = chosen.home / f"{_KEPT}{stamp}-{secrets.token_hex(2)}"
    kept.mkdir(mode=0o700)
    with contextlib.suppress(copying.Unsound):  # the old one may be as broken as it likes
        copying.close_log(place)
    for name in (secrets_file.NAME, model_choice.NAME):
        with contextlib.suppress(FileNotFoundError):
            whole_file.write(kept / name, (chosen.home / name).read_text())
    for ending in ("", "-wal", "-shm"):
        found = place.with_name(place.name + ending)
        if found.exists():
            _name_again(found, kept / f"{backup.DATABASE}{ending}")
            if ending:  # a log of the old database must not be played into the new one
                found.unlink()
    whole_file.sync_folder(kept)
    return kept


def _move(ready: Path, place: Path) -> None:
    """The one step that everything hangs on: another file behind the name."""
    if ready.stat().st_dev != place.parent.stat().st_dev:
        ready = Path(shutil.copy2(ready, place.with_name(f".{place.name}.{secrets.token_hex(4)}")))
    os.replace(ready, place)
    whole_file.sync_folder(place.parent)


def _name_again(path: Path, to: Path) -> None:
    try:
        os.link(path, to)
    except OSError:  # on another file system
        shutil.copy2(path, to)


def _both_keys(home: Path, folder: Path) -> secrets_file.Kept:
    """The backup's values; its keys first, and those of now beside them."""
    backed_up = folder / secrets_file.NAME
    now = secrets_file.read(home)
    if not backed_up.exists():
        return now
    theirs = secrets_file.loads(backed_up.read_text())
    return theirs.with_keys([*theirs.keys, *(key for key in now.keys if key.value not in theirs.key_values)])


def _bring_keys(home: Path, folder: Path) -> None:
    secrets_file.write(home, _both_keys(home, folder))


def _bring_choice(home: Path, folder: Path) -> None:
    backed_up = folder / model_choice.NAME
    if backed_up.exists():
        os.replace(backed_up, home / model_choice.NAME)
    else:
        (home / model_choice.NAME).unlink(missing_ok=True)


def _clear_leftovers(home: Path) -> None:
    """Of a restore that was cut off long ago; one of now may be under way beside us."""
    for folder in home.glob(f"{_READY}*/"):
        if time.time() - folder.stat().st_mtime > _LONG_AGO_S:
            shutil.rmtree(folder, ignore_errors=True)
