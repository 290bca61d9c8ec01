"""run, gateway, worker, emulator, migrate, bench: what starts a program."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
from typing import Any

from app import parts, settings, update
from app import run as run_module
from app.cli import project_of
from conversation.errors import BadInput
from store import migrations
from store.database import Database


def register(commands: Any) -> None:
    run = commands.add_parser("run", help="start everything")
    run.add_argument("--no-emulator", action="store_true", help="without the stand-in for Meta")
    run.add_argument("--project", type=project_of, metavar="DIR", help="another Rasa 3.6 project's folder")
    run.set_defaults(run=lambda chosen: run_module.main(emulator=not chosen.no_emulator, project=chosen.project))

    gateway = commands.add_parser("gateway", help="one gateway, beside others on the same database")
    gateway.add_argument("--port", type=port_of, metavar="N", help="where it listens (PORT)")
    gateway.set_defaults(run=lambda chosen: parts.gateway(chosen.port))

    worker = commands.add_parser("worker", help="one worker, beside others on the same database")
    worker.add_argument("--project", type=project_of, metavar="DIR", help="another Rasa 3.6 project's folder")
    worker.set_defaults(run=lambda chosen: parts.worker(chosen.project))

    emulator = commands.add_parser("emulator", help="the stand-in for Meta alone", add_help=False)
    emulator.add_argument("rest", nargs=argparse.REMAINDER)
    emulator.set_defaults(run=_emulator)

    bench = commands.add_parser("bench", help="measure a promise: ./baton bench NAME", add_help=False)
    bench.add_argument("rest", nargs=argparse.REMAINDER)
    bench.set_defaults(run=_bench)

    migrate = commands.add_parser("migrate", help="bring the database to the latest schema (every command does)")
    migrate.add_argument("--to", metavar="REVISION", help="down to an older one: 'base' or its number")
    migrate.set_defaults(run=_migrate)


def port_of(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port, 1 to 65535")
    return int(text)


def _emulator(chosen: argparse.Namespace) -> None:
    rest = list(chosen.rest)
    if "--port" not in rest:
        rest += ["--port", str(settings.read().emulator_port)]
    os.execv(sys.executable, [sys.executable, "-m", "emulator", *rest])


def _bench(chosen: argparse.Namespace) -> None:
    sys.argv = ["./baton bench", *chosen.rest]
    runpy.run_module("bench", run_name="__main__")


def _migrate(chosen: argparse.Namespace) -> None:
    config = settings.read()
    database = Database(config.database_url)
    try:
        if chosen.to is None:
            update.bring_up_to_date(database, config)
        else:
            _downgrade(database, chosen.to)
        print(f"The database is at {migrations.current(database) or 'base'}.")
    finally:
        database.close()


def _downgrade(database: Database, revision: str) -> None:
    try:
        migrations.downgrade(database, revision)
    except Exception as error:
        raise BadInput(f"The database can't go to {revision}: {error}.") from error
