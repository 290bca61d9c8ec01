"""The command line behind `./baton`. Every command brings the database up to date first, and takes effect at once."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from conversation.errors import BatonError

Command = Callable[[argparse.Namespace], None]


def parser() -> argparse.ArgumentParser:
    from app.commands import (
        accounts,
        agents,
        alerts,
        backup,
        canned,
        conversations,
        keys,
        mail,
        models,
        operators,
        programs,
        queue,
        requests,
        teams,
    )

    made = argparse.ArgumentParser(prog="./baton", description="An assistant that is silent when a person takes over.")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in (
        *(programs, accounts, agents, conversations, queue, requests, canned, mail),
        *(operators, teams, alerts, models, keys, backup),
    ):
        module.register(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = parser().parse_args(arguments)
    run: Command = chosen.run
    try:
        run(chosen)
    except BatonError as error:
        print(f"{error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    return 0


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
