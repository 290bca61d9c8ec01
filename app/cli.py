"""The command line behind `./baton`. Every command brings the database up to date first, and takes effect at once."""

from __future__ import annotations

import argparse
import asyncio
import importlib
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


#: The modules of `app.commands`, in the order of the help, and the commands that each has.
MODULES = {
    "programs": ("run", "gateway", "worker", "emulator", "bench", "migrate"),
    "accounts": ("account",),
    "templates": ("template",),
    "agents": ("agent",),
    "conversations": ("conversation",),
    "contacts": ("contact",),
    "queue": ("queue",),
    "requests": ("request",),
    "canned": ("canned",),
    "mail": ("mail",),
    "webhooks": ("webhook",),
    "retention": ("retention",),
    "operators": ("operator",),
    "teams": ("team",),
    "alerts": ("alert",),
    "models": ("model",),
    "keys": ("keys",),
    "backup": ("backup", "restore"),
    "audit": ("audit",),
}


def parser(word: str | None = None) -> argparse.ArgumentParser:
    """`word`: the command that is meant, if it is known. It is brought in alone: the others take longer than most
    commands do."""
    made = argparse.ArgumentParser(prog="./baton", description="An assistant that is silent when a person takes over.")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    alone = [module for module, words in MODULES.items() if word in words]
    for module in alone or MODULES:
        importlib.import_module(f"app.commands.{module}").register(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    chosen = parser(words[0] if words else None).parse_args(words)
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
