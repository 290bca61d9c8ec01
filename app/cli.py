"""The command line behind `./baton`. Every command brings the database up to date first, and takes effect at once."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from conversation.errors import BatonError
from store import deeds
from store.deeds import Deed

#: Who did what was ordered by the command line, in the audit log.
COMMAND_LINE = "command line"

Command = Callable[[argparse.Namespace], None]


def parser() -> argparse.ArgumentParser:
    from app.commands import (
        accounts,
        agents,
        alerts,
        audit,
        backup,
        canned,
        contacts,
        conversations,
        keys,
        mail,
        models,
        operators,
        programs,
        queue,
        requests,
        retention,
        teams,
        webhooks,
    )

    made = argparse.ArgumentParser(prog="./baton", description="An assistant that is silent when a person takes over.")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in (
        *(programs, accounts, agents, conversations, contacts, queue, requests, canned, mail, webhooks, retention),
        *(operators, teams, alerts, models, keys, backup, audit),
    ):
        module.register(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = parser().parse_args(arguments)
    run: Command = chosen.run
    try:
        with deeds.doing(_deed(chosen)):
            run(chosen)
    except BatonError as error:
        print(f"{error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    return 0


def _deed(chosen: argparse.Namespace) -> Deed | None:
    """What is ordered here is in the audit log too, by no operator's name; what a program goes on to do is not."""
    word = getattr(chosen, "word", None)
    if word is None:
        return None
    return Deed(by=COMMAND_LINE, action=f"{chosen.command} {word}", at=datetime.now(timezone.utc))


def path_of(text: str) -> Path:
    """A path as the caller sees it: `./baton` itself works from the project's root."""
    return (Path(os.environ.get("BATON_CALLER_DIR") or ".") / Path(text).expanduser()).resolve()


def project_of(text: str) -> Path:
    path = path_of(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is not a folder")
    return path


if __name__ == "__main__":
    sys.exit(main())
