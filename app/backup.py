"""One file with what can't be made again: the database, the keys to what is encrypted in it, which model was pinned.

about.json           what it is, of which version
baton.db             a consistent copy, taken while others write (SQLite; PostgreSQL has `pg_dump` for this)
secrets.json         the keys: who has this file can read every token in it
model-choice.json    which model was pinned, if any; the models themselves are in `models/`, and are not here

The files of customers and operators are not in it, for their size: `media/` holds them, each never changed once it is
there, so that any copy of the folder made after the backup goes with it. A restore leaves the folder as it is.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import shutil
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

import sqlalchemy as sa

from app import keys, model_choice, secrets_file, whole_file
from app.settings import ROOT, Settings
from conversation.errors import BadInput
from store import copying, migrations
from store.database import Database

ABOUT, DATABASE = "about.json", "baton.db"


@dataclass(frozen=True, kw_only=True)
class About:
    made_at: str
    version: str
    schema: str | None
    #: `sqlite`: the database is in the file. `postgresql`: it is not.
    database: str
    #: Whether the key came from BATON_KEY, and so is not in the file.
    keys_are_given: bool

    @property
    def holds_database(self) -> bool:
        return self.database == "sqlite"


def make(db: Database, chosen: Settings, target: Path) -> About:
    """While Baton runs or not. No key is exchanged meanwhile: database and keys belong together."""
    if target.exists():
        raise BadInput(f"{target} is there already, and is not overwritten.")
    if not target.parent.is_dir():
        raise BadInput(f"There is no folder {target.parent}.")
    about = About(
        made_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        version=version(),
        schema=migrations.current(db),
        database="sqlite" if db.is_sqlite else "postgresql",
        keys_are_given=chosen.keys_are_given,
    )
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".baton-backup-") as folder, keys.alone(chosen):
            if db.is_sqlite:
                copying.copy(sqlite_file(chosen), Path(folder) / DATABASE)
            _pack(target, about, chosen, Path(folder) / DATABASE)
    except OSError as error:
        raise BadInput(f"{target} can't be written: {error.strerror}.") from error
    return about


def _pack(target: Path, about: About, chosen: Settings, database: Path) -> None:
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                _add(tar, ABOUT, json.dumps(asdict(about)).encode())
                for name in (secrets_file.NAME, model_choice.NAME):
                    with contextlib.suppress(FileNotFoundError):
                        _add(tar, name, (chosen.home / name).read_bytes())
                if about.holds_database:
                    tar.add(database, DATABASE, filter=_nobodys)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)  # unlike a rename, never over somebody else's file
        whole_file.sync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = _nobodys(tarfile.TarInfo(name))
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def unpack(file: Path, folder: Path) -> About:
    """Puts what it holds into a folder, by the names above alone: no path out of an archive is ever followed."""
    try:
        with tarfile.open(file) as tar:
            for name in (ABOUT, secrets_file.NAME, model_choice.NAME, DATABASE):
                _unpack_one(tar, name, folder / name)
        about = About(**json.loads((folder / ABOUT).read_text()))
    except (tarfile.TarError, ValueError, TypeError, FileNotFoundError) as error:
        raise BadInput(f"{file} is not there, or is not a backup of Baton's.") from error
    except OSError as error:
        raise BadInput(f"{file} can't be unpacked: {error.strerror}.") from error
    if about.holds_database and not (folder / DATABASE).exists():
        raise BadInput(f"{file} is not whole: its database is missing.")
    return about


def _unpack_one(tar: tarfile.TarFile, name: str, to: Path) -> None:
    try:
        packed = tar.extractfile(name)
    except KeyError:
        return
    if packed is None:
        return
    with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(packed, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def sqlite_file(chosen: Settings) -> Path:
    return Path(str(sa.engine.make_url(chosen.database_url).database))


def pg_dump_command(chosen: Settings) -> str:
    """Without the password, which `pg_dump` takes from PGPASSWORD or asks for."""
    url = sa.engine.make_url(chosen.database_url)._replace(drivername="postgresql", password=None)
    return f"pg_dump --format=custom --file=baton.dump '{url}'"


def version() -> str:
    for line in (ROOT / "pyproject.toml").read_text().splitlines():
        if line.startswith("version"):
            return line.partition('"')[2].partition('"')[0]
    return ""
