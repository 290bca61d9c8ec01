"""backup FILE, restore FILE: with Baton running or not"""

from __future__ import annotations

import argparse
import contextlib
from typing import Any

from app import backup, logs, restore, restore_request, settings, state_lock
from app.cli import path_of
from app.commands import add_json, print_json
from app.restore import Done
from app.settings import Settings
from conversation.errors import BadInput
from store.database import Database


def register(commands: Any) -> None:
    make = commands.add_parser("backup", help="one file with all that can't be made again; Baton may run")
    make.add_argument("file", type=path_of, help="a new file; it holds keys, so keep it as safe as them")
    add_json(make)
    make.set_defaults(run=_backup)

    bring = commands.add_parser("restore", help="bring a backup back; Baton may run, and goes on with it")
    bring.add_argument("file", type=path_of)
    bring.add_argument(
        "--database-restored",
        action="store_true",
        help="with PostgreSQL: pg_restore has brought the database back, and Baton is stopped",
    )
    add_json(bring)
    bring.set_defaults(run=_restore)


def _backup(chosen: argparse.Namespace) -> None:
    logs.set_up("command", level="WARNING")
    config = settings.read()
    if config.database_url.startswith("sqlite") and not backup.sqlite_file(config).exists():
        raise BadInput(f"There is nothing to back up: {backup.sqlite_file(config)} is not there.")
    db = Database(config.database_url)
    try:
        about = backup.make(db, config, chosen.file)
    finally:
        db.close()
    if chosen.json:
        print_json({"file": str(chosen.file), "made_at": about.made_at, "database": about.database})
        return
    print(f"{chosen.file} is written.")
    print(
        "The key to the tokens is given by BATON_KEY and is not in it: keep that too."
        if about.keys_are_given
        else "It holds the key to every token and app secret: whoever has it can read them."
    )
    if not about.holds_database:
        print("The database is PostgreSQL's and is not in it. Right after this command, run:")
        print(f"  {backup.pg_dump_command(config)}")


def _restore(chosen: argparse.Namespace) -> None:
    logs.set_up("command", level="WARNING")
    config = settings.read()
    with restore.laid_ready(config, chosen.file) as folder:
        if config.database_url.startswith("sqlite"):
            done = restore_request.carry_out(config, folder)
        else:
            with _postgresql_is_ready(config, chosen.database_restored):
                done = restore.settle_in_place(config, folder)
    if chosen.json:
        print_json({**vars(done.settled), "kept": done.kept, "former_known": done.former_known})
    else:
        _tell(done)


@contextlib.contextmanager
def _postgresql_is_ready(config: Settings, restored: bool) -> Any:
    if not restored:
        raise BadInput(
            "The database is PostgreSQL's. Stop Baton, bring the database back with"
            " `pg_restore --clean --if-exists --dbname=… baton.dump`, then run this again with --database-restored."
        )
    with state_lock.take(config.home, state_lock.RESTORE):
        yield


def _tell(done: Done) -> None:
    settled = done.settled
    print("Restored.")
    if settled.sends:
        print(f"{settled.sends} message(s) waited to be sent then: sent since or not, nobody knows. Shown as unknown.")
    if settled.mails:
        print(f"{settled.mails} message(s) of customers waited for an answer then: parked, see `./baton mail list`.")
    if settled.reminders:
        print(f"{settled.reminders} reminder(s) fell due meanwhile and are dropped.")
    if settled.silenced:
        print(f"{settled.silenced} switch-off(s) or takeover(s) since the backup still hold.")
    if not done.former_known:
        print("What was there before could not be read: agents, accounts and conversations are as at the backup.")
    if done.kept:
        print(f"What was replaced is in {done.kept}.")
    print("Operators' tokens are those of the backup: look at `./baton operator list`.")
